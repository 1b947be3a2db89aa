"""What a number format says about the number below it: a percentage, a scale, text beside it, leading zeros.

Which section of the format shows a number is chosen here; what a section says, `format_sections.py` tells.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache

from extract.workbook.format_sections import TOKEN, Section, section_of, split

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats that a package names by number alone and that say more than how many digits are shown."""


class Sign(Enum):
    """Whether a number is shown with the sign it has, with another one, or, negative, with none."""

    OWN = "own"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True)
class NumberFormat:
    """A number format by its code."""

    code: str

    @cached_property
    def _parts(self) -> tuple[list[str], str]:
        """The sections of numbers, and the one of texts: the fourth, or a last one with an @."""
        parts = split(self.code)[:4]
        if len(parts) == 4 or any(match["text"] for match in TOKEN.finditer(parts[-1])):
            return parts[:-1] or ["General"], parts[-1]
        return parts, "@"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections of numbers in the order of the code."""
        return tuple(map(section_of, self._parts[0]))

    @cached_property
    def _hides(self) -> bool:
        """Whether it shows no digit of some number but 0."""
        other = [section for section in self.sections[:2] if section.condition != ("=", 0.0)]
        return bool(self.code) and any(section.hides for section in other)

    @cached_property
    def says_something(self) -> bool:
        """Whether any of its sections means more than the digits or the text it shows."""
        telling = any(section.says_something for section in self.sections)
        return telling or self._hides or self._shows_otherwise or self.shown_text("@").strip() != "@"

    @cached_property
    def _shows_otherwise(self) -> bool:
        """Whether it shows some number with another sign, with further digits or in another currency."""
        odd = any(section.further_digits or section.currency for section in self.sections)
        return odd or any(self.sign(number) is not Sign.OWN for number in (1.0, -1.0))

    @cached_property
    def shows_as_held(self) -> bool:
        """Whether one section shows all numbers, with their own digits and sign, and in no currency but the yuan."""
        only = self.sections[0]
        odd = only.condition or only.hides or only.further_digits or only.minus or only.currency
        return len(self.sections) == 1 and not odd

    def sign(self, number: float) -> Sign:
        """How the sign of a number is shown. A colour or a text of negative ones alone counts as their sign."""
        section = self.section(number)
        if not section.plain or not section.pieces or not number:
            return Sign.OWN
        by_sign = len(self.sections) > 1 and not any(section.condition for section in self.sections)
        if number > 0 or not by_sign:  # of other negative ones a program shows the minus by itself
            return Sign.OTHER if section.minus and (number > 0 or len(self.sections) == 1) else Sign.OWN
        positive = self.sections[0]
        told = section.coloured or (section.prefix, section.suffix) != (positive.prefix, positive.suffix)
        return Sign.OWN if section.minus or told else Sign.NONE

    @cached_property
    def percent(self) -> bool:
        """Whether a number under it is shown as a percentage, whatever its sign."""
        numeric = [section for section in self.sections if section.plain and section.pieces]
        sure = not self._hides and not self._shows_otherwise
        return bool(numeric) and all(section.percent for section in numeric) and sure

    def shown_text(self, text: str) -> str:
        """A text as the format shows it, as `"99JH"@` shows 0012 as 99JH0012; one that it hides stays as it is."""
        shown, found = "", False
        for match in TOKEN.finditer(self._parts[1]):
            kind, piece = match.lastgroup, match[match.lastgroup or 0]
            found = found or kind == "text"
            if kind in ("quoted", "escaped", "other", "text"):
                shown += text if kind == "text" else piece.strip('"')
        return shown if found and shown.strip() else text

    def section(self, number: float) -> Section:
        """The section that shows a number."""
        sections = self.sections
        if any(section.condition for section in sections):
            for position, section in enumerate(sections):
                if section.condition is None:
                    if position == len(sections) - 1 or sections[position + 1].condition is None:
                        return section
                elif _COMPARISONS[section.condition[0]](number, section.condition[1]):
                    return section
            return sections[-1]
        if len(sections) > 1 and number < 0:
            return sections[1]
        if len(sections) > 2 and number == 0:
            return sections[2]
        return sections[0]

    def shown_code(self, digits: str, number: float) -> str | None:
        """The digits of a whole number as the format shows them, with its zeros and texts; None where it adds none."""
        section = self.section(number)
        if not section.says_something or section.percent or section.scale or ("point", ".") in section.pieces:
            return None
        left = list(digits)
        shown: list[str] = []
        places = [index for index, piece in enumerate(section.pieces) if piece[0] == "digit"]
        for index in range(len(section.pieces) - 1, -1, -1):
            kind, text = section.pieces[index]
            if kind != "digit":
                shown.append(text)
            elif places and index == places[0]:
                shown.append("".join(left) or ("0" if text == "0" else ""))
            else:
                shown.append(left.pop() if left else ("0" if text == "0" else ""))
        return section.prefix + "".join(reversed(shown)) + section.suffix


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    """The format of a code; the same code gives the same object. Raises ValueError for one of no program."""
    if len(code) > _LONGEST_CODE:
        raise ValueError(f"a number format of it has {len(code)} characters")
    return NumberFormat(code)


_LONGEST_CODE = 2000
"""Characters; Excel writes 255 at most."""
