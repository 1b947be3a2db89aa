"""Where things are shown: results go to stdout, logs and progress to stderr; and what all views are made of."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from extract.commands import shown_path, typed
from extract.plan.seal import TO_MEND
from extract.settings import ROOT, dbt_project_of
from extract.wording import again, say

if TYPE_CHECKING:
    from orchestrate.dbt.publication import Publication

PIPE_WIDTH = 160
"""Columns where the output is no terminal, so that tables are not squeezed into 80."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on without output where its reader has gone: a load must not stop for that."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def new_console(stderr: bool = False) -> Console:
    """Where things are shown: stdout, or stderr for errors and progress."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, soft_wrap=False, highlight=False)


def local_time(moment: datetime) -> str:
    """A time as the clock of this machine shows it, with its zone."""
    here = moment.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S} {here:%Z}".rstrip()


def show_commands(*commands: Sequence[str]) -> None:
    """Commands to type next, one after the other: with the --config of this run, and for its dbt project."""
    console = new_console()
    lines = [typed(_with_config(command)) for command in commands]
    for line in lines if os.name == "nt" else [" && ".join(lines)]:
        console.print(Text(f"  {line}", style="bold green"), soft_wrap=True)


def _with_config(command: Sequence[str]) -> list[str]:
    arguments = sys.argv[1:]
    named = [after for option, after in pairwise([*arguments, ""]) if option == "--config"]
    named += [argument.removeprefix("--config=") for argument in arguments if argument.startswith("--config=")]
    if not named:
        return list(command)
    if command[0] == "dbt":
        return [*command, *_places(dbt_project_of(Path(named[-1])))]
    given = any(argument.partition("=")[0] == "--config" for argument in command)
    return [*command, *([] if given else ["--config", named[-1]])]


def _places(project: Path) -> list[str]:
    """The options by which dbt finds a project that is not the checkout's."""
    place = shown_path(project)
    return [] if project == ROOT else ["--project-dir", place, "--profiles-dir", place]


def show_mending(directory: Path, mending: Sequence[str]) -> None:
    """Where the rejects of a plan can be mended, and the command that then loads them; nothing where there are none."""
    if mending:
        new_console().print(
            Text(
                say("Rejects:  {path}: mend all or some of them there, save, and load them:", path=directory / TO_MEND)
            )
        )
        show_commands(mending, ["dbt", "build"])


def show_database(label: str) -> None:
    """Which database this run uses."""
    new_console().print(Text(say("Database: {database}", database=again(label))))


def show_identity(directory: Path, plan_id: str) -> None:
    """Which plan this is, and the id that it is released and kept in the ledger by."""
    console = new_console()
    console.print(Text(say("Plan:     {path}", path=directory), style="bold"))
    console.print(Text(say("Plan id:  {id}", id=plan_id)))


def published_as(publication: "Publication") -> str:
    """How the marts were published, in a few words."""
    published = f"{publication.published_at:%Y-%m-%d %H:%M:%S %Z}"
    batch = publication.batch_id
    if publication.tested:
        told = say("batch {batch}, {published}, tested", batch=batch, published=published)
    else:
        told = say("batch {batch}, {published}, not tested", batch=batch, published=published)
    if publication.waiting:
        told += say("; {batches} later loads are not in it yet: run `dbt build`", batches=publication.waiting)
    return told


def show_published(publication: "Publication") -> None:
    """How the marts were published that a view is of."""
    new_console().print(Text(say("Marts:    {published}", published=published_as(publication))))


def show_next_build(project: Path = ROOT) -> None:
    """The command that builds the marts of the dbt project in a directory."""
    console = new_console()
    console.print(Text(say("Next, build the marts:")))
    console.print(Text(f"  {typed(['dbt', 'build', *_places(project)])}", style="bold green"), soft_wrap=True)


def show_first_build() -> None:
    """The command that builds where nothing was built: dbt has no profile before the first load, `setup` writes one."""
    new_console().print(Text(say("Next, build the marts:")))
    show_commands(["python", "run.py", "setup"])


def show_document(document: object) -> None:
    """One JSON document."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    new_console().print(Text(text), soft_wrap=True)  # as Text, so that rich makes no emoji of :names:
