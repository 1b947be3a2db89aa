"""Rows to records, rejects and counts: `extract_file` is the unit of work, pure and fit for another process.

A sheet goes through its Pydantic model in chunks. A chunk without a broken rule costs one pass; from another one the
broken rows are taken out with all their problems, and the rest passes again.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date
from typing import Any

from pydantic import ValidationError

from extract.discovery import SourceFile
from extract.domain import Domain
from extract.domains.base import DomainModel
from extract.errors import DataError, HeaderNotFound, TooManyRejects, WorkbookUnreadable
from extract.fields import Cell, FileContext, Problem, display, is_blank
from extract.header import Header, HeaderCell, map_header
from extract.results import FileReport, FileResult, FileWarning, Reject, RejectedRow
from extract.rows import RowScreen, Skip
from extract.workbook import Row, Sheet, address, column_letter, read_sheet

CHUNK_ROWS = 1000


def extract_file(source: SourceFile, domain: Domain, today: date, sheet: str | int | None = None) -> FileResult:
    """Read one workbook: its sheet (`sheet`, else the configured one) to records, rejects and counts.

    Raises a DataError where the file has no readable table. Too many rejects come back as `FileResult.failure`, so
    that the rejects are there to be mended.
    """
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise WorkbookUnreadable(file=source.data_source, problem=error.strerror or str(error)) from None
    table = read_sheet(data, source.data_source, domain.config.sheet if sheet is None else sheet)
    header = _find_header(table, domain, source)
    extraction = SheetExtraction(source, domain, table, header, today)
    extraction.run()
    return extraction.result(hashlib.sha256(data).hexdigest(), len(data))


def _find_header(sheet: Sheet, domain: Domain, source: SourceFile) -> Header:
    for number, cells in sheet.rows():
        if not all(is_blank(cell) for cell in cells):
            return map_header(number, cells, domain, source.data_source, sheet.name, source.period is not None)
    raise HeaderNotFound(file=source.data_source, sheet=sheet.name)


class SheetExtraction:
    """The pass over one sheet: screens rows, validates them in chunks, settles repeated keys, keeps the account."""

    def __init__(self, source: SourceFile, domain: Domain, sheet: Sheet, header: Header, today: date) -> None:
        self._source, self._domain, self._sheet, self._header = source, domain, sheet, header
        self._context = FileContext(today, {**header.units, **dict(domain.units)})
        self._screen = RowScreen(domain, header, self._context)
        self._skipped = Counter(dict.fromkeys(Skip, 0))
        self._rows_read = 0
        self._notes: list[str] = []
        self._unnamed: set[int] = set()
        self._lines: list[str] = []
        self._first_line: dict[tuple[object, ...], int] = {}
        self._repeated: dict[tuple[object, ...], list[str]] = {}
        self._rejected: dict[int, RejectedRow] = {}

    def run(self) -> None:
        """Read the rows below the header down to the last one that is not empty."""
        numbers: list[int] = []
        rows: list[Row] = []
        blank = 0
        for number, cells in self._sheet.rows():
            if number <= self._header.row:
                continue
            if not self._screen.is_ordinary(cells) and (skip := self._screen.skip(cells)):
                if skip is Skip.BLANK:
                    blank += 1  # counts only once a row below it is not empty
                    continue
                self._count_skip(skip, number, cells)
            else:
                numbers.append(number)
                rows.append(cells)
                if len(rows) == CHUNK_ROWS:
                    self._validate(numbers, rows)
                    numbers, rows = [], []
            self._rows_read += 1 + blank
            self._skipped[Skip.BLANK] += blank
            blank = 0
        if rows:
            self._validate(numbers, rows)
        self._settle_repeated_keys()

    def result(self, sha256: str, size: int) -> FileResult:
        """The account of the sheet after `run`."""
        loaded = len(self._lines) - self._lines.count("")
        rejected = len(self._rejected)
        candidates = self._rows_read - self._skipped.total()
        limit = self._domain.config.max_reject_ratio
        failure: DataError | None = None
        if rejected > limit * candidates:
            failure = TooManyRejects(file=self._source.data_source, rejected=rejected, rows=candidates, limit=limit)
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
            rows_rejected=rejected,
            rows_skipped={skip.value: self._skipped[skip] for skip in Skip},
            notes=tuple(self._all_notes()),
            warnings=tuple(self._warnings(candidates)),
            ignored_columns=self._header.ignored
            + tuple(f"(no header, column {column_letter(index)})" for index in sorted(self._unnamed)),
        )
        return FileResult(
            report=report,
            records="".join(self._lines).encode(),
            keys=tuple(key for key, index in self._first_line.items() if self._lines[index]),
            rejected=tuple(self._rejected[number] for number in sorted(self._rejected)),
            failure=failure,
        )

    def _count_skip(self, skip: Skip, number: int, cells: Row) -> None:
        self._skipped[skip] += 1
        if skip is Skip.NOTE:
            index = next(index for index, cell in enumerate(cells) if not is_blank(cell))
            self._notes.append(f"{address(number, index)}: {display(cells[index])}")

    def _validate(self, numbers: list[int], rows: list[Row]) -> None:
        """Pass one chunk through the model and keep its records; broken rows become rejects first."""
        columns = list(zip(*rows, strict=True))
        self._note_unnamed(columns)
        tally = copy(self._context.tally)
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
        for field in self._domain.cell_fields:
            parts: tuple[HeaderCell | None, ...] = self._header.sources.get(field.name, ())
            feeds = [columns[cell.index] if cell else empty for cell in parts]
            if not feeds:  # only a period has several inputs, and only it can come from the file name
                count = len(field.type.inputs(field.name))
                feeds = [empty] * (count - 1) + [(self._source.period or "",) * size if count > 1 else empty]
            inputs[field.name] = list(feeds[0]) if len(feeds) == 1 else list(zip(*feeds, strict=True))
        return inputs

    def _keep(self, chunk: DomainModel) -> None:
        """Render the records of a chunk as CSV lines, and set rows with a known key aside."""
        lines = render_lines(chunk, self._domain)
        keys = list(chunk.rows(self._domain.config.pk))
        if len(set(keys)) == len(keys) and self._first_line.keys().isdisjoint(keys):
            start = len(self._lines)
            self._first_line.update(zip(keys, range(start, start + len(keys)), strict=True))
            self._lines += lines
            return
        for key, line in zip(keys, lines, strict=True):
            if key in self._first_line:
                self._repeated.setdefault(key, []).append(line)
            else:
                self._first_line[key] = len(self._lines)
                self._lines.append(line)

    def _settle_repeated_keys(self) -> None:
        """The same key with the same values is a duplicate; with others, all rows of the key are rejected."""
        conflicts: dict[int, list[int]] = {}
        for key, repeats in self._repeated.items():
            index = self._first_line[key]
            first, *others = [line.rpartition(",") for line in (self._lines[index], *repeats)]
            if all(values == first[0] for values, _, _ in others):
                self._skipped[Skip.DUPLICATE] += len(others)
                continue
            numbers = [int(number) for _, _, number in (first, *others)]
            conflicts.update((number, [other for other in numbers if other != number]) for number in numbers)
            self._lines[index] = ""
        if not conflicts:
            return
        for number, cells in self._sheet.rows():
            if number in conflicts:
                rows = ", ".join(map(str, conflicts[number]))
                reason = f"the key stands in row {rows} too, with other values"
                problem = Problem("conflicting_duplicate", reason)
                self._reject(number, cells, [(name, problem) for name in self._domain.config.pk])

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
        ordered = [rejects[key] for key in sorted(rejects, key=lambda key: key[2])]
        if ordered[0].code == "conflicting_duplicate":
            ordered = ordered[:1]
        self._rejected[number] = RejectedRow(number, self._shown(cells), tuple(ordered))

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

    def _all_notes(self) -> list[str]:
        period_fields = [field.name for field in self._domain.cell_fields if len(field.type.inputs(field.name)) > 1]
        notes = list(self._notes)
        if self._source.period and any(name not in self._header.sources for name in period_fields):
            notes.insert(0, f"no period column: the period {self._source.period:%Y-%m} is that of the file name")
        return notes

    def _warnings(self, candidates: int) -> list[FileWarning]:
        warnings = []
        tally = self._context.tally
        if tally.fractions and tally.percentages:
            warnings.append(
                FileWarning(
                    "ambiguous_unit",
                    f"of the plain return rates, {tally.fractions} up to 1 were read as fractions and "
                    f"{tally.percentages} beyond 1 as percentages; settle it by 收益率(%) in the header or by units: "
                    "{return_rate: percent} (or fraction) in config/data_sources.yml",
                )
            )
        if not candidates:
            warnings.append(FileWarning("no_rows", "the sheet holds no data row; nothing is loaded from it"))
        return warnings


_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def render_lines(chunk: DomainModel, domain: Domain) -> list[str]:
    """The rows of a chunk as CSV lines (RFC 4180, LF): null is empty, booleans are true and false, JSON is compact."""
    columns = [_texts(getattr(chunk, column.name), column.sql_type) for column in domain.columns]
    return [",".join(row) + "\n" for row in zip(*columns, strict=True)]


def _texts(values: Sequence[Any], sql_type: str) -> Sequence[str]:
    """A column as CSV fields. Whole columns are looked at, since nearly none has a value that needs quotes."""
    if sql_type == "boolean":
        return ["true" if value else "false" for value in values]
    if sql_type.startswith("numeric") or sql_type == "integer":
        return ["" if value is None else str(value) for value in values]
    if sql_type == "jsonb":
        texts = [json.dumps(value, ensure_ascii=False) if value else "[]" for value in values]
    else:
        known = {value: "" if value is None else str(value) for value in set(values)}
        texts = [known[value] for value in values]
    if not _NEEDS_QUOTES.search("".join(texts)):
        return texts
    return ['"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text for text in texts]


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
