"""One table of a sheet: its header, and what its rows are read under."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.fields.base import LARGE_SHARE, Comma, FileContext, Problem, UnitTally
from extract.fields.numbers import Number, Share
from extract.files.sources import SourceFile
from extract.table.header.fields import Header, HeaderCell
from extract.table.records.origins import Origin, reject_id
from extract.table.records.results import Conflict, Reject, RejectedRow, RowConflict
from extract.table.rows.kinds import RowScreen
from extract.table.rows.ordinary import BlockScreen
from extract.table.rows.stream import MergedKeys
from extract.table.rows.unread import UnreadColumns
from extract.table.sheet.mended import Mended
from extract.table.statements.names import HeaderNames
from extract.table.statements.units import Text
from extract.workbook.cells import Cell, Row, address, column_letter, display, is_blank
from extract.workbook.sheet import Sheet


@dataclass(frozen=True)
class Reading:
    """What all tables of a workbook are read under: the file, its domain, the day, and what --accept lets pass.

    `period` is the month of the file name where it is a valid one, `expected` the month that every row must be of (None
    where any may stand in the file). A sheet of a rejects workbook has a reading of its own, with what is `mended`.
    """

    source: SourceFile
    sha256: str
    domain: Domain
    names: HeaderNames
    today: date
    period: date | None
    expected: date | None
    accepted: frozenset[str]
    mended: Mended | None = None

    def origin(self, sheet: Sheet, number: int) -> Origin:
        """Where a row comes from: of a mended one, the row that was rejected."""
        known = self.mended.origins.get(number) if self.mended else None
        identity = reject_id(self.sha256, sheet.name, number)
        return known or Origin(self.source.data_source, sheet.name, number, identity, self.period, sheet.delimiter)


class Table:
    """A table with its header. `first_row` is the first one below it."""

    def __init__(self, reading: Reading, sheet: Sheet, header: Header) -> None:
        self._reading, self._sheet, self.header = reading, sheet, header
        units = {**header.powers, **dict(reading.domain.units)}
        self.context = FileContext(
            reading.today,
            units,
            period=reading.expected,
            comma=comma_of(reading.domain, sheet),
            words=reading.domain.words,
        )
        self.screen = RowScreen(reading.domain, reading.names, header, self.context)
        self.block_screen = BlockScreen(self.screen)
        periods = [item.name for item in reading.domain.cell_fields if item.type.is_period]
        by_name = not all(name in header.sources for name in periods)
        self.unread = UnreadColumns(
            header,
            self.screen,
            delimited=sheet.delimiter is not None,
            month=reading.period if by_name else None,
            measures=[item.name for item in reading.domain.cell_fields if isinstance(item.type, Number)],
        )
        pk = reading.domain.config.pk
        keys = frozenset(cell.index for name in pk for cell in header.sources.get(name, ()) if cell)
        self.merged = MergedKeys(sheet.sorted_merges, keys, header.row)
        self.first_row = header.row + 1
        self.header_until = max(header.row, header.until)
        """The last row of its header, or of one further down that repeats it."""
        self.below: dict[str, Text] = {}
        """Texts among and below its rows, which may state units, by their places."""
        self.unnamed: set[int] = set()
        self.first_taken: int | None = None
        """The first row that is taken for data."""
        self.later_titles: list[Text] = []
        """Texts above a header further down that repeats this one."""

    @property
    def settled(self) -> set[str]:
        """Fields about whose unit a text below the rows has no say."""
        without_column = {field.name for field in self._reading.domain.cell_fields} - self.header.sources.keys()
        return {*self.header.units, *self.header.by_row, *dict(self._reading.domain.units), *without_column}

    @property
    def titles(self) -> list[Text]:
        """The texts above a further table, without the notes below the one before."""
        titles = [*self.header.titles, *self.later_titles]
        return [title for title in titles if not self.screen.is_note_text(title.text)]

    def inputs(self, columns: list[tuple[Cell, ...]], numbers: list[int]) -> dict[str, Any]:
        """The columns of a chunk as the model takes them; a period of several columns comes as tuples."""
        size = len(numbers)
        empty: tuple[Cell, ...] = ("",) * size
        inputs: dict[str, Any] = {
            "data_source": [self._reading.source.data_source] * size,
            "source_sheet": [self._sheet.name] * size,
            "source_row": numbers,
        }
        if self._reading.mended:
            origins = [self._reading.origin(self._sheet, number) for number in numbers]
            inputs["data_source"] = [origin.data_source for origin in origins]
            inputs["source_sheet"] = [origin.sheet for origin in origins]
            inputs["source_row"] = [origin.row for origin in origins]
        for item in self._reading.domain.cell_fields:
            parts: tuple[HeaderCell | None, ...] = self.header.sources.get(item.type.reads or item.name, ())
            feeds = [columns[cell.index] if cell else empty for cell in parts]
            if not feeds:  # only a period can come from the file name, and only it has several inputs
                count = len(item.type.inputs(item.name)) or 1
                period = self._reading.source.period or ""
                feeds = [empty] * (count - 1) + [(period,) * size if item.type.is_period else empty]
            if isinstance(item.type, Share) and self.context.units.get(item.name, 0) < 0:
                self._count_percentages(self.context.tally[item.name], feeds[0])
            inputs[item.name] = list(feeds[0]) if len(feeds) == 1 else list(zip(*feeds, strict=True))
        return inputs

    @staticmethod
    def _count_percentages(tally: UnitTally, cells: Sequence[Cell]) -> None:
        """Count the plain numbers of a column that is in percent."""
        numbers = [cell for cell in cells if type(cell) is float]
        tally.by_column += len(numbers)
        tally.tiny += sum(-LARGE_SHARE <= number <= LARGE_SHARE for number in numbers)

    @property
    def lacking(self) -> tuple[tuple[str, str], ...]:
        """Columns of a period that the table lacks, since the file name gives it: header, and the month as a text."""
        period = self._reading.period
        inputs = [item.type.inputs(item.name) for item in self._reading.domain.cell_fields
                  if item.type.is_period and item.name not in self.header.sources]  # fmt: skip
        return tuple((parts[-1].headers[0], f"{period:%Y-%m}") for parts in inputs if period and parts[-1].headers)

    def column_of(self, name: str, problem: Problem) -> HeaderCell:
        """The column that a problem of a field is told at: the first of those it concerns."""
        reads = {item.name: item.type.reads for item in self._reading.domain.cell_fields}
        cells = self.header.sources[reads[name] or name]
        concerned = [cell for part in problem.parts if (cell := cells[part])]
        return min(concerned or filter(None, cells), key=lambda cell: cell.index)

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

    def rejected(
        self,
        number: int,
        cells: Row,
        problems: Iterable[tuple[HeaderCell, Problem]],
        origin: Origin,
        conflict: Conflict | None,
    ) -> RejectedRow:
        """A row with the rules that it breaks. A problem of several columns names the first of them in the sheet."""
        rejects: dict[tuple[str, str, int], Reject] = {}
        for header, problem in problems:
            reject = Reject(
                data_source=origin.data_source,
                source_sheet=origin.sheet,
                source_row=origin.row,
                column=header.text,
                cell=address(origin.row, header.index),
                value=display(cells[header.index]),
                code=problem.code,
                reason=problem.reason,
            )
            rejects[problem.code, problem.reason, header.index] = reject
        ordered = tuple(rejects[key] for key in sorted(rejects, key=lambda key: key[2]))
        names, shown = self.header.plain_names, self.shown(cells)
        return RejectedRow(number, shown, tuple(cells), ordered, origin, names, self.lacking, conflict)

    @staticmethod
    def remarked(chunk: DomainModel) -> dict[str, list[int]]:
        """The remarks that are kept with rows of a chunk: code to the numbers of its rows."""
        found: dict[str, list[int]] = {}
        for number, code in chunk.remarked_rows():
            found.setdefault(code, []).append(number)
        return found

    def remarked_cell(self, code: str, number: int) -> str:
        """The cell of a row that a remark is about."""
        columns, field = self.header.first_column, self._reading.domain.model.remarked_fields.get(code, "")
        return address(number, columns[field].index) if field in columns else f"row {number}"

    def conflict(self, found: RowConflict) -> tuple[HeaderCell, Problem, Conflict]:
        """What rejects a row whose key stands elsewhere with other values, and the column that says so."""
        columns = self.header.first_column
        keys = [columns[name] for name in self._reading.domain.config.pk if name in columns]
        others = tuple((columns[name].index, text) for name, text in found.others.items() if name in columns)
        problem = Problem("conflicting_duplicate", found.reason)
        return min(keys, key=lambda cell: cell.index), problem, Conflict(found.key, others)

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


def comma_of(domain: Domain, sheet: Sheet) -> Comma:
    """What a comma in a figure may be: in a csv separated by semicolons, a decimal comma (rules.md, Numbers)."""
    if sheet.delimiter is None or domain.config.decimal == ".":
        return Comma.THOUSANDS
    if domain.config.decimal == ",":
        return Comma.DECIMAL
    return Comma.DOUBTFUL if sheet.delimiter == ";" else Comma.THOUSANDS


def table_of(tables: Sequence[Table], number: int) -> Table | None:
    """The table that a row belongs to; None above the first one."""
    position = bisect_right(tables, number, key=lambda table: table.first_row)
    return tables[position - 1] if position else None


def problems_by_row(error: ValidationError) -> dict[int, list[tuple[str, Problem]]]:
    """Index in the chunk to the problems of that row, each with its field."""
    problems: dict[int, list[tuple[str, Problem]]] = {}
    for item in error.errors(include_url=False, include_input=False):
        name, index = item["loc"]
        if item["type"] != "broken_rule":
            raise error  # a fault of the model, not of the data
        found = [(str(name), problem) for problem in item["ctx"]["problems"]]
        problems.setdefault(int(index), []).extend(found)
    return problems
