"""What a user asks of the commands that plan and load: the flags, as values."""

from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extract.files.discovery import Wish
from extract.modes import Mode


@dataclass(frozen=True)
class LoadOptions:
    """How anything is put into staging: seconds to wait for another run, whether what is loaded is loaded again,
    and the reason for which closed months may change.
    """

    lock_timeout: float
    reload: bool
    reopen: str | None = None


@dataclass(frozen=True)
class RunOptions:
    """The flags of the main command. `execute` loads, `diff` compares a plan with the mart; never both.

    `accepted` are the guards that may not stop it; `build` follows a load.
    """

    domain: str | None
    execute: bool
    diff: bool
    wish: Wish
    files: tuple[Path, ...]
    sheet: str | None
    mode: Mode
    plan_dir: Path | None
    workers: int
    accepted: frozenset[str]
    load: LoadOptions
    build: bool = False
    data_url: str | None = None
    """Where the workbooks lie, if not in the data directory of the settings."""
    plan_url: str | None = None
    """Where the plan is sent too, once it is written."""
    executor: str | Executor | None = None
    """Who reads the workbooks: an address, or an executor that stays open; processes of this machine where None."""


@dataclass(frozen=True)
class PlanChecks:
    """What `apply` asks of a plan: the id that it must have (None: any), whether its workbooks may have changed,
    the guards that may not stop it, the URL below which its workbooks lie (None: in the data directory), and the month
    that it must hold (None: any).
    """

    expected_id: str | None
    allow_changed_sources: bool
    accepted: frozenset[str] = frozenset()
    data_url: str | None = None
    month: date | None = None
