"""The step into staging: load what was read or planned, let dbt find the same database, and keep the plan."""

import os
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from extract.database.targets import database_target
from extract.errors.base import DataError
from extract.modes import Mode
from extract.observer import Observer
from extract.plan.landing import Extraction, Landing
from extract.plan.writing import default_directory, write_plan
from extract.settings import ROOT, Settings
from extract.staging.loading import load
from extract.steps import timed_step
from orchestrate.dbt.profile import password_variable, write_profile
from orchestrate.options import LoadOptions
from orchestrate.results import Committed, Connected, Loaded, PlanKept, ProfileReady, Progress


def load_landing(
    landing: Landing, mode: Mode, options: LoadOptions, settings: Settings, observer: Observer[Progress]
) -> Loaded:
    """Load into the database of the settings, and write profiles.yml for it.

    Raises what `extract.staging.loading.load` raises, and DiskFailed for profiles.yml, once the load is committed.
    """
    target = database_target(settings)
    started = time.perf_counter()
    observer.found(Connected(target.label))
    with timed_step("loaded", mode=mode) as fields:
        done = load(landing, mode, target, options.lock_timeout, reload=options.reload, reopen=options.reopen)
        fields |= {"batch_id": done.batch_id, "table": done.table, "rows": done.rows, "rejects": done.rejects}
    observer.found(Committed(done, time.perf_counter() - started))
    uri = settings.database_uri
    project = settings.dbt_project
    written = write_profile(target, project, uri)
    variable = password_variable(target, uri)
    observer.found(ProfileReady(project, written, variable if variable and variable not in os.environ else None))
    return Loaded(target, done, warnings=_warnings(landing))


def load_and_keep(
    extraction: Extraction,
    mode: Mode,
    directory: Path | None,
    options: LoadOptions,
    settings: Settings,
    observer: Observer[Progress],
) -> Loaded:
    """Load what was read, then write its plan where a directory was named or something was rejected.

    A load that staging refuses for its data writes its plan too, as one that failed.
    """
    try:
        loaded = load_landing(extraction, mode, options, settings, observer)
    except DataError as error:
        extraction.errors.append(error)
        plan = write_plan(extraction, mode, directory or default_directory(ROOT))
        observer.found(PlanKept(plan.directory, ()))
        raise
    if directory is None and not loaded.load.rejects:
        return loaded
    plan = write_plan(extraction, mode, directory or default_directory(ROOT))
    kept = PlanKept(plan.directory, plan.mending)
    observer.found(kept)
    return replace(loaded, kept=kept)


def _warnings(landing: Landing) -> Counter[str]:
    """How often each code warns: once for a workbook, and once for each row."""
    counts: Counter[str] = Counter()
    for file in landing.files:
        counts.update(warning.code for warning in file.report.warnings)
        counts.update({remark.code: remark.rows for remark in file.report.remarks})
    return counts
