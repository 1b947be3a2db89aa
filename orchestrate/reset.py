"""`run.py reset`: removes what the project built, and nothing else, in one transaction.

What is ours stands in the manifest of dbt; staging only in the configuration. No name is guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database import Target, transaction
from extract.errors import DependentsExist
from extract.ledger import TABLES
from extract.modes import STAGING
from orchestrate.catalog import Dependent, count_rows, dependents, relations_in
from orchestrate.manifest import Manifest, Relation

_DROP = {"view": "DROP VIEW {} {}", "materialized view": "DROP MATERIALIZED VIEW {} {}", "table": "DROP TABLE {} {}"}


@dataclass(frozen=True)
class Removed:
    """A relation that goes, or would go. `rows` is None for views; `only_here` marks rows that no build makes again."""

    relation: Relation
    kind: str
    rows: int | None
    only_here: bool = False


@dataclass(frozen=True)
class Clearance:
    """What a reset removes, and what of others depends on it."""

    removed: list[Removed]
    dependents: list[Dependent]


def clearance(cursor: Cursor, manifest: Manifest, staging: Iterable[Relation] = ()) -> Clearance:
    """What exists of the relations of the manifest and of `staging`, with exact row counts."""
    managed = {*manifest.relations, *staging}
    found = relations_in(cursor, {relation.schema for relation in managed})
    existing = sorted(managed & found.keys())
    removed = []
    for relation in existing:
        kind = found[relation].kind
        rows = None if kind == "view" else count_rows(cursor, relation)
        node = manifest.relations.get(relation)
        removed.append(Removed(relation, kind, rows, node is None or node.kept_by_full_refresh))
    return Clearance(removed, dependents(cursor, existing, managed))


def staging_relations(tables: Iterable[str]) -> list[Relation]:
    """The ledger and the tables of the configured domains."""
    return [Relation(STAGING, name) for name in (*TABLES, *tables)]


def remove(
    manifest: Manifest, target: Target, *, cascade: bool, include_staging: bool, tables: Iterable[str] = ()
) -> list[Removed]:
    """Remove it in one transaction. The caller holds the lock.

    Raises DependentsExist where something that is not ours depends on it and `cascade` is not set.
    """
    staging = staging_relations(tables) if include_staging else []
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
    return found.removed
