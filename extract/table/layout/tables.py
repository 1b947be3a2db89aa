"""One table of a published sheet: its header, what holds for all its rows, and its records as the model takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extract.domains.base import CellField
from extract.fields.base import FileContext, Problem
from extract.table.layout.header import Group, LaidHeader, Placed
from extract.table.layout.screen import LaidScreen
from extract.table.layout.units import LaidUnits
from extract.table.records.origins import Origin
from extract.table.records.results import Reject, RejectedRow
from extract.table.statements.units import Text
from extract.workbook.cells import Row, address, column_index, column_letter, display, is_blank


@dataclass(frozen=True)
class Record:
    """A record that waits to be read: the cells of its row, its columns among them, and the headings over it."""

    number: int
    """Its place among all records of the sheet."""
    row: int
    cells: Row
    group: Group
    sections: Mapping[str, Placed]


@dataclass(frozen=True)
class LaidTable:
    """A table that was understood. `values` hold for all its rows, `titles` stand over its header."""

    header: LaidHeader
    titles: tuple[Text, ...]
    values: Mapping[str, Placed]
    units: LaidUnits
    context: FileContext
    screen: LaidScreen
    fields: tuple[CellField, ...]

    def placed(self, name: str, record: Record) -> Placed:
        """The value of a field: of its column, else of the heading above, of the header, or of the whole table."""
        column = self.header.columns.get(name) or record.group.columns.get(name)
        own = None
        if column is not None:
            cell = record.cells[column.index] if column.index < len(record.cells) else ""
            own = Placed(cell, address(record.row, column.index), column.name or name)
            if not is_blank(cell):
                return own
        found = record.sections.get(name) or record.group.values.get(name) or self.values.get(name) or own
        return found or Placed("", address(record.row, self._somewhere(record)), name)

    def inputs(self, records: Sequence[Record]) -> dict[str, Any]:
        """The fields of some records as columns of the model, without their provenance."""
        inputs: dict[str, Any] = {}
        for item in self.fields:
            count = len(item.type.inputs(item.name)) or 1
            cells = [self.placed(item.type.reads or item.name, record).value for record in records]
            inputs[item.name] = [(*("",) * (count - 1), cell) for cell in cells] if count > 1 else cells
        return inputs

    def source_column(self, record: Record) -> str:
        """The letters of the first column of a record."""
        return column_letter(record.group.first)

    def rejected(self, record: Record, problems: Sequence[tuple[str, Problem]], origin: Origin) -> RejectedRow:
        """A record with the rules that it breaks."""
        reads = {item.name: item.type.reads or item.name for item in self.fields}
        rejects = {}
        for name, problem in problems:
            placed = self.placed(reads[name], record)
            reject = Reject(
                data_source=origin.data_source,
                source_sheet=origin.sheet,
                source_row=origin.row,
                column=placed.name or name,
                cell=self._cell_of(placed, record),
                value=display(placed.value),
                code=problem.code,
                reason=problem.reason,
            )
            rejects[problem.code, problem.reason, reject.cell] = reject
        ordered = sorted(rejects.values(), key=lambda reject: column_index(reject.cell.rstrip("0123456789")))
        return RejectedRow(
            record.row, self._shown(record), tuple(record.cells), tuple(ordered), origin, self._names(record)
        )

    def _cell_of(self, placed: Placed, record: Record) -> str:
        """The cell that a problem is told at: a name of a file has none, so there it is one of the record."""
        letters = placed.place.rstrip("0123456789")
        in_sheet = letters.isupper() and letters.isascii() and column_index(letters) < len(self._names(record))
        return placed.place if in_sheet else address(record.row, self._somewhere(record))

    def _somewhere(self, record: Record) -> int:
        shared = [column.index for column in self.header.columns.values()]
        return record.group.first if record.group.columns else min(shared, default=0)

    def _names(self, record: Record) -> tuple[str, ...]:
        width = max(len(record.cells), len(self.header.names))
        return tuple(self.header.name_of(index) for index in range(width))

    def _shown(self, record: Record) -> dict[str, str]:
        """The row of a record as a person sees it: header (or column letter) to value, empty cells left out."""
        shown: dict[str, str] = {}
        for index, cell in enumerate(record.cells):
            if not is_blank(cell):
                name = self.header.name_of(index)
                shown[f"{name} ({column_letter(index)})" if name in shown else name] = display(cell)
        return shown
