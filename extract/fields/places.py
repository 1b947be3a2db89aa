"""Where the value of a field stands in a published table, and how such a table lies in its sheet.

A model of published tables declares a `Layout` and, beside the type of each field, the places of its value. A field
without a place stands in a column of its name. Patterns are searched for in texts after NFKC, with one blank for white
space, in any case of letters; what they give is their group of the field's name, else their first group, else all.
"""

import re
from collections.abc import Mapping, Sequence
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


def problem_of(layout: Layout, fields: Mapping[str, Sequence[Place]], label: str, *, names_columns: bool) -> str | None:
    """What is wrong with a declaration; None where nothing is. `names_columns`: the model has a source_column."""
    if label not in fields:
        return f"label_field {label} is no field"
    rows = dict(enumerate(layout.header, start=1))
    taken = set()
    spread = False
    for name, places in fields.items():
        for place in places:
            if isinstance(place, FromHeader):
                taken.add(place.row)
                spread = spread or place.over is None
                if place.row not in rows or (place.over is None and rows[place.row] is not HeaderRow.VALUES):
                    return (
                        f"{name} stands in row {place.row} of the header, which the layout does not declare as VALUES"
                    )
                if place.over is not None and place.over not in fields:
                    return f"{name} stands over {place.over}, which is no field"
            if isinstance(place, FromColumn) and not _LETTERS.fullmatch(place.letters):
                return f"{name} stands in the column {place.letters}: write its letters, as in Excel"
        for pattern in filter(
            None, (getattr(place, "pattern", None) or getattr(place, "header", None) for place in places)
        ):
            if wrong := _wrong(pattern):
                return f"{name}: {wrong}"
    if unread := [row for row, role in rows.items() if role is HeaderRow.VALUES and row not in taken]:
        return f"row {unread[0]} of the header is one of VALUES, and no field takes them"
    if not rows:
        return "its header has no row"
    if spread != names_columns:
        return f"its records stand {'side by side in rows' if spread else 'one to a row'}: derive the model from " + (
            "SpreadModel" if spread else "DomainModel"
        )
    return next(filter(None, map(_wrong, filter(None, (layout.title, layout.end, *layout.skip)))), None)


def _wrong(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern} is no regular expression: {error}"
    return None


_LETTERS = re.compile("[A-Z]{1,3}")


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
