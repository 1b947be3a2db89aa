"""The seal of a plan: the names of its files, their checksums, and the identity of the whole.

plan.json holds the SHA-256 of every other file of the plan (but rejects.xlsx, which is there to be mended) and of every
workbook, and its own identity: the SHA-256 of all that it holds but `id` and `diff`, in canonical JSON. `diff`, which
may be added later, has its own.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

SUMMARY = "plan.json"
DIFF = "diff.csv"
REJECTED = "rejected_rows.csv"
TO_MEND = "rejects.xlsx"
"""The one file of a plan that is there to be changed: neither sealed nor compared."""
_NOT_SEALED = ("id", "diff")


def seal(summary: dict[str, Any], directory: Path) -> dict[str, Any]:
    """The content of plan.json with its own identity and the SHA-256 of the files beside it that a load goes by."""
    files = sorted(path for path in directory.iterdir() if path.name not in (SUMMARY, DIFF, TO_MEND))
    sealed = {**summary, "plan_files": {path.name: sha256_of(path) for path in files}}
    return {"id": identity(sealed), **sealed}


def identity(summary: dict[str, Any]) -> str:
    """The SHA-256 that names a plan: of all of plan.json but its `id`, and its `diff`, which tells of the mart."""
    content = {name: value for name, value in summary.items() if name not in _NOT_SEALED}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def render(summary: dict[str, Any]) -> bytes:
    """The bytes of plan.json. Where a plan has other bytes, someone else wrote them."""
    return (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode()


def diff_identity(diff: dict[str, Any], plan_id: str) -> str:
    """The SHA-256 that seals what plan.json says of the mart: of all of `diff` but its `id`, and of the plan's."""
    content = {name: value for name, value in diff.items() if name != "id"}
    return hashlib.sha256(json.dumps([plan_id, content], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
