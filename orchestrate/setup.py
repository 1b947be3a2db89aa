"""`run.py setup`: an empty database becomes a ready, validated warehouse, in steps that are recorded one by one."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

from extract import warehouse_views
from extract.config import DataSources, load_data_sources
from extract.database import transaction
from extract.domain import load_domain
from extract.errors import (
    ConnectionLost,
    DependentsExist,
    SeedsInvalid,
    SelectorEmpty,
    SetupFailed,
    WarningsFound,
    WorkDataHubError,
)
from extract.settings import ROOT, Settings
from extract.staging import ensure_tables
from orchestrate import preflight
from orchestrate.catalog import dependents, relations_in
from orchestrate.loading import database_target
from orchestrate.manifest import TESTS
from orchestrate.outcomes import failure, is_failure, is_warning, outcomes, shortened, summary, told
from orchestrate.project import FOUNDATION, PARSED, RUNS, known_target, parsed_before, parsed_beside, selection
from orchestrate.reset import remove
from orchestrate.revision import git_revision
from orchestrate.runs import Details, Outcome, Recorder
from orchestrate.seeds import seed_problems
from orchestrate.validation import ages, missing_relations


@dataclass(frozen=True)
class SetupOptions:
    """The flags of the command. `lock_timeout` in seconds; None leaves that of the settings."""

    quick: bool = False
    dry_run: bool = False
    reset: bool = False
    cascade: bool = False
    allow_protected: bool = False
    warnings_as_errors: bool = False
    lock_timeout: float | None = None
    quiet: bool = False

    @property
    def mode(self) -> str:
        """What tells apart runs that cannot be compared."""
        return ("quick" if self.quick else "full") + (" with reset" if self.reset else "")


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
    view = warehouse_views.SetupView(options.quiet)
    recorder.listener = view.show_step
    try:
        _Setup(options, settings, sources, recorder, view).run()
    except WorkDataHubError as error:
        recorder.end("failed", error.exit_code, f"{error.title}: {error.message}")
        view.show_end(recorder.run)
        raise
    except KeyboardInterrupt as interruption:
        code = 143 if type(interruption).__name__ == "Terminated" else 130
        recorder.end("interrupted", code, "interrupted by a signal")
        interruption.add_note("what was built before stays: `python run.py setup` can be repeated at any point")
        view.show_end(recorder.run)
        raise
    except BaseException as error:
        recorder.end("failed", 70, f"{type(error).__name__}: {error}")
        raise
    view.show_end(recorder.run)


def _show_plan(options: SetupOptions, settings: Settings) -> None:
    target, _ = known_target(settings, ROOT)
    with parsed_beside(settings, target, ROOT) as project:
        if not project.foundation:
            raise SelectorEmpty(selector=FOUNDATION)
        chosen, _ = selection(project.manifest, project.foundation)
        warehouse_views.show_setup_plan(project.manifest, chosen, quick=options.quick, database=target.label)


class _Setup:
    """One setup: the steps share the lock, dbt and the record."""

    def __init__(
        self,
        options: SetupOptions,
        settings: Settings,
        sources: DataSources,
        recorder: Recorder,
        view: warehouse_views.SetupView,
    ) -> None:
        self._options, self._settings, self._sources = options, settings, sources
        self._recorder, self._view = recorder, view
        self._nodes: list[Outcome] = []
        self._warnings: list[str] = []

    def run(self) -> None:
        """All steps."""
        with self._recorder.step("preflight") as details:
            self._versions = preflight.installed_versions()
            self._recorder.note(versions=self._versions)
            preflight.check_versions(self._versions)
            target = database_target(self._settings)
            if self._options.lock_timeout is not None:
                timeouts = replace(target.timeouts, lock=self._options.lock_timeout)
                target = replace(target, timeouts=timeouts)
            self._target = target
            self._recorder.note(database=target.label)
            self._view.show_start(self._recorder.run)
            lock = preflight.held_lock(target, "setup")
            connection = lock.__enter__()
            try:
                self._preflight(connection, details)
            except BaseException:
                connection.close()
                raise
        try:
            with self._sessions.watched():
                self._steps(connection)
        finally:
            connection.close()
            self._recorder.note(
                waited_for_locks=round(self._sessions.waited, 1),
                dbt_invocations=self._dbt.invocations,
                dbt_seconds=round(self._dbt.seconds, 3),
                not_run=self._not_run(),
            )

    def _preflight(self, lock: Connection, details: Details) -> None:
        from orchestrate.dbt import Dbt  # dbt takes its time to import: only once the lock is ours
        from orchestrate.sessions import Sessions

        self._versions["postgresql"] = preflight.server_version(lock, self._target)
        revision, changed = git_revision(ROOT)
        self._recorder.note(versions=self._versions, git_revision=revision, git_changed=changed)
        own_profile = not preflight.prepare_profile(self._settings, self._target, ROOT)
        application = preflight.application_name("setup dbt")
        self._sessions = Sessions(self._target, application, lock.get_backend_pid())
        self._dbt = Dbt(ROOT, ROOT, self._recorder.directory / "dbt", parsed_before(ROOT))
        with self._sessions.prepared():
            foundation = self._dbt.list_nodes(FOUNDATION)
        if own_profile:
            preflight.check_profile(self._sessions.config, self._target)
        self._manifest = self._dbt.manifest
        if not foundation:
            raise SelectorEmpty(selector=FOUNDATION)
        self._first, self._chosen_by = selection(self._manifest, foundation)
        if problems := seed_problems(self._manifest):
            raise SeedsInvalid(problems="; ".join(map(str, problems)))
        if self._options.reset:
            config = self._sessions.config
            preflight.check_protection(config, self._target, allowed=self._options.allow_protected)
        with transaction(self._target) as connection, connection.cursor() as cursor:
            preflight.check_rights(cursor, self._target, self._manifest)
            if not self._options.cascade:
                self._check_dependents(cursor)
        self._recorder.note(relations=tuple(map(str, sorted(self._manifest.relations))))
        counts = self._manifest.count()
        details.text = (
            f"PostgreSQL {self._versions['postgresql']}, dbt {self._versions['dbt-core']}: {counts['seed']} seeds, "
            f"{counts['model']} models, {sum(counts[kind] for kind in TESTS)} tests"
        )

    def _check_dependents(self, cursor: object) -> None:
        """dbt replaces views and tables and drops the old ones with all that depends on them: also other people's."""
        replaced = [
            relation
            for relation, node in self._manifest.relations.items()
            if self._options.reset or node.materialized in ("view", "table")
        ]
        foreign = dependents(cursor, replaced, self._manifest.relations)  # type: ignore[arg-type]
        if foreign:
            raise DependentsExist(dependents="; ".join(map(str, foreign)))

    def _steps(self, lock: Connection) -> None:
        if self._options.reset:
            with self._recorder.step("clear") as details:
                removed = remove(self._manifest, self._target, cascade=self._options.cascade, include_staging=False)
                details.text = f"{len(removed)} relations removed"
        self._stage_tables()
        self._build_first(lock)
        if self._options.quick:
            with self._recorder.step("models") as details:
                details.skipped, details.text = True, "left out: --quick"
        else:
            self._build_rest(lock)
        self._validate(lock)
        self._report()

    def _stage_tables(self) -> None:
        """The tables that models read, also where nothing was loaded yet."""
        with transaction(self._target) as connection, connection.cursor() as cursor:
            for name in self._sources.domains:
                ensure_tables(cursor, load_domain(self._sources, name, self._settings.data_sources_config))

    def _build_first(self, lock: Connection) -> None:
        """Seeds and foundation in one invocation, in which dbt orders them; shown as two steps."""
        started = datetime.now(UTC)
        clock = time.perf_counter()
        try:
            nodes = self._build(["--select", *self._chosen_by], "seeds and foundation")
        finally:
            done = outcomes(self._dbt.results, self._manifest)
            seeds = {seed.node.unique_id for seed in self._manifest.seeds}
            of_seeds = [node for node in done if self._is_of(node, seeds)]
            total = time.perf_counter() - clock
        ends = [r.ended_at for r in self._dbt.results if r.ended_at and r.unique_id in {n.unique_id for n in of_seeds}]
        seconds = 0.0
        if ends:
            last = datetime.fromisoformat(max(ends)).replace(tzinfo=UTC)
            seconds = min(max((last - started).total_seconds(), 0), total)
        for name, part, took in (
            ("seeds", of_seeds, seconds),
            ("foundation", [node for node in nodes if node not in of_seeds], total - seconds),
        ):
            self._record(name, part, took)
        self._check(nodes, lock, "seeds and foundation")

    def _is_of(self, node: Outcome, seeds: set[str]) -> bool:
        parents = self._manifest.nodes[node.unique_id].parents
        return node.unique_id in seeds or (node.kind in TESTS and bool(parents) and set(parents) <= seeds)

    def _build_rest(self, lock: Connection) -> None:
        """All that the first part left: other models and the tests between the two parts."""
        left = self._manifest.nodes.keys() - {node.unique_id for node in self._nodes}
        if not left:
            with self._recorder.step("models") as details:
                details.skipped, details.text = True, "nothing beyond the foundation"
            return
        clock = time.perf_counter()
        nodes = self._build(["--exclude", *self._chosen_by], "models")
        self._record("models", nodes, time.perf_counter() - clock)
        self._check(nodes, lock, "models")

    def _build(self, arguments: list[str], step: str) -> list[Outcome]:
        before = len(self._dbt.results)
        try:
            with self._view.progress(step) as progress, self._sessions.ending_on_signals():
                self._dbt.build(arguments, progress)
        except RuntimeError as error:
            raise ConnectionLost(target=self._target.label, step=step, problem=str(error)) from None
        except KeyboardInterrupt:
            self._sessions.end()
            with self._recorder.step(step):
                raise
        finally:
            nodes = outcomes(self._dbt.results[before:], self._manifest)
            self._nodes += nodes
            self._recorder.note(nodes=tuple(self._nodes))
        return nodes

    def _record(self, name: str, nodes: list[Outcome], seconds: float) -> None:
        warnings = [told(node) for node in nodes if is_warning(node)]
        self._warnings += warnings
        with self._recorder.step(name) as details:
            details.seconds, details.text = seconds, summary(nodes)
            details.warnings = bool(warnings)
            details.failed = any(is_failure(node) for node in nodes)

    def _check(self, nodes: list[Outcome], lock: Connection, step: str) -> None:
        run_id = self._recorder.run.run_id
        error = failure(nodes, self._target, self._sessions.blocker, step, run_id, ROOT)
        if error is None or isinstance(error, SetupFailed):
            preflight.check_lock(lock, self._target, step)
            if self._sessions.lock_lost:
                problem = "the session that holds the lock was ended"
                raise ConnectionLost(target=self._target.label, step=step, problem=problem)
        if error:
            raise error

    def _validate(self, lock: Connection) -> None:
        with self._recorder.step("validation") as details:
            preflight.check_lock(lock, self._target, "validation")
            with transaction(self._target) as connection, connection.cursor() as cursor:
                missing = missing_relations(cursor, self._manifest)
                found = ages(cursor, self._manifest)
                existing = len(relations_in(cursor, self._manifest.schemas).keys() & self._manifest.relations.keys())
            self._recorder.note(freshness=tuple(found))
            old = [
                f"{age.source} is {warehouse_views.duration(age.seconds)} old" for age in found if age.status == "error"
            ]
            warned = [
                f"{age.source} is {warehouse_views.duration(age.seconds)} old" for age in found if age.status == "warn"
            ]
            self._warnings += warned
            expected = self._first if self._options.quick else self._manifest.nodes.keys()
            lacking = [str(it) for it in missing if self._manifest.relations[it].unique_id in expected]
            not_run = {key: why for key, why in self._not_run().items() if why != _QUICK}
            tests = sum(node.kind in TESTS for node in self._nodes)
            of_tests = sum(self._manifest.count()[kind] for kind in TESTS)
            disabled = f", {len(self._manifest.disabled)} disabled" if self._manifest.disabled else ""
            fresh = ", ".join(warehouse_views.freshness(age) for age in found)
            details.warnings = bool(warned)
            details.text = (
                ("partial (--quick): " if self._options.quick else "")
                + f"{existing} of {len(self._manifest.relations)} relations exist, {tests} of {of_tests} tests ran{disabled}"
                + (f"; {fresh}" if fresh else "")
            )
            problems = [f"missing: {', '.join(lacking)}"] if lacking else []
            problems += [f"did not run: {', '.join(sorted(not_run))}"] if not_run else []
            if problems + old:
                raise SetupFailed(failed="; ".join(problems + old), run=self._recorder.run.run_id)

    def _report(self) -> None:
        with self._recorder.step("report") as details:
            self._dbt.keep_parsed(ROOT / PARSED)
            details.text = f"python run.py report {self._recorder.run.run_id}"
            if self._warnings and self._options.warnings_as_errors:
                raise WarningsFound(warnings=shortened(self._warnings), run=self._recorder.run.run_id)
        self._recorder.note(waited_for_locks=round(self._sessions.waited, 1))
        self._recorder.end("warnings" if self._warnings else "success", 0)

    def _not_run(self) -> dict[str, str]:
        """The nodes without a result, each with the reason."""
        done = {node.unique_id for node in self._nodes}
        waiting = sorted(self._manifest.nodes.keys() - done)
        reached = {step.name for step in self._recorder.run.steps if step.status in ("ok", "warnings")}
        why = _QUICK if self._options.quick and "foundation" in reached else "the run stopped before it"
        return dict.fromkeys(waiting, why)


_QUICK = "--quick"
