"""The dbt project as it is now, parsed beside: no database is opened and no file of the checkout is written."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.database.connection import Target
from extract.settings import Settings
from orchestrate.dbt.manifest import Manifest
from orchestrate.dbt.profile import prepare_profile

FOUNDATION = "foundation"
"""The selector that chooses what every other model builds on."""
RUNS = Path(".wdh") / "runs"
PARSED = Path(".wdh") / "partial_parse.msgpack"


@dataclass(frozen=True)
class Project:
    """The parsed project, the nodes of the selector `foundation`, and what dbt would connect by."""

    manifest: Manifest
    foundation: list[str]
    config: Any


@contextmanager
def parsed_beside(settings: Settings, target: Target, root: Path) -> Iterator[Project]:
    """Parse the project with all artifacts in a temporary directory. Raises ProjectInvalid."""
    from orchestrate.dbt.invoke import Dbt
    from orchestrate.dbt.sessions import Sessions

    with tempfile.TemporaryDirectory(prefix="workdatahub-") as name:
        folder = Path(name)
        own = root / "profiles.yml"
        if own.exists():
            (folder / "profiles.yml").write_bytes(own.read_bytes())
        prepare_profile(settings, target, folder)
        dbt = Dbt(root, folder, folder / "artifacts", parsed_before(root))
        sessions = Sessions(target, "")
        with sessions.prepared():
            ids = dbt.list_nodes(FOUNDATION)
        yield Project(dbt.manifest, ids, sessions.config)


def parsed_before(root: Path) -> Path | None:
    """What the parser of dbt learned in earlier runs."""
    path = root / PARSED
    return path if path.exists() else None


def selection(dbt_manifest: Manifest, foundation: list[str]) -> tuple[set[str], list[str]]:
    """The nodes of the first part of a setup (seeds, the foundation, what it is built from), and how dbt chooses them.

    It is all that `--quick` builds.
    """
    seeds = {seed.node.unique_id for seed in dbt_manifest.seeds}
    chosen = seeds | dbt_manifest.with_ancestors(foundation)
    names = sorted(f"fqn:{'.'.join(dbt_manifest.nodes[unique_id].fqn)}" for unique_id in chosen - seeds)
    methods = (["resource_type:seed"] if seeds else []) + (["source:*"] if dbt_manifest.sources else [])
    return chosen, [*methods, *names]
