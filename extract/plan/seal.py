"""The seal of a plan: the names of its files, their checksums, and the identity of the whole.

The identity is the SHA-256 of all that plan.json holds but `id`, in canonical JSON: so of the checksum of every file
beside it (but rejects.xlsx, which is there to be mended, and plan.xlsx, which shows the identity), of every workbook,
and of the comparison with the mart, once that is made. Who notes the identity has seen these rows and this comparison.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

SUMMARY = "plan.json"
DIFF = "diff.csv"
REJECTED = "rejected_rows.csv"
REJECTS = "rejects.csv"
TO_MEND = "rejects.xlsx"
"""The one file of a plan that is there to be changed: neither sealed nor compared."""
REVIEW = "plan.xlsx"
"""What a reviewer prints and signs. It bears the identity, so it is no part of it; a load does not go by it."""
BOM = b"\xef\xbb\xbf"
"""Begins the CSV files that people open: without it, an Excel of a Chinese system takes them for GBK."""


def seal(summary: dict[str, Any], directory: Path) -> dict[str, Any]:
    """The content of plan.json with its own identity and the SHA-256 of the files beside it that a load goes by."""
    files = sorted(path for path in directory.iterdir() if path.name not in (SUMMARY, DIFF, TO_MEND, REVIEW))
    return identified({**summary, "plan_files": {path.name: sha256_of(path) for path in files}})


def identified(content: dict[str, Any]) -> dict[str, Any]:
    """The content of plan.json with the identity that it has by now in front."""
    return {"id": identity(content)} | {name: value for name, value in content.items() if name != "id"}


def identity(summary: dict[str, Any]) -> str:
    """The SHA-256 that names a plan: of all of plan.json but its `id`."""
    content = {name: value for name, value in summary.items() if name != "id"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def render(summary: dict[str, Any]) -> bytes:
    """The bytes of plan.json. Where a plan has other bytes, someone else wrote them."""
    return (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
