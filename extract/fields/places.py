"""Where the value of a field stands in a published table, and how such a table lies in its sheet.

A model of published tables declares a `Layout` and, beside the type of each field, the places of its value. A field
without a place stands in a column of its name. Patterns are searched for in texts after NFKC, with one blank for white
space, in any case of letters; what they give is their group of the field's name, else their first group, else all.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from extract.workbook.cells import Cell, display, ends, is_blank, printed


class Place:
    """Base of the places. Several beside one field are allowed: what is found in them must agree."""


@dataclass(frozen=True)
class FromFileName(Place):
    """In the name of the file: what a pattern finds there; without one, the month of the file."""

    pattern: str | None = None


@dataclass(frozen=True)
class FromSheetName(Place):
    """In the name of the sheet."""

    pattern: str = ".+"


@dataclass(frozen=True)
class FromTitle(Place):
    """In one cell of the rows over the header: from the title of the table on, else from the top of the sheet."""

    pattern: str


@dataclass(frozen=True)
class FromParameter(Place):
    """Beside a label over the header (`label: value`): behind its colon, or in the next filled cell on its right."""

    label: str


@dataclass(frozen=True)
class FromHeader(Place):
    """In a row of the header (from 1): over the column of the figure, or `over` that of another field.

    Without a pattern it is the cell as it is. Over figures, it makes a record of each column, or of each few columns
    with the same such values.
    """

    row: int
    pattern: str | None = None
    over: str | None = None


@dataclass(frozen=True)
class FromSection(Place):
    """In a heading among the rows, which holds for those below it until the next one."""

    pattern: str


@dataclass(frozen=True)
class FromColumn(Place):
    """In a column by its letters, where no name tells it. `header` is a pattern of all that stands over it.

    "" means that nothing does, None that anything may.
    """

    letters: str
    header: str | None = ""


@dataclass(frozen=True)
class FromCells(Place):
    """In each column over which the header has the values of `FromHeader`: the only measure of such a table."""


@dataclass(frozen=True)
class RequiredColumn:
    """Beside a measure: a file without its column fails. Elsewhere the measure is null, with a warning."""


class HeaderRow(StrEnum):
    """What a row of the header holds: names of columns, values of fields (`FromHeader`), units, or nothing of use."""

    NAMES = "names"
    VALUES = "values"
    UNITS = "units"
    SKIP = "skip"


@dataclass(frozen=True)
class Layout:
    """How a published table lies in its sheet.

    `header` are its rows from the top. `title` is a pattern of the cell that begins each of several tables; without it
    there is one. A table ends before the next title, at a cell that matches `end`, or `end_at_blank` at a blank row.
    `skip` are patterns of the whole label of rows that are no records, beside summary_labels of the configuration.
    A record without any figure is kept as one of nulls, unless `empty_records` says no.
    """

    header: tuple[HeaderRow, ...]
    title: str | None = None
    end: str | None = None
    end_at_blank: bool = False
    skip: tuple[str, ...] = ()
    empty_records: bool = True


def value_in(text: str, pattern: str, field: str) -> str | None:
    """What a pattern finds in a text for a field; None where it finds nothing."""
    match = re.search(pattern, printed(ends(text)), re.IGNORECASE)
    if match is None:
        return None
    found = match[field] if field in match.re.groupindex else match[1] if match.re.groups else match[0]
    return found or None


def is_whole(text: str, pattern: str) -> bool:
    """Whether all of a text matches a pattern."""
    return re.fullmatch(pattern, printed(ends(text)), re.IGNORECASE) is not None


def value_of(cell: Cell, pattern: str | None, field: str) -> Cell | None:
    """What a pattern finds in a cell, or the cell as it is without one; None where there is nothing."""
    if is_blank(cell):
        return None
    return cell if pattern is None else value_in(display(cell), pattern, field)
