"""The first step of a setup: everything that can be known to be wrong before anything is changed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.database.targets import database_target
from extract.errors.dbt import ProjectInvalid, SelectorEmpty
from extract.errors.warehouse import ConnectionLost, DependentsExist, SeedsInvalid
from extract.settings import ROOT, Settings
from orchestrate.dbt.kept import keep, state_of
from orchestrate.dbt.locks import application_name
from orchestrate.dbt.manifest import TESTS, Manifest
from orchestrate.dbt.profile import prepare_profile
from orchestrate.dbt.project import FOUNDATION, parsed_before, selection
from orchestrate.warehouse import preflight
from orchestrate.warehouse.catalog import dependents
from orchestrate.warehouse.revision import git_revision
from orchestrate.warehouse.runs import Details, Recorder
from orchestrate.warehouse.seeds import check_columns, seed_problems, undecodable_seeds

if TYPE_CHECKING:
    from orchestrate.dbt.invoke import Dbt
    from orchestrate.dbt.sessions import Sessions


@dataclass(frozen=True)
class SetupOptions:
    """The flags of the command. `lock_timeout` in seconds; None leaves that of the settings."""

    quick: bool = False
    dry_run: bool = False
    reset: bool = False
    cascade: bool = False
    allow_protected: bool = False
    warnings_as_errors: bool = False
    staging: bool = False
    lock_timeout: float | None = None

    @property
    def mode(self) -> str:
        """What tells apart runs that cannot be compared."""
        if self.staging:
            return "staging"
        return ("quick" if self.quick else "full") + (" with reset" if self.reset else "")


@dataclass(frozen=True)
class Prepared:
    """What the steps share. `first` are the nodes of seeds and foundation, `chosen_by` how dbt selects them."""

    target: Target
    lock: Connection
    dbt: "Dbt"
    sessions: "Sessions"
    manifest: Manifest
    first: set[str]
    chosen_by: list[str]

    def check_lock(self, step: str) -> None:
        """Raise ConnectionLost where the session that holds the lock has ended."""
        preflight.check_lock(self.lock, self.target, step)
        if self.sessions.lock_lost:
            problem = "the session that held the lock was ended"
            raise ConnectionLost(target=self.target.label, step=step, problem=problem)


def find_target(options: SetupOptions, settings: Settings) -> Target:
    """The database, with the lock timeout of the command."""
    target = database_target(settings)
    if options.lock_timeout is None:
        return target
    return replace(target, timeouts=replace(target.timeouts, lock=options.lock_timeout))


@contextmanager
def prepared(target: Target, options: SetupOptions, settings: Settings, recorder: Recorder) -> Iterator[Prepared]:
    """Take the lock, check everything, and hand out what the steps need; the lock is held until the block ends.

    Raises the errors of `orchestrate.preflight`, SelectorEmpty, SeedsInvalid, DependentsExist and ProjectInvalid.
    """
    with ExitStack() as stack:
        with recorder.step("preflight") as details:
            lock = stack.enter_context(preflight.held_lock(target, "setup"))
            ready = _check(target, lock, options, settings, recorder, details)
        yield ready


def _check(
    target: Target,
    lock: Connection,
    options: SetupOptions,
    settings: Settings,
    recorder: Recorder,
    details: Details,
) -> Prepared:
    versions = preflight.installed_versions() | {"postgresql": preflight.server_version(lock, target)}
    revision, changed = git_revision(ROOT)
    recorder.note(versions=versions, git_revision=revision, git_changed=changed)
    preflight.check_versions(versions)
    started = time.perf_counter()
    from orchestrate.dbt.invoke import Dbt  # dbt takes its time to import: only once the lock is ours
    from orchestrate.dbt.sessions import Sessions

    loaded = time.perf_counter() - started
    project = settings.dbt_project
    prepare_profile(settings, target, project)
    sessions = Sessions(target, application_name("setup dbt"), lock.get_backend_pid())
    state = state_of(project, target)
    dbt = Dbt(project, project, recorder.directory / "dbt", parsed_before(project), seconds=loaded)
    with sessions.prepared():
        try:
            foundation = dbt.list_nodes(FOUNDATION)
        except ProjectInvalid as error:
            if "codec can't decode" in error.message and (problems := undecodable_seeds(project)):
                raise SeedsInvalid(problems="; ".join(map(str, problems))) from None
            raise
    preflight.check_profile(sessions.config, target)
    manifest = dbt.manifest
    keep(project, state, manifest, foundation, target)
    if not foundation:
        raise SelectorEmpty(selector=FOUNDATION)
    if problems := seed_problems(manifest):
        raise SeedsInvalid(problems="; ".join(map(str, problems)))
    if options.reset:
        preflight.check_protection(sessions.config, target, allowed=options.allow_protected)
    with transaction(target) as connection, connection.cursor() as cursor:
        preflight.check_rights(cursor, target, manifest)
        if not options.reset:
            check_columns(cursor, manifest)
        # dbt replaces views and tables, and drops the old ones with all that depends on them: other people's too
        kinds = {"view", "table"} - manifest.kept_in_place
        replaced = [
            relation for relation, node in manifest.relations.items() if options.reset or node.materialized in kinds
        ]
        foreign = dependents(cursor, replaced, manifest.relations)
    if foreign and not options.cascade:
        raise DependentsExist(dependents="; ".join(map(str, foreign)))
    recorder.note(relations=tuple(map(str, sorted(manifest.relations))))
    counts = manifest.count()
    tests = sum(counts[kind] for kind in TESTS)
    details.text = (
        f"PostgreSQL {versions['postgresql']}, dbt {versions['dbt-core']}: "
        f"{counts['seed']} seeds, {counts['model']} models, {tests} tests"
    )
    return Prepared(target, lock, dbt, sessions, manifest, *selection(manifest, foundation))
