"""How steps and nodes of dbt look, and those among them that a person must know of."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console
from extract.wording import say
from extract.words import word

if TYPE_CHECKING:
    from orchestrate.warehouse.runs import Run

STYLES = {
    "ok": "green", "pass": "green", "success": "green", "warnings": "yellow", "warn": "yellow", "failed": "bold red",
    "fail": "bold red", "error": "bold red", "could not run": "bold red", "interrupted": "bold red", "skipped": "dim",
}  # fmt: skip
WIDTH = 11
"""Columns of a status."""


def waited(run: "Run") -> str:
    """How long a run waited for locks."""
    return say("Waited {seconds:.0f} s for locks of other sessions", seconds=run.waited_for_locks)


def show_remarkable(run: "Run") -> None:
    """The nodes that failed, could not run or warned, with the query that shows the rows."""
    console = new_console()
    for node in run.nodes:
        if node.status in ("success", "pass", "skipped", "no-op"):
            continue
        limit = node.warn_if if node.status == "warn" else node.error_if
        what = node.message
        if node.observed is not None:
            what = say("{rows:,} rows, limit {limit}", rows=node.observed, limit=limit)
        head = Text(f"  {word(node.status):<{WIDTH}}", style=STYLES.get(node.status, ""))
        console.print(Text.assemble(head, f" {node.name}: ", what), soft_wrap=True)
        if node.failures_in:
            console.print(Text(f"  {'':<{WIDTH}} select * from {node.failures_in}", style="cyan"), soft_wrap=True)
