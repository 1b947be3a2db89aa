"""The period type: a month, from a year and a month column, from one period column, or from both.

Rule: rules.md, report_date. Codes: `missing`, `invalid_period`, `period_conflict`, `future_period`,
`period_mismatch`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

from extract.fields.base import (
    FileContext,
    Input,
    Problem,
    ReadInfo,
    broken,
    is_too_long,
    told,
    uncalculated,
    whole_digits,
)
from extract.fields.columns import ColumnRead, QuickType
from extract.workbook.cells import Cell, ErrorCell, UncalculatedCell, is_blank, squeeze

FIRST_YEAR = 2000
PeriodCells = tuple[Cell, Cell, Cell]
"""The cells of the year, month and period columns; "" where the sheet lacks the column."""

_YEAR = re.compile(r"([0-9]{4}|[0-9]{2})年?")
_MONTH = re.compile(r"([0-9]{1,2})月?")
_CHINESE = re.compile(r"([0-9]{4}|[0-9]{2})年([0-9]{1,2})月(?:([0-9]{1,2})日)?(.*)", re.DOTALL)
_FURTHER = re.compile(
    r"(?:([0-9]{4}|[0-9]{2})年)?([0-9]{1,2})月|[-—–~至到]([0-9]{1,2})$"
    r"|累计|年[初化内]|[今本当去上]年|上[月期季]|同期|季度?|以来|近[0-9一二三四五六七八九十两]+个?[年月]|ytd|qtd|q[1-4]",
    re.IGNORECASE,
)
"""Behind a month: another one, or what says that the figures are not those of the month alone."""
_SEPARATED = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})(?:\2([0-9]{1,2})(?:T?[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")
_SHAPES = "2024年11月, 2024-11, 2024/11/30, 202411, 20241130 or a date"


@dataclass(frozen=True)
class Period(QuickType):
    """A month as the date of its first day. `year`, `month` and `period` are the headers of the three columns."""

    year: tuple[str, ...]
    month: tuple[str, ...]
    period: tuple[str, ...]

    sql_type = "date"
    is_period = True

    def inputs(self, name: str) -> tuple[Input, ...]:  # noqa: ARG002  # its inputs have names of their own
        """Three columns: year, month, period."""
        return Input("year", self.year), Input("month", self.month), Input("period", self.period)

    def read(self, value: PeriodCells, info: ReadInfo) -> date:
        """First day of the month that the cells of one row name."""
        return _read_period(*value, info.context.today, info.context.period)

    def read_column(self, cells: Sequence[PeriodCells], info: ReadInfo) -> ColumnRead:
        """The months of a column, each distinct spelling read once."""
        spelled: Sequence[tuple[object, ...]] = cells
        if not all(_PLAIN.issuperset(map(type, part)) for part in zip(*cells, strict=True)):
            spelled = [(*row, *map(type, row)) for row in cells]  # 1 and True are equal, and only one is a month
        read = ColumnRead(list(cells))
        known: dict[tuple[object, ...], int] = {}
        firsts = list(map(known.setdefault, spelled, range(len(cells))))
        read.read_each(self.read, cells, known.values(), info)
        values, broken = read.values, read.broken
        if broken:
            broken.update({at: broken[first] for at, first in enumerate(firsts) if first in broken})
        values[:] = [values[first] for first in firsts]
        return read

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:
        """Whether the cell is a year, a month or a period (by `part`), or empty."""
        try:
            _READERS[part](cell, context.today)
        except ValueError:
            return False
        return True


@lru_cache(maxsize=4096, typed=True)
def _read_period(year: Cell, month: Cell, period: Cell, today: date, expected: date | None) -> date:
    problems: list[Problem] = []
    year_number = _attempt(_year, year, today, 0, problems)
    month_number = _attempt(_month, month, today, 1, problems)
    first_day = _attempt(_period, period, today, 2, problems)
    if problems:
        raise broken(*problems)
    if first_day is not None:
        if year_number not in (None, first_day.year) or month_number not in (None, first_day.month):
            raise broken(_conflict(year, month, period))
    elif year_number is not None and month_number is not None:
        first_day = date(year_number, month_number, 1)
    else:
        lacking = [part for part, value in enumerate((year_number, month_number, first_day)) if value is None]
        raise broken(Problem("missing", "the row has no period", tuple(lacking)))
    if first_day > today:
        raise broken(_future(first_day, today, year, month, period))
    if expected is not None and first_day != expected:
        raise broken(_mismatch(first_day, expected, year, month, period))
    return first_day


T = TypeVar("T")


def _attempt(
    reader: Callable[[Cell, date], T], cell: Cell, today: date, part: int, problems: list[Problem]
) -> T | None:
    if isinstance(cell, UncalculatedCell):
        problems.append(uncalculated(cell, part))
        return None
    try:
        return reader(cell, today)
    except ValueError as error:
        problems.append(Problem("invalid_period", str(error), (part,)))
        return None


def _conflict(year: Cell, month: Cell, period: Cell) -> Problem:
    given = [told(cell) for cell in (year, month) if not is_blank(cell)]
    return Problem(
        "period_conflict",
        f"year and month say {' '.join(given)}, the period column says {told(period)}",
        tuple(part for part, cell in enumerate((year, month, period)) if not is_blank(cell)),
    )


def _future(first_day: date, today: date, *cells: Cell) -> Problem:
    return Problem(
        "future_period",
        f"{first_day:%Y-%m} is later than the current month {today:%Y-%m}",
        tuple(part for part, cell in enumerate(cells) if not is_blank(cell)),
    )


def _mismatch(first_day: date, expected: date, *cells: Cell) -> Problem:
    return Problem(
        "period_mismatch",
        f"{first_day:%Y-%m} is not {expected:%Y-%m}, the month in the name of the workbook",
        tuple(part for part, cell in enumerate(cells) if not is_blank(cell)),
    )


def _is_absent(cell: Cell) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and not is_too_long(cell) and squeeze(cell).upper() == "#N/A")


def _text(cell: Cell) -> str:
    """The cell as a text without white space; raises ValueError for kinds of cells that hold no such text."""
    if isinstance(cell, str) and not isinstance(cell, ErrorCell) and not is_too_long(cell):
        return squeeze(cell)
    if not isinstance(cell, float | int) or isinstance(cell, bool):
        raise ValueError(f"{told(cell)} is no period")  # noqa: TRY004  # a wrong value, not a wrong call
    digits = whole_digits(cell)
    if digits is None:
        raise ValueError(f"the number {told(cell)} can be read in more than one way: write it as 2024-11")
    return digits


def _year(cell: Cell, today: date) -> int | None:
    if _is_absent(cell):
        return None
    match = _YEAR.fullmatch(_text(cell))
    if not match:
        raise ValueError(f"{told(cell)} is no year: write it as 2024")
    return _checked_year(match[1], today)


def _checked_year(digits: str, today: date) -> int:
    year = int(digits) + (FIRST_YEAR if len(digits) == 2 else 0)
    if not FIRST_YEAR <= year <= today.year:
        raise ValueError(f"the year {year} is not between {FIRST_YEAR} and {today.year}")
    return year


def _month(cell: Cell, today: date) -> int | None:  # noqa: ARG001  # same signature as the other readers
    if _is_absent(cell):
        return None
    match = _MONTH.fullmatch(_text(cell))
    if not match or not 1 <= int(match[1]) <= 12:
        raise ValueError(f"{told(cell)} is no month: write a number from 1 to 12")
    return int(match[1])


def _period(cell: Cell, today: date) -> date | None:
    if _is_absent(cell):
        return None
    if isinstance(cell, date):  # a datetime is one too
        return date(_checked_year(str(cell.year), today), cell.month, 1)
    text = _text(cell)
    if isinstance(cell, str) and (match := _CHINESE.fullmatch(text)):
        year, month, day, behind = match.groups()
        _refuse_spans(cell, year, month, behind)
    elif isinstance(cell, str) and (match := _SEPARATED.fullmatch(text)):
        year, _, month, day = match.groups()
    elif match := _COMPACT.fullmatch(text):
        year, month, day = match.groups()
    else:
        raise ValueError(f"{told(cell)} is no period: write {_SHAPES}")
    number = _checked_year(year, today)
    try:
        datetime(number, int(month), int(day or 1))  # noqa: DTZ001  # only checks that the day exists
    except ValueError:
        raise ValueError(f"{told(cell)} names a day or month that does not exist") from None
    return date(number, int(month), 1)


def _refuse_spans(cell: Cell, year: str, month: str, behind: str) -> None:
    """Raise ValueError where the text behind a month names another one (2024年11月至12月) or a sum (累计)."""
    for other_year, other_month, _ in _FURTHER.findall(behind):
        if not other_month or int(other_month) != int(month) or int(other_year or year) % 100 != int(year) % 100:
            raise ValueError(f"{told(cell)} names more than one month: write {_SHAPES}")


_PLAIN = frozenset({float, str})
"""Kinds of cells of which equal ones are the same."""
_READERS: tuple[Callable[[Cell, date], object], ...] = (_year, _month, _period)
