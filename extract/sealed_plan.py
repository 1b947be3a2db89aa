"""A plan that was written before, opened for `apply`: loaded byte for byte as it was reviewed, or refused.

plan.json holds the SHA-256 of every other file of the plan and of every workbook, and its own identity: the SHA-256
of all that it holds but `id` and `diff`, in canonical JSON.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from extract.config import DataSources
from extract.domain import load_domain
from extract.errors import PlanChanged, PlanMissing, PlanNotReady, PlanOutdated, SourcesChanged
from extract.landing import LandedFile, Landing, Span, new_spool, spooled
from extract.modes import Mode
from extract.results import FileReport, FileWarning

SUMMARY = "plan.json"
DIFF = "diff.csv"
REJECTED = "rejected_rows.csv"
_CHUNK = 2**20
_NOT_SEALED = ("id", "diff")


class _Planned(BaseModel):
    model_config = ConfigDict(frozen=True)


class _PlannedSpan(_Planned):
    offset: int
    length: int


class _PlannedWarning(_Planned):
    code: str
    detail: str


class _PlannedFile(_Planned):
    """An entry of `files` in plan.json, as far as the ledger needs it."""

    path: str
    location: str
    period: str | None
    sha256: str
    size: int
    modified_at: datetime
    sheet: str
    header_row: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: dict[str, int]
    warnings: tuple[_PlannedWarning, ...]
    period_from_name: bool
    rules: str
    records: _PlannedSpan
    rejected_records: _PlannedSpan


class _PlannedDiff(_Planned):
    sha256: str


class _Summary(_Planned):
    """plan.json, as far as `apply` needs it."""

    id: str
    domain: str
    mode: Mode
    status: str
    errors: tuple[dict[str, str], ...]
    rules_version: str
    plan_files: dict[str, str]
    files: tuple[_PlannedFile, ...]
    keys_in_several_files: int
    diff: _PlannedDiff | None = None


@dataclass(frozen=True)
class SealedPlan:
    """A plan whose files are what they were when it was written; `landing` holds copies of their bytes."""

    directory: Path
    mode: Mode
    landing: Landing


def seal(summary: dict[str, Any], directory: Path) -> dict[str, Any]:
    """The content of plan.json with the SHA-256 of the other files in `directory` and its own identity."""
    files = sorted(path for path in directory.iterdir() if path.name not in (SUMMARY, DIFF))
    sealed = {**summary, "plan_files": {path.name: sha256_of(path) for path in files}}
    return {"id": identity(sealed), **sealed}


def identity(summary: dict[str, Any]) -> str:
    """The SHA-256 that names a plan: of all of plan.json but its `id`, and its `diff`, which tells of the mart."""
    content = {name: value for name, value in summary.items() if name not in _NOT_SEALED}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


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
    spools = {f"{domain.config.table}.csv": new_spool(), REJECTED: new_spool()}
    expected = summary.plan_files | ({DIFF: summary.diff.sha256} if summary.diff else {})
    for name, sha256 in expected.items():
        _check_file(directory, name, sha256, spools.get(name))
    landing = Landing(
        domain=domain,
        spool=spools[f"{domain.config.table}.csv"],
        rejected_spool=spools[REJECTED],
        files=[LandedFile(_report(file), _span(file.records), _span(file.rejected_records)) for file in summary.files],
        keys_in_several_files=summary.keys_in_several_files,
        plan_id=summary.id,
    )
    workbooks = {file.path: Workbook(file.path, Path(file.location), file.sha256) for file in summary.files}
    return SealedPlan(directory, summary.mode, landing), tuple(workbooks.values())


@dataclass(frozen=True)
class Workbook:
    """A workbook of a plan: its path below the data directory, where it lay, and the SHA-256 of what was read."""

    path: str
    location: Path
    sha256: str


def check_workbooks(workbooks: Iterable[Workbook], data_dir: Path) -> None:
    """Raise SourcesChanged where a workbook is not there any more, or holds other bytes.

    It is looked for below `data_dir`, then where it lay; another machine may have it elsewhere.
    """
    changes = []
    for workbook in workbooks:
        found = _locate(workbook, data_dir)
        if found is None:
            changes.append(f"{workbook.path} is neither below {data_dir} nor at {workbook.location}")
        elif (sha256 := sha256_of(found)) != workbook.sha256:
            changes.append(f"{found} has SHA-256 {sha256[:12]}, planned was {workbook.sha256[:12]}")
    if changes:
        raise SourcesChanged(changes="; ".join(changes))


def _locate(workbook: Workbook, data_dir: Path) -> Path | None:
    below = PurePosixPath(workbook.path)
    candidates = [workbook.location]
    if not below.is_absolute() and ".." not in below.parts:
        candidates.insert(0, data_dir / below)
    return next((path for path in candidates if path.is_file()), None)


def _read_summary(directory: Path) -> _Summary:
    path = directory / SUMMARY
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        summary = _Summary.model_validate(content)
    except (FileNotFoundError, NotADirectoryError):
        raise PlanMissing(path=str(directory)) from None
    except OSError as error:
        raise PlanChanged(path=str(path), problem=error.strerror or str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PlanChanged(path=str(path), problem=f"{place}: {first['msg']}") from None
    except ValueError as error:
        raise PlanChanged(path=str(path), problem=f"it is no JSON in UTF-8: {error}") from None
    if identity(content) != summary.id:
        raise PlanChanged(path=str(path), problem="its content does not fit its id")
    return summary


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


def sha256_of(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        rules=file.rules,
    )
