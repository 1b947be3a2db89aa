"""plan.json as `apply` reads it: its content, checked and typed."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extract.errors.plan import PlanChanged, PlanMissing
from extract.modes import Mode
from extract.plan.landing import Span
from extract.plan.plain_files import read_plain
from extract.plan.seal import SUMMARY, identity, render
from extract.table.records.results import FileReport, FileWarning
from extract.wording import Sentence

LARGEST = 2**28
"""Bytes of a plan.json that is read; that of 10,000 workbooks has a tenth of it."""

_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Bytes = Annotated[int, Field(ge=0, lt=2**63)]
_Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""What a text of PostgreSQL can hold."""


class _Planned(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)  # most runs read no plan


class PlannedSpan(_Planned):
    offset: _Bytes
    length: _Bytes


class _PlannedWarning(_Planned):
    code: _Text
    detail: _Text


class PlannedFile(_Planned):
    """An entry of `files` in plan.json, as far as the ledger needs it."""

    path: _Text
    location: _Text
    period: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: _Bytes
    modified_at: datetime
    sheet: _Text
    header_row: _Count
    rows_read: _Count
    rows_loaded: _Count
    rows_rejected: _Count
    rows_skipped: dict[_Text, _Count]
    warnings: tuple[_PlannedWarning, ...]
    period_from_name: bool
    missing_columns: tuple[_Text, ...]
    ignored_columns: tuple[str, ...] = ()
    rules: _Text
    mends: _Text | None
    mended: tuple[_Text, ...]
    records: PlannedSpan
    rejected_records: PlannedSpan


class _PlannedDiff(_Planned):
    sha256: str
    position: _Bytes | None = None
    position_at: _Text | None = None


class Summary(_Planned):
    """plan.json, as far as `apply` needs it."""

    id: str
    domain: str
    mode: Mode
    status: str
    errors: tuple[dict[str, str], ...]
    rules_version: str
    replace_scope: tuple[str, ...]
    accepted: tuple[_Text, ...]
    planned_by: _Text = ""
    plan_files: dict[str, str]
    files: tuple[PlannedFile, ...]
    keys_in_several_files: _Count
    diff: _PlannedDiff | None = None


def read_summary(directory: Path) -> tuple[Summary, dict[str, Any]]:
    """plan.json as it is needed here, and all of it. Raises PlanMissing, or PlanChanged where it is not as written."""
    path = directory / SUMMARY
    try:
        text = read_plain(path, LARGEST)
        content = json.loads(text)
        summary = Summary.model_validate_json(text)
        unchanged = render(content) == text and identity(content) == summary.id
    except (FileNotFoundError, NotADirectoryError):
        raise PlanMissing(path=str(directory)) from None
    except OSError as error:
        raise PlanChanged(path=str(path), problem=error.strerror or str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise PlanChanged(path=str(path), problem=f"{place}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise PlanChanged(path=str(path), problem=f"it is no JSON in UTF-8: {error}") from None
    if not unchanged:
        raise PlanChanged(path=str(path), problem=Sentence("its content does not fit its id"))
    return summary, content


def span_of(planned: PlannedSpan) -> Span:
    """Where the rows of a workbook lie in a file of the plan."""
    return Span(planned.offset, planned.length)


def report_of(file: PlannedFile) -> FileReport:
    """What the ledger keeps of a workbook."""
    return FileReport(
        data_source=file.path,
        path=file.location,
        period=date.fromisoformat(f"{file.period}-01") if file.period else None,
        sha256=file.sha256,
        size=file.size,
        modified_at=file.modified_at,
        sheet=file.sheet,
        header_row=file.header_row,
        rows_read=file.rows_read,
        rows_loaded=file.rows_loaded,
        rows_rejected=file.rows_rejected,
        rows_skipped=file.rows_skipped,
        warnings=tuple(FileWarning(warning.code, warning.detail) for warning in file.warnings),
        period_from_name=file.period_from_name,
        missing_columns=file.missing_columns,
        ignored_columns=file.ignored_columns,
        rules=file.rules,
        mends=file.mends,
        mended=file.mended,
    )
