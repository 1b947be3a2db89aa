"""The pass over one published sheet: its tables, and their rows to records, rejects and counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date

from pydantic import ValidationError

from extract.domains.base import DomainModel, SpreadModel
from extract.fields.base import FileContext, Problem
from extract.fields.places import Layout
from extract.foreign import cut
from extract.table.layout.agreement import differing
from extract.table.layout.doubts import Doubts, by_row
from extract.table.layout.finding import HEADER_ROWS, LayoutFinder
from extract.table.layout.grid import MergeIndex, Rows
from extract.table.layout.header import Placed
from extract.table.layout.keeping import KeptRecords, keep_all
from extract.table.layout.screen import Kind, LaidScreen, begins, of_one_table
from extract.table.layout.tables import LaidTable, Record
from extract.table.layout.units import LaidUnitReader
from extract.table.layout.values import ValueReader
from extract.table.records.keyed import Key, Repeated
from extract.table.records.lookalikes import CodeWatch
from extract.table.records.origins import Origin, reject_id
from extract.table.records.rendering import provenance_of, render_lines
from extract.table.records.results import RejectedRow, Remark, RowConflict
from extract.table.rows.kinds import Skip
from extract.table.rows.stream import MergedKeys, RowStream
from extract.table.sheet.extraction import CHUNK_ROWS, NOTE
from extract.table.sheet.tables import Reading, comma_of, problems_by_row
from extract.table.statements.units import titles_of
from extract.workbook.cells import Row, address, is_blank
from extract.workbook.sheet import Sheet

NO_FIGURES = "no_figures"
"""The reason of records that are left out, since all their measures are null."""
_MOST_NOTES, _SHOWN = 1000, 5
_SKIPS = {
    Kind.BLANK: Skip.BLANK,
    Kind.HEADER: Skip.HEADER,
    Kind.SECTION: Skip.HEADER,
    Kind.SUMMARY: Skip.SUMMARY,
    Kind.RULE: Skip.NOTE,
    Kind.END: Skip.NOTE,
}


class LayoutExtraction:
    """The pass over one sheet. `beside` are those over the sheets of the workbook that are read, this one included."""

    def __init__(
        self,
        reading: Reading,
        layout: Layout,
        sheet: Sheet,
        beside: list["LayoutExtraction"],
        repeated: Repeated["LayoutExtraction"],
    ) -> None:
        self.reading, self.sheet, self._layout = reading, sheet, layout
        self._beside, self._repeated = beside, repeated
        domain, file = reading.domain, reading.source.data_source
        fields = [field for field in domain.cell_fields if not field.type.reads]
        self._finder = LayoutFinder(domain, layout, file, sheet.name, MergeIndex(sheet.merges))
        self._units = LaidUnitReader(domain, file, sheet.name)
        self._values = ValueReader(fields, reading.source.path, reading.period, file, sheet.name)
        self._periods = [field.name for field in fields if field.type.is_period]
        self._spread = issubclass(domain.model, SpreadModel)
        self.tables: list[LaidTable] = []
        self.kept = KeptRecords()
        self.skipped: Counter[str] = Counter()
        self.sheet_rows = 0
        self.notes: list[str] = []
        self.outside: list[str] = []
        """Cells of rows outside the tables that look like records."""
        self.doubts = Doubts(by_row(list(sheet.merges)))
        self.months: Counter[date] = Counter()
        self.remarks: dict[str, Remark] = {}
        self.rejected: dict[int, RejectedRow] = {}
        """Rows of the sheet with what is wrong in any of their records."""
        self.records_rejected = 0
        self.code_watch = CodeWatch(domain)
        self._places: list[tuple[int, str | None]] = []
        """Row and column of each record, by its number."""
        self._waiting: list[Record] = []
        self._conflicts: Mapping[int, RowConflict] | None = None

    def run(self) -> None:
        """Find the tables and read their rows. Raises what finding headers, units and values raises."""
        stream, title = RowStream(self.sheet.rows()), self._layout.title
        table: LaidTable | None = None
        if title is None:
            table = self._begin(stream.ahead(HEADER_ROWS), f"among the first {HEADER_ROWS} rows")
        blank, sections = 0, dict[str, Placed]()
        given = self._merged_keys(table)
        for number, cells in stream:
            within = table is not None and number <= table.header.row
            if title and not within and begins(cells, title):
                self._flush(table)
                rows = of_one_table([(number, cells), *stream.ahead(HEADER_ROWS - 1)], title)
                table, sections = self._begin(rows, f"below the title in row {number}"), {}
                given, within = self._merged_keys(table), True
            if table is None or (within and table is self.tables[0]):
                continue
            kind = _kind_in_header(cells) if within else table.screen.kind(cells)
            if kind is Kind.BLANK:
                blank += 1  # counts only once a row below it is not empty
                continue
            self._count_blank(blank)
            blank = 0
            if kind is Kind.DATA:
                for column, value in given.of_row(number, cells).items():
                    cells[column] = value
                self._take(table, number, cells, sections)
            else:
                self._skip(table, kind, number, cells)
                if kind is Kind.SECTION:
                    sections = {**sections, **table.screen.sections(number, cells)}
        if table is None:
            raise self._finder.no_title(title or "")
        self._flush(table)

    def _begin(self, rows: Rows, where: str) -> LaidTable:
        """The table whose header stands among some rows."""
        header = self._finder.find(rows, where)
        over = [row for row in rows if row[0] < header.first_row]
        titles = titles_of(over)
        domain = self.reading.domain
        units = self._units.read(header, titles)
        context = FileContext(
            self.reading.today,
            units.powers,
            period=self.reading.expected,
            comma=comma_of(domain, self.sheet),
            words=domain.words,
        )
        values = self._values.read(header, over, context)
        head = [cells for number, cells in rows if header.first_row <= number <= header.row]
        screen = LaidScreen(domain, self._layout, header, head)
        table = LaidTable(header, tuple(titles), values, units, context, screen, domain.cell_fields)
        if self._conflicts is None:
            self.tables.append(table)
        return table

    def _merged_keys(self, table: LaidTable | None) -> MergedKeys:
        keys = table.header.columns if table else {}
        indices = frozenset(keys[name].index for name in self.reading.domain.config.pk if name in keys)
        return MergedKeys(self.sheet.sorted_merges, indices, table.header.row if table else 0)

    def _count_blank(self, blank: int) -> None:
        if self._conflicts is None:
            self.sheet_rows += 1 + blank
            self.skipped[Skip.BLANK] += blank

    def _skip(self, table: LaidTable, kind: Kind, number: int, cells: Row) -> None:
        if self._conflicts is not None:
            return
        self.skipped[_SKIPS[kind]] += 1
        if kind is Kind.END and table.screen.may_be_record(cells):
            self.outside.append(address(number, _first(cells)))
        if kind in (Kind.END, Kind.RULE) and len(self.notes) < _MOST_NOTES:
            texts = titles_of([(number, cells)])[: 1 if kind is Kind.RULE else _MOST_NOTES]
            self.notes += [f"{text.place}: {cut(text.text, NOTE)}" for text in texts]

    def _take(self, table: LaidTable, number: int, cells: Row, sections: Mapping[str, Placed]) -> None:
        """Let the records of a row wait for their chunk; reject a row whose label names a total."""
        first = self._conflicts is None
        if first:
            self.doubts.look(table, number, cells)
        total = table.screen.total(cells)
        for group in table.header.groups:
            record = Record(len(self._places), number, cells, group, sections)
            self._places.append((number, table.source_column(record) if self._spread else None))
            if total is None:
                self._waiting.append(record)
            elif first:
                self._reject(table, record, [(self.reading.domain.model.label_field, total)])
        if len(self._waiting) >= CHUNK_ROWS:
            self._flush(table)

    def _flush(self, table: LaidTable | None) -> None:
        """Validate the records that wait."""
        records, self._waiting = self._waiting, []
        if table and records:
            if self._conflicts is None:
                self._validate(table, records)
            else:
                self._reject_conflicting(table, records, self._conflicts)

    def _validate(self, table: LaidTable, records: Sequence[Record]) -> None:
        tally = deepcopy(table.context.tally)
        origins = [self.origin(record.number) for record in records]
        inputs = table.inputs(records) | {
            "data_source": [origin.data_source for origin in origins],
            "source_sheet": [origin.sheet for origin in origins],
            "source_row": [origin.row for origin in origins],
        }
        if self._spread:
            inputs["source_column"] = [origin.column for origin in origins]
        broken: Mapping[int, Sequence[tuple[str, Problem]]]
        try:
            chunk = self.reading.domain.model.model_validate(inputs, context=table.context)
            broken = differing(table, chunk, records)
        except ValidationError as error:
            broken = problems_by_row(error)
        if not broken:
            self._keep(chunk, records)
            return
        table.context.tally = tally
        for index, problems in broken.items():
            self._reject(table, records[index], problems)
        if others := [record for index, record in enumerate(records) if index not in broken]:
            self._validate(table, others)

    def _reject(self, table: LaidTable, record: Record, problems: Sequence[tuple[str, Problem]]) -> None:
        """Record what is wrong in a record with its row."""
        self.records_rejected += 1
        found = table.rejected(record, problems, self.origin(record.number))
        before = self.rejected.get(record.row)
        rejects = tuple(dict.fromkeys((*before.rejects, *found.rejects))) if before else found.rejects
        self.rejected[record.row] = replace(found, rejects=rejects)

    def _keep(self, chunk: DomainModel, records: Sequence[Record]) -> None:
        """Render the records of a chunk as CSV lines, without those whose measures are all null where so declared."""
        domain = self.reading.domain
        figures = [any(value is not None for value in row) for row in chunk.rows(domain.measures)]
        kept = [self._layout.empty_records or not domain.measures or found for found in figures]
        self.skipped[NO_FIGURES] += kept.count(False)
        for name in self._periods:
            self.months.update(month for month, own in zip(getattr(chunk, name), kept, strict=True) if own)
        for number, code in chunk.remarked_rows():
            known = self.remarks.get(code, Remark(code))
            self.remarks[code] = known.with_more(1, [f"row {number}"] if len(known.first) < _SHOWN else ())
        self.code_watch.look(chunk)
        keys, lines = chunk.rows(domain.config.pk), render_lines(chunk, domain)
        rows = [
            (key, line, record.number) for key, line, record, own in zip(keys, lines, records, kept, strict=True) if own
        ]
        beside = [(other, other.kept) for other in self._beside]
        keep_all(rows, self, beside, self._repeated)

    @property
    def rows_read(self) -> int:
        """Records that are loaded, rows with rejected ones, and what was skipped."""
        return self.kept.count + len(self.rejected) + self.skipped.total()

    def origin(self, number: int) -> Origin:
        """Where a record comes from."""
        row, column = self._places[number]
        identity = reject_id(self.reading.sha256, self.sheet.name, row)
        return Origin(
            self.reading.source.data_source, self.sheet.name, row, identity, self.reading.period, column=column
        )

    def provenance(self, number: int) -> str:
        """The end of a record's line, which tells where it comes from."""
        return provenance_of(self.origin(number))

    def count_duplicate(self, number: int) -> None:  # noqa: ARG002  # it is only counted
        """Count a record that repeats another one, key and values."""
        self.skipped[Skip.DUPLICATE] += 1

    def take_back(self, key: Key) -> None:
        """Remove the record of a key."""
        self.kept.take_back(key)

    def reject_conflicts(self, conflicts: Mapping[int, RowConflict]) -> None:
        """Reject records by number, each for its conflict, in another pass over the sheet."""
        self._conflicts, places = conflicts, self._places
        self._places = []
        self.run()
        self._places = places

    def _reject_conflicting(
        self, table: LaidTable, records: Sequence[Record], conflicts: Mapping[int, RowConflict]
    ) -> None:
        label = self.reading.domain.model.label_field
        for record in records:
            if conflict := conflicts.get(record.number):
                problem = Problem("conflicting_duplicate", conflict.reason)
                self._reject(table, record, [(label, problem)])


def _kind_in_header(cells: Row) -> Kind:
    return Kind.BLANK if all(map(is_blank, cells)) else Kind.HEADER


def _first(cells: Row) -> int:
    return next((index for index, cell in enumerate(cells) if not is_blank(cell)), 0)
