"""The pass over one sheet: its tables, and their rows to records, rejects and counts.

A sheet goes through its Pydantic model in chunks. A chunk without a broken rule costs one pass; from another one the
broken rows are taken out with all their problems, and the rest passes again.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from copy import deepcopy
from datetime import date

from pydantic import ValidationError

from extract.domains.base import DomainModel
from extract.fields.base import Problem
from extract.foreign import cut
from extract.table.header.fields import Header, HeaderCell
from extract.table.header.finding import HEADER_ROWS, LATER_ROWS, HeaderFinder
from extract.table.records.keyed import Repeated
from extract.table.records.lookalikes import CodeWatch
from extract.table.records.of_sheet import Records
from extract.table.records.origins import Origin
from extract.table.records.rendering import provenance_of, render_lines
from extract.table.records.results import Conflict, RejectedRow, Remark, RowConflict
from extract.table.rows.kinds import Skip
from extract.table.rows.ordinary import OrdinaryRows
from extract.table.rows.stream import RowStream
from extract.table.sheet.tables import Reading, Table, problems_by_row, table_of
from extract.table.statements.units import Text, titles_of
from extract.wording import Sentence
from extract.workbook.cells import Cell, Row, is_blank
from extract.workbook.sheet import Sheet

CHUNK_ROWS = 1000
_SHOWN, NOTE, _MOST_NOTES = 5, 1000, 1000
"""Cells that a remark names; characters of a note, and notes of a sheet, that a plan keeps."""


class SheetExtraction(Records):
    """The pass over one sheet: finds its tables, screens rows, validates them in chunks, keeps the account.

    `beside` are the other sheets of the workbook that are read, this one included; `repeated` is filled with the keys
    that stand in several rows of them.
    """

    def __init__(
        self,
        reading: Reading,
        sheet: Sheet,
        finder: HeaderFinder,
        beside: list["SheetExtraction"],
        repeated: Repeated["SheetExtraction"],
    ) -> None:
        super().__init__()
        self.reading, self.sheet = reading, sheet
        self._finder, self._beside, self._repeated = finder, beside, repeated
        self.tables: list[Table] = []
        self.skipped = Counter(dict.fromkeys(Skip, 0))
        self.rows_read = 0
        self.notes: list[str] = []
        self.months: Counter[date] = Counter()
        self.remarks: dict[str, Remark] = {}
        self.duplicates: list[int] = []
        self.rejected: dict[int, RejectedRow] = {}
        self._given: dict[int, dict[int, Cell]] = {}
        self._numbers: list[int] = []
        self._rows: list[Row] = []
        self.code_watch = CodeWatch(reading.domain)
        self._periods = [field.name for field in reading.domain.cell_fields if field.type.is_period]

    def run(self, beside: list[Text]) -> None:
        """Find the first table, then read the rows below its header down to the last one that is not empty.

        `beside` are texts outside the cells that may state units. Raises what the finder raises.
        """
        stream = RowStream(self.sheet.rows())
        table = self._begin(self._finder.find(stream.ahead(HEADER_ROWS), self.sheet.sorted_merges, beside))
        first, blank = table.first_row, 0
        since_data: list[tuple[int, Row]] = []
        ordinary_rows = OrdinaryRows(stream)
        while True:
            if self._take_ordinary(table, ordinary_rows):
                self._count_blank(blank)
                blank = 0
                since_data.clear()
            if (following := next(stream, None)) is None:
                break
            number, cells = following
            if number < first:
                continue
            skip, table, ordinary = self._screened(table, number, cells, stream, since_data)
            if skip:
                if skip is not Skip.HEADER:
                    since_data.append((number, cells))
                if skip is Skip.BLANK:
                    blank += 1  # counts only once a row below it is not empty
                    continue
                self._count_skip(table, skip, number, cells)
            else:
                filled = self._filled(number, cells)
                if ordinary or table.screen.may_be_data(filled):
                    since_data.clear()
                else:
                    since_data.append((number, cells))
                self._take(table, number, filled, ordinary)
            self.rows_read += 1
            self._count_blank(blank)
            blank = 0
        self._flush(table)

    def _count_blank(self, rows: int) -> None:
        """Count blank rows once a row below them is not."""
        self.rows_read += rows
        self.skipped[Skip.BLANK] += rows

    def _take_ordinary(self, table: Table, rows: OrdinaryRows) -> bool:
        """Let the next rows wait for their chunk as far as they can only be data; gives whether there are any."""
        before, first = self.rows_read, max(table.first_row, table.header_until + 1)
        while table.merged.give_nothing and (taken := rows.take(table.block_screen, first, self._room)):
            self.rows_read += len(taken)
            table.first_taken = table.first_taken or taken[0][0]
            self._numbers += [number for number, _ in taken]
            self._rows += [cells for _, cells in taken]
            if not self._room:
                self._flush(table)
        return self.rows_read > before

    @property
    def _room(self) -> int:
        """Rows that still go into the chunk that waits."""
        return CHUNK_ROWS - len(self._rows)

    def _begin(self, header: Header) -> Table:
        self.tables.append(Table(self.reading, self.sheet, header))
        return self.tables[-1]

    def _screened(
        self, table: Table, number: int, cells: Row, stream: RowStream, since_data: list[tuple[int, Row]]
    ) -> tuple[Skip | None, Table, bool]:
        """Why a row is skipped, the table it belongs to, and whether it can only be data at first sight."""
        if number <= table.header_until:
            return Skip.BLANK if all(map(is_blank, cells)) else Skip.HEADER, table, False
        given = table.merged.of_row(number, cells)
        if given:
            self._given[number] = given
        if table.screen.is_ordinary(cells):
            return None, table, True
        skip = table.screen.skip(cells)
        if skip is None and given and table.screen.is_summary(self._filled(number, cells)):
            skip = Skip.SUMMARY
        may_begin = skip is None or (skip is Skip.NOTE and sum(not is_blank(cell) for cell in cells) > 1)
        further = self._further(table, number, cells, stream, since_data) if may_begin else None
        if further:
            since_data.clear()
            return Skip.HEADER, further, False
        if skip is None and not table.screen.may_be_data(cells) and self._finder.heads(stream.ahead(LATER_ROWS)):
            skip = Skip.NOTE  # a title, or groups, over the header of a further table
        return skip, table, False

    def _take(self, table: Table, number: int, cells: Row, ordinary: bool) -> None:
        """Reject a rollup; let any other row wait for its chunk."""
        rollup = None if ordinary else table.screen.rollup(cells)
        if rollup:
            self._reject(table, number, cells, [(table.header.named_column(rollup[0]), rollup[1])])
            return
        if table.first_taken is None:
            table.first_taken = number
        self._numbers.append(number)
        self._rows.append(cells)
        if not self._room:
            self._flush(table)

    def _further(
        self, table: Table, number: int, cells: Row, stream: RowStream, above: list[tuple[int, Row]]
    ) -> Table | None:
        """The table that begins with this row: a new one, or the same one where the row only repeats its header."""
        rows = [(number, cells), *stream.ahead(LATER_ROWS - 1)]
        header = self._finder.begin(rows, self.sheet.sorted_merges, above, table.header)
        if header is None:
            return None
        own = {text.place for text in titles_of(above)}
        for place in own:
            table.below.pop(place, None)
        if table.is_like(header):
            table.header_until = max(header.row, header.until)
            table.later_titles += header.titles
            return table
        self._flush(table)
        text = Sentence("a further table begins in row {row}, with columns and units of its own", row=number)
        self.notes.append(text)
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
            table.below.update((text.place, text) for text in texts)
            if skip is Skip.NOTE and len(self.notes) < _MOST_NOTES:
                self.notes += [f"{text.place}: {cut(text.text, NOTE)}" for text in texts[:_MOST_NOTES]]

    def _flush(self, table: Table) -> None:
        """Validate the rows that wait."""
        numbers, rows, self._numbers, self._rows = self._numbers, self._rows, [], []
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        table.below.update((text.place, text) for text in table.unread.statements(columns, numbers))
        beside = table.unread.problems(columns, numbers)
        for index, problem in beside.items():
            self._reject(table, numbers[index], rows[index], [problem])
        if beside:
            self._validate_others(table, numbers, rows, beside)
        else:
            self._validate(table, numbers, rows, columns)

    def _validate_others(self, table: Table, numbers: list[int], rows: list[Row], broken: Container[int]) -> None:
        kept = [index for index in range(len(rows)) if index not in broken]
        if kept:
            left = [rows[index] for index in kept]
            self._validate(table, [numbers[index] for index in kept], left, list(zip(*left, strict=True)))

    def _validate(self, table: Table, numbers: list[int], rows: list[Row], columns: list[tuple[Cell, ...]]) -> None:
        """Pass one chunk through the model and keep its records; broken rows become rejects first."""
        table.note_unnamed(columns)
        tally = deepcopy(table.context.tally)
        try:
            inputs = table.inputs(columns, numbers)
            chunk = self.reading.domain.model.model_validate(inputs, context=table.context)
        except ValidationError as error:
            table.context.tally = tally
            broken = problems_by_row(error)
            for index, problems in broken.items():
                if table.screen.looks_like_header(rows[index]):
                    self._pass_over_header(table, numbers[index], rows[index])
                    continue
                found = [(table.column_of(name, problem), problem) for name, problem in problems]
                self._reject(table, numbers[index], rows[index], found)
            self._validate_others(table, numbers, rows, broken)
            return
        self._keep(table, chunk, numbers)

    def _pass_over_header(self, table: Table, number: int, cells: Row) -> None:
        """Count a second header right below the first; raise ColumnMissing for one between the rows."""
        if number != table.first_taken:
            raise self._finder.incomplete(number, cells)
        self.skipped[Skip.HEADER] += 1
        table.below.update((text.place, text) for text in titles_of([(number, cells)]))

    def _keep(self, table: Table, chunk: DomainModel, numbers: list[int]) -> None:
        """Render the records of a chunk as CSV lines, and set rows with a known key aside."""
        for name in self._periods:
            self.months.update(getattr(chunk, name))
        for code, remarked in table.remarked(chunk).items():
            known = self.remarks.get(code, Remark(code))
            cells = [table.remarked_cell(code, number) for number in remarked[: _SHOWN - len(known.first)]]
            self.remarks[code] = known.with_more(len(remarked), cells)
        self.code_watch.look(chunk)
        lines = render_lines(chunk, self.reading.domain)
        keys = list(chunk.rows(self.reading.domain.config.pk))
        self.keep(keys, lines, numbers, self._beside, self._repeated)

    def _reject(
        self,
        table: Table,
        number: int,
        cells: Row,
        problems: Iterable[tuple[HeaderCell, Problem]],
        conflict: Conflict | None = None,
    ) -> None:
        """Record a rejected row."""
        self.rejected[number] = table.rejected(number, cells, problems, self.origin(number), conflict)

    def origin(self, number: int) -> Origin:
        """Where a row comes from."""
        return self.reading.origin(self.sheet, number)

    def provenance(self, number: int) -> str:
        """The end of a record's line, which tells where it comes from."""
        return provenance_of(self.origin(number))

    def count_duplicate(self, number: int) -> None:
        """Count a row that repeats another one, key and values."""
        self.skipped[Skip.DUPLICATE] += 1
        self.duplicates.append(number)

    def reject_conflicts(self, conflicts: Mapping[int, RowConflict]) -> None:
        """Reject rows by number, each for its conflict."""
        for number, cells in self.sheet.rows():
            if number in conflicts:
                found = conflicts[number]
                table = table_of(self.tables, number)
                assert table is not None  # a row in conflict was read
                header, problem, conflict = table.conflict(found)
                self._reject(table, number, self._filled(number, cells), [(header, problem)], conflict)
