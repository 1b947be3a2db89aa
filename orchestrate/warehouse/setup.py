"""`run.py setup`: an empty database becomes a ready, validated warehouse, in steps that are recorded one by one."""

from dataclasses import dataclass
from pathlib import Path

from extract.config import DataSources, load_data_sources
from extract.database.connection import RETRIED, Target, transaction
from extract.database.targets import known_target
from extract.domains.registry import load_domain
from extract.errors.base import ExitCode, WorkDataHubError
from extract.errors.dbt import SelectorEmpty
from extract.errors.warehouse import SetupFailed, WarningsFound
from extract.interruption import Terminated
from extract.observer import Observer
from extract.settings import ROOT, Settings
from extract.staging.loading import ensure_tables
from extract.wording import Sentence
from orchestrate.dbt.kept import kept
from orchestrate.dbt.manifest import Manifest
from orchestrate.dbt.outcomes import shortened
from orchestrate.dbt.project import FOUNDATION, PARSED, RUNS, parsed_beside, selection
from orchestrate.warehouse.building import Building
from orchestrate.warehouse.preparation import Prepared, SetupOptions, find_target, prepared
from orchestrate.warehouse.reset import kept_alone, remove
from orchestrate.warehouse.runs import Recorder, Run, Step
from orchestrate.warehouse.validation import validated

_QUICK = "--quick leaves it out"
_STOPPED = "the run stopped before it"


@dataclass(frozen=True)
class Setup:
    """A setup that has ended: its run, where its record lies, and the exception that ended it, a signal's too."""

    run: Run
    directory: Path
    error: BaseException | None


@dataclass(frozen=True)
class SetupPlan:
    """What a setup would do: `chosen` are the nodes of the first part, `chosen_by` how dbt selects them.

    `losses` are what `reset` removes and a build may not bring back.
    """

    database: str
    manifest: Manifest
    chosen: set[str]
    chosen_by: list[str]
    quick: bool
    losses: list[str]


def plan_setup(options: SetupOptions, settings: Settings) -> SetupPlan:
    """What a setup would do; nothing is touched. Raises ProjectInvalid and SelectorEmpty."""
    load_data_sources(settings.data_sources_config)
    target, _ = known_target(settings, ROOT)
    known = kept(settings.dbt_project, target)
    if known and known.foundation:
        manifest, foundation = known.manifest, known.foundation
    else:
        with parsed_beside(settings, target, settings.dbt_project) as project:
            manifest, foundation = project.manifest, project.foundation
    if not foundation:
        raise SelectorEmpty(selector=FOUNDATION)
    chosen, chosen_by = selection(manifest, foundation)
    losses = kept_alone(manifest) if options.reset else []
    return SetupPlan(target.label, manifest, chosen, chosen_by, options.quick, losses)


def setup(options: SetupOptions, settings: Settings, observer: Observer[Run | Step]) -> Setup:
    """Set the warehouse up. The observer finds the run as it starts, and each step that has ended.

    What it ends with is in the result: the errors of the preflight before anything is changed, SetupFailed and
    WarningsFound for nodes, ConnectionLost, TableLocked and ProjectInvalid for what stopped them, a signal, or a bug.
    Raises UsageError for the configuration, and DiskFailed where no record can be kept.
    """
    sources = load_data_sources(settings.data_sources_config)
    recorder = Recorder(ROOT / RUNS, "setup", options.mode)
    recorder.listener = observer.found
    if settings.dbt_project != ROOT:
        recorder.note(project=str(settings.dbt_project))
    ended_by: BaseException | None = None
    try:
        _run(options, settings, sources, recorder, observer)
    except WorkDataHubError as error:
        ended_by = error
        recorder.end("failed", error.exit_code, f"{error.title}: {error.message}")
    except KeyboardInterrupt as interruption:
        ended_by = interruption
        code = ExitCode.TERMINATED if isinstance(interruption, Terminated) else ExitCode.INTERRUPTED
        recorder.end("interrupted", code, "a signal ended it")
        interruption.add_note(
            Sentence("what was built before stays; `python run.py setup` can be repeated at any point")
        )
    except BaseException as error:  # noqa: BLE001  # the caller raises it, once the end of the run was shown
        ended_by = error
        recorder.end("failed", ExitCode.BUG, f"{type(error).__name__}: {error}")
    recorder.note(connections_retried=tuple(RETRIED))
    return Setup(recorder.run, recorder.directory, ended_by)


def _run(
    options: SetupOptions,
    settings: Settings,
    sources: DataSources,
    recorder: Recorder,
    observer: Observer[Run | Step],
) -> None:
    target = find_target(options, settings)
    recorder.note(database=target.label)
    observer.found(recorder.run)
    if options.staging:
        with recorder.step("staging"):
            _make_staging(target, settings, sources)
        recorder.end("success", ExitCode.OK)
        return
    with prepared(target, options, settings, recorder) as ready:
        building = Building(ready, recorder, observer)
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


def _make_staging(target: Target, settings: Settings, sources: DataSources) -> None:
    """Make the tables that models read, also where nothing was loaded yet; those that are there get missing columns."""
    with transaction(target) as connection, connection.cursor() as cursor:
        for name in sources.domains:
            ensure_tables(cursor, load_domain(sources, name, settings.data_sources_config))


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
    _make_staging(ready.target, settings, sources)
    building.build(quick=options.quick)
    with recorder.step("validation") as details:
        ready.check_lock("validation")
        left = _not_run(ready.manifest, building, quick=False)
        if options.quick:
            left = {name: why for name, why in left.items() if name in ready.first}
        tables = {name: domain.table for name, domain in sources.domains.items()}
        found = validated(ready, [node.unique_id for node in building.nodes], left, tables, quick=options.quick)
        recorder.note(freshness=tuple(found.ages))
        building.warnings += found.warnings
        details.text, details.warnings = found.text, bool(found.warnings)
        if found.problems:
            raise SetupFailed(failed="; ".join(found.problems), run=recorder.run.run_id)
    with recorder.step("report") as details:
        ready.dbt.keep_parsed(settings.dbt_project / PARSED)
        details.text = f"python run.py report {recorder.run.run_id}"
        if building.warnings and options.warnings_as_errors:
            raise WarningsFound(warnings=shortened(building.warnings), run=recorder.run.run_id)


def _not_run(manifest: Manifest, building: Building, *, quick: bool) -> dict[str, str]:
    """The nodes that did not run, those that dbt skipped too, each with the reason."""
    done = {node.unique_id for node in building.nodes if node.status != "skipped"}
    return dict.fromkeys(sorted(manifest.nodes.keys() - done), _QUICK if quick and done else _STOPPED)
