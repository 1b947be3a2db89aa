"""`run.py setup`: an empty database becomes a ready, validated warehouse, in steps that are recorded one by one."""

from console.setup import SetupView, show_setup_plan
from extract.config import DataSources, load_data_sources
from extract.database.connection import RETRIED, transaction
from extract.database.targets import known_target
from extract.domains.registry import load_domain
from extract.errors.base import ExitCode, WorkDataHubError
from extract.errors.dbt import SelectorEmpty
from extract.errors.warehouse import SetupFailed, WarningsFound
from extract.interruption import Terminated
from extract.settings import ROOT, Settings
from extract.staging.loading import ensure_tables
from orchestrate.dbt.manifest import Manifest
from orchestrate.dbt.outcomes import shortened
from orchestrate.dbt.project import FOUNDATION, PARSED, RUNS, parsed_beside, selection
from orchestrate.warehouse.building import Building
from orchestrate.warehouse.preparation import Prepared, SetupOptions, find_target, prepared
from orchestrate.warehouse.reset import kept_alone, remove
from orchestrate.warehouse.runs import Recorder
from orchestrate.warehouse.validation import validated

__all__ = ["SetupOptions", "setup"]
_QUICK = "--quick leaves it out"
_STOPPED = "the run stopped before it"


def setup(options: SetupOptions, settings: Settings) -> None:
    """Set the warehouse up, or with `dry_run` show what would run.

    Raises the errors of the preflight before anything is changed, SetupFailed and WarningsFound for nodes,
    ConnectionLost, TableLocked and ProjectInvalid for what stopped them, and the KeyboardInterrupt of a signal.
    """
    sources = load_data_sources(settings.data_sources_config)
    if options.dry_run:
        _show_plan(options, settings)
        return
    recorder = Recorder(ROOT / RUNS, "setup", options.mode)
    view = SetupView(options.quiet)
    recorder.listener = view.show_step
    try:
        _run(options, settings, sources, recorder, view)
    except WorkDataHubError as error:
        recorder.end("failed", error.exit_code, f"{error.title}: {error.message}")
        raise
    except KeyboardInterrupt as interruption:
        code = ExitCode.TERMINATED if isinstance(interruption, Terminated) else ExitCode.INTERRUPTED
        recorder.end("interrupted", code, "a signal ended it")
        interruption.add_note("what was built before stays; `python run.py setup` can be repeated at any point")
        raise
    except BaseException as error:
        recorder.end("failed", ExitCode.BUG, f"{type(error).__name__}: {error}")
        raise
    finally:
        recorder.note(connections_retried=tuple(RETRIED))
        view.show_end(recorder.run, recorder.directory)


def _show_plan(options: SetupOptions, settings: Settings) -> None:
    target, _ = known_target(settings, ROOT)
    with parsed_beside(settings, target, ROOT) as project:
        if not project.foundation:
            raise SelectorEmpty(selector=FOUNDATION)
        chosen, chosen_by = selection(project.manifest, project.foundation)
        if not options.quiet:
            show_setup_plan(
                project.manifest,
                chosen,
                chosen_by,
                quick=options.quick,
                database=target.label,
                losses=kept_alone(project.manifest) if options.reset else [],
            )


def _run(options: SetupOptions, settings: Settings, sources: DataSources, recorder: Recorder, view: SetupView) -> None:
    target = find_target(options, settings)
    recorder.note(database=target.label)
    view.show_start(recorder.run)
    with prepared(target, options, settings, recorder) as ready:
        building = Building(ready, recorder, view)
        recorder.note(disabled=tuple(f"{kind} {name}" for kind, name in ready.manifest.disabled))
        try:
            with ready.sessions.watched():
                _steps(options, settings, sources, ready, building, recorder)
        finally:
            recorder.note(
                waited_for_locks=round(ready.sessions.waited, 1),
                dbt_invocations=ready.dbt.invocations,
                dbt_seconds=round(ready.dbt.seconds, 3),
                not_run=_not_run(ready.manifest, building, quick=options.quick),
            )
        recorder.end("warnings" if building.warnings else "success", ExitCode.OK)


def _steps(
    options: SetupOptions,
    settings: Settings,
    sources: DataSources,
    ready: Prepared,
    building: Building,
    recorder: Recorder,
) -> None:
    if options.reset:
        with recorder.step("clear") as details:
            cleared = remove(ready.manifest, ready.target, (), cascade=options.cascade)
            losses = [f"{item.relation} had {item.rows:,} rows, {item.loss}" for item in cleared.removed if item.loses]
            details.text = "; ".join([f"{len(cleared.removed)} relations removed", *losses])
            details.warnings = bool(losses)
    with transaction(ready.target) as connection, connection.cursor() as cursor:
        for name in sources.domains:  # the tables that models read, also where nothing was loaded yet
            ensure_tables(cursor, load_domain(sources, name, settings.data_sources_config))
    building.build_first()
    if options.quick:
        building.skip("models", "left out: --quick")
    else:
        building.build_rest()
    with recorder.step("validation") as details:
        ready.check_lock("validation")
        left = _not_run(ready.manifest, building, quick=False)
        if options.quick:
            left = {name: why for name, why in left.items() if name in ready.first}
        found = validated(ready, [node.unique_id for node in building.nodes], left, quick=options.quick)
        recorder.note(freshness=tuple(found.ages))
        building.warnings += found.warnings
        details.text, details.warnings = found.text, bool(found.warnings)
        if found.problems:
            raise SetupFailed(failed="; ".join(found.problems), run=recorder.run.run_id)
    with recorder.step("report") as details:
        ready.dbt.keep_parsed(ROOT / PARSED)
        details.text = f"python run.py report {recorder.run.run_id}"
        if building.warnings and options.warnings_as_errors:
            raise WarningsFound(warnings=shortened(building.warnings), run=recorder.run.run_id)


def _not_run(manifest: Manifest, building: Building, *, quick: bool) -> dict[str, str]:
    """The nodes without a result, each with the reason."""
    done = {node.unique_id for node in building.nodes}
    return dict.fromkeys(sorted(manifest.nodes.keys() - done), _QUICK if quick and done else _STOPPED)
