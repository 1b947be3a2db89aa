"""What the dbt project holds, read from the manifest.json that dbt wrote: the only place that knows its keys."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BUILT = ("seed", "model", "snapshot")
TESTS = ("test", "unit_test")


@dataclass(frozen=True, order=True)
class Relation:
    """A table or view, without the database."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


PUBLISHED = Relation("marts", "published")
"""The table of the row that a build writes last, where a project does not say otherwise."""


@dataclass(frozen=True)
class Limits:
    """When a test warns or fails, and where the rows that it found are kept (None: nowhere)."""

    severity: str
    warn_if: str
    error_if: str
    failures_in: str | None


@dataclass(frozen=True)
class Node:
    """A seed, model, snapshot or test. `relation` is None where the database gets none."""

    unique_id: str
    name: str
    kind: str
    path: str
    fqn: tuple[str, ...]
    parents: tuple[str, ...]
    tags: tuple[str, ...]
    materialized: str
    relation: Relation | None
    limits: Limits | None
    kept_by_full_refresh: bool


@dataclass(frozen=True)
class Seed:
    """What the checks of a seed's file need: the columns that its YAML names, and the types that it gives.

    `may_be_empty` is what `meta` of its YAML says: a seed of exceptions may have none.
    """

    node: Node
    file: Path
    described_in: str | None
    columns: tuple[str, ...]
    column_types: Mapping[str, str]
    delimiter: str
    may_be_empty: bool


@dataclass(frozen=True)
class Freshness:
    """How old a source may be: seconds until it warns and fails.

    Its time of loading is the latest `loaded_at`, an SQL expression on its rows, or what `query` gives.
    """

    relation: Relation
    loaded_at: str | None
    query: str | None
    filter: str | None
    warn_after: float | None
    error_after: float | None


@dataclass(frozen=True)
class Manifest:
    """The project as dbt parsed it."""

    content: Mapping[str, Any]
    root: Path

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every enabled node that a plain `dbt build` runs, by its id: no unit tests (selectors.yml)."""
        entries = self.content["nodes"].values()
        return {entry["unique_id"]: _node(entry) for entry in entries if entry["resource_type"] in BUILT + TESTS}

    @cached_property
    def seeds(self) -> list[Seed]:
        """The seeds with what their YAML says."""
        entries = [entry for entry in self.content["nodes"].values() if entry["resource_type"] == "seed"]
        return [self._seed(entry) for entry in entries]

    @cached_property
    def relations(self) -> dict[Relation, Node]:
        """The tables and views that a complete build makes."""
        return {node.relation: node for node in self.nodes.values() if node.relation}

    @cached_property
    def publication(self) -> Relation:
        """The table of the row that a build writes last."""
        named = [node.relation for node in self.nodes.values() if node.kind == "model" and node.name == "published"]
        return next((relation for relation in named if relation), PUBLISHED)

    @cached_property
    def sources(self) -> list[Relation]:
        """The tables that dbt only reads."""
        return [Relation(entry["schema"], entry["identifier"]) for entry in self.content["sources"].values()]

    @cached_property
    def freshness(self) -> list[Freshness]:
        """The sources that have criteria of freshness."""
        found = [_freshness(entry) for entry in self.content["sources"].values() if entry.get("freshness")]
        limited = [item for item in found if item.warn_after is not None or item.error_after is not None]
        return [item for item in limited if item.loaded_at or item.query]

    @cached_property
    def disabled(self) -> list[tuple[str, str]]:
        """Kind and name of the nodes that are switched off."""
        entries = [entry for versions in self.content.get("disabled", {}).values() for entry in versions]
        return sorted((entry["resource_type"], entry["name"]) for entry in entries)

    @cached_property
    def stored_failures(self) -> set[Relation]:
        """The tables that tests store their failing rows in."""
        tests = [entry for entry in self.content["nodes"].values() if entry["resource_type"] == "test"]
        return {Relation(entry["schema"], entry["alias"]) for entry in tests if entry.get("relation_name")}

    @cached_property
    def kept_in_place(self) -> set[str]:
        """The materializations for which the project has its own way, which leaves the relation where it is."""
        names = {macro["name"] for macro in self.content.get("macros", {}).values() if macro["package_name"] != "dbt"}
        return {kind for kind in ("view", "table") if f"materialization_{kind}_postgres" in names}

    @property
    def schemas(self) -> set[str]:
        """Schemas that a complete build writes into."""
        return {relation.schema for relation in {*self.relations, *self.stored_failures}}

    def count(self, ids: Iterable[str] | None = None) -> Counter[str]:
        """How many nodes of each kind."""
        return Counter(self.nodes[unique_id].kind for unique_id in (self.nodes if ids is None else ids))

    def with_ancestors(self, ids: Iterable[str]) -> set[str]:
        """The nodes, which must be of the manifest, and everything that they are built from."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            unique_id = waiting.pop()
            if unique_id not in found:
                found.add(unique_id)
                waiting += [parent for parent in self.nodes[unique_id].parents if parent in self.nodes]
        return found

    def _seed(self, entry: Mapping[str, Any]) -> Seed:
        config = entry["config"]
        return Seed(
            node=_node(entry),
            file=Path(entry.get("root_path") or self.root) / entry["original_file_path"],
            described_in=entry.get("patch_path") and entry["patch_path"].split("://")[-1],
            columns=tuple(entry["columns"]),
            column_types=config.get("column_types") or {},
            delimiter=config.get("delimiter") or ",",
            may_be_empty=(config.get("meta") or {}).get("may_be_empty") is True,
        )


def read_manifest(target_path: Path, root: Path) -> Manifest:
    """The manifest in a target directory of dbt."""
    return Manifest(json.loads((target_path / "manifest.json").read_text(encoding="utf-8")), root)


def _node(entry: Mapping[str, Any]) -> Node:
    kind, config = entry["resource_type"], entry.get("config") or {}
    materialized = str(config.get("materialized") or "")
    has_relation = kind in BUILT and materialized != "ephemeral"
    return Node(
        unique_id=entry["unique_id"],
        name=entry["name"],
        kind=kind,
        path=entry["original_file_path"],
        fqn=tuple(entry["fqn"]),
        parents=tuple((entry.get("depends_on") or {}).get("nodes") or ()),
        tags=tuple(entry.get("tags") or ()),
        materialized=materialized,
        relation=Relation(entry["schema"], entry.get("alias") or entry["name"]) if has_relation else None,
        limits=_limits(entry, config) if kind == "test" else None,
        kept_by_full_refresh=config.get("full_refresh") is False,
    )


def _limits(entry: Mapping[str, Any], config: Mapping[str, Any]) -> Limits:
    return Limits(
        severity=str(config.get("severity") or "error").lower(),
        warn_if=config.get("warn_if") or "!= 0",
        error_if=config.get("error_if") or "!= 0",
        failures_in=entry.get("relation_name"),
    )


_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def _freshness(entry: Mapping[str, Any]) -> Freshness:
    def seconds(limit: Mapping[str, Any] | None) -> float | None:
        return limit["count"] * _SECONDS[limit["period"]] if limit and limit.get("count") else None

    criteria = entry["freshness"]
    return Freshness(
        relation=Relation(entry["schema"], entry["identifier"]),
        loaded_at=entry.get("loaded_at_field"),
        query=entry.get("loaded_at_query"),
        filter=criteria.get("filter"),
        warn_after=seconds(criteria.get("warn_after")),
        error_after=seconds(criteria.get("error_after")),
    )
