"""What a person sees of the ledger and of comparisons with the mart."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.month_before import show_month_before
from console.terminal import new_console

if TYPE_CHECKING:
    from extract.staging.diff import Diff
    from extract.staging.ledger import Batch, LoadedFile
    from extract.staging.retention import Prune
    from extract.staging.withdrawal import Undo

_NOTHING = "(nothing)"


def show_diff(diff: "Diff", path: Path) -> None:
    """Numbers of keys, the first differences, and where all of them are."""
    console = new_console()
    if not diff.mart_exists:
        console.print(
            Text(f"{diff.table} does not exist yet, so every key is new: run `dbt build` first", style="yellow")
        )
    table = Table(title=f"Compared with {diff.table}", title_justify="left")
    table.add_column("keys")
    table.add_column("number", justify="right")
    table.add_column("changed values")
    fields = ", ".join(f"{name} {count:,}" for name, count in diff.changed_fields.items())
    table.add_row("new", f"{diff.new:,}")
    table.add_row("changed", f"{diff.changed:,}", fields)
    table.add_row("unchanged", f"{diff.unchanged:,}")
    table.add_row("absent from the workbooks", f"{diff.absent:,}")
    console.print(table)
    for item in diff.examples:
        key = " ".join(item.key)
        values = f"{_NOTHING if item.old is None else item.old} -> {_NOTHING if item.new is None else item.new}"
        console.print(Text(f"  {item.change:<8} {key}  {item.field}: {values}"))
    console.print(Text(f"Every difference: {path}"))
    show_month_before(diff.month_before)


def show_history(batches: Sequence["Batch"], files: Sequence["LoadedFile"]) -> None:
    """The batches, newest first, each with its workbooks."""
    console = new_console()
    if not batches:
        console.print(Text("Nothing was loaded into this database yet."))
        return
    console.print(Text("Loads, newest first", style="italic"))
    for batch in batches:
        mode = f"undo of {batch.undoes}" if batch.undoes else batch.mode
        state = f" (undone by {batch.undone_by})" if batch.undone_by else ""
        lines = [
            f"batch {batch.batch_id:<4} {batch.loaded_at:%Y-%m-%d %H:%M:%S}  {mode}{state}",
            f"{batch.domain}, by {batch.loaded_by}: {batch.rows:,} rows, {batch.withdrawn:,} withdrawn, "
            f"{batch.rejects:,} rejected",
            *(_loaded(file) for file in files if file.batch_id == batch.batch_id),
        ]
        style = "dim" if batch.undone_by else ""
        console.print(Text(lines[0], style=style or "bold"), soft_wrap=True)
        for line in lines[1:]:
            console.print(Text(f"  {line}", style=style), soft_wrap=True)


def _loaded(file: "LoadedFile") -> str:
    rejected = f", {file.rows_rejected:,} rejected" if file.rows_rejected else ""
    return f"{Path(file.path).name} [{file.sheet}]: {file.rows_loaded:,} rows{rejected}, {file.sha256[:12]}"


def show_history_json(batches: Sequence["Batch"], files: Sequence["LoadedFile"]) -> None:
    """The same as one JSON document."""
    document = [
        asdict(batch) | {"source_files": [asdict(file) for file in files if file.batch_id == batch.batch_id]}
        for batch in batches
    ]
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    new_console().print(Text(text), soft_wrap=True)  # as Text, so that rich makes no emoji of :names:


def show_undo(undo: "Undo") -> None:
    """What an undo committed."""
    console = new_console()
    text = (
        f"Undone:   batch {undo.undoes} by batch {undo.batch_id}: {undo.restored:,} keys have their previous version, "
        f"{undo.withdrawn:,} are withdrawn, {undo.left:,} did not count any more"
    )
    console.print(Text(text, style="bold"))


def show_prune(prune: "Prune") -> None:
    """What a prune removed, or would remove."""
    console = new_console()
    verb = "Removed" if prune.executed else "Would remove"
    replaced = f"versions that later ones replaced up to batch {prune.horizon}"
    text = (
        f"{verb} {prune.rows:,} of {prune.of_rows:,} rows of {prune.table} ({prune.bytes:,} bytes): "
        f"{replaced if prune.horizon else 'no batch is old enough'}"
    )
    console.print(Text(text, style="bold"))
    if prune.kept_for_marts:
        console.print(Text(f"{prune.kept_for_marts:,} rows stay until `dbt build` has taken them into the history"))
    if prune.rows and not prune.executed:
        console.print(Text("Nothing was removed. To remove them, add --execute."))
    elif prune.rows:
        console.print(Text("The space is free for new rows; VACUUM FULL would give it back to the disk."))
