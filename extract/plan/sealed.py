"""A plan that was written before, opened for `apply`: loaded byte for byte as it was reviewed, or refused."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from extract.config import DataSources
from extract.domains.registry import load_domain
from extract.errors.base import WorkDataHubError
from extract.errors.plan import PlanChanged, PlanIdDiffers, PlanNotReady, PlanOutdated, SourcesChanged
from extract.files.containers import contents_of, file_at, member_at, member_bytes
from extract.limits import MEGABYTE, Limits
from extract.modes import Mode
from extract.plan.landing import LandedFile, Landing, Span, new_spool, spooled
from extract.plan.plain_files import open_plain, read_plain
from extract.plan.seal import DIFF, REJECTED
from extract.plan.summary import Summary, read_summary, report_of, span_of
from extract.wording import Sentence

_CHUNK = 2**20
_LARGEST = 2**32
"""Bytes of a file of the plan that tells nothing of its length elsewhere."""


@dataclass(frozen=True)
class SealedPlan:
    """A plan whose files are what they were when it was written; `landing` holds copies of their bytes.

    `content` is all of its plan.json.
    """

    directory: Path
    id: str
    mode: Mode
    landing: Landing
    content: dict[str, Any]


def open_plan(
    directory: Path, sources: DataSources, config_path: Path, expected_id: str | None = None
) -> tuple[SealedPlan, tuple["Workbook", ...]]:
    """Check a plan and copy its rows; gives it with its workbooks, which `check_workbooks` compares.

    Raises PlanMissing, PlanChanged (a file of it is not what was written), PlanIdDiffers (it has not the expected id),
    PlanNotReady (of a failed run), PlanOutdated (other rules or configuration), and the errors of `load_domain`.
    """
    summary, content = read_summary(directory)
    if expected_id is not None and expected_id != summary.id:
        raise PlanIdDiffers(path=str(directory), expected=expected_id, found=summary.id)
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
        files=[
            LandedFile(report_of(file), span_of(file.records), span_of(file.rejected_records)) for file in summary.files
        ],
        keys_in_several_files=summary.keys_in_several_files,
        plan_id=summary.id,
        accepted=frozenset(summary.accepted),
        planned_by=summary.planned_by,
        position=summary.diff.position if summary.diff else None,
        position_at=summary.diff.position_at if summary.diff else None,
    )
    try:
        _copy_checked(directory, summary, landing)
    except WorkDataHubError:
        landing.__exit__()
        raise
    workbooks = {file.path: Workbook(file.path, Path(file.location), file.sha256, file.size) for file in summary.files}
    return SealedPlan(directory, summary.id, summary.mode, landing, content), tuple(workbooks.values())


def refuse_unsealed_diff(plan: SealedPlan) -> None:
    """Raise PlanChanged for a diff.csv that plan.json does not know: it may have been shown to somebody."""
    path = plan.directory / DIFF
    if "diff" not in plan.content and (path.is_symlink() or path.exists()):
        raise PlanChanged(path=str(path), problem=Sentence("the plan has no comparison; `apply --diff` makes one"))


def _copy_checked(directory: Path, summary: Summary, landing: Landing) -> None:
    """Compare every file of the plan with its checksum, and copy the rows into the landing."""
    records = f"{landing.domain.config.table}.csv"
    spools = {records: landing.spool, REJECTED: landing.rejected_spool}
    expected = summary.plan_files | ({DIFF: summary.diff.sha256} if summary.diff else {})
    lengths = {
        records: len(landing.header) + sum(span.length for span in landing.record_spans),
        REJECTED: len(landing.rejected_header) + sum(span.length for span in landing.rejected_spans),
    }
    for name, sha256 in expected.items():
        _check_file(directory, name, sha256, spools.get(name), lengths.get(name, _LARGEST))
    _check_spans(directory / records, landing.spool, landing.header, landing.record_spans)
    _check_spans(directory / REJECTED, landing.rejected_spool, landing.rejected_header, landing.rejected_spans)


@dataclass(frozen=True)
class Workbook:
    """A workbook of a plan: its path below the data directory, where it lay, the SHA-256 and size of what was read."""

    path: str
    location: Path
    sha256: str
    size: int


def check_workbooks(workbooks: Iterable[Workbook], data_dir: Path) -> None:
    """Raise SourcesChanged where a workbook is not there any more, or holds other bytes.

    It is looked for below `data_dir` and where it lay; another machine may have it elsewhere.
    """
    changes = []
    for workbook in workbooks:
        places = [place for place in _places(workbook, data_dir) if file_at(str(place)).is_file()]
        found = {place: _difference(place, workbook) for place in places}
        if not found:
            changes.append(f"{workbook.path} is neither below {data_dir} nor at {workbook.location}")
        elif all(found.values()):
            path, difference = next(iter(found.items()))
            changes.append(f"{path} {difference}")
    if changes:
        raise SourcesChanged(changes="; ".join(changes))


def _difference(path: Path, workbook: Workbook) -> str:
    """How a file differs from the workbook that was planned; empty where it does not."""
    try:
        if inside := member_at(str(path)):
            return _difference_of_member(*inside, workbook)
        with open_plain(path, follow=True) as file:
            size = os.fstat(file.fileno()).st_size
            if size != workbook.size:  # nobody says where an endless one ends
                return f"has {size:,} bytes, planned were {workbook.size:,}"
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return "" if sha256 == workbook.sha256 else f"has SHA-256 {sha256[:12]}, planned was {workbook.sha256[:12]}"


def _difference_of_member(container: Path, name: str, workbook: Workbook) -> str:
    """How a workbook in a container differs from the one that was planned. Raises OSError."""
    limits = Limits()
    member = next((one for one in contents_of(container, limits).members if one.name == name), None)
    if member is None:
        return "is not in its container any more"
    try:
        content = member_bytes(
            read_plain(container, limits.file_mb * MEGABYTE, follow=True), container.suffix, member.position
        )
    except ValueError as error:
        return str(error)
    sha256 = hashlib.sha256(content).hexdigest()
    return "" if sha256 == workbook.sha256 else f"has SHA-256 {sha256[:12]}, planned was {workbook.sha256[:12]}"


def _places(workbook: Workbook, data_dir: Path) -> list[Path]:
    below = PurePosixPath(workbook.path)
    inside = not below.is_absolute() and ".." not in below.parts
    return [*([data_dir / below] if inside else []), workbook.location]


def _check_spans(path: Path, spool: IO[bytes], header: bytes, spans: Iterable[Span]) -> None:
    """Raise PlanChanged where the spans of the workbooks are not, one after the other, all of a file but its header."""
    size = spool.tell()
    spool.seek(0)
    if spool.read(len(header)) not in (header, b""):
        raise PlanChanged(path=str(path), problem=Sentence("its first line is not the header"))
    end = len(header)
    for span in spans:
        if span.offset != end:
            raise PlanChanged(path=str(path), problem=f"the rows at byte {end} are of no workbook of plan.json")
        end += span.length
    if end != size and (size or end != len(header)):
        raise PlanChanged(
            path=str(path), problem=Sentence("it has {size} bytes, but plan.json tells of {end}", size=size, end=end)
        )


def _check_file(directory: Path, name: str, sha256: str, copy: IO[bytes] | None, largest: int) -> None:
    """Compare one file with its checksum; what goes into `copy` is what was compared. Links are not followed."""
    path = directory / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        raise PlanChanged(path=str(path), problem=Sentence("it is missing, or no plain file of the plan directory"))
    digest = hashlib.sha256()
    try:
        with open_plain(path) as file:
            while chunk := file.read(_CHUNK):
                if file.tell() > largest:
                    raise PlanChanged(path=str(path), problem=f"it has more than {largest:,} bytes")
                digest.update(chunk)
                if copy is not None:
                    spooled(copy, chunk)
    except OSError as error:
        raise PlanChanged(path=str(path), problem=error.strerror or str(error)) from None
    if digest.hexdigest() != sha256:
        raise PlanChanged(
            path=str(path), problem=f"its SHA-256 is {digest.hexdigest()[:12]}, planned was {sha256[:12]}"
        )
