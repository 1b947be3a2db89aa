"""Whether the database holds what the project says: relations, and how old the sources are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database import transaction
from extract.warehouse_views import freshness
from orchestrate.catalog import relations_in
from orchestrate.manifest import TESTS, Freshness, Manifest, Relation
from orchestrate.runs import Age

if TYPE_CHECKING:
    from orchestrate.preparation import Prepared


@dataclass(frozen=True)
class Validation:
    """What was found: `problems` fail the setup, `text` is the account."""

    text: str
    problems: list[str]
    warnings: list[str]
    ages: list[Age]


def validated(ready: "Prepared", done: Collection[str], left: Collection[str], *, quick: bool) -> Validation:
    """Compare the database with the project after `done` nodes ran; `left` should have run and did not.

    With `quick` only the relations of seeds and foundation must exist.
    """
    manifest = ready.manifest
    with transaction(ready.target) as connection, connection.cursor() as cursor:
        missing = missing_relations(cursor, manifest)
        found = ages(cursor, manifest)
    expected = ready.first if quick else manifest.nodes.keys()
    lacking = [str(relation) for relation in missing if manifest.relations[relation].unique_id in expected]
    tests = sum(manifest.nodes[unique_id].kind in TESTS for unique_id in done)
    of_tests = sum(node.kind in TESTS for node in manifest.nodes.values())
    parts = [
        f"{len(manifest.relations) - len(missing)} of {len(manifest.relations)} relations exist",
        f"{tests} of {of_tests} tests ran",
        *([f"{len(manifest.disabled)} disabled"] if manifest.disabled else []),
        *map(freshness, found),
    ]
    problems = [f"missing from the database: {', '.join(lacking)}"] if lacking else []
    problems += [f"did not run: {', '.join(left)}"] if left else []
    problems += [f"{freshness(age)}: too old" for age in found if age.status == "error"]
    return Validation(
        text=("partial, --quick: " if quick else "") + ", ".join(parts),
        problems=problems,
        warnings=[f"{freshness(age)}: old" for age in found if age.status == "warn"],
        ages=found,
    )


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


def _age_query(item: Freshness) -> sql.Composed:
    """The age in seconds, by the query or the expression of the project, as dbt itself runs them."""
    if item.query:
        return sql.SQL("SELECT extract(epoch FROM now() - ({}))::float").format(sql.SQL(item.query))
    return sql.SQL("SELECT extract(epoch FROM now() - max({}))::float FROM {} WHERE {}").format(
        sql.SQL(item.loaded_at or "NULL"),
        sql.Identifier(item.relation.schema, item.relation.name),
        sql.SQL(item.filter or "true"),
    )


def _age(cursor: Cursor, item: Freshness, exists: bool) -> Age:
    seconds = None
    if exists:
        cursor.execute(_age_query(item))
        (seconds,) = cursor.fetchone() or (None,)
    status: Literal["pass", "warn", "error", "empty"] = "pass"
    if seconds is None:
        status = "empty"
    elif item.error_after is not None and seconds > item.error_after:
        status = "error"
    elif item.warn_after is not None and seconds > item.warn_after:
        status = "warn"
    return Age(
        source=str(item.relation),
        status=status,
        seconds=seconds,
        warn_after=item.warn_after,
        error_after=item.error_after,
    )
