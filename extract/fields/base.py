"""What a field type is, and what reading a cell depends on. Source of all rules: docs/rules.md.

A field type is the metadata of a column in a domain model. It knows the headers that its cells stand under, its SQL
type, and how to read one cell; Pydantic calls `read` for every cell.
"""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from extract.foreign import shown
from extract.workbook.cells import Cell, display, squeeze


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


LONGEST_VALUE = 1000
"""Characters, white space included, of a text that may be a value; a longer one is none."""


def is_too_long(cell: Cell) -> bool:
    """Whether a cell holds more text than any value has."""
    return isinstance(cell, str) and len(cell) > LONGEST_VALUE


_FOOTNOTE = re.compile(
    "[\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u1d9b-\u1dbf"
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u2070-\u209c\u2460-\u24ff\u2776-\u2793\u3220-\u3247\u3280-\u32b0\u0336]"
)


def bears_footnote(text: str) -> bool:
    """Whether a text holds a raised, lowered or enclosed sign (¹, ①), of which NFKC makes another, or a struck one."""
    return not text.isascii() and _FOOTNOTE.search(text) is not None


_TWO_LINES = re.compile(r"[0-9A-Za-z][^\S\n]*\r?\n\s*[0-9A-Za-z]")


def has_two_lines(text: str) -> bool:
    """Whether a line break stands between signs of a value: they are two values, or none."""
    return "\n" in text and _TWO_LINES.search(text) is not None


def told(cell: Cell) -> str:
    """A cell as a reason names it: on one line, and no more of it than a message bears."""
    return shown(display(cell))


def uncalculated(cell: Cell, part: int = 0) -> Problem:
    """The problem of a formula without a value (rules.md, Numbers)."""
    return Problem(
        "uncalculated_formula", f"{told(cell)} was never calculated: open the workbook in Excel and save it", (part,)
    )


@dataclass
class UnitTally:
    """How the figures of a column were read: plain shares as fractions or percentages, `stated` ones by their own unit.

    `large` counts the plain ones beyond LARGE_SHARE in size, `by_column` those that are percentages by the unit of
    their column, `tiny` those of them that are up to LARGE_SHARE. Of figures of every kind `scaled` counts those that
    bear a unit other than that of the field itself, `plain` those of no unit at all, `foreign` those with the sign of
    another currency, `otherwise` those that are shown as they are not read: without their minus, as percentages.
    """

    fractions: int = 0
    percentages: int = 0
    large: int = 0
    stated: int = 0
    by_column: int = 0
    tiny: int = 0
    scaled: int = 0
    plain: int = 0
    foreign: int = 0
    otherwise: int = 0


LARGE_SHARE = 0.1
"""Ten percent a month: where half of the plain numbers are beyond it, their unit is unclear (rules.md, Units)."""


class Comma(StrEnum):
    """What a comma in a figure typed as text may be."""

    THOUSANDS = "thousands"
    DECIMAL = "decimal"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a publisher, as the configuration declares them; texts are in the form of `compared`.

    `months` maps a word to the number of a month. `marks` maps what a cell without a figure may hold to the reason that
    is kept beside the null (None: none is kept); `kept` names the fields that have a place for a reason.
    """

    months: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, str | None] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


def compared(text: str) -> str:
    """A declared word, or a text that is looked for among such: no white space, no case."""
    return squeeze(text).casefold()


NO_WORDS = Words()


@dataclass
class FileContext:
    """What reading a cell depends on besides the cell: the day of the run, the file, and the units of the columns.

    `units` maps a field to the power of ten that its plain numbers are multiplied by (rules.md, Units, gives the order
    of the places that name one); `tally` counts, by field, how figures were read. `period` is the month of the file, to
    which every row must belong; None where any month may stand in it.
    """

    today: date
    units: Mapping[str, int] = field(default_factory=dict)
    tally: dict[str, UnitTally] = field(default_factory=lambda: defaultdict(UnitTally))
    period: date | None = None
    comma: Comma = Comma.THOUSANDS
    words: Words = NO_WORDS


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
    qualifiers: tuple[str, ...] = ()
    """Words beside a header of this field that leave its meaning as it is, such as 本月."""
    is_period: bool = False
    """Whether it is the month that a row is of, which the name of the file gives where no column does."""
    first_year: int = 2000
    """The first year in which a period may lie."""
    holds_names: bool = False
    """Whether its cells may hold any words, so that only a declared label, or a total alone, makes a row a total."""
    reads: str | None = None
    """The field whose cells it reads, where it has none of its own."""

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


def whole_digits(number: float) -> str | None:
    """The digits of a whole number that is not negative (2024.0 gives "2024"), else None."""
    if number != number or number < 0 or number in (float("inf"), float("-inf")) or number % 1:
        return None
    return format(Decimal(repr(number)).to_integral_value(), "f")
