"""`run.py apply`: load exactly a plan that was reviewed, or compare it with the mart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from extract.config import load_data_sources
from extract.database.targets import database_target
from extract.errors.plan import PlanOfOtherMonth
from extract.observer import Observer
from extract.plan.parts import add_diff
from extract.plan.sealed import SealedPlan, check_workbooks, open_plan, refuse_unsealed_diff
from extract.settings import Settings
from orchestrate import remote
from orchestrate.options import LoadOptions, PlanChecks
from orchestrate.planning import compare
from orchestrate.results import Compared, Loaded, PlanOpened, Progress
from orchestrate.staging import load_landing


def apply(
    place: Path | str,
    settings: Settings,
    checks: PlanChecks,
    options: LoadOptions,
    observer: Observer[Progress],
) -> Loaded:
    """Load the rows of a plan, byte by byte. Its place is a directory, or a URL, which is fetched.

    Raises PlanMissing, PlanNotReady, PlanIdDiffers, PlanOfOtherMonth, PlanChanged, PlanOutdated, SourcesChanged,
    ExtraMissing, RemoteFailed, and the errors of a load.
    """
    with _opened(place, settings, checks) as plan:
        refuse_unsealed_diff(plan)
        _demand_month(plan, checks.month)
        observer.found(PlanOpened(plan.directory, plan.id))
        return load_landing(plan.landing, plan.mode, options, settings, observer)


def compare_plan(place: Path | str, settings: Settings, checks: PlanChecks) -> Compared:
    """Compare a plan with the mart, and add the differences to it. Raises as `apply`, and loads nothing."""
    with _opened(place, settings, checks) as plan:
        target = database_target(settings)
        diff = compare(plan.landing, plan.mode, target)
        plan_id = add_diff(diff, plan.directory, plan.content, plan.landing.domain)
        if isinstance(place, str):
            remote.send(plan.directory, place)
        return Compared(plan.directory, plan_id, f"{target.label}, for reading only", diff)


def _demand_month(plan: SealedPlan, month: date | None) -> None:
    found = sorted({file.report.period for file in plan.landing.files if file.report.period})
    if month and found and month not in found:
        raise PlanOfOtherMonth(path=str(plan.directory), month=f"{month:%Y-%m}", found=f"{found[-1]:%Y-%m}")


@contextmanager
def _opened(place: Path | str, settings: Settings, checks: PlanChecks) -> Iterator[SealedPlan]:
    directory = remote.plan(place) if isinstance(place, str) else place
    sources = load_data_sources(settings.data_sources_config)
    plan, workbooks = open_plan(directory, sources, settings.data_sources_config, checks.expected_id)
    with plan.landing:
        if not checks.allow_changed_sources:
            if checks.data_url:
                settings = remote.workbooks(checks.data_url, plan.landing.domain.name, settings)
            check_workbooks(workbooks, settings.data_base_dir)
        plan.landing.accepted |= checks.accepted
        yield plan
