"""`run.py apply`: load exactly a plan that was reviewed, or compare it with the mart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extract.config import load_data_sources
from extract.database.targets import database_target
from extract.observer import Observer
from extract.plan.parts import add_diff
from extract.plan.sealed import SealedPlan, check_workbooks, open_plan, refuse_unsealed_diff
from extract.settings import Settings
from orchestrate.options import LoadOptions, PlanChecks
from orchestrate.planning import compare
from orchestrate.results import Compared, Loaded, PlanOpened, Progress
from orchestrate.staging import load_landing


def apply(
    directory: Path,
    settings: Settings,
    checks: PlanChecks,
    options: LoadOptions,
    observer: Observer[Progress],
) -> Loaded:
    """Load the rows of a plan, byte by byte.

    Raises PlanMissing, PlanNotReady, PlanIdDiffers, PlanChanged, PlanOutdated, SourcesChanged, and the errors of a
    load.
    """
    with _opened(directory, settings, checks) as plan:
        refuse_unsealed_diff(plan)
        observer.found(PlanOpened(directory, plan.id))
        return load_landing(plan.landing, plan.mode, options, settings, observer)


def compare_plan(directory: Path, settings: Settings, checks: PlanChecks) -> Compared:
    """Compare a plan with the mart, and add the differences to it. Raises as `apply`, and loads nothing."""
    with _opened(directory, settings, checks) as plan:
        target = database_target(settings)
        diff = compare(plan.landing, plan.mode, target)
        plan_id = add_diff(diff, directory, plan.content, plan.landing.domain)
        return Compared(directory, plan_id, f"{target.label}, for reading only", diff)


@contextmanager
def _opened(directory: Path, settings: Settings, checks: PlanChecks) -> Iterator[SealedPlan]:
    sources = load_data_sources(settings.data_sources_config)
    plan, workbooks = open_plan(directory, sources, settings.data_sources_config, checks.expected_id)
    with plan.landing:
        if not checks.allow_changed_sources:
            check_workbooks(workbooks, settings.data_base_dir)
        plan.landing.accepted |= checks.accepted
        yield plan
