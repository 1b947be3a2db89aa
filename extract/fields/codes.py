"""The code type: identifiers of letters and digits. Rule: rules.md, plan_code and company_code."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category, name

from pydantic_core import PydanticCustomError

from extract.fields.base import (
    LONGEST_VALUE,
    FileContext,
    Input,
    Problem,
    ReadInfo,
    bears_footnote,
    broken,
    has_two_lines,
    is_too_long,
    told,
    uncalculated,
    whole_digits,
)
from extract.fields.columns import ColumnRead, QuickType
from extract.workbook.cells import Cell, ErrorCell, FormattedNumber, UncalculatedCell, is_blank, squeeze

_MISSING_CODES = frozenset({"", "-", "--", "—", "——", "N/A", "#N/A", "无", "暂无", "同上", "〃"})
_NOTED = re.compile("[^注]注[0-9]{0,2}$")
"""A footnote mark behind a code, 注1."""
_NULLS = frozenset({"NULL", "(NULL)", "NAN", "NONE", "\\N"})
"""What programs write into an export where there is no value."""


_USUAL_CODES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*+(?:\n[A-Za-z0-9][A-Za-z0-9._-]*+)*+")
"""Lines of codes of which nothing but their separators and their case can change."""
_SEPARATORS = str.maketrans("", "", "-_")


@dataclass(frozen=True)
class Code(QuickType):
    """A code of letters, digits and dots, at most `max_length` characters. Gives str.

    Rule: rules.md, plan_code and company_code. Codes: `missing`, `invalid_code`.
    """

    headers: tuple[str, ...]
    max_length: int

    @property
    def sql_type(self) -> str:  # type: ignore[override]  # an attribute of the class elsewhere, here of the instance
        """SQL type of the column."""
        return f"varchar({self.max_length})"

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> str:  # noqa: ARG002  # a code depends on its cell alone
        """The code in its normal form."""
        if type(value) is str and value.isalnum() and value.isascii() and len(value) <= self.max_length:
            code = value.upper()
            return self._normal_form(value) if code in _NULLS else code
        return self._normal_form(value)

    def read_column(self, cells: Sequence[Cell], info: ReadInfo) -> ColumnRead:
        """The codes of a column: all at once where all are usual, else each distinct text once."""
        texts = [cell for cell in cells if type(cell) is str]
        lines = "\n".join(texts)
        if len(texts) == len(cells) and _USUAL_CODES.fullmatch(lines) and max(map(len, texts)) <= LONGEST_VALUE:
            typed = lines.upper()
            codes = typed.translate(_SEPARATORS).split("\n")
            nulls = any(null in typed for null in _NULLS) and not _NULLS.isdisjoint(typed.split("\n"))
            if len(codes) == len(cells) and max(map(len, codes)) <= self.max_length and not nulls:
                return ColumnRead(codes)
        read = ColumnRead(list(cells))
        first: dict[str, int] = {}
        for position, cell in enumerate(cells):
            same = first.setdefault(cell, position) if type(cell) is str else position
            if same == position:
                read.read_each(self.read, cells, (position,), info)
            elif same in read.broken:
                read.broken[position] = read.broken[same]
            else:
                read.values[position] = read.values[same]
        return read

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell holds a code, or a mark that there is none."""
        try:
            self._normal_form(cell)
        except PydanticCustomError as error:
            return _is_missing(error)
        return True

    def _normal_form(self, cell: Cell) -> str:
        shown = told(cell)
        if isinstance(cell, UncalculatedCell):
            raise broken(uncalculated(cell))
        if is_too_long(cell) and not is_blank(cell):
            raise broken(Problem("invalid_code", f"{shown} has more than {LONGEST_VALUE} characters"))
        if isinstance(cell, ErrorCell) and squeeze(cell).upper() not in _MISSING_CODES:
            raise broken(Problem("invalid_code", f"{shown} {cell.what}"))
        if isinstance(cell, bool) or not isinstance(cell, str | float | int):
            raise broken(Problem("invalid_code", f"{shown} is no code: format the cell as text and type the code"))
        text = squeeze(cell).upper() if isinstance(cell, str) else digits_of(cell, "invalid_code").upper()
        code = text.translate(_SEPARATORS)
        if text in _MISSING_CODES or text in _NULLS or not code:
            raise broken(Problem("missing", "a code is required here"))
        if isinstance(cell, str) and (bears_footnote(cell) or _NOTED.search(code)):
            raise broken(Problem("invalid_code", f"{shown} bears a footnote mark: leave it out"))
        if isinstance(cell, str) and has_two_lines(cell):
            raise broken(Problem("invalid_code", f"{shown} has two lines: one code belongs in a cell"))
        if not code.replace(".", "").isalnum():
            raise broken(Problem("invalid_code", f"{shown} holds characters other than letters, digits and dots"))
        if not code.isascii() and (odd := next(filter(_is_no_letter_of_a_code, code), None)):
            raise broken(Problem("invalid_code", f"{shown} holds U+{ord(odd):04X}, {name(odd, 'unnamed')}"))
        if len(code) > self.max_length:
            raise broken(Problem("invalid_code", f"{shown} has {len(code)} characters, {self.max_length} are the most"))
        return code


def _is_no_letter_of_a_code(character: str) -> bool:
    """Whether a letter shows nothing or only changes another, or a digit is none that NFKC knows as one of ours."""
    kind = category(character)
    odd_number = kind.startswith("N") and not character.isascii() and character != "\u3007"  # a numeral of Chinese
    return kind == "Lm" or odd_number or character in _INVISIBLE


_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters without a shape: the fillers of Hangul."""


def digits_of(cell: float, code: str) -> str:
    """A number as it is shown: digits with the zeros and texts of its number format. `code` is that of a problem."""
    digits, shown = whole_digits(cell), told(cell)
    if digits is None:
        raise broken(
            Problem(code, f"{shown} is a number with a sign or a fraction, no {code.removeprefix('invalid_')}")
        )
    if len(digits) > _EXACT_DIGITS:
        reason = f"{shown} has {len(digits)} digits, of which Excel keeps {_EXACT_DIGITS}: type it as a text"
        raise broken(Problem(code, reason))
    formatted = cell.format.shown_code(digits, cell) if isinstance(cell, FormattedNumber) else None
    return digits if formatted is None else squeeze(formatted)


_EXACT_DIGITS = 15
"""Significant digits that a number in Excel holds."""


def _is_missing(error: PydanticCustomError) -> bool:
    problems = (error.context or {}).get("problems", ())
    return all(problem.code == "missing" for problem in problems)
