"""Commands as a person types them here: for the screen, and for what is written to be read later."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path


def typed(command: Sequence[str]) -> str:
    """A command on one line, quoted as the shell of this system needs it."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def shown_path(path: Path) -> str:
    """A path as a person would type it here: relative where it lies below the working directory."""
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def load_command(workbook: Path, options: Sequence[str] = ()) -> list[str]:
    """The command that loads one workbook."""
    return ["python", "run.py", "--execute", *options, "--file", shown_path(workbook)]
