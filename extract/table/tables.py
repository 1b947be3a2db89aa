"""One table of a sheet: its header, and what its rows are read under."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from extract.domains.registry import Domain
from extract.fields.base import Comma, FileContext, Problem
from extract.files.discovery import SourceFile
from extract.table.header import Header, HeaderCell
from extract.table.names import HeaderNames
from extract.table.rows import RowScreen
from extract.table.stream import MergedKeys
from extract.table.units import Text
from extract.workbook.cells import Cell, Row, column_letter, display, is_blank
from extract.workbook.opening import Sheet


@dataclass(frozen=True)
class Reading:
    """What all tables of a workbook are read under: the file, its domain, the day, and what --accept lets pass.

    `period` is the month of the file name where it is a valid one, `expected` the month that every row must be of (None
    where any may stand in the file).
    """

    source: SourceFile
    domain: Domain
    names: HeaderNames
    today: date
    period: date | None
    expected: date | None
    accepted: frozenset[str]


class Table:
    """A table with its header. `first_row` is the first one below it."""

    def __init__(self, reading: Reading, sheet: Sheet, header: Header) -> None:
        self._reading, self.header = reading, header
        units = {**header.powers, **dict(reading.domain.units)}
        self.context = FileContext(reading.today, units, period=reading.expected, comma=_comma(reading.domain, sheet))
        self.screen = RowScreen(reading.domain, reading.names, header, self.context)
        pk = reading.domain.config.pk
        keys = frozenset(cell.index for name in pk for cell in header.sources.get(name, ()) if cell)
        self.merged = MergedKeys(sheet.merges, keys, header.row)
        self.first_row = header.row + 1
        self.header_until = max(header.row, header.unit_row or 0)
        """The last row of its header, or of one further down that repeats it."""
        self.below: list[Text] = []
        """Texts among and below its rows, which may state units."""
        self.unnamed: set[int] = set()

    @property
    def settled(self) -> set[str]:
        """Fields about whose unit a text below the rows has no say."""
        without_column = {field.name for field in self._reading.domain.cell_fields} - self.header.sources.keys()
        return {*self.header.units, *self.header.by_row, *dict(self._reading.domain.units), *without_column}

    @property
    def titles(self) -> list[Text]:
        """The texts above a further table, without the notes below the one before."""
        return [title for title in self.header.titles if not self.screen.is_note_text(title.text)]

    def inputs(self, columns: list[tuple[Cell, ...]], numbers: list[int], sheet: str) -> dict[str, Any]:
        """The columns of a chunk as the model takes them; a period of several columns comes as tuples."""
        size = len(numbers)
        empty: tuple[Cell, ...] = ("",) * size
        inputs: dict[str, Any] = {
            "data_source": [self._reading.source.data_source] * size,
            "source_sheet": [sheet] * size,
            "source_row": numbers,
        }
        for item in self._reading.domain.cell_fields:
            parts: tuple[HeaderCell | None, ...] = self.header.sources.get(item.name, ())
            feeds = [columns[cell.index] if cell else empty for cell in parts]
            if not feeds:  # only a period has several inputs, and only it can come from the file name
                count = len(item.type.inputs(item.name))
                period = self._reading.source.period or ""
                feeds = [empty] * (count - 1) + [(period,) * size if count > 1 else empty]
            inputs[item.name] = list(feeds[0]) if len(feeds) == 1 else list(zip(*feeds, strict=True))
        return inputs

    def column_of(self, name: str, problem: Problem) -> HeaderCell:
        """The column that a problem of a field is told at: the first of those it concerns."""
        cells = self.header.sources[name]
        concerned = [cell for part in problem.parts if (cell := cells[part])]
        return min(concerned or filter(None, cells), key=lambda cell: cell.index)

    def named_column(self, index: int) -> HeaderCell:
        """A column by its position, whatever it feeds."""
        names = self.header.names
        text = names[index] if index < len(names) and names[index].strip() else f"(column {column_letter(index)})"
        return HeaderCell(self.header.row, index, text)

    def shown(self, cells: Row) -> dict[str, str]:
        """A row as a person sees it: header (or column letter) to value, empty cells left out."""
        shown: dict[str, str] = {}
        for index, cell in enumerate(cells):
            if not is_blank(cell):
                name = self.header.names[index] if index < len(self.header.names) else ""
                if not name.strip() or name in shown:
                    name = f"{name} ({column_letter(index)})".strip()
                shown[name] = display(cell)
        return shown

    def note_unnamed(self, columns: list[tuple[Cell, ...]]) -> None:
        """Remember columns that hold something below no header."""
        for index, name in enumerate(self.header.names):
            if not name.strip() and index < len(columns) and not all(map(is_blank, columns[index])):
                self.unnamed.add(index)

    def is_like(self, header: Header) -> bool:
        """Whether a header further down only repeats this one: the same columns in the same units."""

        def places(of: Header) -> Mapping[str, tuple[int | None, ...]]:
            return {name: tuple(cell.index if cell else None for cell in cells) for name, cells in of.sources.items()}

        return places(header) == places(self.header) and header.powers == self.header.powers


def _comma(domain: Domain, sheet: Sheet) -> Comma:
    """What a comma in a figure may be: in a csv separated by semicolons, a decimal comma (rules.md, Numbers)."""
    if sheet.delimiter is None or domain.config.decimal == ".":
        return Comma.THOUSANDS
    if domain.config.decimal == ",":
        return Comma.DECIMAL
    return Comma.DOUBTFUL if sheet.delimiter == ";" else Comma.THOUSANDS
