"""Where the temporary files of the tests lie: in memory, where there is room.

The tests make some hundred checkouts and databases, gigabytes in small files that nobody needs a minute later: on a
disk, making and deleting them takes a good part of a run. What is in memory is deleted as soon as its test has passed.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_PREFIX = "wdh-tests-"  # short, since sockets lie there
_ROOM = 4 * 2**30
"""Bytes: about twice of what a run holds at a time."""


def _refusal() -> str:
    """Why the files do not go into memory; empty where they do."""
    if given := [name for name in ("TMPDIR", "TEMP", "TMP") if name in os.environ]:
        return f"{given[0]} is set"
    if sys.platform != "linux" or not os.access(_MEMORY, os.W_OK):
        return f"there is no {_MEMORY} to write to"
    there = os.statvfs(_MEMORY)
    if there.f_flag & os.ST_NOEXEC:
        return f"{_MEMORY} is mounted noexec"
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    if min(there.f_bavail * there.f_frsize, available // 2) < _ROOM:
        return f"{_MEMORY} or the memory has too little room"
    return ""


def _remove_what_killed_runs_left() -> None:
    """Servers that such a run left end with their directories."""
    for folder in _MEMORY.glob(f"{_PREFIX}*-*"):
        process = folder.name.removeprefix(_PREFIX).split("-")[0]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(folder, ignore_errors=True)


class Folder:
    """The folder of a run of pytest and of all that it starts, which find it in TMPDIR; `why` is for who reads."""

    def __init__(self) -> None:
        refusal = _refusal()
        self.why = f"on disk, since {refusal}" if refusal else "in memory"
        if not refusal:
            _remove_what_killed_runs_left()
        prefix = f"{_PREFIX}{os.getpid()}-"
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=None if refusal else _MEMORY))
        self._in_memory = not refusal
        if self._in_memory:
            self.path.chmod(0o755)  # servers run as another user
            os.environ["TMPDIR"] = str(self.path)
            tempfile.tempdir = None  # so that it is looked up again

    def remove(self) -> None:
        """Delete it with all that lies there."""
        shutil.rmtree(self.path, ignore_errors=True)
