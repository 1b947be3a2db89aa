"""One workbook to records, rejects and counts: `extract_file` is the unit of work, pure and fit for another process."""

import hashlib
import os
from dataclasses import dataclass, field, replace
from datetime import date

from extract.domains.registry import Domain
from extract.errors.table import TooManyRejects
from extract.errors.workbook import WorkbookChanged, WorkbookUnreadable
from extract.fields.periods import FIRST_YEAR
from extract.files.discovery import SourceFile
from extract.limits import Limits
from extract.table.extraction import Repeated, SheetExtraction
from extract.table.header import HeaderFinder
from extract.table.results import FileResult
from extract.table.sheets import chosen_sheets
from extract.workbook.formats import password_for
from extract.workbook.opening import open_workbook
from extract.workbook.size import check_size


@dataclass(frozen=True)
class ReadOptions:
    """How workbooks are opened: the sheet asked for, passwords by file name pattern, the default one, the limits."""

    sheet: str | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    list_keys: bool = True
    """Whether the results list their keys, which is needed only to compare several workbooks."""


def extract_file(
    source: SourceFile, domain: Domain, today: date, options: ReadOptions | None = None
) -> tuple[FileResult, ...]:
    """Read one workbook to records, rejects and counts: one result for each sheet that is read.

    Raises a DataError where the file has no readable table. Too many rejects come back as `FileResult.failure`, so
    that the rejects are there to be mended.
    """
    options = options or ReadOptions()
    file = source.data_source
    data = _read_bytes(source, options.limits)
    password = password_for(file, options.passwords, options.password)
    workbook = open_workbook(data, file, password, options.limits)
    named = source.period is not None and date(FIRST_YEAR, 1, 1) <= source.period <= today
    finder = HeaderFinder(domain, file, has_period=named)
    tables: list[SheetExtraction] = []
    repeated: Repeated = {}
    for sheet in chosen_sheets(workbook, domain.config, options.sheet, finder):
        table = SheetExtraction(source, domain, sheet, finder.find(sheet), today, tables, repeated)
        tables.append(table)
        table.run()
    settle_repeated_keys(repeated)
    sha256 = hashlib.sha256(data).hexdigest()
    rules = domain.rules_version if options.sheet is None else f"{domain.rules_version} --sheet {options.sheet}"
    results = [table.result(sha256, len(data), workbook.note, rules, options.list_keys) for table in tables]
    candidates = sum(result.report.rows_read - result.report.skipped for result in results)
    rejected = sum(result.report.rows_rejected for result in results)
    limit = domain.config.max_reject_ratio
    if rejected > limit * candidates:
        failure = TooManyRejects(file=file, rejected=rejected, rows=candidates, limit=limit)
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
            others = [f"{row}" for other, _, row in parts if other is table and row != number]
            elsewhere = [f"{row} of sheet {other.sheet_name}" for other, _, row in parts if other is not table]
            reason = f"the key stands in row {', '.join([*others, *elsewhere])} too, with other values"
            conflicts.setdefault(table, {})[number] = reason
    for table, reasons in conflicts.items():
        table.reject_conflicts(reasons)
