"""The two steps that jobs and assets share: write a plan, and load exactly a plan that was written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.errors.base import WorkDataHubError
from extract.files.discovery import Wish
from extract.files.versions import PeriodRange
from extract.observer import Observer
from extract.settings import Settings
from orchestrate.applying import apply
from orchestrate.dagster.configs import PlanConfig
from orchestrate.dagster.records import LoadRecord, PlanRecord, load_record, plan_record
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, PlanChecks, RunOptions
from orchestrate.results import Planned, Progress

Content = Mapping[str, Any]
"""All that a plan.json holds."""


def configured(settings: Settings) -> dict[str, Domain]:
    """The domains of the configuration. Raises its errors."""
    path = settings.data_sources_config
    sources = load_data_sources(path)
    return {name: load_domain(sources, name, path) for name in sources.domains}


def plan_workbooks(
    domain: str,
    periods: PeriodRange | None,
    config: PlanConfig,
    settings: Settings,
    workers: int,
    observer: Observer[Progress],
) -> tuple[PlanRecord, Content, tuple[WorkDataHubError, ...]]:
    """Plan what the workbooks of a domain would load; gives the plan, its plan.json, and what failed in it.

    Raises UsageError and the errors of the plan directory.
    """
    asked = RunOptions(
        domain=domain,
        execute=False,
        diff=False,
        wish=Wish(config.max_files, periods),
        files=(),
        sheet=config.sheet,
        mode=config.mode.mode,
        plan_dir=None,
        workers=workers,
        accepted=frozenset(),
        load=LoadOptions(0, reload=False),
    )
    done = plan_or_load(asked, settings, observer)
    assert isinstance(done, Planned)  # nothing is executed
    record, content = plan_record(done.plan.directory, configured(settings)[domain].config.table)
    return record, content, done.errors


def load_plan(
    plan: PlanRecord, settings: Settings, options: LoadOptions, observer: Observer[Progress]
) -> tuple[LoadRecord, Content]:
    """Load exactly the plan of this id. Raises what `orchestrate.applying.apply` raises, above all PlanIdDiffers."""
    directory = Path(plan.directory)
    _, content = plan_record(directory, plan.table)
    loaded = apply(directory, settings, PlanChecks(plan.id, allow_changed_sources=False), options, observer)
    return load_record(plan, loaded), content
