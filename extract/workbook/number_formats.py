"""What a number format says about the number below it: a percentage, a scale, text beside it, leading zeros.

Standard: ECMA-376 part 1, 18.8.31 (numFmts); `!` escapes as `\\` does in East Asian versions of Excel. A format has up
to four sections, chosen by the number's sign or by a condition such as `[>=10000]`.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

_TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"]*"?)                    # literal text; the last quote may be missing
    | [\\!](?P<escaped>.)                   # one literal character
    | _(?P<space>.)                         # a space as wide as this character
    | \*(?P<fill>.)                         # this character as often as it fits
    | \[(?P<bracket>[^\[\]]*)\]               # colour, condition, currency, elapsed time, digits of a language
    | (?P<general>General|G/通用格式|Standard|标准)
    | (?P<exponent>[eE][-+]0+)
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<text>@)
    | (?P<letter>[ymdhsgaAbBeE](?:M/PM|/P|M/pm)?)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
_NO_TEXT = re.compile(r"[\s()（）\-+−:：'~<>{}^&=|]")
"""What stands beside a number without saying anything about it: signs, brackets, space."""
_CURRENCY = "¥￥$€£₽"
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats that a package names by number alone and that say more than how many digits are shown."""

Piece = tuple[Literal["digit", "literal", "point"], str]


@dataclass(frozen=True)
class Section:
    """One section of a format.

    `prefix` and `suffix` are the texts beside the number, without signs, brackets and space. `scale` is the power of
    ten by which the number that is shown is smaller than the number in the cell: three for each comma behind the
    digits, and one for each digit behind an escaped point, as in `0!.0,`.
    """

    condition: tuple[str, float] | None = None
    percent: bool = False
    scale: int = 0
    prefix: str = ""
    suffix: str = ""
    pieces: tuple[Piece, ...] = ()
    plain: bool = True
    """Whether it is one of numbers: no date, no text."""

    @property
    def says_something(self) -> bool:
        """Whether the number means more than its digits, or is shown with zeros or text that it lacks."""
        zeros = [piece for piece in self.pieces if piece == ("digit", "0")]
        point = ("point", ".") in self.pieces
        inside = any(kind == "literal" for kind, _ in self.pieces)
        texts = self.prefix.strip(_CURRENCY) or self.suffix.strip(_CURRENCY)
        return self.plain and bool(self.percent or self.scale or texts or inside or (len(zeros) > 1 and not point))

    @property
    def hides(self) -> bool:
        """Whether it shows no digit of the number, as the sections of `;;;` do."""
        return self.plain and not self.pieces


@dataclass(frozen=True)
class NumberFormat:
    """A number format by its code."""

    code: str

    @cached_property
    def _parts(self) -> tuple[list[str], str]:
        """The sections of numbers, and the one of texts: the fourth, or a last one with an @."""
        parts = _split(self.code)[:4]
        if len(parts) == 4 or any(match["text"] for match in _TOKEN.finditer(parts[-1])):
            return parts[:-1] or ["General"], parts[-1]
        return parts, "@"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections of numbers in the order of the code."""
        return tuple(map(_section, self._parts[0]))

    @cached_property
    def _hides(self) -> bool:
        """Whether it shows no digit of some number but 0."""
        other = [section for section in self.sections[:2] if section.condition != ("=", 0.0)]
        return bool(self.code) and any(section.hides for section in other)

    @cached_property
    def says_something(self) -> bool:
        """Whether any of its sections means more than the digits or the text it shows."""
        telling = any(section.says_something for section in self.sections)
        return telling or self._hides or self.shown_text("@").strip() != "@"

    @cached_property
    def percent(self) -> bool:
        """Whether a number under it is shown as a percentage, whatever its sign."""
        numeric = [section for section in self.sections if section.plain and section.pieces]
        return bool(numeric) and all(section.percent for section in numeric) and not self._hides

    def shown_text(self, text: str) -> str:
        """A text as the format shows it, as `"99JH"@` shows 0012 as 99JH0012; one that it hides stays as it is."""
        shown, found = "", False
        for match in _TOKEN.finditer(self._parts[1]):
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


def _split(code: str) -> list[str]:
    """The sections of a code; a semicolon in quotes or behind an escape separates nothing."""
    parts, start = [], 0
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(code[start : match.start()])
            start = match.end()
    return [*parts, code[start:]]


def _section(part: str) -> Section:
    condition: tuple[str, float] | None = None
    percent, plain = False, True
    pieces: list[Piece] = []
    for match in _TOKEN.finditer(part):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        if kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = found[1], float(found[2])
            elif text.startswith("$"):
                pieces.append(("literal", text[1:].partition("-")[0]))
            elif text and not set(text.lower()) - set("hms"):
                plain = False
        elif kind == "quoted":
            pieces.append(("literal", text.strip('"')))
        elif kind in ("escaped", "other"):
            pieces.append(("literal", text))
        elif kind in ("letter", "text"):
            plain = False
        elif kind in ("general", "exponent"):
            pieces.append(("digit", "#"))
        elif kind == "digit":
            pieces.append(("digit", text))
        elif kind == "point":
            pieces.append(("point", text))
        elif kind == "comma":
            pieces.append(("literal", "\0"))
        elif kind == "percent":
            percent = True
    return _measured(condition, percent, plain, pieces)


def _measured(condition: tuple[str, float] | None, percent: bool, plain: bool, pieces: list[Piece]) -> Section:
    """Tell the texts beside the digits from those between them, and what the commas scale by."""
    digits = [index for index, (kind, _) in enumerate(pieces) if kind == "digit"]
    if not digits:
        text = "".join(text for _, text in pieces if text != "\0")
        return Section(condition, percent, prefix=_text(text), plain=plain)
    first, last = digits[0], digits[-1]
    point = next((index for index, (kind, _) in enumerate(pieces) if kind == "point"), None)
    ends = {last, max((index for index in digits if point is None or index < point), default=last)}
    scale = 0
    for end in ends:
        following = end + 1
        while following < len(pieces) and pieces[following] == ("literal", "\0"):
            scale += 3
            following += 1
    inside = [piece for piece in pieces[first : last + 1] if piece != ("literal", "\0")]
    if point is None and ("literal", ".") in inside:
        behind = inside[len(inside) - inside[::-1].index(("literal", ".")) :]
        scale += sum(kind == "digit" for kind, _ in behind)
    prefix = "".join(text for kind, text in pieces[:first] if kind == "literal" and text != "\0")
    suffix = "".join(text for kind, text in pieces[last + 1 :] if kind == "literal" and text != "\0")
    return Section(condition, percent, scale, _text(prefix), _text(suffix), tuple(inside), plain)


def _text(literal: str) -> str:
    return _NO_TEXT.sub("", literal)
