"""Files that nobody but the user may read: by their mode, and on Windows, which knows none, by their access list."""

import getpass
import os
import subprocess
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file that is closed to others before anything stands in it; one of that name is replaced.

    Raises OSError, and RuntimeError where Windows does not close it.
    """
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        if os.name == "nt":
            _close_to_others(path)
        file.write(text)


def closing_command(path: Path, user: str) -> list[str]:
    """The command that leaves a file to one user on Windows: others lose it, also those who have it by its folder."""
    return ["icacls", str(path), "/inheritance:r", "/grant:r", f"{user}:F"]


def _close_to_others(path: Path) -> None:
    done = subprocess.run(
        closing_command(path, getpass.getuser()), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise RuntimeError(f"{path} cannot be closed to others: {' '.join((done.stdout + done.stderr).split())}")
