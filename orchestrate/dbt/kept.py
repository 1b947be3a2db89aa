"""What the last parse of the dbt project gave, for whoever only asks, as long as nothing that it depends on changed.

Kept by a setup and by a build, in `.wdh/manifest.json`. The state of a project is a hash of all files that dbt reads,
of the environment that they name, of the database and of the versions: any doubt means another state, and a parse.
"""

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from extract import __version__
from extract.database.connection import Target
from orchestrate.dbt.manifest import Manifest

KEPT = Path(".wdh") / "manifest.json"
_SINGLE = (
    "dbt_project.yml",
    "selectors.yml",
    "profiles.yml",
    "packages.yml",
    "dependencies.yml",
    "package-lock.yml",
    "vars.yml",
)
_FOLDERS = {
    "model-paths": ["models"],
    "seed-paths": ["seeds"],
    "macro-paths": ["macros"],
    "test-paths": ["tests"],
    "snapshot-paths": ["snapshots"],
    "analysis-paths": ["analyses"],
    "docs-paths": [],
    "asset-paths": [],
    "function-paths": ["functions"],
}
"""The keys of dbt_project.yml that name folders, and what dbt takes where there is none."""
_VARIABLE = re.compile(rb"""env_var\s*\(\s*(?:'([A-Za-z0-9_]+)'|"([A-Za-z0-9_]+)")""")
_ANY_VARIABLE = re.compile(rb"env_var\s*\(")
_SECRET = re.compile(r"PASSWORD|SECRET|URI|TOKEN|KEY")


@dataclass(frozen=True)
class Kept:
    """A manifest that holds, and the nodes of the selector `foundation` where they were asked for."""

    manifest: Manifest
    foundation: list[str] | None


def kept(root: Path, target: Target) -> Kept | None:
    """What was kept of a project; None where there is nothing, or where it may not hold any more."""
    try:
        content = json.loads((root / KEPT).read_text(encoding="utf-8"))
        if content["state"] != state_of(root, target):
            return None
        return Kept(Manifest(content["manifest"], root), content["foundation"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(root: Path, state: str | None, manifest: Manifest, foundation: list[str] | None, target: Target) -> None:
    """Keep a manifest that was parsed in some state, unless the project has changed meanwhile."""
    if state is None or state_of(root, target) != state:
        return
    content = {"state": state, "foundation": foundation, "manifest": dict(manifest.content)}
    working = root / KEPT.with_suffix(f".{os.getpid()}.tmp")
    with suppress(OSError):  # whoever asks parses then
        working.parent.mkdir(exist_ok=True)
        working.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        working.replace(root / KEPT)


def state_of(root: Path, target: Target) -> str | None:
    """A hash of all that a parse of the project depends on; None where that cannot be told."""
    try:
        settings = yaml.safe_load((root / "dbt_project.yml").read_bytes())
        paths = [*(root / name for name in _SINGLE), *_files(root, settings)]
        contents = {path: path.read_bytes() for path in paths if path.is_file()}
    except (OSError, yaml.YAMLError, TypeError, AttributeError):
        return None
    found: dict[str, Any] = {"target": target.label, "versions": _versions()}
    names = {name for name in os.environ if name.startswith("DBT_")}
    for path, content in contents.items():
        named = _VARIABLE.findall(content)
        if len(named) != len(_ANY_VARIABLE.findall(content)):
            return None  # a variable whose name is put together
        names |= {(one or other).decode() for one, other in named}
        found[os.path.relpath(path, root)] = hashlib.sha256(content).hexdigest()
    found["environment"] = {name: os.environ.get(name) for name in names if not _SECRET.search(name)}
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _files(root: Path, settings: dict[str, Any]) -> Iterator[Path]:
    """The files in the folders of a project and of its packages."""
    folders = {name for key, default in _FOLDERS.items() for name in settings.get(key) or default}
    folders.add(settings.get("packages-install-path") or "dbt_packages")
    if any("{" in name for name in folders):
        raise TypeError("a folder that only dbt can name")
    for folder in sorted(folders):
        for place, _, names in os.walk(root / folder, followlinks=True):
            yield from (Path(place, name) for name in names)


def _versions() -> list[str]:
    found = [platform.python_version(), __version__]
    for package in ("dbt-core", "dbt-common", "dbt-adapters", "dbt-postgres"):
        with suppress(PackageNotFoundError):
            found.append(version(package))
    return found
