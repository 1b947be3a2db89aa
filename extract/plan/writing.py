"""The plan: a directory of CSV files, a JSON summary and the SQL, for a reviewer. No connection is ever opened.

The same input on the same day by the same person gives the same bytes, however many workers read it.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.commands import load_command, typed
from extract.errors.plan import DiskFailed, PlanDirectoryUnusable
from extract.modes import Mode
from extract.persons import person
from extract.plan.landing import Extraction, LandedFile, Span, header_line
from extract.plan.parts import copy_spool, write_diff, write_review, write_summary
from extract.plan.seal import (
    BOM,
    REJECTED,
    REJECTS,
    TO_MEND,
    identified,
    seal,
)
from extract.plan.sending import REJECT_COLUMNS
from extract.plan.statements import Statement, planned_statements
from extract.table.records.results import FileReport
from extract.wording import Sentence

if TYPE_CHECKING:
    from extract.plan.differences import Diff


@dataclass(frozen=True)
class Plan:
    """A plan that was written: where, the SHA-256 that names it, whether it can be loaded, and its statements."""

    directory: Path
    id: str
    ready: bool
    statements: list[Statement]
    mending: tuple[str, ...]
    """The command that loads rejects.xlsx once it is mended; empty where nothing was rejected."""


def default_directory(root: Path, now: datetime | None = None) -> Path:
    """Make a directory for a new plan: `plans/<UTC time>`, with a number behind it where another run was faster.

    Raises PlanDirectoryUnusable.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    directory, number = root / "plans" / stamp, 1
    while True:
        try:
            directory.mkdir(parents=True)
        except FileExistsError:
            number += 1
            directory = root / "plans" / f"{stamp}-{number}"
        except OSError as error:
            raise PlanDirectoryUnusable(path=str(directory), problem=error.strerror or str(error)) from None
        else:
            return directory


def check_directory(directory: Path) -> None:
    """Raise PlanDirectoryUnusable where `directory` is no new or empty directory, or its parent cannot be made."""
    try:
        if directory.exists() and not directory.is_dir():
            raise PlanDirectoryUnusable(path=str(directory), problem=Sentence("it is a file"))
        if directory.is_dir() and any(directory.iterdir()):
            raise PlanDirectoryUnusable(path=str(directory), problem=Sentence("it is not empty"))
        directory.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise PlanDirectoryUnusable(path=str(directory), problem=_problem(error)) from None


def _problem(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def write_plan(extraction: Extraction, mode: Mode, directory: Path, diff: "Diff | None" = None) -> Plan:
    """Write the plan of an extraction, sealed by checksums. The directory appears whole or not at all.

    Raises PlanDirectoryUnusable where it cannot be made, DiskFailed where writing fails.
    """
    statements = planned_statements(extraction, mode)
    mending: tuple[str, ...] = ()
    with _whole(directory) as working:
        with (working / f"{extraction.domain.config.table}.csv").open("wb") as target:
            target.write(extraction.header)
            copy_spool(extraction.spool, target)
        with (working / REJECTS).open("wb") as target:
            target.write(BOM + header_line(REJECT_COLUMNS))
            copy_spool(extraction.rejects_spool, target)
        if extraction.rejects:
            if extraction.domain.model.layout is None:  # else only the workbooks themselves can be mended
                mending = tuple(load_command(directory / TO_MEND, _options(extraction)))
            from extract.plan.rejects_workbook import write_rejects_workbook  # openpyxl is slow to import

            write_rejects_workbook(extraction, working / TO_MEND, typed(mending))
            with (working / REJECTED).open("wb") as target:
                target.write(extraction.rejected_header)
                copy_spool(extraction.rejected_spool, target)
        (working / "plan.sql").write_text(plan_sql(statements), encoding="utf-8", newline="")
        summary = seal(_summary(extraction, mode, statements), working)
        if diff is not None:
            summary = identified({**summary, "diff": write_diff(diff, working)})
        write_summary(summary, working)
        write_review(summary, working, extraction.domain)
    return Plan(directory, summary["id"], not extraction.errors, statements, mending)


def _options(extraction: Extraction) -> list[str]:
    """The options under which rows of this extraction were read, as far as mended ones need them too."""
    return [*extraction.domain.options, *(f"--accept={code}" for code in sorted(extraction.accepted))]


def plan_sql(statements: list[Statement]) -> str:
    """The statements as readable SQL, each under a comment with its row count."""
    parts = ["-- What `run.py --execute` and then `dbt build` would run. The rows stand in the CSV beside this file.\n"]
    for number, statement in enumerate(statements, start=1):
        rows = f"{'at most ' if statement.at_most else ''}{'?' if statement.rows is None else statement.rows}"
        note = f" ({statement.note})" if statement.note else ""
        parts.append(f"-- {number}. {statement.operation} {statement.target}: {rows} rows{note}\n{statement.sql};\n")
    return "\n".join(parts)


@contextmanager
def _whole(directory: Path) -> Iterator[Path]:
    """A working directory beside `directory` that takes its name once everything in it is written."""
    check_directory(directory)
    # a name may be as long as the disk allows; 60 characters have at most 240 bytes
    working = directory.parent / f".{directory.name[:60]}.{os.getpid()}.tmp"
    try:
        working.mkdir()
    except (OSError, ValueError) as error:
        raise PlanDirectoryUnusable(path=str(directory), problem=_problem(error)) from None
    try:
        yield working
        if directory.is_dir():
            directory.rmdir()
        working.rename(directory)
    except OSError as error:
        with suppress(OSError):
            directory.rmdir()  # made empty for this plan
        raise DiskFailed(path=str(directory), problem=error.strerror or str(error)) from None
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _summary(extraction: Extraction, mode: Mode, statements: list[Statement]) -> dict[str, Any]:
    skipped: Counter[str] = Counter()
    for file in extraction.files:
        skipped.update(file.report.rows_skipped)
    return {
        "domain": extraction.domain.name,
        "mode": mode,
        "rules_version": extraction.domain.rules_version,
        "replace_scope": list(extraction.domain.config.replace_scope),
        "accepted": sorted(extraction.accepted),
        "planned_by": person(),
        "status": "failed" if extraction.errors else "ready",
        "errors": [
            {"code": error.code(), "message": error.message, "next_step": error.next_step}
            for error in extraction.errors
        ],
        "files": [_file_entry(file, extraction) for file in extraction.files],
        "passed_over": [{"path": item.path, "reason": item.reason} for item in extraction.passed_over],
        "totals": {
            "files": extraction.workbooks,
            "rows_read": extraction.total("rows_read"),
            "rows_loaded": extraction.total("rows_loaded"),
            "rows_rejected": extraction.total("rows_rejected"),
            "rows_skipped": dict(skipped),
        },
        "distinct_keys": extraction.distinct_keys,
        "keys_in_several_files": extraction.keys_in_several_files,
        "sql": [
            {
                "operation": item.operation,
                "target": item.target,
                "rows": item.rows,
                "rows_are": "unknown" if item.rows is None else "at_most" if item.at_most else "exact",
                "statement": item.sql,
            }
            for item in statements
        ],
    }


def _file_entry(file: LandedFile, extraction: Extraction) -> dict[str, Any]:
    report = file.report
    return {
        "path": report.data_source,
        "period": f"{report.period:%Y-%m}" if report.period else None,
        "sha256": report.sha256,
        "size": report.size,
        "location": report.path,
        "modified_at": report.modified_at.isoformat(),
        "sheet": report.sheet,
        "header_row": report.header_row,
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rows_rejected": report.rows_rejected,
        "rows_skipped": report.rows_skipped,
        "notes": list(report.notes),
        "warnings": [{"code": warning.code, "detail": warning.detail} for warning in report.warnings],
        "ignored_columns": list(report.ignored_columns),
        "missing_columns": list(report.missing_columns),
        "title_rows": list(report.title_rows),
        "period_from_name": report.period_from_name,
        "months": report.months,
        "row_warnings": [
            {"code": remark.code, "rows": remark.rows, "first": list(remark.first)} for remark in report.remarks
        ],
        "rules": report.rules,
        "mends": report.mends,
        "mended": list(report.mended),
        **_of_layout(report),
        "records": _span(file.records, extraction.header),
        "rejected_records": _span(file.rejected_records, extraction.rejected_header),
    }


def _of_layout(report: FileReport) -> dict[str, int | None]:
    """What is told only of sheets with a layout."""
    if report.sheet_rows is None:
        return {}
    return {"sheet_rows": report.sheet_rows, "records_rejected": report.records_rejected}


def _span(span: Span, header: bytes) -> dict[str, int]:
    """The bytes of a file of the plan that hold the rows of a workbook; the spool has no header line."""
    return {"offset": span.offset + len(header), "length": span.length}
