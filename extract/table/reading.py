"""One workbook to records, rejects and counts: `extract_file` is the unit of work, pure and fit for another process.

Its stages, each handing a value to the next: bytes, opened workbook, chosen sheets, headers and tables, results.
"""

import hashlib
import os
from dataclasses import dataclass, field, replace
from datetime import date

from extract.domains.registry import Domain
from extract.errors.table import PeriodConflict, TooManyRejects
from extract.errors.workbook import WorkbookChanged, WorkbookUnreadable
from extract.fields.periods import FIRST_YEAR
from extract.files.discovery import SourceFile
from extract.limits import Limits
from extract.table.account import result_of, unit_failure
from extract.table.extraction import Repeated, SheetExtraction
from extract.table.finding import HeaderFinder
from extract.table.names import HeaderNames
from extract.table.results import FileResult
from extract.table.sheets import chosen_sheets, unread_warning
from extract.table.tables import Reading
from extract.table.titles import other_months
from extract.table.units import Text, UnitReader
from extract.workbook.formats import password_for
from extract.workbook.opening import open_workbook
from extract.workbook.size import check_size

_OTHERS = 5
"""Rows that the reason of a conflict names."""


@dataclass(frozen=True)
class ReadOptions:
    """How workbooks are opened: the sheet asked for, passwords by file name pattern, the default one, the limits."""

    sheet: str | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    list_keys: bool = True
    """Whether the results list their keys, which is needed only to compare several workbooks."""
    accepted: frozenset[str] = frozenset()
    """The guards that --accept lets pass."""


def extract_file(
    source: SourceFile, domain: Domain, today: date, options: ReadOptions | None = None
) -> tuple[FileResult, ...]:
    """Read one workbook to records, rejects and counts: one result for each sheet that is read.

    Raises a DataError where the file has no readable table. Too many rejects come back as `FileResult.failure`, so
    that the rejects are there to be mended.
    """
    options = options or ReadOptions()
    data = _read_bytes(source, options.limits)
    password = password_for(source.data_source, options.passwords, options.password)
    workbook = open_workbook(data, source.data_source, password, options.limits)
    reading = _reading(source, domain, today, options.accepted)

    def finder(sheet: str) -> HeaderFinder:
        has_period = reading.period is not None
        return HeaderFinder(
            domain, reading.names, source.data_source, sheet, has_period=has_period, accepted=options.accepted
        )

    done: list[SheetExtraction] = []
    repeated: Repeated = {}
    sheets = chosen_sheets(workbook, domain.config, options.sheet, finder)
    for sheet in sheets:
        extraction = SheetExtraction(reading, sheet, finder(sheet.name), done, repeated)
        done.append(extraction)
        extraction.run([Text("name of the sheet", sheet.name), Text("name of the file", source.path.stem)])
        _check_titles(extraction)
    settle_repeated_keys(repeated)
    sha256 = hashlib.sha256(data).hexdigest()
    rules = domain.rules_version if options.sheet is None else f"{domain.rules_version} --sheet {options.sheet}"
    results = [
        result_of(extraction, sha256, len(data), workbook.note, rules, list_keys=options.list_keys)
        for extraction in done
    ]
    if warning := unread_warning(workbook, [sheet.name for sheet in sheets], finder):
        report = results[0].report
        results[0] = replace(results[0], report=replace(report, warnings=(*report.warnings, warning)))
    return _with_failures(results, domain)


def _reading(source: SourceFile, domain: Domain, today: date, accepted: frozenset[str]) -> Reading:
    named = source.period is not None and date(FIRST_YEAR, 1, 1) <= source.period <= today
    period = source.period if named else None
    any_month = domain.config.periods_per_file == "many" or "period_mismatch" in accepted
    return Reading(
        source=source,
        domain=domain,
        names=HeaderNames(domain, period.month if period else None),
        today=today,
        period=period,
        expected=None if any_month else period,
        accepted=accepted,
    )


def _check_titles(done: SheetExtraction) -> None:
    """Raise where a text around the tables contradicts what their rows were read under: another month, another unit."""
    reading = done.reading
    periods = [field.name for field in reading.domain.cell_fields if len(field.type.inputs(field.name)) > 1]
    for table in done.tables:
        if not reading.period or all(name in table.header.sources for name in periods):
            continue
        titles = table.header.titles if table is done.tables[0] else table.titles
        for title, months in other_months(titles, reading.period):
            raise PeriodConflict(
                file=reading.source.data_source,
                sheet=done.sheet.name,
                cell=title.place,
                text=title.text,
                named=", ".join(f"{month:%Y-%m}" for month in months),
                period=f"{reading.period:%Y-%m}",
            )
    units = UnitReader(reading.names, reading.source.data_source, done.sheet.name)
    for table in done.tables:
        units.check_below(table.below, table.header.stated, table.settled)


def _with_failures(results: list[FileResult], domain: Domain) -> tuple[FileResult, ...]:
    """The results, the first one with what makes the whole file fail although it was read."""
    file = results[0].report.data_source
    candidates = sum(result.report.rows_read - result.report.skipped for result in results)
    rejected = sum(result.report.rows_rejected for result in results)
    limit = domain.config.max_reject_ratio
    unclear = (unit_failure(result, domain.config.require_units) for result in results)
    failure = next(filter(None, unclear), None)
    if rejected > limit * candidates:
        failure = TooManyRejects(file=file, rejected=rejected, rows=candidates, limit=limit)
    if failure:
        results[0] = replace(results[0], failure=failure)
    return tuple(results)


def _read_bytes(source: SourceFile, limits: Limits) -> bytes:
    """The bytes that are parsed and hashed. Raises WorkbookChanged where someone wrote the file meanwhile."""
    check_size(source.size, source.data_source, limits)
    try:
        with source.path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read()
            after = os.fstat(file.fileno())
    except PermissionError:
        problem = "it may not be read: close it in Excel, or ask for access"
        raise WorkbookUnreadable(file=source.data_source, problem=problem) from None
    except OSError as error:
        raise WorkbookUnreadable(file=source.data_source, problem=error.strerror or str(error)) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise WorkbookChanged(file=source.data_source)
    return data


def settle_repeated_keys(repeated: Repeated) -> None:
    """The same key with the same values is a duplicate; with others, all rows of the key are rejected."""
    conflicts: dict[SheetExtraction, dict[int, str]] = {}
    for key, rows in repeated.items():
        parts = [(table, *table.split_line(line)) for table, line in rows]
        if len({values for _, values, _ in parts}) == 1:
            for table, _, _ in parts[1:]:
                table.count_duplicate()
            continue
        rows[0][0].take_back(key)
        for table, _, number in parts:
            conflicts.setdefault(table, {})[number] = _conflict(table, number, parts)
    for table, reasons in conflicts.items():
        table.reject_conflicts(reasons)


def _conflict(table: SheetExtraction, number: int, parts: list[tuple[SheetExtraction, str, int]]) -> str:
    """The reason of a row whose key stands elsewhere with other values; names the first of the other rows."""
    here: list[str] = []
    elsewhere: list[str] = []
    for other, _, row in parts:
        if len(here) + len(elsewhere) == _OTHERS:
            break
        if other is not table:
            elsewhere.append(f"{row} of sheet {other.sheet.name}")
        elif row != number:
            here.append(f"{row}")
    left = len(parts) - 1 - len(here) - len(elsewhere)
    more = f" and {left} more" if left else ""
    return f"the key stands in row {', '.join([*here, *elsewhere])}{more} too, with other values"
