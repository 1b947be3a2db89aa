"""One workbook to records, rejects and counts: `extract_file` is the unit of work, pure and fit for another process.

Its stages, each handing a value to the next: bytes, opened workbook, chosen sheets, headers and tables, results.
"""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field, replace
from datetime import date

from extract.domains.registry import Domain
from extract.errors.layout import RejectsNotRead
from extract.errors.table import PeriodConflict, TooManyRejects
from extract.errors.workbook import WorkbookChanged, WorkbookUnreadable
from extract.fields.periods import FIRST_YEAR
from extract.files.containers import member_bytes
from extract.files.sources import SourceFile
from extract.limits import Limits
from extract.table.account import required_failure, result_of, unit_failure
from extract.table.header.comments import boxes_above, said_place
from extract.table.header.finding import HeaderFinder
from extract.table.records.keyed import Repeated
from extract.table.records.repeats import settle_repeated_keys
from extract.table.records.results import FileResult
from extract.table.sheet.choice import chosen_sheets, unread_warning
from extract.table.sheet.extraction import SheetExtraction
from extract.table.sheet.mended import is_rejects_workbook, mended_part, rejected_rows, sheets_to_mend
from extract.table.sheet.tables import Reading
from extract.table.statements.names import HeaderNames
from extract.table.statements.titles import other_months
from extract.table.statements.units import Text, UnitReader
from extract.table.warnings.chart_titles import is_of_chart
from extract.table.warnings.other_sheets import other_sheet_warnings
from extract.workbook.counted import RowCount, counted
from extract.workbook.formats import password_for
from extract.workbook.opening import open_workbook
from extract.workbook.sheet import Workbook
from extract.workbook.size import check_size


@dataclass(frozen=True)
class ReadOptions:
    """How workbooks are opened: the sheet asked for, passwords by file name pattern, the default one, the limits."""

    sheet: str | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    accepted: frozenset[str] = frozenset()
    """The guards that --accept lets pass."""
    seen: RowCount | None = field(default=None, repr=False)
    """Where the number of rows that were read so far is kept."""


def extract_file(
    source: SourceFile, domain: Domain, today: date, options: ReadOptions | None = None
) -> tuple[FileResult, ...]:
    """Read one workbook to records, rejects and counts: one result for each sheet that is read.

    Raises a DataError where the file has no readable table. Too many rejects come back as `FileResult.failure`, so
    that the rejects are there to be mended.
    """
    options = options or ReadOptions()
    workbook, size, reading = _prepared(source, domain, today, options)
    rules = domain.rules_version if options.sheet is None else f"{domain.rules_version} --sheet {options.sheet}"
    if layout := domain.model.layout:
        if _is_mended(source, workbook, options):
            raise RejectsNotRead(file=source.data_source, domain=domain.name)
        from extract.table.layout.reading import extract_laid  # most domains have no layout

        laid = extract_laid(workbook, reading, layout, options.sheet, rules, size)
        return _with_failures(laid, domain)
    done = _sheets(source, workbook, reading, options)
    if done[0].reading.mended:
        return tuple(result_of(one, size, workbook.note, domain.rules_version) for one in done)
    results = [result_of(one, size, workbook.note, rules) for one in done]

    def finder(sheet: str) -> HeaderFinder:
        return _finder(reading, sheet, workbook.note)

    if warning := unread_warning(workbook, [one.sheet.name for one in done], finder):
        report = results[0].report
        results[0] = replace(results[0], report=replace(report, warnings=(*report.warnings, warning)))
    if beside := tuple(other_sheet_warnings(workbook, done, finder(done[0].sheet.name))):
        report = results[0].report
        results[0] = replace(results[0], report=replace(report, warnings=(*report.warnings, *beside)))
    return _with_failures(results, domain)


def extract_sheets(source: SourceFile, domain: Domain, today: date, options: ReadOptions) -> list[SheetExtraction]:
    """The sheets of a workbook that count, as they were read; none where the domain has a layout.

    Raises a DataError where the file has no readable table.
    """
    workbook, _, reading = _prepared(source, domain, today, options)
    return [] if domain.model.layout else _sheets(source, workbook, reading, options)


def _prepared(source: SourceFile, domain: Domain, today: date, options: ReadOptions) -> tuple[Workbook, int, Reading]:
    """The workbook, its size in bytes, and what reading it depends on."""
    data = _read_bytes(source, options.limits)
    password = password_for(source.data_source, options.passwords, options.password)
    workbook = open_workbook(data, source.data_source, password, options.limits)
    if options.seen is not None:
        workbook = counted(workbook, options.seen)
    return workbook, len(data), _reading(source, hashlib.sha256(data).hexdigest(), domain, today, options.accepted)


def _is_mended(source: SourceFile, workbook: Workbook, options: ReadOptions) -> bool:
    return source.named and options.sheet is None and is_rejects_workbook(workbook)


def _sheets(source: SourceFile, workbook: Workbook, reading: Reading, options: ReadOptions) -> list[SheetExtraction]:
    if _is_mended(source, workbook, options):
        return _extract_mended(workbook, reading)
    domain = reading.domain

    def finder(sheet: str) -> HeaderFinder:
        return _finder(reading, sheet, workbook.note)

    done: list[SheetExtraction] = []
    repeated: Repeated[SheetExtraction] = {}
    for sheet in chosen_sheets(workbook, domain.config, options.sheet, finder):
        extraction = SheetExtraction(reading, sheet, finder(sheet.name), done, repeated)
        done.append(extraction)
        beside = {place: text for place, text in sheet.marks.beside.items() if not is_of_chart(place)}
        names = {"name of the sheet": sheet.name, "name of the file": source.stem}
        extraction.run([Text(place, text) for place, text in {**names, **beside}.items()])
        _check_titles(extraction)
    settle_repeated_keys(repeated, domain)
    return done


def _extract_mended(workbook: Workbook, reading: Reading) -> list[SheetExtraction]:
    """The sheets of a rejects workbook. Each is read under what it was rejected under, whatever the file is called.

    Sheets of one original share their keys, as its sheets do. What stays rejected fails nothing: it stays open.
    """
    domain, counts = reading.domain, rejected_rows(workbook)
    groups: dict[str | None, tuple[list[SheetExtraction], Repeated[SheetExtraction]]] = {}
    done = []
    for sheet in sheets_to_mend(workbook):
        seen, mended = mended_part(sheet, workbook.file, counts)
        own = replace(
            reading,
            source=replace(reading.source, period=None),
            names=HeaderNames(domain, mended.month),
            period=None,
            expected=_expected(mended.month, domain, reading.accepted),
            mended=mended,
        )
        beside, repeated = groups.setdefault(mended.data_source, ([], {}))
        extraction = SheetExtraction(own, seen, _finder(own, sheet.name, workbook.note), beside, repeated)
        beside.append(extraction)
        done.append(extraction)
        extraction.run([])
    for _, repeated in groups.values():
        settle_repeated_keys(repeated, domain)
    return done


def _finder(reading: Reading, sheet: str, read_as: str | None) -> HeaderFinder:
    return HeaderFinder(
        reading.domain,
        reading.names,
        reading.source.data_source,
        sheet,
        has_period=reading.period is not None,
        accepted=reading.accepted,
        read_as=read_as,
    )


def _expected(period: date | None, domain: Domain, accepted: frozenset[str]) -> date | None:
    """The month that every row must be of, where the name of the workbook gives one; None where any may stand in it."""
    return None if domain.config.periods_per_file == "many" or "period_mismatch" in accepted else period


def _reading(source: SourceFile, sha256: str, domain: Domain, today: date, accepted: frozenset[str]) -> Reading:
    first_year = min(
        (field.type.first_year for field in domain.cell_fields if field.type.is_period), default=FIRST_YEAR
    )
    named = source.period is not None and date(first_year, 1, 1) <= source.period <= today
    period = source.period if named else None
    return Reading(
        source=source,
        sha256=sha256,
        domain=domain,
        names=HeaderNames(domain, period),
        today=today,
        period=period,
        expected=_expected(period, domain, accepted),
        accepted=accepted,
    )


def _check_titles(done: SheetExtraction) -> None:
    """Raise where a text around the tables contradicts what their rows were read under: another month, another unit."""
    reading = done.reading
    periods = [field.name for field in reading.domain.cell_fields if field.type.is_period]
    boxes = boxes_above(done.sheet.marks.beside, done.tables[0].header.row)
    for table in done.tables:
        if not reading.period or all(name in table.header.sources for name in periods):
            continue
        titles = [*table.header.titles, *table.later_titles] if table is done.tables[0] else table.titles
        titles = [*titles, *boxes, Text("name of the sheet", done.sheet.name)]
        for title, months in other_months(titles, reading.period):
            raise PeriodConflict(
                file=reading.source.data_source,
                sheet=done.sheet.name,
                cell=said_place(title.place),
                text=title.text,
                named=", ".join(f"{month:%Y-%m}" for month in months),
                period=f"{reading.period:%Y-%m}",
            )
    units = UnitReader(reading.names, reading.source.data_source, done.sheet.name)
    for table in done.tables:
        units.check_below(tuple(table.below.values()), table.header.stated, table.settled, table.header.ignored)


def _with_failures(results: list[FileResult], domain: Domain) -> tuple[FileResult, ...]:
    """The results, the first one with what makes the whole file fail although it was read."""
    reports = [result.report for result in results]
    rejected = sum(
        report.rows_rejected if report.records_rejected is None else report.records_rejected for report in reports
    )
    candidates = rejected + sum(report.rows_read - report.rows_rejected - report.skipped for report in reports)
    limit = domain.config.max_reject_ratio
    failures = [*(required_failure(report, domain) for report in reports)]
    failures += [unit_failure(result, domain.config.require_units) for result in results]
    failure = next(filter(None, failures), None)
    if rejected > limit * candidates:
        failure = TooManyRejects(file=reports[0].data_source, rejected=rejected, rows=candidates, limit=limit)
    if failure:
        results[0] = replace(results[0], failure=failure)
    return tuple(results)


def _read_bytes(source: SourceFile, limits: Limits) -> bytes:
    """The bytes that are parsed and hashed. Raises WorkbookChanged where someone wrote the file meanwhile."""
    check_size(source.size, source.data_source, limits)
    try:
        with os.fdopen(_opened(source), "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode) or source.inode not in (None, (before.st_dev, before.st_ino)):
                raise WorkbookChanged(file=source.data_source)
            check_size(before.st_size, source.data_source, limits)
            data = file.read(before.st_size + 1)
            after = os.fstat(file.fileno())
    except PermissionError:
        problem = "it may not be read: close it in Excel, or ask for access"
        raise WorkbookUnreadable(file=source.data_source, problem=problem) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise WorkbookChanged(file=source.data_source) from None
        raise WorkbookUnreadable(file=source.data_source, problem=error.strerror or str(error)) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise WorkbookChanged(file=source.data_source)
    return data if source.member is None else _taken_out(data, source, source.member)


def _taken_out(data: bytes, source: SourceFile, position: int) -> bytes:
    try:
        return member_bytes(data, source.path.suffix, position)
    except ValueError as error:
        raise WorkbookUnreadable(file=source.data_source, problem=str(error)) from None


def _opened(source: SourceFile) -> int:
    """Open the file that was found: not by a link that came into its place, nor waiting for the writer of a pipe."""
    no_link = 0 if source.is_link else getattr(os, "O_NOFOLLOW", 0)
    return os.open(source.path, os.O_RDONLY | no_link | getattr(os, "O_NONBLOCK", 0))
