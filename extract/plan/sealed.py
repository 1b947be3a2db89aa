"""A plan that was written before, opened for `apply`: loaded byte for byte as it was reviewed, or refused.

What it is held against is its seal (`extract.plan.seal`).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extract.config import DataSources
from extract.domains.registry import load_domain
from extract.errors.base import WorkDataHubError
from extract.errors.plan import PlanChanged, PlanMissing, PlanNotReady, PlanOutdated, SourcesChanged
from extract.modes import Mode
from extract.plan.landing import LandedFile, Landing, Span, new_spool, spooled
from extract.plan.seal import DIFF, REJECTED, SUMMARY, diff_identity, identity, render, sha256_of
from extract.table.results import FileReport, FileWarning

_CHUNK = 2**20


_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Bytes = Annotated[int, Field(ge=0, lt=2**63)]
_Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""What a text of PostgreSQL can hold."""


class _Planned(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)  # most runs read no plan


class _PlannedSpan(_Planned):
    offset: _Bytes
    length: _Bytes


class _PlannedWarning(_Planned):
    code: _Text
    detail: _Text


class _PlannedFile(_Planned):
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
    rules: _Text
    mends: _Text | None
    mended: tuple[_Text, ...]
    records: _PlannedSpan
    rejected_records: _PlannedSpan


class _PlannedDiff(_Planned):
    id: str
    sha256: str


class _Summary(_Planned):
    """plan.json, as far as `apply` needs it."""

    id: str
    domain: str
    mode: Mode
    status: str
    errors: tuple[dict[str, str], ...]
    rules_version: str
    replace_scope: tuple[str, ...]
    accepted: tuple[_Text, ...]
    plan_files: dict[str, str]
    files: tuple[_PlannedFile, ...]
    keys_in_several_files: _Count
    diff: _PlannedDiff | None = None


@dataclass(frozen=True)
class SealedPlan:
    """A plan whose files are what they were when it was written; `landing` holds copies of their bytes."""

    directory: Path
    mode: Mode
    landing: Landing


def open_plan(directory: Path, sources: DataSources, config_path: Path) -> tuple[SealedPlan, tuple["Workbook", ...]]:
    """Check a plan and copy its rows; gives it with its workbooks, which `check_workbooks` compares.

    Raises PlanMissing, PlanChanged (a file of it is not what was written), PlanNotReady (of a failed run),
    PlanOutdated (other rules or configuration), and the errors of `load_domain`.
    """
    summary = _read_summary(directory)
    if summary.status != "ready":
        raise PlanNotReady(path=str(directory), errors="; ".join(error.get("message", "") for error in summary.errors))
    domain = load_domain(sources, summary.domain, config_path)
    if domain.rules_version != summary.rules_version:
        raise PlanOutdated(path=str(directory), planned=summary.rules_version, now=domain.rules_version)
    if summary.mode == "replace_period" and domain.config.replace_scope != summary.replace_scope:
        planned, now = (f"replace_scope [{', '.join(s)}]" for s in (summary.replace_scope, domain.config.replace_scope))
        raise PlanOutdated(path=str(directory), planned=planned, now=now)
    landing = Landing(
        domain=domain,
        spool=new_spool(),
        rejected_spool=new_spool(),
        files=[LandedFile(_report(file), _span(file.records), _span(file.rejected_records)) for file in summary.files],
        keys_in_several_files=summary.keys_in_several_files,
        plan_id=summary.id,
        accepted=frozenset(summary.accepted),
    )
    try:
        _copy_checked(directory, summary, landing)
    except WorkDataHubError:
        landing.__exit__()
        raise
    workbooks = {file.path: Workbook(file.path, Path(file.location), file.sha256) for file in summary.files}
    return SealedPlan(directory, summary.mode, landing), tuple(workbooks.values())


def _copy_checked(directory: Path, summary: _Summary, landing: Landing) -> None:
    """Compare every file of the plan with its checksum, and copy the rows into the landing."""
    records = f"{landing.domain.config.table}.csv"
    spools = {records: landing.spool, REJECTED: landing.rejected_spool}
    expected = summary.plan_files | ({DIFF: summary.diff.sha256} if summary.diff else {})
    for name, sha256 in expected.items():
        _check_file(directory, name, sha256, spools.get(name))
    _check_spans(directory / records, landing.spool, landing.header, landing.record_spans)
    _check_spans(directory / REJECTED, landing.rejected_spool, landing.rejected_header, landing.rejected_spans)


@dataclass(frozen=True)
class Workbook:
    """A workbook of a plan: its path below the data directory, where it lay, and the SHA-256 of what was read."""

    path: str
    location: Path
    sha256: str


def check_workbooks(workbooks: Iterable[Workbook], data_dir: Path) -> None:
    """Raise SourcesChanged where a workbook is not there any more, or holds other bytes.

    It is looked for below `data_dir` and where it lay; another machine may have it elsewhere.
    """
    changes = []
    for workbook in workbooks:
        found = {path: sha256_of(path) for path in _places(workbook, data_dir) if path.is_file()}
        if not found:
            changes.append(f"{workbook.path} is neither below {data_dir} nor at {workbook.location}")
        elif workbook.sha256 not in found.values():
            path, sha256 = next(iter(found.items()))
            changes.append(f"{path} has SHA-256 {sha256[:12]}, planned was {workbook.sha256[:12]}")
    if changes:
        raise SourcesChanged(changes="; ".join(changes))


def _places(workbook: Workbook, data_dir: Path) -> list[Path]:
    below = PurePosixPath(workbook.path)
    inside = not below.is_absolute() and ".." not in below.parts
    return [*([data_dir / below] if inside else []), workbook.location]


def _read_summary(directory: Path) -> _Summary:
    path = directory / SUMMARY
    try:
        text = path.read_bytes()
        content = json.loads(text)
        summary = _Summary.model_validate_json(text)
        unchanged = render(content) == text and identity(content) == summary.id
        if summary.diff:
            unchanged = unchanged and diff_identity(content["diff"], summary.id) == summary.diff.id
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
        raise PlanChanged(path=str(path), problem="its content does not fit its id")
    return summary


def _check_spans(path: Path, spool: IO[bytes], header: bytes, spans: Iterable[Span]) -> None:
    """Raise PlanChanged where the spans of the workbooks are not, one after the other, all of a file but its header."""
    size = spool.tell()
    spool.seek(0)
    if spool.read(len(header)) not in (header, b""):
        raise PlanChanged(path=str(path), problem="its first line is not the header")
    end = len(header)
    for span in spans:
        if span.offset != end:
            raise PlanChanged(path=str(path), problem=f"the rows at byte {end} are of no workbook of plan.json")
        end += span.length
    if end != size and (size or end != len(header)):
        raise PlanChanged(path=str(path), problem=f"it has {size} bytes, but plan.json tells of {end}")


def _check_file(directory: Path, name: str, sha256: str, copy: IO[bytes] | None) -> None:
    """Compare one file with its checksum; what goes into `copy` is what was compared. Links are not followed."""
    path = directory / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        raise PlanChanged(path=str(path), problem="it is missing, or no plain file of the plan directory")
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                if copy is not None:
                    spooled(copy, chunk)
    except OSError as error:
        raise PlanChanged(path=str(path), problem=error.strerror or str(error)) from None
    if digest.hexdigest() != sha256:
        raise PlanChanged(
            path=str(path), problem=f"its SHA-256 is {digest.hexdigest()[:12]}, planned was {sha256[:12]}"
        )


def _span(planned: _PlannedSpan) -> Span:
    return Span(planned.offset, planned.length)


def _report(file: _PlannedFile) -> FileReport:
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
        rules=file.rules,
        mends=file.mends,
        mended=file.mended,
    )
