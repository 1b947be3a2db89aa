"""A copy of the checkout to run commands in: real processes, in an environment that names no database but the given."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

import fasteners

from extract.settings import ROOT
from forks import Fork, Forks
from parses import parse_for

_CODE = ("commands", "console", "extract", "orchestrate")
_COPIED = ("run.py", "config", "dbt_project", "dbt_project.yml", "selectors.yml")

Process = Fork | subprocess.Popen[str]
Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Checkout:
    """A copy of the project to run commands in, with an environment that names no database but the given one."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    shared: ClassVar[Path | None] = None
    """The folder of this run of pytest; None elsewhere, where each copy of the checkout has code of its own."""
    forks: ClassVar[Forks | None] = None
    """What starts the commands of this process of pytest; an interpreter for each where it is None."""

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of run.py."""
        return [sys.executable, str(self.root / "run.py"), *map(str, arguments)]

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a command: ours without anything that could name a database, then the given one."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WDH_", "PG", "DBT_"))}
        return clean | {"PYTHONUTF8": "1"} | self.environment | more

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """Run `python run.py` with the arguments in a real process."""
        return self.finish(self.command(*arguments), **environment)

    def dbt(self, *arguments: str) -> Result:
        """Run dbt at the root of the copy, as a user types it."""
        return self.finish([sys.executable, str(Path(sys.executable).with_name("dbt")), *arguments])

    def build(self, *arguments: str) -> Result:
        """`dbt build`, also of a selection without the unit tests, in which data have no say."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def bare(self, *arguments: str | Path, **environment: str) -> Result:
        """Run `python run.py` in an interpreter of its own, as a user does."""
        return outcome_of(self.start_bare(*arguments, **environment))

    def start(self, *arguments: str | Path, **environment: str) -> Process:
        """Start `python run.py` beside the test."""
        return self._start(self.command(*arguments), self.env(**environment))

    def start_bare(self, *arguments: str | Path, **environment: str) -> Process:
        """The same in an interpreter of its own."""
        return self._start_interpreter(self.command(*arguments), self.env(**environment))

    def finish(self, command: list[str], **environment: str) -> Result:
        """Run a script of Python with its arguments at the root of the copy."""
        return outcome_of(self._start(command, self.env(**environment)))

    def _start(self, command: list[str], environment: dict[str, str]) -> Process:
        if self.forks and self.forks.suits(command, environment):
            if parse := parse_for(self.forks.folder, self.root, command, environment):
                environment = environment | {"DBT_PARTIAL_PARSE_FILE_PATH": str(parse)}
            return self.forks.start(command, self.root, environment)
        return self._start_interpreter(command, environment)

    def _start_interpreter(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )


def outcome_of(process: Process, seconds: float = 180) -> Result:
    """Wait for the end of a process; one that does not end is killed."""
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return subprocess.CompletedProcess([], process.wait(), stdout, stderr)


def copy_checkout(folder: Path) -> Path:
    """A copy of what a run needs, without data; who changes its code calls `change_code`.

    The code is that of one copy, linked, with what is compiled: commands start in half the time.
    """
    for name in _CODE:
        if Checkout.shared:
            shutil.copytree(_kept_code(Checkout.shared) / name, folder / name, copy_function=_link)
        else:
            shutil.copytree(ROOT / name, folder / name)
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / "data").mkdir()
    return folder


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def change_code(path: Path, more: str) -> None:
    """Write more at the end of a module of a copy, and of no other copy."""
    text = path.read_text(encoding="utf-8")
    path.unlink()
    path.write_text(text + more, encoding="utf-8")


def changed_code(shared: Path) -> list[Path]:
    """Files that a test has changed in all copies at once."""
    kept = _kept_code(shared)
    made = kept.with_suffix(".made").stat().st_mtime_ns
    return [path for path in kept.rglob("*.py") if path.stat().st_mtime_ns > made]


@cache
def _kept_code(shared: Path) -> Path:
    """The copy that others are linked from, one for all processes of the run of pytest."""
    kept = shared / "code"
    with fasteners.InterProcessLock(kept.with_suffix(".lock")):
        if not kept.exists():
            for name in _CODE:
                shutil.copytree(ROOT / name, kept / name)  # with the times of the files
            kept.with_suffix(".made").touch()
    return kept
