"""The pass over one sheet: rows to records, rejects and counts.

A sheet goes through its Pydantic model in chunks. A chunk without a broken rule costs one pass; from another one the
broken rows are taken out with all their problems, and the rest passes again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any

from pydantic import ValidationError

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.fields.base import FileContext, Problem
from extract.fields.numbers import PERCENT, Share
from extract.files.discovery import SourceFile
from extract.table.header import Header, HeaderCell
from extract.table.rendering import quoted, render_lines
from extract.table.results import FileReport, FileResult, FileWarning, Reject, RejectedRow
from extract.table.rows import RowScreen, Skip
from extract.workbook.cells import Cell, Row, address, column_letter, display, is_blank
from extract.workbook.opening import Sheet

CHUNK_ROWS = 1000

Key = tuple[object, ...]
Repeated = dict[Key, list[tuple["SheetExtraction", str]]]
"""Keys that stand in several rows of a workbook: sheet and CSV line of each of them, the first one included."""


class SheetExtraction:
    """The pass over one sheet: screens rows, validates them in chunks, keeps the account.

    `tables` are the sheets of the workbook that are read, this one included; `repeated` is filled with the keys that
    stand in several rows of them.
    """

    def __init__(
        self,
        source: SourceFile,
        domain: Domain,
        sheet: Sheet,
        header: Header,
        today: date,
        tables: list["SheetExtraction"],
        repeated: Repeated,
    ) -> None:
        self._source, self._domain, self._header = source, domain, header
        self._tables, self._repeated = tables, repeated
        self._shares = [field.name for field in domain.cell_fields if isinstance(field.type, Share)]
        columns = header.first_column
        self._sheet = sheet.with_formats_of({column.index for column in columns.values()})
        self._merged = _merged_keys(sheet, header, domain)
        self._context = FileContext(today, {**header.units, **dict(domain.units)})
        self._screen = RowScreen(domain, header, self._context)
        self._skipped = Counter(dict.fromkeys(Skip, 0))
        self._rows_read = 0
        self._notes: list[str] = []
        self._unnamed: set[int] = set()
        self._lines: list[str] = []
        self._first_line: dict[Key, int] = {}
        self._rejected: dict[int, RejectedRow] = {}

    @property
    def sheet_name(self) -> str:
        """Name of the sheet."""
        return self._sheet.name

    def run(self) -> None:
        """Read the rows below the header down to the last one that is not empty."""
        numbers: list[int] = []
        rows: list[Row] = []
        blank = 0
        for number, cells in self._sheet.rows():
            if number <= self._header.row:
                continue
            if not self._screen.is_ordinary(cells) and (skip := self._skip(number, cells)):
                if skip is Skip.BLANK:
                    blank += 1  # counts only once a row below it is not empty
                    continue
                self._count_skip(skip, number, cells)
            else:
                numbers.append(number)
                rows.append(self._filled(number, cells))
                if len(rows) == CHUNK_ROWS:
                    self._validate(numbers, rows)
                    numbers, rows = [], []
            self._rows_read += 1 + blank
            self._skipped[Skip.BLANK] += blank
            blank = 0
        if rows:
            self._validate(numbers, rows)

    def _skip(self, number: int, cells: Row) -> Skip | None:
        """Why a row is skipped: as it stands, or for the label that a merged cell gives it."""
        skip = self._screen.skip(cells)
        if skip is None and number in self._merged and self._screen.is_summary(self._filled(number, cells)):
            return Skip.SUMMARY
        return skip

    def result(self, sha256: str, size: int, note: str | None, rules: str, list_keys: bool) -> FileResult:
        """The account of the sheet after `run`, once repeated keys are settled; `note` tells how it was read."""
        loaded = len(self._lines) - self._lines.count("")
        report = FileReport(
            data_source=self._source.data_source,
            path=str(self._source.path),
            period=self._source.period,
            sha256=sha256,
            size=size,
            modified_at=self._source.modified_at,
            sheet=self._sheet.name,
            header_row=self._header.row,
            rows_read=self._rows_read,
            rows_loaded=loaded,
            rows_rejected=len(self._rejected),
            rows_skipped={skip.value: self._skipped[skip] for skip in Skip},
            notes=(*((note,) if note else ()), *self._all_notes()),
            warnings=tuple(self._warnings()),
            ignored_columns=self._header.ignored
            + tuple(f"(no header, column {column_letter(index)})" for index in sorted(self._unnamed)),
            missing_columns=self._header.missing,
            title_rows=self._header.titles,
            header=self._header.plain_names,
            period_from_name=self._period_from_name,
            rules=rules,
        )
        return FileResult(
            report=report,
            records="".join(self._lines).encode(),
            keys=tuple(self._keys()) if list_keys else (),
            rejected=tuple(self._rejected[number] for number in sorted(self._rejected)),
        )

    def _keys(self) -> Iterator[str]:
        return ("\t".join(map(str, key)) for key, index in self._first_line.items() if self._lines[index])

    def split_line(self, line: str) -> tuple[str, int]:
        """The values of a record without its provenance, and its row."""
        provenance = f",{quoted(self._source.data_source)},{quoted(self._sheet.name)},"
        values, _, number = line.rpartition(provenance)
        return values, int(number)

    def count_duplicate(self) -> None:
        """Count a row that repeats another one, key and values."""
        self._skipped[Skip.DUPLICATE] += 1

    def take_back(self, key: Key) -> None:
        """Remove the record of a key."""
        self._lines[self._first_line[key]] = ""

    def reject_conflicts(self, reasons: dict[int, str]) -> None:
        """Reject rows by number, each for its reason."""
        for number, cells in self._sheet.rows():
            if number in reasons:
                problem = Problem("conflicting_duplicate", reasons[number])
                name = min(self._domain.config.pk, key=self._key_position)
                self._reject(number, self._filled(number, cells), [(name, problem)])

    def _key_position(self, name: str) -> int:
        columns = self._header.first_column
        return columns[name].index if name in columns else len(self._header.names)

    def _filled(self, number: int, cells: Row) -> Row:
        """The row with the values that merged key cells give it."""
        if not self._merged:
            return cells
        for column, value in self._merged.get(number, {}).items():
            cells[column] = value
        return cells

    def _count_skip(self, skip: Skip, number: int, cells: Row) -> None:
        self._skipped[skip] += 1
        if skip is Skip.NOTE:
            index = next(index for index, cell in enumerate(cells) if not is_blank(cell))
            self._notes.append(f"{address(number, index)}: {display(cells[index])}")

    def _validate(self, numbers: list[int], rows: list[Row]) -> None:
        """Pass one chunk through the model and keep its records; broken rows become rejects first."""
        columns = list(zip(*rows, strict=True))
        self._note_unnamed(columns)
        tally = deepcopy(self._context.tally)
        try:
            chunk = self._domain.model.model_validate(self._inputs(columns, numbers), context=self._context)
        except ValidationError as error:
            self._context.tally = tally
            broken = _problems_by_row(error)
            for index, problems in broken.items():
                self._reject(numbers[index], rows[index], problems)
            kept = [index for index in range(len(rows)) if index not in broken]
            if kept:
                self._validate([numbers[index] for index in kept], [rows[index] for index in kept])
            return
        self._keep(chunk)

    def _inputs(self, columns: list[tuple[Cell, ...]], numbers: list[int]) -> dict[str, Any]:
        """The columns of a chunk as the model takes them; a period of several columns comes as tuples."""
        size = len(numbers)
        empty: tuple[Cell, ...] = ("",) * size
        inputs: dict[str, Any] = {
            "data_source": [self._source.data_source] * size,
            "source_sheet": [self._sheet.name] * size,
            "source_row": numbers,
        }
        for item in self._domain.cell_fields:
            parts: tuple[HeaderCell | None, ...] = self._header.sources.get(item.name, ())
            feeds = [columns[cell.index] if cell else empty for cell in parts]
            if not feeds:  # only a period has several inputs, and only it can come from the file name
                count = len(item.type.inputs(item.name))
                feeds = [empty] * (count - 1) + [(self._source.period or "",) * size if count > 1 else empty]
            inputs[item.name] = list(feeds[0]) if len(feeds) == 1 else list(zip(*feeds, strict=True))
        return inputs

    def _keep(self, chunk: DomainModel) -> None:
        """Render the records of a chunk as CSV lines, and set rows with a known key aside."""
        lines = render_lines(chunk, self._domain)
        keys = list(chunk.rows(self._domain.config.pk))
        if len(set(keys)) == len(keys) and all(table._first_line.keys().isdisjoint(keys) for table in self._tables):
            start = len(self._lines)
            self._first_line.update(zip(keys, range(start, start + len(keys)), strict=True))
            self._lines += lines
            return
        for key, line in zip(keys, lines, strict=True):
            owner = next((table for table in self._tables if key in table._first_line), None)
            if owner is None:
                self._first_line[key] = len(self._lines)
                self._lines.append(line)
            else:
                first = (owner, owner._lines[owner._first_line[key]])
                self._repeated.setdefault(key, [first]).append((self, line))

    def _reject(self, number: int, cells: Row, problems: Iterable[tuple[str, Problem]]) -> None:
        """Record a rejected row. A problem of several columns names the first of them in the sheet."""
        rejects: dict[tuple[str, str, int], Reject] = {}
        for name, problem in problems:
            header = self._column_of(name, problem)
            reject = Reject(
                data_source=self._source.data_source,
                source_sheet=self._sheet.name,
                source_row=number,
                column=header.text,
                cell=address(number, header.index),
                value=display(cells[header.index]),
                code=problem.code,
                reason=problem.reason,
            )
            rejects[problem.code, problem.reason, header.index] = reject
        ordered = tuple(rejects[key] for key in sorted(rejects, key=lambda key: key[2]))
        self._rejected[number] = RejectedRow(number, self._shown(cells), tuple(cells), ordered)

    def _column_of(self, name: str, problem: Problem) -> HeaderCell:
        cells = self._header.sources[name]
        concerned = [cells[part] for part in problem.parts]
        return min(filter(None, concerned or cells), key=lambda cell: cell.index)

    def _shown(self, cells: Row) -> dict[str, str]:
        """A row as a person sees it: header (or column letter) to value, empty cells left out."""
        shown: dict[str, str] = {}
        for index, cell in enumerate(cells):
            if not is_blank(cell):
                name = self._header.names[index] if index < len(self._header.names) else ""
                if not name.strip() or name in shown:
                    name = f"{name} ({column_letter(index)})".strip()
                shown[name] = display(cell)
        return shown

    def _note_unnamed(self, columns: list[tuple[Cell, ...]]) -> None:
        for index, name in enumerate(self._header.names):
            if not name.strip() and not all(map(is_blank, columns[index])):
                self._unnamed.add(index)

    @property
    def _period_from_name(self) -> bool:
        """Whether no column of the sheet names the period, so that the file name gives it."""
        periods = [field.name for field in self._domain.cell_fields if len(field.type.inputs(field.name)) > 1]
        return self._source.period is not None and any(name not in self._header.sources for name in periods)

    def _all_notes(self) -> list[str]:
        if not self._period_from_name:
            return self._notes
        return [f"no period column: the period {self._source.period:%Y-%m} is that of the file name", *self._notes]

    def _unit_warnings(self, name: str) -> Iterator[FileWarning]:
        """What is doubtful about the unit of a share (rules.md, Units)."""
        tally = self._context.tally[name]
        header = self._header.first_column.get(name)
        if header is None:
            return
        if tally.fractions and tally.percentages:
            yield FileWarning(
                "ambiguous_unit",
                f"of the plain numbers under {header.text}, {tally.fractions} up to 1 were read as fractions and "
                f"{tally.percentages} beyond 1 as percentages; settle it by {header.text}(%) as header or by units: "
                f"{{{name}: percent}} (or fraction) in the configuration",
            )
        if self._header.units.get(name) == PERCENT and not self._sheet.marks.formats_known:
            yield FileWarning(
                "unit_not_verified",
                f"the header says {header.text}, and this format does not tell whether cells are formatted as "
                "percentages: compare some figures, or save the workbook as .xlsx",
            )

    def _warnings(self) -> list[FileWarning]:
        warnings = [warning for name in self._shares for warning in self._unit_warnings(name)]
        if self._rows_read == self._skipped.total():
            warnings.append(FileWarning("no_rows", "the sheet holds no data row; nothing is loaded from it"))
        return warnings


def _merged_keys(sheet: Sheet, header: Header, domain: Domain) -> dict[int, dict[int, Cell]]:
    """Row to column to value, for the rows below the first one of a merged key cell (rules.md, Merged cells)."""
    keys = {cell.index for name in domain.config.pk for cell in header.sources.get(name, ()) if cell}
    merges = [
        (first_row, last_row, column)
        for (first_row, column), (last_row, _) in sheet.merges
        if last_row > first_row > header.row and column in keys
    ]
    if not merges:
        return {}
    starts = {(first_row, column): last_row for first_row, last_row, column in merges}
    filled: dict[int, dict[int, Cell]] = {}
    current: dict[int, tuple[int, Cell]] = {}
    for number, cells in sheet.rows():
        for column in keys:
            if (number, column) in starts:
                current[column] = starts[number, column], cells[column]
            elif column in current and number <= current[column][0]:
                filled.setdefault(number, {})[column] = current[column][1]
    return filled


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
