"""The cell that a figure was read from: its address, the value as it stands there, and the unit it was read under."""

from collections.abc import Iterable
from dataclasses import dataclass

from extract.domains.base import CellField
from extract.fields.numbers import Number, Share
from extract.table.header.fields import HeaderCell
from extract.table.sheet.extraction import SheetExtraction
from extract.table.sheet.tables import Table, table_of
from extract.workbook.cells import Cell, FormattedNumber, address, display


@dataclass(frozen=True)
class TracedCell:
    """`cell` is its Excel address in `sheet`, `value` what stands there, `header` the text of its column and its place.

    `unit` is None for a code or a period. `unit_from` says where it stands, or why this one was taken.
    """

    field: str
    sheet: str
    cell: str
    value: str
    header: str
    unit: str | None
    unit_from: str | None


def traced_row(done: Iterable[SheetExtraction], data_source: str, sheet: str, row: int) -> list[TracedCell]:
    """The cells of a row of staging, found by its workbook, sheet and row; a mended one in the rejects workbook.

    Empty where no sheet has it.
    """
    for extraction in done:
        mended = extraction.reading.mended
        if mended is None and extraction.sheet.name != sheet:
            continue
        number = next(
            (
                place
                for place, origin in (mended.origins if mended else {}).items()
                if (origin.data_source, origin.sheet, origin.row) == (data_source, sheet, row)
            ),
            None if mended else row,
        )
        table = table_of(extraction.tables, number) if number else None
        if number is None or table is None:
            continue
        cells = next((cells for place, cells in extraction.sheet.rows() if place == number), None)
        if cells is not None:
            return [_traced(extraction, table, number, cells, item) for item in _fields(extraction, table)]
    return []


def _fields(extraction: SheetExtraction, table: Table) -> list[CellField]:
    return [item for item in extraction.reading.domain.cell_fields if item.name in table.header.sources]


def _traced(extraction: SheetExtraction, table: Table, number: int, cells: list[Cell], item: CellField) -> TracedCell:
    header = table.header.first_column[item.name]
    cell = cells[header.index] if header.index < len(cells) else ""
    unit, place = _unit(extraction, table, item, cell) if isinstance(item.type, Number) else (None, None)
    return TracedCell(
        field=item.name,
        sheet=extraction.sheet.name,
        cell=address(number, header.index),
        value=_as_it_stands(cell),
        header=f"{header.text} ({_place(header)})",
        unit=unit,
        unit_from=place,
    )


def _as_it_stands(cell: Cell) -> str:
    """The value of a cell, and of a number its format, where that says more than digits."""
    if isinstance(cell, FormattedNumber):
        return f"{display(float(cell))} (number format {cell.format.code})"
    return display(cell)


def _place(header: HeaderCell) -> str:
    return address(header.row, header.index)


def _unit(extraction: SheetExtraction, table: Table, item: CellField, cell: Cell) -> tuple[str, str]:
    """The unit of a figure and where it stands, in the order of docs/rules.md."""
    assert isinstance(item.type, Number)  # the caller asked
    number, header = item.type, table.header
    names, name, comma = extraction.reading.names, item.name, table.context.comma
    if isinstance(number, Share) and isinstance(cell, FormattedNumber) and cell.shown_as.percent:
        return "%", "the number format of the cell"
    typed = number.as_stated(cell, comma)
    own = typed[1] if typed else None
    if own is not None:
        by_format = isinstance(cell, FormattedNumber)
        return names.unit_of(name, own), "the number format of the cell" if by_format else "the cell itself"
    configured = dict(extraction.reading.domain.units)
    if name in configured:
        return extraction.reading.domain.config.units[name], "units in the configuration"
    if name in header.units:
        group = header.by_group.get(name)
        place = f"the group {group.stated.place}" if group else f"the header {_place(header.first_column[name])}"
        return names.unit_of(name, header.units[name]), place
    stated = header.by_row.get(name) or header.stated.get(name)
    if stated:
        return stated.unit, f"{stated.stated.place}: {stated.stated.text}"
    if isinstance(number, Share):
        kind = number.kind_of(cell, comma)
        size = "beyond 1" if kind == "percentage" else "up to 1"
        return ("%" if kind == "percentage" else "fraction"), f"no unit is stated; a plain number {size}"
    return "the number itself", "no unit is stated"
