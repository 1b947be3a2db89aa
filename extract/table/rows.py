"""What a row is before its values are read: data, or one of the skips blank, header, summary and note.

Rule: rules.md, Rows.
"""

from enum import StrEnum
from operator import itemgetter

from extract.domains.registry import Domain
from extract.fields.base import FileContext
from extract.table.header import Header, normal_header
from extract.workbook.cells import Cell, ErrorCell, Row, UncalculatedCell, is_blank, squeeze


class Skip(StrEnum):
    """Why a row is left out without being wrong."""

    BLANK = "blank"
    HEADER = "header"
    SUMMARY = "summary"
    NOTE = "note"
    DUPLICATE = "duplicate"


class RowScreen:
    """Tells data rows from the others, for one sheet."""

    def __init__(self, domain: Domain, header: Header, context: FileContext) -> None:
        self._labels = frozenset(squeeze(label).lower() for label in domain.config.summary_labels)
        self._context = context
        self._types = {
            cell.index: (field.type, part)
            for field in domain.cell_fields
            for part, cell in enumerate(header.sources.get(field.name, ()))
            if cell is not None
        }
        self._headers = {index: normal_header(header.names[index]) for index in self._types}
        self._header_rows = frozenset(header.rows) if len(header.rows) > 1 else frozenset()
        columns = header.first_column
        self._label_column = columns[domain.model.label_field].index
        self._keys = itemgetter(
            self._label_column, *(columns[name].index for name in domain.config.pk if name in columns)
        )
        self._words = self._labels | set(self._headers.values()) | {""}

    def is_ordinary(self, cells: Row) -> bool:
        """A quick yes for rows that can only be data: all keys filled, no label and no header word in sight."""
        first, label = cells[0], cells[self._label_column]
        if type(first) is str and squeeze(first).lower() in self._words:
            return False
        if type(label) is str and squeeze(label).lower() in self._words:
            return False
        return "" not in self._keys(cells)

    def skip(self, cells: Row) -> Skip | None:
        """Why the row is skipped; None for a data row."""
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
        if not filled:
            return Skip.BLANK
        if all(normal_header(cells[index]) == text for index, text in self._headers.items()):
            return Skip.HEADER
        if self._header_rows and tuple(normal_header(cell) for cell in cells) in self._header_rows:
            return Skip.HEADER
        if self.is_summary(cells):
            return Skip.SUMMARY
        if len(filled) == 1 and self._is_note(*filled[0]):
            return Skip.NOTE
        return None

    def is_summary(self, cells: Row) -> bool:
        """Whether the first cell that is not blank, or the label column, holds a summary label."""
        first = next((cell for cell in cells if not is_blank(cell)), "")
        return self._is_label(first) or self._is_label(cells[self._label_column])

    def _is_label(self, cell: Cell) -> bool:
        return isinstance(cell, str) and normal_header(cell) in self._labels

    def _is_note(self, index: int, cell: Cell) -> bool:
        if not isinstance(cell, str) or isinstance(cell, ErrorCell | UncalculatedCell):
            return False
        if index not in self._types:
            return True
        cell_type, part = self._types[index]
        return not cell_type.accepts(cell, part, self._context)
