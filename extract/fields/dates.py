"""The date types: a day, and the month that a row is of, in the formats that a domain declares. Rule: rules.md, Dates.

Codes: `missing`, `invalid_date`, `invalid_period`, `future_period`, `period_mismatch`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from extract.fields.base import (
    CellType,
    FileContext,
    Input,
    Problem,
    ReadInfo,
    Words,
    broken,
    compared,
    is_too_long,
    told,
    uncalculated,
    whole_digits,
)
from extract.fields.date_formats import DateFormat, Span, date_format
from extract.fields.marks import is_mark, is_null_by_mark
from extract.workbook.cells import Cell, ErrorCell, UncalculatedCell, printed

_MISSING = frozenset(("", "-", "--", "—", "——", "n/a", "#n/a"))


class MonthOf(StrEnum):
    """Which month stands for a span of several: of a quarter, a half or a year."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True)
class Date(CellType):
    """A day: a date cell, or a text in one of `formats` (see `date_formats`). Gives date."""

    headers: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("{YYYY}-{MM}-{DD}",)
    nullable: bool = False

    sql_type = "date"

    def __post_init__(self) -> None:
        """Refuse a format that is none, by the ValueError of `date_format`."""
        check_formats(self.formats)

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> date | None:
        """The day that one cell names."""
        if self.nullable and is_null_by_mark(value, info):
            return None
        if isinstance(value, UncalculatedCell):
            raise broken(uncalculated(value))
        if is_absent(value):
            if self.nullable:
                return None
            raise broken(Problem("missing", "a date is required here"))
        try:
            return self._day(value, info.context.words)
        except ValueError as error:
            raise broken(Problem("invalid_date", str(error))) from None

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell names a day, or holds a mark that there is none."""
        try:
            return (
                is_absent(cell)
                or (self.nullable and is_mark(cell, context.words))
                or bool(self._day(cell, context.words))
            )
        except ValueError:
            return False

    def _day(self, cell: Cell, words: Words) -> date:
        span = span_of(cell, self.formats, words)
        if span.day is None:
            raise ValueError(f"{told(cell)} names no day: write {_told_formats(self.formats)}")
        return span.day


@dataclass(frozen=True)
class Month(CellType):
    """The month that a row is of, as the date of its first day; of the formats of `Date`, also those without a day.

    `of_span` says which month stands for a quarter, a half or a year; without it, such a cell is broken. No month may
    lie in the future, and where the file has a month, each is that one.
    """

    headers: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("{YYYY}-{MM}",)
    of_span: MonthOf | None = None
    first_year: int = 1900

    sql_type = "date"
    is_period = True

    def __post_init__(self) -> None:
        """Refuse a format that is none, by the ValueError of `date_format`."""
        check_formats(self.formats)

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> date:
        """First day of the month that one cell names."""
        context = info.context
        return _read_month(self, value, context.words, context.today, context.period)

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell names a month, or holds a mark that there is none."""
        try:
            return is_absent(cell) or bool(self.month_of(cell, context.words))
        except ValueError:
            return False

    def month_of(self, cell: Cell, words: Words) -> date:
        """First day of the month that a cell names, whenever that is. Raises ValueError with the reason."""
        span = span_of(cell, self.formats, words)
        if span.months > 1 and self.of_span is None:
            raise ValueError(f"{told(cell)} names {span.months} months, and the field does not say which counts")
        month = span.last_month if self.of_span is MonthOf.LAST else span.first_month
        if month.year < self.first_year:
            raise ValueError(f"the year {month.year} is before {self.first_year}")
        return month


@lru_cache(maxsize=4096, typed=True)
def _read_month(kind: Month, cell: Cell, words: Words, today: date, expected: date | None) -> date:
    if isinstance(cell, UncalculatedCell):
        raise broken(uncalculated(cell))
    if is_absent(cell):
        raise broken(Problem("missing", "the row has no period"))
    try:
        month = kind.month_of(cell, words)
    except ValueError as error:
        raise broken(Problem("invalid_period", str(error))) from None
    if month > today:
        raise broken(Problem("future_period", f"{month:%Y-%m} is later than the current month {today:%Y-%m}"))
    if expected is not None and month != expected:
        reason = f"{month:%Y-%m} is not {expected:%Y-%m}, the month in the name of the workbook"
        raise broken(Problem("period_mismatch", reason))
    return month


def check_formats(formats: tuple[str, ...]) -> None:
    """Raise ValueError for a declared format that is none."""
    for spelling in formats:
        date_format(spelling)


def is_absent(cell: Cell) -> bool:
    """Whether a cell is empty, or says that it is."""
    return isinstance(cell, str) and not is_too_long(cell) and compared(cell) in _MISSING


def span_of(cell: Cell, formats: tuple[str, ...], words: Words) -> Span:
    """What a cell names in one of some formats. Raises ValueError with the reason.

    Two formats that read one text as different days are no reading of it.
    """
    if isinstance(cell, date):  # a datetime is one too
        return Span(cell.year, cell.month, 1, cell.day)
    text = _written(cell)
    found: dict[Span, DateFormat] = {}
    problems = []
    for one in map(date_format, formats):
        try:
            if span := one.read(text, words):
                found.setdefault(span, one)
        except ValueError as error:
            problems.append(f"{told(cell)} {error}")
    if len(found) > 1:
        said = " and as ".join(f"{span} ({form.spelling})" for span, form in found.items())
        raise ValueError(f"{told(cell)} can be read as {said}")
    if not found:
        raise ValueError(problems[0] if problems else f"{told(cell)} is none of {_told_formats(formats)}, and no date")
    return next(iter(found))


def _written(cell: Cell) -> str:
    if isinstance(cell, str) and not isinstance(cell, ErrorCell) and not is_too_long(cell):
        return printed(cell).casefold()
    if isinstance(cell, str | bool) or not isinstance(cell, float | int):
        raise ValueError(f"{told(cell)} is no date")  # noqa: TRY004  # a wrong value, not a wrong call
    digits = whole_digits(cell)
    if digits is None:
        raise ValueError(f"the number {told(cell)} is no date")
    return digits


def _told_formats(formats: tuple[str, ...]) -> str:
    return " or ".join(formats)
