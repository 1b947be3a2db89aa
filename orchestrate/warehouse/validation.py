"""Whether the database holds what the project says: relations, and how old the sources are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import transaction
from orchestrate.dbt.manifest import TESTS, Manifest, Relation
from orchestrate.warehouse.ages import Age, ages, freshness
from orchestrate.warehouse.catalog import relations_in

if TYPE_CHECKING:
    from orchestrate.warehouse.preparation import Prepared


@dataclass(frozen=True)
class Validation:
    """What was found: `problems` fail the setup, `text` is the account."""

    text: str
    problems: list[str]
    warnings: list[str]
    ages: list[Age]


def validated(
    ready: "Prepared", done: Collection[str], left: Collection[str], domains: Mapping[str, str], *, quick: bool
) -> Validation:
    """Compare the database with the project after `done` nodes ran; `left` should have run and did not.

    `domains` maps the configured ones to their tables.
    With `quick` only the relations of seeds and foundation must exist.
    """
    manifest = ready.manifest
    with transaction(ready.target) as connection, connection.cursor() as cursor:
        missing = missing_relations(cursor, manifest)
        found = ages(cursor, manifest, domains)
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
