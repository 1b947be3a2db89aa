"""`run.py plans`: the plan directories below plans/, and which of them nobody needs any more. No database is opened."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extract.errors.plan import DiskFailed
from extract.plan.seal import SUMMARY, TO_MEND
from extract.settings import ROOT

_LARGEST = 2**26
"""Bytes of a plan.json that is read to be listed."""
_MENDED = 2.0
"""Seconds after its plan from which on a rejects.xlsx was saved by somebody else."""


@dataclass(frozen=True)
class KeptPlan:
    """A directory below plans/; `problem` says why it is none that can be listed. `mended`: somebody works in it."""

    directory: Path
    made_at: datetime
    id: str = ""
    domain: str = ""
    ready: bool = False
    files: int = 0
    rows: int = 0
    rejects: int = 0
    mended: bool = False
    problem: str = ""


@dataclass(frozen=True)
class KeptPlans:
    """All plans, newest first, and those of them that are removed, or would be."""

    plans: tuple[KeptPlan, ...]
    pruned: tuple[KeptPlan, ...] = ()
    executed: bool = False


def kept_plans(*, keep: int | None = None, execute: bool = False) -> KeptPlans:
    """The plans below plans/; all but the newest `keep` are to go, but for those whose rejects are being mended.

    What is no plan stays. Raises DiskFailed.
    """
    folder = ROOT / "plans"
    try:
        found = [_plan(path) for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    except FileNotFoundError:
        found = []
    except OSError as error:
        raise DiskFailed(path=str(folder), problem=error.strerror or str(error)) from None
    plans = sorted(found, key=lambda plan: (plan.made_at, plan.directory.name), reverse=True)
    listed = [plan for plan in plans if not plan.problem]
    pruned = () if keep is None else tuple(plan for plan in listed[keep:] if not plan.mended)
    for plan in pruned if execute else ():
        try:
            shutil.rmtree(plan.directory)
        except OSError as error:
            raise DiskFailed(path=str(plan.directory), problem=error.strerror or str(error)) from None
    return KeptPlans(tuple(plans), pruned, execute)


def _plan(directory: Path) -> KeptPlan:
    path = directory / SUMMARY
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("its plan.json is too large")
        made = path.stat().st_mtime
        content: Mapping[str, Any] = json.loads(path.read_bytes())
        rejects = directory / TO_MEND
        return KeptPlan(
            directory=directory,
            made_at=datetime.fromtimestamp(made, UTC),
            id=content["id"],
            domain=content["domain"],
            ready=content["status"] == "ready",
            files=content["totals"]["files"],
            rows=content["totals"]["rows_loaded"],
            rejects=content["totals"]["rows_rejected"],
            mended=rejects.exists() and rejects.stat().st_mtime > made + _MENDED,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        moment = datetime.fromtimestamp(directory.stat().st_mtime, UTC)
        return KeptPlan(directory, moment, problem=f"no plan: {type(error).__name__}")
