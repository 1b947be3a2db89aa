"""Where things are shown: results go to stdout, logs and progress to stderr; and what all views are made of."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

PIPE_WIDTH = 160
"""Columns where the output is no terminal, so that tables are not squeezed into 80."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on without output where its reader has gone: a load must not stop for that."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_any_encoding() -> None:
    """Print what the encoding of the output cannot hold as question marks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def new_console(stderr: bool = False) -> Console:
    """Where things are shown: stdout, or stderr for errors and progress."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, soft_wrap=False, highlight=False)


def show_commands(*commands: Sequence[str]) -> None:
    """Commands to type next, one after the other."""
    console = new_console()
    typed = [subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command) for command in commands]
    for line in typed if os.name == "nt" else [" && ".join(typed)]:
        console.print(Text(f"  {line}", style="bold green"), soft_wrap=True)


def shown_path(path: Path) -> str:
    """A path as a person would type it here: relative where it lies below the working directory."""
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def show_database(label: str) -> None:
    """Which database this run uses."""
    new_console().print(Text(f"Database: {label}"))


def show_next_build() -> None:
    """The command that builds the marts."""
    console = new_console()
    console.print(Text("Next, build the marts:"))
    console.print(Text("  dbt build", style="bold green"))


def show_document(document: object) -> None:
    """One JSON document."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    new_console().print(Text(text), soft_wrap=True)  # as Text, so that rich makes no emoji of :names:


def show_message(message: str) -> None:
    """One line on stderr."""
    print(message, file=sys.stderr)
