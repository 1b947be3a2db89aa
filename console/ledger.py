"""What a person sees of what was loaded before: the history, an undo, a prune."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document, show_next_build
from orchestrate.results import History, Pruned, Undone

if TYPE_CHECKING:
    from extract.staging.ledger import LoadedFile


def show_history(history: History) -> None:
    """The batches, newest first, each with its workbooks."""
    show_database(history.database)
    console = new_console()
    if not history.batches:
        console.print(Text("Nothing was loaded into this database yet."))
        return
    console.print(Text("Loads, newest first", style="italic"))
    for batch in history.batches:
        mode = f"undo of {batch.undoes}" if batch.undoes else batch.mode
        state = f" (undone by {batch.undone_by})" if batch.undone_by else ""
        lines = [
            f"batch {batch.batch_id:<4} {batch.loaded_at:%Y-%m-%d %H:%M:%S}  {mode}{state}",
            f"{batch.domain}, by {batch.loaded_by}: {batch.rows:,} rows, {batch.withdrawn:,} withdrawn, "
            f"{batch.rejects:,} rejected",
            *(_loaded(file) for file in history.files if file.batch_id == batch.batch_id),
        ]
        style = "dim" if batch.undone_by else ""
        console.print(Text(lines[0], style=style or "bold"), soft_wrap=True)
        for line in lines[1:]:
            console.print(Text(f"  {line}", style=style), soft_wrap=True)


def _loaded(file: "LoadedFile") -> str:
    rejected = f", {file.rows_rejected:,} rejected" if file.rows_rejected else ""
    return f"{Path(file.path).name} [{file.sheet}]: {file.rows_loaded:,} rows{rejected}, {file.sha256[:12]}"


def show_history_json(history: History) -> None:
    """The same as one JSON document."""
    show_document(
        [
            asdict(batch)
            | {"source_files": [asdict(file) for file in history.files if file.batch_id == batch.batch_id]}
            for batch in history.batches
        ]
    )


def show_undone(undone: Undone, *, built: bool) -> None:
    """What an undo committed, and where no build follows, the command for it."""
    show_database(undone.target.label)
    undo = undone.undo
    text = (
        f"Undone:   batch {undo.undoes} by batch {undo.batch_id}: {undo.restored:,} keys have their previous version, "
        f"{undo.withdrawn:,} are withdrawn, {undo.left:,} did not count any more"
    )
    new_console().print(Text(text, style="bold"))
    if not built:
        show_next_build()


def show_pruned(pruned: Pruned) -> None:
    """What a prune removed, or would remove."""
    show_database(pruned.database)
    console = new_console()
    prune = pruned.prune
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
