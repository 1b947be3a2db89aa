"""The manifest of the dbt project, parsed anew where a file of it has changed; no database is opened."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from dbt.version import installed

from extract.database.targets import known_target
from extract.settings import ROOT, load_settings
from orchestrate.dbt.invoke import Dbt
from orchestrate.dbt.profile import prepare_profile
from orchestrate.dbt.project import parsed_before

MANIFESTS = Path(".wdh") / "dagster" / "manifests"
_FILES = ("dbt_project.yml", "selectors.yml", "dbt_project")


def manifest() -> Path:
    """The manifest.json of the project as it is now. Raises ProjectInvalid, and the errors of the settings."""
    path = ROOT / MANIFESTS / f"{_fingerprint()}.json"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = load_settings()
    target, _ = known_target(settings, ROOT)
    with tempfile.TemporaryDirectory(prefix="workdatahub-") as name:
        folder = Path(name)
        prepare_profile(settings, target, folder)
        Dbt(ROOT, folder, folder / "artifacts", parsed_before(ROOT)).parse()
        working = path.with_suffix(f".{os.getpid()}.tmp")
        shutil.copy2(folder / "artifacts" / "manifest.json", working)
    for old in path.parent.glob("*.json"):
        old.unlink(missing_ok=True)
    working.replace(path)
    return path


def _fingerprint() -> str:
    """Of the contents of the project, so that each process of a run finds what another one has parsed."""
    digest = hashlib.sha256(installed.to_version_string().encode())
    paths = [
        path for name in _FILES for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*"))
    ]
    for path in sorted(path for path in paths if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:32]
