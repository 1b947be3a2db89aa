"""The pass over one sheet: its tables, and their rows to records, rejects and counts.

A sheet goes through its Pydantic model in chunks. A chunk without a broken rule costs one pass; from another one the
broken rows are taken out with all their problems, and the rest passes again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date

from pydantic import ValidationError

from extract.domains.base import DomainModel
from extract.fields.base import Problem
from extract.fields.periods import Period
from extract.table.finding import HEADER_ROWS, LATER_ROWS, HeaderFinder
from extract.table.header import Header, HeaderCell
from extract.table.rendering import quoted, render_lines
from extract.table.results import Reject, RejectedRow, Remark
from extract.table.rows import Skip
from extract.table.stream import RowStream
from extract.table.tables import Reading, Table
from extract.table.units import Text, titles_of
from extract.workbook.cells import Cell, Row, address, display
from extract.workbook.opening import Sheet

CHUNK_ROWS = 1000
_SHOWN = 5
"""Cells that a remark names."""

Key = tuple[object, ...]
Repeated = dict[Key, list[tuple["SheetExtraction", str]]]
"""Keys that stand in several rows of a workbook: sheet and CSV line of each of them, the first one included."""


class SheetExtraction:
    """The pass over one sheet: finds its tables, screens rows, validates them in chunks, keeps the account.

    `beside` are the other sheets of the workbook that are read, this one included; `repeated` is filled with the keys
    that stand in several rows of them.
    """

    def __init__(
        self, reading: Reading, sheet: Sheet, finder: HeaderFinder, beside: list["SheetExtraction"], repeated: Repeated
    ) -> None:
        self.reading, self.sheet = reading, sheet
        self._finder, self._beside, self._repeated = finder, beside, repeated
        self.tables: list[Table] = []
        self.skipped = Counter(dict.fromkeys(Skip, 0))
        self.rows_read = 0
        self.notes: list[str] = []
        self.months: Counter[date] = Counter()
        self.remarks: dict[str, Remark] = {}
        self.lines: list[str] = []
        self.rejected: dict[int, RejectedRow] = {}
        self._first_line: dict[Key, int] = {}
        self._given: dict[int, dict[int, Cell]] = {}
        self._numbers: list[int] = []
        self._rows: list[Row] = []
        periods = [field.name for field in reading.domain.cell_fields if isinstance(field.type, Period)]
        self._periods = periods

    def run(self, beside: list[Text]) -> None:
        """Find the first table, then read the rows below its header down to the last one that is not empty.

        `beside` are texts outside the cells that may state units. Raises what the finder raises.
        """
        stream = RowStream(self.sheet.rows())
        header = self._finder.find(stream.ahead(HEADER_ROWS), self.sheet.merges, beside)
        table = self._begin(header)
        blank = 0
        since_data: list[tuple[int, Row]] = []
        for number, cells in stream:
            if number < self.tables[0].first_row:
                continue
            skip, table, ordinary = self._screened(table, number, cells, stream, since_data)
            if skip:
                since_data.append((number, cells))
                if skip is Skip.BLANK:
                    blank += 1  # counts only once a row below it is not empty
                    continue
                self._count_skip(table, skip, number, cells)
            else:
                filled = self._filled(number, cells)
                if table.screen.may_be_data(filled):
                    since_data.clear()
                else:
                    since_data.append((number, cells))
                self._take(table, number, filled, ordinary)
            self.rows_read += 1 + blank
            self.skipped[Skip.BLANK] += blank
            blank = 0
        self._flush(table)

    def _begin(self, header: Header) -> Table:
        table = Table(self.reading, self.sheet, header)
        self.tables.append(table)
        return table

    def _screened(
        self, table: Table, number: int, cells: Row, stream: RowStream, since_data: list[tuple[int, Row]]
    ) -> tuple[Skip | None, Table, bool]:
        """Why a row is skipped, the table it belongs to, and whether it can only be data at first sight."""
        if number <= table.header_until:
            return Skip.HEADER, table, False
        given = table.merged.of_row(number, cells)
        if given:
            self._given[number] = given
        if table.screen.is_ordinary(cells):
            return None, table, True
        skip = table.screen.skip(cells)
        if skip is None and given and table.screen.is_summary(self._filled(number, cells)):
            skip = Skip.SUMMARY
        may_be_header = skip in (None, Skip.NOTE)  # one that holds a statement of units looks like a note
        further = self._further(table, number, cells, stream, since_data) if may_be_header else None
        if further:
            since_data.clear()
        return (Skip.HEADER, further, False) if further else (skip, table, False)

    def _take(self, table: Table, number: int, cells: Row, ordinary: bool) -> None:
        """Reject a rollup; let any other row wait for its chunk."""
        rollup = None if ordinary else table.screen.rollup(cells)
        if rollup:
            self._reject(table, number, cells, [(table.named_column(rollup[0]), rollup[1])])
            return
        self._numbers.append(number)
        self._rows.append(cells)
        if len(self._rows) == CHUNK_ROWS:
            self._flush(table)

    def _further(
        self, table: Table, number: int, cells: Row, stream: RowStream, above: list[tuple[int, Row]]
    ) -> Table | None:
        """The table that begins with this row: a new one, or the same one where the row only repeats its header."""
        header = self._finder.begin(
            [(number, cells), *stream.ahead(LATER_ROWS - 1)], self.sheet.merges, above, table.header
        )
        if header is None:
            return None
        if table.is_like(header):
            table.header_until = max(header.row, header.unit_row or 0)
            return table
        self._flush(table)
        own = {text.place for text in titles_of(above)}
        table.below = [text for text in table.below if text.place not in own]
        self.notes.append(f"a further table begins in row {number}, with columns and units of its own")
        return self._begin(header)

    def _filled(self, number: int, cells: Row) -> Row:
        """The row with the values that merged key cells give it."""
        for column, value in self._given.get(number, {}).items():
            cells[column] = value
        return cells

    def _count_skip(self, table: Table, skip: Skip, number: int, cells: Row) -> None:
        self.skipped[skip] += 1
        if skip in (Skip.NOTE, Skip.SUMMARY):
            texts = titles_of([(number, cells)])
            table.below += texts
            if skip is Skip.NOTE:
                self.notes += [f"{text.place}: {text.text}" for text in texts]

    def _flush(self, table: Table) -> None:
        """Validate the rows that wait."""
        numbers, rows = self._numbers, self._rows
        self._numbers, self._rows = [], []
        if rows:
            self._validate(table, numbers, rows)

    def _validate(self, table: Table, numbers: list[int], rows: list[Row]) -> None:
        """Pass one chunk through the model and keep its records; broken rows become rejects first."""
        columns = list(zip(*rows, strict=True))
        table.note_unnamed(columns)
        tally = deepcopy(table.context.tally)
        try:
            inputs = table.inputs(columns, numbers, self.sheet.name)
            chunk = self.reading.domain.model.model_validate(inputs, context=table.context)
        except ValidationError as error:
            table.context.tally = tally
            broken = _problems_by_row(error)
            for index, problems in broken.items():
                found = [(table.column_of(name, problem), problem) for name, problem in problems]
                self._reject(table, numbers[index], rows[index], found)
            kept = [index for index in range(len(rows)) if index not in broken]
            if kept:
                self._validate(table, [numbers[index] for index in kept], [rows[index] for index in kept])
            return
        self._keep(table, chunk)

    def _keep(self, table: Table, chunk: DomainModel) -> None:
        """Render the records of a chunk as CSV lines, and set rows with a known key aside."""
        for name in self._periods:
            self.months.update(getattr(chunk, name))
        for number, code in chunk.remarked_rows():
            remark = self.remarks.setdefault(code, Remark(code))
            columns = table.header.first_column
            field = self.reading.domain.model.remarked_fields.get(code, "")
            cell = address(number, columns[field].index) if field in columns else f"row {number}"
            self.remarks[code] = remark.with_one_more(cell, _SHOWN)
        lines = render_lines(chunk, self.reading.domain)
        keys = list(chunk.rows(self.reading.domain.config.pk))
        if len(set(keys)) == len(keys) and all(other._first_line.keys().isdisjoint(keys) for other in self._beside):
            start = len(self.lines)
            self._first_line.update(zip(keys, range(start, start + len(keys)), strict=True))
            self.lines += lines
            return
        for key, line in zip(keys, lines, strict=True):
            owner = next((other for other in self._beside if key in other._first_line), None)
            if owner is None:
                self._first_line[key] = len(self.lines)
                self.lines.append(line)
            else:
                first = (owner, owner.lines[owner._first_line[key]])
                self._repeated.setdefault(key, [first]).append((self, line))

    def _reject(self, table: Table, number: int, cells: Row, problems: Iterable[tuple[HeaderCell, Problem]]) -> None:
        """Record a rejected row. A problem of several columns names the first of them in the sheet."""
        rejects: dict[tuple[str, str, int], Reject] = {}
        for header, problem in problems:
            reject = Reject(
                data_source=self.reading.source.data_source,
                source_sheet=self.sheet.name,
                source_row=number,
                column=header.text,
                cell=address(number, header.index),
                value=display(cells[header.index]),
                code=problem.code,
                reason=problem.reason,
            )
            rejects[problem.code, problem.reason, header.index] = reject
        ordered = tuple(rejects[key] for key in sorted(rejects, key=lambda key: key[2]))
        self.rejected[number] = RejectedRow(number, table.shown(cells), tuple(cells), ordered, table.header.plain_names)

    def keys(self) -> Iterator[str]:
        """The keys of the records, each as a text."""
        return ("\t".join(map(str, key)) for key, index in self._first_line.items() if self.lines[index])

    def split_line(self, line: str) -> tuple[str, int]:
        """The values of a record without its provenance, and its row."""
        provenance = f",{quoted(self.reading.source.data_source)},{quoted(self.sheet.name)},"
        values, _, number = line.rpartition(provenance)
        return values, int(number)

    def count_duplicate(self) -> None:
        """Count a row that repeats another one, key and values."""
        self.skipped[Skip.DUPLICATE] += 1

    def take_back(self, key: Key) -> None:
        """Remove the record of a key."""
        self.lines[self._first_line[key]] = ""

    def reject_conflicts(self, reasons: dict[int, str]) -> None:
        """Reject rows by number, each for its reason."""
        for number, cells in self.sheet.rows():
            if number in reasons:
                table = next(table for table in reversed(self.tables) if number >= table.first_row)
                columns = table.header.first_column
                keys = [columns[name] for name in self.reading.domain.config.pk if name in columns]
                header = min(keys, key=lambda cell: cell.index)
                problem = Problem("conflicting_duplicate", reasons[number])
                self._reject(table, number, self._filled(number, cells), [(header, problem)])


def _problems_by_row(error: ValidationError) -> dict[int, list[tuple[str, Problem]]]:
    """Index in the chunk to the problems of that row, each with its field."""
    problems: dict[int, list[tuple[str, Problem]]] = {}
    for item in error.errors(include_url=False, include_input=False):
        name, index = item["loc"]
        if item["type"] != "broken_rule":
            raise error  # a fault of the model, not of the data
        found = [(str(name), problem) for problem in item["ctx"]["problems"]]
        problems.setdefault(int(index), []).extend(found)
    return problems
