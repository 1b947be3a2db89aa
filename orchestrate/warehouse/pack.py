"""`run.py audit`: all that is known of a month in one zip, whose index a person can follow without this program."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extract.config import load_data_sources
from extract.database.connection import transaction
from extract.database.targets import database_target
from extract.domains.registry import load_domain
from extract.errors.approvals import MonthUnknown
from extract.errors.plan import DiskFailed
from extract.errors.warehouse import PackRefused
from extract.plan.kept import kept_plans
from extract.settings import ROOT, Settings
from extract.staging.evidence import evidence_of
from orchestrate.warehouse.pack_index import index_of

SUMS = "SHA256SUMS"
INDEX = "index.txt"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can tell: the same in every pack."""


@dataclass(frozen=True)
class Pack:
    """A pack that was written; `missing_plans` are the ids of plans that were applied and not found."""

    database: str
    month: date
    path: Path
    sha256: str
    files: Mapping[str, int]
    missing_plans: tuple[str, ...]


def pack(month: date, path: Path, settings: Settings, plans: Iterable[Path]) -> Pack:
    """Write the pack of a month. Plans are looked for in `plans` and below plans/. The same input gives the same bytes.

    Raises PackRefused, MonthUnknown, DiskFailed, MartRunsCode and the errors of the database.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise PackRefused(path=str(path))
    sources = load_data_sources(settings.data_sources_config)
    domains = [load_domain(sources, name, settings.data_sources_config) for name in sorted(sources.domains)]
    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        evidence = evidence_of(cursor, domains, month)
    if not evidence.batches:
        raise MonthUnknown(month=f"{month:%Y-%m}")
    wanted = sorted({batch.plan_id for batch in evidence.batches if batch.plan_id})
    found = kept_plans([*plans, *sorted((ROOT / "plans").glob("*"))], wanted)
    missing = tuple(plan_id for plan_id in wanted if plan_id not in found)
    files = dict(evidence.files)
    for plan_id, of_plan in found.items():
        files |= {f"plans/{plan_id}/{name}": content for name, content in of_plan.items()}
    files[INDEX] = index_of(month, evidence, sorted(found), missing, files).encode()
    files[SUMS] = "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    content = _zipped(files)
    _write(path, content)
    sizes = {name: len(files[name]) for name in sorted(files)}
    return Pack(target.label, month, path, _sha256(content), sizes, missing)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip with the index first. Nothing is compressed: another zlib would give other bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda name: (name not in (INDEX, SUMS), name)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # the same on Windows
            archive.writestr(entry, files[name])
    return target.getvalue()


def _write(path: Path, content: bytes) -> None:
    working = path.with_name(f".{path.name[:60]}.{os.getpid()}.tmp")
    try:
        with working.open("xb") as file:
            file.write(content)
        working.replace(path)
    except OSError as error:
        working.unlink(missing_ok=True)
        raise DiskFailed(path=str(path), problem=error.strerror or str(error)) from None
