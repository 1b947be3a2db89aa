"""Plans that lie on this machine, found by their ids: their files, and the text whose SHA-256 the id is."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from extract.errors.base import WorkDataHubError
from extract.plan.plain_files import read_plain
from extract.plan.seal import DIFF, SUMMARY
from extract.plan.summary import read_summary

IDENTITY = "identity.json"
_LARGEST = 2**32


def kept_plans(directories: Iterable[Path], ids: Iterable[str]) -> dict[str, dict[str, bytes]]:
    """The files of those plans that are found, by id and name; a directory that is no plan, or a changed one, is none.

    Beside the files stands `identity.json`, of which the id is the SHA-256.
    """
    wanted, found = set(ids), dict[str, dict[str, bytes]]()
    for directory in directories:
        try:
            summary, content = read_summary(directory)
        except WorkDataHubError:
            continue
        if summary.id not in wanted or summary.id in found:
            continue
        plain = {name: value for name, value in content.items() if name != "id"}
        names = [SUMMARY, *summary.plan_files, *([DIFF] if summary.diff else [])]
        try:
            files = {name: read_plain(directory / Path(name).name, _LARGEST) for name in names}
        except OSError:
            continue
        sealed = summary.plan_files | ({DIFF: summary.diff.sha256} if summary.diff else {})
        if any(hashlib.sha256(files[name]).hexdigest() != sha256 for name, sha256 in sealed.items()):
            continue
        files[IDENTITY] = json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()
        found[summary.id] = files
    return found
