"""Tells the rows of a published table apart: records, totals, headings, rows left out by rule, and the end."""

import re
from enum import StrEnum

from extract.domains.registry import Domain
from extract.fields.base import Problem, told
from extract.fields.places import FromSection, Layout, is_whole, value_in
from extract.table.layout.grid import Rows
from extract.table.layout.header import LaidHeader, Placed
from extract.table.statements.names import normal_header
from extract.table.statements.total_words import begins_like_total, is_total_word
from extract.workbook.cells import Cell, Row, address, display, ends, is_blank, printed


class Kind(StrEnum):
    """What a row below a header is. `RULE`: left out by a pattern of the layout."""

    BLANK = "blank"
    HEADER = "header"
    SUMMARY = "summary"
    RULE = "rule"
    SECTION = "section"
    END = "end"
    DATA = "data"


class LaidScreen:
    """Tells the rows of one table apart. `ended`: its end was met, so that no row is data any more."""

    def __init__(self, domain: Domain, layout: Layout, header: LaidHeader, header_rows: list[Row]) -> None:
        self._layout, self._header = layout, header
        self._labels = frozenset(normal_header(label) for label in domain.config.summary_labels)
        self._sections = [
            (field.name, place.pattern)
            for field in domain.cell_fields
            for place in field.places
            if isinstance(place, FromSection)
        ]
        label = header.columns.get(domain.model.label_field)
        self._label = label.index if label else None
        self._names = any(
            field.type.holds_names for field in domain.cell_fields if field.name == domain.model.label_field
        )
        self._measures = frozenset(column.index for name in domain.measures for column in header.columns_of(name))
        self._repeats = [_shown(row) for row in header_rows if _shown(row)]
        self.ended = False

    def kind(self, cells: Row) -> Kind:
        """What a row is; notes when it ends the table."""
        filled = [index for index, cell in enumerate(cells) if not is_blank(cell)]
        if not filled:
            self.ended = self.ended or self._layout.end_at_blank
            return Kind.BLANK
        first = cells[filled[0]]
        if self._layout.end and isinstance(first, str) and value_in(first, self._layout.end, "") is not None:
            self.ended = True
        labels = [display(first)] if self._label is None else [display(first), display(self._cell(cells, self._label))]
        if any(normal_header(label) in self._labels for label in labels if label):
            return Kind.SUMMARY
        if any(is_whole(label, pattern) for label in labels for pattern in self._layout.skip if label):
            return Kind.RULE
        if self.ended:
            return Kind.END
        if self._sections and self.sections(0, cells):
            return Kind.SECTION
        return Kind.HEADER if _shown(cells) in self._repeats else Kind.DATA

    def sections(self, number: int, cells: Row) -> dict[str, Placed]:
        """The fields that a heading gives; none for a row with figures."""
        if not self.is_without_figures(cells):
            return {}
        index = next((index for index, cell in enumerate(cells) if not is_blank(cell)), 0)
        found = {}
        for name, pattern in self._sections:
            if (value := value_in(display(cells[index]), pattern, name)) is not None:
                found[name] = Placed(value, address(number, index), display(cells[index]))
        return found

    def is_without_figures(self, cells: Row) -> bool:
        """Whether all cells of measures in a row are blank."""
        return all(is_blank(self._cell(cells, index)) for index in self._measures)

    def may_be_record(self, cells: Row) -> bool:
        """Whether a row outside the table has a label and a figure, as its records do."""
        label = self._cell(cells, self._label or 0)
        return not is_blank(label) and any(
            isinstance(self._cell(cells, index), float | int) for index in self._measures
        )

    def total(self, cells: Row) -> Problem | None:
        """The problem of a row whose label is a word for a total or a mean, and no name; None for another one."""
        label = "" if self._label is None else self._cell(cells, self._label)
        if not (self._names and isinstance(label, str) and is_total_word(label)):
            return None
        reason = f"{told(label)} is no name but a total or a mean: name it in summary_labels"
        return Problem("suspected_summary", reason)

    def label_like_total(self, number: int, cells: Row) -> str | None:
        """The label that begins like that of a total (Total of plans), with its cell; None for another one."""
        label = "" if self._label is None else self._cell(cells, self._label)
        if not (self._names and isinstance(label, str) and begins_like_total(label)) or self.total(cells):
            return None
        return f"{address(number, self._label or 0)} ({told(label)})"

    def is_figure(self, cells: Row, index: int) -> bool:
        """Whether a cell of a measure holds something."""
        return index in self._measures and not is_blank(self._cell(cells, index))

    def has_measures(self, first: int, last: int) -> bool:
        """Whether one of some columns is of a measure."""
        return any(first <= index <= last for index in self._measures)

    @staticmethod
    def _cell(cells: Row, index: int) -> Cell:
        return cells[index] if index < len(cells) else ""


def begins(cells: Row, title: str) -> bool:
    """Whether a row holds the title of a table."""
    pattern = re.compile(title, re.IGNORECASE)
    return any(isinstance(cell, str) and cell and pattern.search(printed(ends(cell))) for cell in cells)


def of_one_table(rows: Rows, title: str) -> Rows:
    """Rows from a title on, up to the title of the next table; a title may have several rows."""
    titles = [begins(cells, title) for _, cells in rows]
    second = next((place for place in range(1, len(rows)) if titles[place] and not titles[place - 1]), len(rows))
    return rows[:second]


def _shown(cells: Row) -> tuple[tuple[int, str], ...]:
    return tuple((index, display(cell)) for index, cell in enumerate(cells) if not is_blank(cell))
