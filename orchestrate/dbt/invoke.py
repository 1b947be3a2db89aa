"""dbt in this process: one invocation, its artifacts in the directory of the run, its outcome as our errors."""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult

from extract.errors.dbt import ProjectInvalid
from orchestrate.dbt.manifest import Manifest, read_manifest
from orchestrate.dbt.problems import located, one_line
from orchestrate.dbt.results import Result, read_results

_PARTIAL_PARSE = "partial_parse.msgpack"
_NOT_THE_PROJECT = ("DbtDatabaseError", "FailedToConnectError")

Progress = Callable[[str], None]
"""Called with the id of each node that dbt has finished."""


@dataclass
class Dbt:
    """Runs dbt for one project and profile. Every invocation is counted and timed, and leaves its files in `artifacts`.

    `parsed_before` is what the parser learned in an earlier run; `seconds` may begin with those of the import of dbt.
    """

    root: Path
    profiles: Path
    artifacts: Path
    parsed_before: Path | None = None
    invocations: int = 0
    seconds: float = 0
    results: list[Result] = field(default_factory=list)
    manifest: Manifest = field(init=False)

    def list_nodes(self, selector: str) -> list[str]:
        """Parse the project; gives the ids of the seeds, models and snapshots of a selector, and sets `manifest`.

        Raises ProjectInvalid.
        """
        kinds = [part for kind in ("model", "seed", "snapshot") for part in ("--resource-type", kind)]
        shape = ("--output", "json", "--output-keys", "unique_id")
        outcome = self._invoke(["ls", *kinds, *shape, "--selector", selector], None)
        found = outcome.result
        if not isinstance(found, list):
            raise self._invalid(outcome.exception)
        self.manifest = read_manifest(self._target_path, self.root)
        return [json.loads(line)["unique_id"] for line in found]

    def parse(self) -> Manifest:
        """Parse the project only. Raises ProjectInvalid."""
        outcome = self._invoke(["parse"], None)
        if not outcome.success:
            raise self._invalid(outcome.exception)
        self.manifest = read_manifest(self._target_path, self.root)
        return self.manifest

    def build(self, selection: Sequence[str], progress: Progress | None = None) -> list[Result]:
        """`dbt build` of a selection without unit tests; the results are also added to `results`, after a signal too.

        Raises ProjectInvalid where dbt gives no results since the project does not compile, RuntimeError with what
        dbt says where it gives none for another reason, and the KeyboardInterrupt of a signal.
        """
        (self._target_path / "run_results.json").unlink(missing_ok=True)
        before = ["build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
        outcome = self._invoke([*before, *selection], progress)
        path = self._target_path / "run_results.json"
        results = read_results(path) if path.exists() else None
        if results is not None:
            shutil.move(path, self.artifacts / f"run_results-{self.invocations}.json")
            self.results += results
        if interruption := _interruption(outcome.exception):
            raise interruption
        if results is None:
            if type(outcome.exception).__name__ in _NOT_THE_PROJECT:
                raise RuntimeError(one_line(outcome.exception))
            raise self._invalid(outcome.exception)
        return results

    def keep_parsed(self, path: Path) -> None:
        """Keep what the parser learned at `path`, for the next run."""
        parsed = self._target_path / _PARTIAL_PARSE
        if parsed.exists():
            working = path.with_name(f"{path.name}.{os.getpid()}.tmp")
            shutil.move(parsed, working)
            working.replace(path)

    @property
    def _target_path(self) -> Path:
        return self.artifacts / "target"

    def _invoke(self, arguments: list[str], progress: Progress | None) -> dbtRunnerResult:
        before = [
            "--quiet",
            "--log-level",
            "none",
            "--log-level-file",
            "debug",
            "--no-print",
            "--log-path",
            str(self.artifacts / "logs"),
        ]
        own = self._target_path / _PARTIAL_PARSE
        if self.parsed_before and not own.exists():
            before += ["--partial-parse-file-path", str(self.parsed_before)]
        places = ["--project-dir", str(self.root), "--profiles-dir", str(self.profiles)]
        target = ["--target-path", str(self._target_path)]
        self.invocations += 1
        here, started = Path.cwd(), time.perf_counter()
        try:
            runner = dbtRunner(callbacks=[_finished(progress)] if progress else [])
            outcome = runner.invoke([*before, *arguments, *places, *target])
        finally:
            os.chdir(here)
            self.seconds += time.perf_counter() - started
        manifest = self._target_path / "manifest.json"
        if manifest.exists():
            shutil.copy2(manifest, self.artifacts / "manifest.json")
        return outcome

    def _invalid(self, error: BaseException | None) -> ProjectInvalid | BaseException:
        if interruption := _interruption(error):
            return interruption
        return ProjectInvalid(problem=located(one_line(error or "dbt gave no result"), self.root))


def _interruption(error: BaseException | None) -> KeyboardInterrupt | None:
    """The KeyboardInterrupt behind an exception: dbt may fail on its way out."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _finished(progress: Progress) -> Callable[[Any], None]:
    def tell(event: Any) -> None:
        if event.info.name == "NodeFinished":
            progress(event.data.node_info.unique_id)

    return tell
