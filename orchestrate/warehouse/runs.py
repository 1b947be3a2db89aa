"""The record of a run: what it did, kept as run.json in a directory of its own below .wdh/runs.

It is written when the run starts, with the status `running`, and replaced whole at each step, so that a run that was
killed leaves one that does not say it succeeded.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from extract.errors.base import WorkDataHubError
from extract.errors.plan import DiskFailed
from extract.errors.warehouse import RunUnknown
from extract.settings import ROOT
from extract.wording import Sentence
from orchestrate.dbt.outcomes import Outcome
from orchestrate.warehouse.ages import Age

KEPT_RUNS = 50
"""Older runs are removed when a new one starts."""
Status = Literal["running", "success", "warnings", "failed", "interrupted"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Step(_Record):
    """One step: `detail` is what a person reads about it."""

    name: str
    status: Literal["ok", "warnings", "failed", "skipped", "interrupted"]
    seconds: float
    detail: str


class Run(_Record):
    """A run as run.json has it. `ended_at` is None as long as it runs, or where it was killed.

    `project` is the directory of its dbt project; empty for that of the checkout.
    """

    run_id: str
    command: str
    mode: str
    status: Status
    exit_code: int | None = None
    pid: int
    process_started: float
    started_at: datetime
    ended_at: datetime | None = None
    seconds: float = 0
    database: str = ""
    project: str = ""
    versions: dict[str, str] = {}
    git_revision: str | None = None
    git_changed: bool = False
    steps: tuple[Step, ...] = ()
    nodes: tuple[Outcome, ...] = ()
    freshness: tuple[Age, ...] = ()
    not_run: dict[str, str] = {}
    relations: tuple[str, ...] = ()
    dbt_invocations: int = 0
    dbt_seconds: float = 0
    disabled: tuple[str, ...] = ()
    waited_for_locks: float = 0
    connections_retried: tuple[str, ...] = ()
    error: str | None = None

    @property
    def finished(self) -> bool:
        """Whether it came to an end of its own."""
        return self.status != "running"

    @property
    def outcome(self) -> str:
        """The status; of a run whose process has gone without an end, that it did not finish."""
        if self.finished:
            return self.status
        return "running" if _lives(self.pid, self.process_started) else "did not finish"


class Recorder:
    """Writes the run of this process. `run` is its present state; `listener` is told each step that has ended."""

    listener: Callable[[Step], None] | None = None

    def __init__(self, folder: Path, command: str, mode: str) -> None:
        now = datetime.now(UTC)
        run_id = f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
        self.directory = folder / run_id
        self._started = time.perf_counter()
        try:
            self.directory.mkdir(parents=True)
        except OSError as error:
            raise DiskFailed(path=str(self.directory), problem=error.strerror or str(error)) from None
        self.run = Run(
            run_id=run_id,
            command=command,
            mode=mode,
            status="running",
            pid=os.getpid(),
            process_started=psutil.Process().create_time(),
            started_at=now,
        )
        self.note()
        for old in sorted(path for path in folder.iterdir() if path.is_dir())[:-KEPT_RUNS]:
            shutil.rmtree(old, ignore_errors=True)

    def note(self, **fields: object) -> None:
        """Put fields into the record, and write it."""
        self.run = self.run.model_copy(update={**fields, "seconds": round(time.perf_counter() - self._started, 3)})
        working = self.directory / "run.json.tmp"
        try:
            working.write_text(self.run.model_dump_json(indent=1), encoding="utf-8")
            working.replace(self.directory / "run.json")
        except OSError as error:
            raise DiskFailed(path=str(self.directory), problem=error.strerror or str(error)) from None

    @contextmanager
    def step(self, name: str) -> Iterator["Details"]:
        """Time a step; it fails with the error that leaves the block."""
        started = time.perf_counter()
        details = Details()
        status: Literal["ok", "warnings", "failed", "skipped", "interrupted"] = "ok"
        try:
            yield details
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        except BaseException as error:
            status = "failed"
            if isinstance(error, WorkDataHubError):
                details.text = details.text or error.title
            raise
        finally:
            if status == "ok":
                status = details.status
            seconds = time.perf_counter() - started if details.seconds is None else details.seconds
            step = Step(name=name, status=status, seconds=round(seconds, 3), detail=details.text)
            self.note(steps=(*self.run.steps, step))
            if self.listener:
                self.listener(step)

    def end(self, status: Status, exit_code: int, error: str | None = None) -> None:
        """Write how it ended."""
        self.note(status=status, exit_code=exit_code, ended_at=datetime.now(UTC), error=error)


class Details:
    """What a step says about itself. `seconds` replaces the measured ones where several steps share an invocation."""

    text: str = ""
    warnings: bool = False
    skipped: bool = False
    failed: bool = False
    seconds: float | None = None

    @property
    def status(self) -> Literal["ok", "warnings", "failed", "skipped"]:
        """How the step ended, where no error left it."""
        return "failed" if self.failed else "warnings" if self.warnings else "skipped" if self.skipped else "ok"


def runs(folder: Path) -> list[Run]:
    """All runs that can be read, newest first."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.glob("*/run.json"), reverse=True):
        try:
            found.append(Run.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):  # of another version, or removed by a run that starts just now
            continue
    return found


def runs_of(folder: Path, database: str, project: Path) -> list[Run]:
    """The recorded runs of a dbt project on a database, newest first."""
    return [run for run in runs(folder) if run.database == database and Path(run.project or ROOT) == project]


def built_before(known: Iterable[Run]) -> set[str]:
    """The relations that runs made."""
    return {relation for run in known for relation in run.relations}


def find_run(folder: Path, run_id: str | None) -> Run:
    """The run of an id or of its beginning, or the last one. Raises RunUnknown."""
    known = runs(folder)
    matching = [run for run in known if run_id is None or run.run_id.startswith(run_id)]
    if not matching or (run_id and len(matching) > 1):
        wanted = Sentence("no run")
        if matching:
            wanted = Sentence("{number} runs {run}", number=len(matching), run=run_id)
        elif run_id:
            wanted = Sentence("no run {run}", run=run_id)
        raise RunUnknown(wanted=wanted, known=", ".join(run.run_id for run in known[:5]) or Sentence("none yet"))
    return matching[0]


def _lives(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 1
    except psutil.Error:
        return False
