"""What a cell is, what a field type is, and the code type. Periods and numbers have modules of their own.

A field type is the metadata of a column in a domain model. It knows the headers that its cells stand under, its SQL
type, and how to read one cell; Pydantic calls `read` for every cell. Source of all rules: docs/rules.md.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeAlias
from unicodedata import normalize

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Cell: TypeAlias = float | int | str | bool | date | datetime | time | timedelta
"""One cell as it stands in the workbook; "" is an empty one."""


class ErrorCell(str):
    """An Excel error such as `#DIV/0!`: its text, told apart from a text that somebody typed."""


class UncalculatedCell(str):
    """A formula that was never calculated, so that its cell holds no value: the text of the formula."""


class PercentCell(float):
    """A number in a cell that is formatted as a percentage: it holds a fraction, whatever the header says."""


@dataclass(frozen=True)
class Problem:
    """One broken rule of one field. `parts` are the inputs it concerns (only a period has more than one)."""

    code: str
    reason: str
    parts: tuple[int, ...] = (0,)


def broken(*problems: Problem) -> PydanticCustomError:
    """The Pydantic error that carries problems from a cell to the rejects."""
    return PydanticCustomError(
        "broken_rule",
        "{reasons}",
        {"reasons": "; ".join(problem.reason for problem in problems), "problems": problems},
    )


def uncalculated(cell: object, part: int = 0) -> Problem:
    """The problem of a formula without a value (rules.md, Numbers)."""
    return Problem(
        "uncalculated_formula", f"{cell} was never calculated: open the workbook in Excel and save it", (part,)
    )


@dataclass
class UnitTally:
    """How many plain return rates of a sheet were read as fractions and how many as percentages."""

    fractions: int = 0
    percentages: int = 0


@dataclass
class FileContext:
    """What reading a cell depends on besides the cell: the day of the run and the units of the columns.

    `units` maps a field to the power of ten that its plain numbers are multiplied by (configuration over header);
    `tally` counts, by field, how plain shares were read.
    """

    today: date
    units: Mapping[str, int] = field(default_factory=dict)
    tally: dict[str, UnitTally] = field(default_factory=lambda: defaultdict(UnitTally))


class ReadInfo(Protocol):
    """The part of Pydantic's ValidationInfo that field types use."""

    @property
    def context(self) -> Any: ...

    @property
    def field_name(self) -> str | None: ...


@dataclass(frozen=True)
class Input:
    """One column of a sheet that feeds a field: the headers it may stand under."""

    name: str
    headers: tuple[str, ...]


class CellType(ABC):
    """Base of the field types. `read` gives the value of one cell, or raises `broken(...)`."""

    sql_type: str
    nullable: bool = False
    unit_powers: Mapping[str, int] = {}
    """Units that a header or a cell of this field may name, with their power of ten."""

    @abstractmethod
    def inputs(self, name: str) -> tuple[Input, ...]:
        """The columns of a sheet that feed the field `name`."""

    @abstractmethod
    def read(self, value: Any, info: ReadInfo) -> Any:
        """The typed value of what stands in the cell (of the cells, in the order of `inputs`)."""

    @abstractmethod
    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:
        """Whether `cell` alone is a valid value of the input number `part`."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)


_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


def squeeze(text: str) -> str:
    """`text` after NFKC and without white space of any kind, zero-width characters included."""
    if not text.isascii():
        text = normalize("NFKC", text).translate(_INVISIBLE)
    return "".join(text.split())


def is_blank(cell: Cell | None) -> bool:
    """Whether a cell shows nothing: it is empty or holds white space only."""
    return cell is None or cell == "" or (isinstance(cell, str) and not squeeze(cell))


def display(cell: Cell | None) -> str:
    """A cell as text for people: 2024.0 as 2024, a date as 2024-11-30, a boolean as Excel shows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def whole_digits(number: float) -> str | None:
    """The digits of a whole number that is not negative (2024.0 gives "2024"), else None."""
    if number != number or number < 0 or number in (float("inf"), float("-inf")) or number % 1:
        return None
    return format(Decimal(repr(number)).to_integral_value(), "f")


_MISSING_CODES = frozenset({"", "-", "N/A", "#N/A", "无", "暂无"})
_SEPARATORS = str.maketrans("", "", "-_")


@dataclass(frozen=True)
class Code(CellType):
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
            return value.upper()
        return self._normal_form(value)

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell holds a code, or a mark that there is none."""
        try:
            self._normal_form(cell)
        except PydanticCustomError as error:
            return _is_missing(error)
        return True

    def _normal_form(self, cell: Cell) -> str:
        shown = display(cell)
        if isinstance(cell, UncalculatedCell):
            raise broken(uncalculated(cell))
        if isinstance(cell, bool) or not isinstance(cell, str | float | int):
            raise broken(Problem("invalid_code", f"{shown} is no code: format the cell as text and type the code"))
        if isinstance(cell, str):
            text = squeeze(cell).upper()
        else:
            digits = whole_digits(cell)
            if digits is None:
                raise broken(Problem("invalid_code", f"{shown} is a number with a sign or a fraction, no code"))
            text = digits
        code = text.translate(_SEPARATORS)
        if text in _MISSING_CODES or not code:
            raise broken(Problem("missing", "a code is required here"))
        if not code.replace(".", "").isalnum():
            raise broken(Problem("invalid_code", f"{shown} holds characters other than letters, digits and dots"))
        if len(code) > self.max_length:
            raise broken(Problem("invalid_code", f"{shown} has {len(code)} characters, {self.max_length} are the most"))
        return code


def _is_missing(error: PydanticCustomError) -> bool:
    problems = (error.context or {}).get("problems", ())
    return all(problem.code == "missing" for problem in problems)
