"""`run.py reset`: removes what the project built, and nothing else, in one transaction.

What is ours stands in the manifest of dbt; staging only in the configuration. No name is guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.config import load_data_sources
from extract.database.connection import Target, transaction
from extract.database.targets import database_target
from extract.errors.warehouse import DependentsExist
from extract.modes import STAGING
from extract.settings import ROOT, Settings
from extract.staging.tables import TABLES
from extract.wording import Sentence
from orchestrate.dbt.manifest import Manifest, Relation
from orchestrate.dbt.project import RUNS, parsed_beside
from orchestrate.warehouse import preflight
from orchestrate.warehouse.catalog import Dependent, count_rows, dependents, relations_in
from orchestrate.warehouse.runs import built_before, runs_of
from orchestrate.warehouse.validation import orphans

_DROP = {
    "view": "DROP VIEW IF EXISTS {} {}",
    "materialized view": "DROP MATERIALIZED VIEW IF EXISTS {} {}",
    "table": "DROP TABLE IF EXISTS {} {}",
}
"""In this order; IF EXISTS, since CASCADE may have taken one along."""

_ONLY_HERE = Sentence("only loading the workbooks again brings them back")
_PRUNED = Sentence("a build brings back only what `prune` left in staging")


@dataclass(frozen=True)
class Removed:
    """A relation that goes, or would go. `rows` is None for views; `loss` says why a build may not bring them back.

    `stored_failures` marks the tables that tests keep their failing rows in.
    """

    relation: Relation
    kind: str
    rows: int | None
    loss: str = ""
    stored_failures: bool = False

    @property
    def loses(self) -> bool:
        """Whether rows go that a build may not bring back."""
        return bool(self.loss and self.rows)


@dataclass(frozen=True)
class Clearance:
    """What a reset removes, what of others depends on it, and what earlier runs built that stays."""

    removed: list[Removed]
    dependents: list[Dependent]
    orphaned: tuple[Relation, ...] = ()


def clearance(cursor: Cursor, manifest: Manifest, staging: Iterable[Relation] = ()) -> Clearance:
    """What exists of the relations of the manifest and of `staging`, with exact row counts."""
    managed = {*manifest.relations, *manifest.stored_failures, *staging}
    found = relations_in(cursor, {relation.schema for relation in managed})
    existing = sorted(managed & found.keys())
    removed = []
    for relation in existing:
        kind = found[relation].kind
        rows = None if kind == "view" else count_rows(cursor, relation)
        node = manifest.relations.get(relation)
        stored = relation in manifest.stored_failures
        loss = "" if stored else _ONLY_HERE if node is None else _PRUNED if node.kept_by_full_refresh else ""
        removed.append(Removed(relation, kind, rows, loss, stored))
    return Clearance(removed, dependents(cursor, existing, managed))


def kept_alone(manifest: Manifest) -> list[str]:
    """The relations that a reset should not remove lightly, each with the reason."""
    return [
        Sentence.joined(": ", (str(relation), _PRUNED))
        for relation, node in manifest.relations.items()
        if node.kept_by_full_refresh
    ]


def staging_relations(tables: Iterable[str]) -> list[Relation]:
    """The ledger and the tables of the configured domains."""
    return [Relation(STAGING, name) for name in (*TABLES, *tables)]


def remove(manifest: Manifest, target: Target, staging: Sequence[Relation], *, cascade: bool) -> Clearance:
    """Remove it in one transaction. The caller holds the lock.

    Raises DependentsExist where something that is not ours depends on it and `cascade` is not set.
    """
    with transaction(target) as connection, connection.cursor() as cursor:
        found = clearance(cursor, manifest, staging)
        if found.dependents and not cascade:
            raise DependentsExist(dependents="; ".join(map(str, found.dependents)))
        for kind, statement in _DROP.items():
            names = [item.relation for item in found.removed if item.kind == kind]
            if not names:
                continue
            listed = sql.SQL(", ").join(sql.Identifier(relation.schema, relation.name) for relation in names)
            try:
                cursor.execute(sql.SQL(statement).format(listed, sql.SQL("CASCADE" if cascade else "RESTRICT")))
            except psycopg2.errors.DependentObjectsStillExist as error:  # of a kind that `dependents` does not know
                detail = " ".join((error.diag.message_detail or str(error)).split())
                raise DependentsExist(dependents=detail) from None
    return found


@dataclass(frozen=True)
class ResetOptions:
    """The flags of the command."""

    yes: bool
    cascade: bool
    include_staging: bool
    allow_protected: bool


@dataclass(frozen=True)
class Reset:
    """What was removed from a database, or would be."""

    clearance: Clearance
    database: str
    removed: bool


def reset(options: ResetOptions, settings: Settings) -> Reset:
    """Find what would be removed; with `yes` remove it, under the lock of the loads.

    Raises TargetProtected, DependentsExist, SetupLocked, ProfileDiffers, ProjectInvalid and the errors of the database.
    """
    sources = load_data_sources(settings.data_sources_config)
    target = database_target(settings)
    tables = [domain.table for domain in sources.domains.values()]
    with parsed_beside(settings, target, settings.dbt_project) as project:
        manifest = project.manifest
        preflight.check_profile(project.config, target)
        preflight.check_protection(project.config, target, allowed=options.allow_protected)
    staging = staging_relations(tables) if options.include_staging else []
    with transaction(target) as connection, connection.cursor() as cursor:
        before = built_before(runs_of(ROOT / RUNS, target.label, settings.dbt_project))
        left = tuple(orphans(cursor, manifest, before))
        found = clearance(cursor, manifest, staging)
    if options.yes:
        with preflight.held_lock(target, "reset"):
            found = remove(manifest, target, staging, cascade=options.cascade)
    return Reset(replace(found, orphaned=left), target.label, removed=options.yes)
