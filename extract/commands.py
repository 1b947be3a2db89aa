"""Commands as a person types them here: for the screen, and for what is written to be read later."""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from extract.wording import typed_again


def typed(command: Sequence[str]) -> str:
    """A command on one line, quoted as the shell of this system needs it, which speaks the language of this run."""
    return typed_again(typed_on_windows(command) if os.name == "nt" else shlex.join(command))


_PLAIN = re.compile(r"[\w./\\:=+-]+")
_NEVER_PLAIN = re.compile(r"[\x00-\x1f\"%$`\u201c-\u201e]")
"""What means something to cmd.exe or to PowerShell inside double quotes too, which take typographic ones for quotes."""
NOT_SHOWN = '"(type this name yourself)"'


def typed_on_windows(command: Sequence[str]) -> str:
    """A command on one line that cmd.exe and PowerShell read alike: neither runs a part of a name as a command."""
    return " ".join(map(_quoted_on_windows, command))


def _quoted_on_windows(argument: str) -> str:
    if _PLAIN.fullmatch(argument):
        return argument
    if _NEVER_PLAIN.search(argument):
        return NOT_SHOWN
    backslashes = len(argument) - len(argument.rstrip("\\"))
    return f'"{argument}{backslashes * chr(92)}"'  # the last ones would else escape the quote


def shown_path(path: Path) -> str:
    """A path as a person would type it here: relative where it lies below the working directory."""
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def load_command(workbook: Path, options: Sequence[str] = ()) -> list[str]:
    """The command that loads one workbook."""
    return ["python", "run.py", "--execute", *options, "--file", shown_path(workbook)]
