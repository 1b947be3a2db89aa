"""`run.py month`: load what is new of a month, or the plan that was reviewed, in front of the build and the page."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from extract.files.discovery import Wish
from extract.files.versions import PeriodRange
from extract.observer import Observer
from extract.settings import Settings
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, PlanChecks, RunOptions
from orchestrate.results import Planned, Progress

if TYPE_CHECKING:
    from extract.database.connection import Target


def load_month(
    month: PeriodRange,
    plan: Path | None,
    domain: str | None,
    settings: Settings,
    lock_timeout: float,
    observer: Observer[Progress],
) -> "Target":
    """The database that the workbooks of a month, or a plan, were loaded into; what is loaded already stays.

    Raises the errors of a load; where several workbooks failed, the last one's.
    """
    load = LoadOptions(lock_timeout, reload=False)
    if plan:
        from orchestrate import applying

        checks = PlanChecks(None, allow_changed_sources=False, month=month.first)
        return applying.apply(plan, settings, checks, load, observer).target
    asked = RunOptions(
        domain=domain,
        execute=True,
        diff=False,
        wish=Wish(None, month, None),
        files=(),
        sheet=None,
        mode="delete_insert",
        plan_dir=None,
        workers=os.cpu_count() or 1,
        accepted=frozenset(),
        load=load,
        build=True,
    )
    done = plan_or_load(asked, settings, observer)
    if isinstance(done, Planned):  # a run that failed on its data wrote its plan
        raise done.errors[-1]
    return done.target
