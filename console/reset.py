"""What `reset` shows."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands
from extract.wording import again, say

if TYPE_CHECKING:
    from orchestrate.warehouse.reset import Reset


def show_reset(reset: "Reset") -> None:
    """What a reset removed, or would remove, and what of others depends on it."""
    console = new_console()
    found, database, removed = reset.clearance, reset.database, reset.removed
    for relation in found.orphaned:
        text = say("{relation}: built by an earlier run, in the project no more; it is left alone", relation=relation)
        console.print(Text(text, style="yellow"))
    if not found.removed:
        console.print(Text(say("There is nothing to remove in {database}", database=database)))
        return
    if removed:
        title = say("Removed from {database}", database=database)
    else:
        title = say("Would be removed from {database}", database=database)
    table = Table(title=title, title_justify="left")
    table.add_column(say("relation"), overflow="fold")
    table.add_column(say("kind"))
    table.add_column(say("rows"), justify="right")
    table.add_column("")
    stored = [item for item in found.removed if item.stored_failures]
    for item in found.removed:
        if item in stored:
            continue
        rows = "" if item.rows is None else f"{item.rows:,}"
        note = Text(again(item.loss), style="yellow") if item.loses else ""
        table.add_row(str(item.relation), item.kind, rows, note)
    if stored:
        rows = f"{sum(item.rows or 0 for item in stored):,}"
        text = say("{number} more, with failing rows that tests stored", number=len(stored))
        table.add_row(text, "table", rows, "")
    console.print(table)
    for dependent in found.dependents:
        if removed:
            text = say("{dependent}: went with it", dependent=dependent)
        else:
            text = say("{dependent}: depends on it and is not ours: --cascade drops it too", dependent=dependent)
        console.print(Text(text, style="bold yellow"))
    if not removed:
        console.print(Text(say("Nothing was removed. To remove it:")))
        show_commands(["python", "run.py", "reset", "--yes"])
