"""The main command: the steps from workbooks to a plan or a load, one after the other.

Database modules are imported once a load begins, since a plan must not import any.
"""

from collections.abc import Callable
from importlib import import_module

from extract.config import load_data_sources
from extract.domains.registry import load_domain
from extract.errors.approvals import ApprovalRequired
from extract.errors.base import DataError
from extract.observer import Observer
from extract.pipeline import gather
from extract.plan.writing import check_directory
from extract.settings import Settings
from orchestrate.executors import readers
from orchestrate.options import RunOptions
from orchestrate.planning import plan, plan_with_diff
from orchestrate.reading import find, read, read_options
from orchestrate.results import Loaded, Planned, Progress


def plan_or_load(options: RunOptions, settings: Settings, observer: Observer[Progress]) -> Planned | Loaded:
    """The same wherever workbooks and plan lie: a URL is fetched before, and the plan sent to one afterwards.

    Raises ExtraMissing and RemoteFailed too.
    """
    if not (options.data_url or options.plan_url):
        return _plan_or_load(options, settings, observer)
    from orchestrate import remote

    if options.data_url:
        settings = remote.workbooks(options.data_url, options.domain, settings)
    if options.plan_url:
        remote.demand_empty(options.plan_url)
    done = _plan_or_load(options, settings, observer)
    kept = done.plan.directory if isinstance(done, Planned) else done.kept.directory if done.kept else None
    if options.plan_url and kept:
        remote.send(kept, options.plan_url)
    return done


def _plan_or_load(options: RunOptions, settings: Settings, observer: Observer[Progress]) -> Planned | Loaded:
    """Find the workbooks, read them, then write a plan, or load. A run that fails on its data writes its plan too.

    Raises UsageError, the errors of the plan directory, and those of a load and of the database.
    """
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, options.domain, settings.data_sources_config)
    domain.check_mode(options.mode, settings.data_sources_config)
    if options.execute and domain.config.require_approval:
        raise ApprovalRequired(domain=domain.name)
    if options.plan_dir:
        check_directory(options.plan_dir)
    try:
        found = find(domain, sources, settings.data_base_dir, options.wish, options.files)
    except DataError as error:
        with gather((), domain) as nothing:
            nothing.errors.append(error)
            return plan(nothing, options.mode, options.plan_dir, settings)
    reading = read_options(sources, settings, options.sheet, options.accepted)
    with (
        readers(options.workers, options.executor) as reading_by,
        read(found, domain, reading, reading_by, observer, _while_reading(options)) as extraction,
    ):
        observer.found(extraction)
        if extraction.errors or not (options.execute or options.diff):
            return plan(extraction, options.mode, options.plan_dir, settings)
        if options.diff:
            return plan_with_diff(extraction, options.mode, options.plan_dir, settings)
        from orchestrate.staging import load_and_keep

        return load_and_keep(extraction, options.mode, options.plan_dir, options.load, settings, observer)


def _while_reading(options: RunOptions) -> Callable[[], None]:
    """What is imported while others read the workbooks: dbt for a build, XlsxWriter for a plan."""
    return _importing_dbt if options.build else _importing_review


def _importing_dbt() -> None:
    from orchestrate.dbt.importing import import_dbt_meanwhile

    import_dbt_meanwhile()


def _importing_review() -> None:
    import_module("extract.plan.review")
