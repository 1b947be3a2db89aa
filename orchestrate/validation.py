"""Whether the database holds what the project says: relations, and how old the sources are."""

from collections.abc import Iterable

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from orchestrate.catalog import relations_in
from orchestrate.manifest import Freshness, Manifest, Relation
from orchestrate.runs import Age


def missing_relations(cursor: Cursor, manifest: Manifest) -> list[Relation]:
    """Relations of the enabled nodes that do not exist."""
    found = relations_in(cursor, manifest.schemas)
    return sorted(manifest.relations.keys() - found.keys())


def orphans(cursor: Cursor, manifest: Manifest, built_before: Iterable[str]) -> list[Relation]:
    """Relations that earlier runs built, that exist, and that no node of the project makes any more."""
    before = {Relation(*name.split(".", 1)) for name in built_before} - manifest.relations.keys()
    found = relations_in(cursor, {relation.schema for relation in before})
    return sorted(before & found.keys() - set(manifest.sources))


def ages(cursor: Cursor, manifest: Manifest) -> list[Age]:
    """How old each source is that has criteria of freshness; sources that do not exist count as empty."""
    found = relations_in(cursor, {item.relation.schema for item in manifest.freshness})
    return [_age(cursor, item, item.relation in found) for item in manifest.freshness]


def _age(cursor: Cursor, item: Freshness, exists: bool) -> Age:
    seconds = None
    if exists:
        cursor.execute(
            sql.SQL("SELECT extract(epoch FROM now() - max({}))::float FROM {} WHERE {}").format(
                sql.SQL(item.loaded_at),  # the expression of the project, as dbt itself runs it
                sql.Identifier(item.relation.schema, item.relation.name),
                sql.SQL(item.filter or "true"),
            )
        )
        (seconds,) = cursor.fetchone() or (None,)
    if seconds is None:
        status = "empty"
    elif item.error_after is not None and seconds > item.error_after:
        status = "error"
    elif item.warn_after is not None and seconds > item.warn_after:
        status = "warn"
    else:
        status = "pass"
    return Age(
        source=str(item.relation),
        status=status,
        seconds=seconds,
        warn_after=item.warn_after,
        error_after=item.error_after,
    )
