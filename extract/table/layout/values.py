"""Values that hold for a whole table: from names, titles, parameters and the header; what several places say agrees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from extract.domains.base import CellField
from extract.errors.layout import ValueNotFound, ValuesDiffer, ValueUnreadable
from extract.fields.base import FileContext, compared
from extract.fields.places import (
    FromCells,
    FromColumn,
    FromFileName,
    FromHeader,
    FromParameter,
    FromSection,
    FromSheetName,
    FromTitle,
    Place,
    value_in,
)
from extract.foreign import shown
from extract.table.layout.grid import Rows
from extract.table.layout.header import LaidHeader, Placed
from extract.workbook.cells import address, display, is_blank

FILE, SHEET = "name of the file", "name of the sheet"


@dataclass(frozen=True)
class CellInfo:
    """What Pydantic tells a field type about the cell that it reads."""

    context: Any
    field_name: str | None


def typed(field: CellField, placed: Placed, context: FileContext) -> Any:
    """The value of a cell. Raises the problem of one that cannot be read."""
    count = len(field.type.inputs(field.name))
    cell = (*("",) * (count - 1), placed.value) if count > 1 else placed.value
    return field.type.read(cell, CellInfo(context, field.name))


class ValueReader:
    """Finds the values of one sheet that hold for whole tables. `month` is that in the name of the file."""

    def __init__(self, fields: Sequence[CellField], path: Path, month: date | None, file: str, sheet: str) -> None:
        self._fields, self._path, self._month = fields, path, month
        self._file, self._sheet = file, sheet

    def read(self, header: LaidHeader, titles: Rows, context: FileContext) -> dict[str, Placed]:
        """The value of each field that has one for the whole table; `titles` are the rows over the header.

        Raises ValueNotFound where a field has no other place, ValuesDiffer, ValueUnreadable.
        """
        found: dict[str, Placed] = {}
        for field in self._fields:
            values = [*self._found(field, titles), *header.over.get(field.name, ())]
            if values:
                found[field.name] = values[0]
                spread = [group.values[field.name] for group in header.groups if field.name in group.values]
                self._check(field, [*values, *spread], context)
            elif field.places and not self._may_come_later(field, header):
                raise ValueNotFound(
                    file=self._file, sheet=self._sheet, field=field.name, looked=self._looked(field, header, titles)
                )
        return found

    def _may_come_later(self, field: CellField, header: LaidHeader) -> bool:
        """Whether rows may give the value: a column, a heading, or the header over each figure."""
        if field.spread and all(field.name in group.values for group in header.groups):
            return True
        return any(isinstance(place, FromColumn | FromSection | FromCells) for place in field.places)

    def _found(self, field: CellField, titles: Rows) -> Iterator[Placed]:
        for place in field.places:
            if isinstance(place, FromFileName):
                if place.pattern is None:
                    if self._month is not None:
                        yield Placed(self._month, FILE, FILE)
                elif (value := value_in(self._path.stem, place.pattern, field.name)) is not None:
                    yield Placed(value, FILE, FILE)
            elif isinstance(place, FromSheetName):
                if (value := value_in(self._sheet, place.pattern, field.name)) is not None:
                    yield Placed(value, SHEET, SHEET)
            elif isinstance(place, FromTitle):
                yield from _in_titles(place.pattern, field.name, titles)
            elif isinstance(place, FromParameter):
                yield from _beside_label(place.label, titles)

    def _check(self, field: CellField, values: Sequence[Placed], context: FileContext) -> None:
        """Raise where a value cannot be read, or another one than the first is read."""
        anywhere = replace(context, period=None)
        first: tuple[Any, Placed] | None = None
        for placed in values:
            try:
                value = typed(field, placed, anywhere)
            except PydanticCustomError as error:
                problems = (error.context or {}).get("problems", ())
                raise ValueUnreadable(
                    file=self._file,
                    sheet=self._sheet,
                    field=field.name,
                    cell=placed.place,
                    text=display(placed.value),
                    reason="; ".join(problem.reason for problem in problems),
                ) from None
            first = first or (value, placed)
            if value != first[0]:
                raise ValuesDiffer(
                    file=self._file,
                    sheet=self._sheet,
                    field=field.name,
                    first=_told(first[1], first[0]),
                    second=_told(placed, value),
                )

    def _looked(self, field: CellField, header: LaidHeader, titles: Rows) -> str:
        """Where a value was looked for, in words."""
        told = [_where(place, header, titles) for place in field.places]
        return "; nor ".join(told)


def _in_titles(pattern: str, field: str, titles: Rows) -> Iterator[Placed]:
    for number, cells in titles:
        for index, cell in enumerate(cells):
            if not is_blank(cell) and (value := value_in(display(cell), pattern, field)) is not None:
                yield Placed(value, address(number, index), display(cell))


def _beside_label(label: str, titles: Rows) -> Iterator[Placed]:
    wanted = compared(label).rstrip(":")
    for number, cells in titles:
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
        for position, (index, cell) in enumerate(filled):
            name, colon, behind = display(cell).replace("\uff1a", ":").partition(":")
            if not isinstance(cell, str) or compared(name) != wanted:
                continue
            if colon and behind.strip():
                yield Placed(behind.strip(), address(number, index), display(cell))
            elif position + 1 < len(filled):
                right, value = filled[position + 1]
                yield Placed(value, address(number, right), display(cell))


def _told(placed: Placed, value: Any) -> str:
    cell = f"{shown(display(placed.value))} ({placed.place})"
    return cell if str(value) == display(placed.value) else f"{value} from {cell}"


def _where(place: Place, header: LaidHeader, titles: Rows) -> str:
    over = f"rows {titles[0][0]} to {header.first_row - 1}" if titles else "the rows over the header (there are none)"
    if isinstance(place, FromFileName):
        return (
            f"by {place.pattern} in the name of the file" if place.pattern else "as the month in the name of the file"
        )
    if isinstance(place, FromSheetName):
        return f"by {place.pattern} in the name of the sheet"
    if isinstance(place, FromTitle):
        return f"by {place.pattern} in {over}"
    if isinstance(place, FromParameter):
        return f"beside {place.label} in {over}"
    if isinstance(place, FromHeader):
        row = header.first_row + place.row - 1
        return f"by {place.pattern} in row {row}" + (f" over the column of {place.over}" if place.over else "")
    return "in the rows"
