"""`run.py status`: what state the warehouse is in. It writes nothing, and works without a database."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.config import load_data_sources
from extract.database.connection import Target, transaction
from extract.database.targets import known_target
from extract.domains.registry import Domain, load_domain
from extract.errors.base import DatabaseError, WorkDataHubError
from extract.errors.database import ServerStopped
from extract.errors.dbt import ProjectInvalid
from extract.errors.warehouse import VersionUnsupported, WarehouseIncomplete
from extract.modes import STAGING
from extract.settings import ROOT, Settings
from extract.staging.closings import Closing, closings
from extract.staging.fragments import history_table, staging_table
from extract.staging.ledger import Batch, batches, has_ledger
from extract.wording import Sentence
from orchestrate.dbt.kept import kept
from orchestrate.dbt.manifest import PUBLISHED, TESTS, Manifest, Relation
from orchestrate.dbt.project import RUNS, parsed_beside
from orchestrate.dbt.publication import Publication, horizon, publication
from orchestrate.warehouse import preflight
from orchestrate.warehouse.ages import Age, ages
from orchestrate.warehouse.catalog import relations_in
from orchestrate.warehouse.jumps import Jump, unexplained_jumps
from orchestrate.warehouse.runs import Run, built_before, runs_of
from orchestrate.warehouse.validation import missing_relations, orphans

Verdict = Literal["empty", "incomplete", "stale", "ready", "stopped", "unknown"]


@dataclass(frozen=True)
class Waiting:
    """Rows of staging that the marts have not seen: of a domain, from batches that its history does not hold."""

    domain: str
    rows: int
    batches: int


@dataclass(frozen=True)
class Database:
    """What was read from the database. `role` is the user of the session; `missing` and `orphaned` are relations.

    `horizon` is the batch up to which the last build read, `published` what the marts hold; None where there was none.
    `unexplained` are jumps of the figures of the last build that no seed explains, largest first.
    """

    server: str
    name: str
    role: str
    built: Counter[str]
    missing: list[Relation]
    orphaned: list[Relation]
    freshness: list[Age]
    waiting: list[Waiting]
    last_load: Batch | None
    horizon: int | None
    published: Publication | None
    closings: tuple[Closing, ...]
    unexplained: tuple[Jump, ...]


@dataclass(frozen=True)
class Status:
    """Everything that is known. `problem` says why the database could not be asked.

    `error` is what the command ends with once this is shown: WarehouseIncomplete, or what kept the database or the
    project from being read (DatabaseError, ProjectInvalid or VersionUnsupported).
    """

    verdict: Verdict
    reasons: list[str]
    target: str
    embedded: bool
    problem: str | None
    versions: dict[str, str]
    project: Counter[str] | None
    project_problem: str | None
    database: Database | None
    last_run: Run | None
    tests: Counter[str] = field(default_factory=Counter)
    error: WorkDataHubError | None = None


def status(settings: Settings) -> Status:
    """What can be known about the warehouse, whatever is missing. Raises UsageError for the configuration only."""
    sources = load_data_sources(settings.data_sources_config)
    domains = [load_domain(sources, name, settings.data_sources_config) for name in sources.domains]
    target, exists = known_target(settings, ROOT)
    versions = preflight.installed_versions()
    error: WorkDataHubError | None = None
    manifest: Manifest | None = None
    try:
        preflight.check_versions(versions)
        if known := kept(settings.dbt_project, target):
            manifest = known.manifest
        else:
            with parsed_beside(settings, target, settings.dbt_project) as project:
                manifest = project.manifest
    except (ProjectInvalid, VersionUnsupported) as invalid:
        error = invalid
    earlier = runs_of(ROOT / RUNS, target.label, settings.dbt_project)
    # not those that were refused at the start, such as by the lock
    last = next((run for run in earlier if len(run.steps) > 1 or not run.finished), None)
    project_problem = error.message if error else None
    database: Database | None = None
    problem: str | None = None
    if not exists:
        problem = Sentence("the embedded server is stopped")
        if _initialised(target):
            error = error or ServerStopped(target=target.label)
        else:
            problem = Sentence("the embedded server was never started")
    else:
        try:
            database, versions = _read(target, manifest, domains, earlier, versions)
        except DatabaseError as refused:
            error, problem = refused, refused.message
    verdict, reasons = _verdict(database, manifest, never_started=not exists and error is None)
    if isinstance(error, ServerStopped):
        verdict, reasons = "stopped", [Sentence("`python run.py server start` starts it, as the next load does")]
    tests: Counter[str] = Counter(node.status for node in last.nodes if node.kind in TESTS) if last else Counter()
    if verdict == "incomplete":
        error = error or WarehouseIncomplete(missing="; ".join(reasons))
    return Status(
        verdict=verdict,
        reasons=reasons,
        target=target.label,
        embedded=target.embedded,
        problem=problem,
        versions=versions,
        project=manifest.count() if manifest else None,
        project_problem=project_problem,
        database=database,
        last_run=last,
        tests=tests,
        error=error,
    )


def _initialised(target: Target) -> bool:
    return (Path(target.parameters["host"]) / "PG_VERSION").exists()


def _read(
    target: Target, manifest: Manifest | None, domains: list[Domain], earlier: list[Run], versions: dict[str, str]
) -> tuple[Database, dict[str, str]]:
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SELECT current_database()::text, current_user::text")
        name, role = cursor.fetchone() or ("", "")
        found: set[Relation] = set()
        missing: list[Relation] = []
        orphaned: list[Relation] = []
        fresh: list[Age] = []
        built: Counter[str] = Counter()
        if manifest:
            found = relations_in(cursor, manifest.schemas).keys() & manifest.relations.keys()
            built = Counter(manifest.relations[relation].kind for relation in found)
            missing = missing_relations(cursor, manifest)
            orphaned = orphans(cursor, manifest, built_before(earlier))
            fresh = ages(cursor, manifest, {domain.name: domain.config.table for domain in domains})
        ledger = has_ledger(cursor)
        published = publication(cursor, manifest.publication if manifest else PUBLISHED)
        database = Database(
            server=(connection.get_parameter_status("server_version") or "").split(" ")[0],
            name=name,
            role=role,
            built=built,
            missing=missing,
            orphaned=orphaned,
            freshness=fresh,
            waiting=[waiting for domain in domains if (waiting := _waiting(cursor, domain, published))]
            if ledger
            else [],
            last_load=next(iter(batches(cursor, limit=1)), None) if ledger else None,
            horizon=horizon(cursor),
            published=published,
            closings=tuple(closings(cursor)),
            unexplained=unexplained_jumps(cursor),
        )
    return database, versions | {"postgresql": database.server}


def _waiting(cursor: Cursor, domain: Domain, published: Publication | None) -> Waiting | None:
    """Rows of batches behind the one that the marts are of; before marts.published was there, behind the history's."""
    staging, history = Relation(STAGING, domain.config.table), history_table(domain)
    if staging not in relations_in(cursor, [STAGING]):
        return None
    seen: sql.Composable = sql.Literal(published.batch_id if published else 0)
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (history.as_string(cursor),))
    if not published and cursor.fetchone() == (True,):
        seen = sql.SQL("(SELECT coalesce(max(batch_id), 0) FROM {})").format(history)
    cursor.execute(
        sql.SQL("SELECT count(*), count(DISTINCT batch_id) FROM {} WHERE batch_id > {}").format(
            staging_table(domain), seen
        )
    )
    rows, of_batches = cursor.fetchone() or (0, 0)
    return Waiting(domain.name, rows, of_batches) if rows else None


def _verdict(database: Database | None, manifest: Manifest | None, *, never_started: bool) -> tuple[Verdict, list[str]]:
    if never_started and manifest:
        return "empty", [Sentence("nothing was set up yet: run `python run.py setup`")]
    if database is None or manifest is None:
        return "unknown", []
    if not database.built:
        return "empty", [Sentence("reachable, not initialised: run `python run.py setup`")]
    if database.missing:
        return "incomplete", [", ".join(map(str, database.missing))]
    stale = [
        Sentence("{rows:,} rows of {domain} are not in the marts", rows=item.rows, domain=item.domain)
        for item in database.waiting
    ]
    if database.published and not database.published.tested:
        stale.append(Sentence("the marts were published without tests, by `dbt run`"))
    old = [age.source for age in database.freshness if age.status in ("warn", "error")]
    stale += [Sentence("{source} is old", source=source) for source in old]
    return ("stale", [*stale]) if stale else ("ready", [])
