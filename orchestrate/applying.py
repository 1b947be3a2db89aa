"""`run.py apply`: load exactly a plan that was reviewed, or compare it with the mart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extract.config import load_data_sources
from extract.database.targets import database_target
from extract.observer import Observer
from extract.plan.sealed import SealedPlan, check_workbooks, open_plan
from extract.plan.writing import add_diff
from extract.settings import Settings
from orchestrate.options import LoadOptions
from orchestrate.planning import compare
from orchestrate.results import Compared, Loaded, Progress
from orchestrate.staging import load_landing


def apply(
    directory: Path,
    settings: Settings,
    options: LoadOptions,
    observer: Observer[Progress],
    *,
    allow_changed_sources: bool,
) -> Loaded:
    """Load the rows of a plan, byte by byte.

    Raises PlanMissing, PlanNotReady, PlanChanged, PlanOutdated, SourcesChanged, and the errors of a load.
    """
    with _opened(directory, settings, allow_changed_sources=allow_changed_sources) as plan:
        return load_landing(plan.landing, plan.mode, options, settings, observer)


def compare_plan(directory: Path, settings: Settings, *, allow_changed_sources: bool) -> Compared:
    """Compare a plan with the mart, and add the differences to it. Raises as `apply`, and loads nothing."""
    with _opened(directory, settings, allow_changed_sources=allow_changed_sources) as plan:
        target = database_target(settings)
        diff = compare(plan.landing, plan.mode, target)
        add_diff(diff, directory)
        return Compared(directory, f"{target.label}, for reading only", diff)


@contextmanager
def _opened(directory: Path, settings: Settings, *, allow_changed_sources: bool) -> Iterator[SealedPlan]:
    sources = load_data_sources(settings.data_sources_config)
    plan, workbooks = open_plan(directory, sources, settings.data_sources_config)
    with plan.landing:
        if not allow_changed_sources:
            check_workbooks(workbooks, settings.data_base_dir)
        yield plan
