"""What `reset` shows."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands

if TYPE_CHECKING:
    from orchestrate.warehouse.reset import Reset


def show_reset(reset: "Reset") -> None:
    """What a reset removed, or would remove, and what of others depends on it."""
    console = new_console()
    found, database, removed = reset.clearance, reset.database, reset.removed
    for relation in found.orphaned:
        text = f"{relation}: built by an earlier run, in the project no more; it is left alone"
        console.print(Text(text, style="yellow"))
    if not found.removed:
        console.print(Text(f"There is nothing to remove in {database}"))
        return
    verb = "Removed from" if removed else "Would be removed from"
    table = Table(title=f"{verb} {database}", title_justify="left")
    table.add_column("relation", overflow="fold")
    table.add_column("kind")
    table.add_column("rows", justify="right")
    table.add_column("")
    stored = [item for item in found.removed if item.stored_failures]
    for item in found.removed:
        if item in stored:
            continue
        rows = "" if item.rows is None else f"{item.rows:,}"
        note = Text(item.loss, style="yellow") if item.loses else ""
        table.add_row(str(item.relation), item.kind, rows, note)
    if stored:
        rows = f"{sum(item.rows or 0 for item in stored):,}"
        table.add_row(f"{len(stored)} more, with failing rows that tests stored", "table", rows, "")
    console.print(table)
    for dependent in found.dependents:
        gone = "went with it" if removed else "depends on it and is not ours: --cascade drops it too"
        console.print(Text(f"{dependent}: {gone}", style="bold yellow"))
    if not removed:
        console.print(Text("Nothing was removed. To remove it:"))
        show_commands(["python", "run.py", "reset", "--yes"])
