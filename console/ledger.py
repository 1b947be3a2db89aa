"""What a person sees of what was loaded before: the history, an undo, a prune, a repair."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import local_time, new_console, show_commands, show_database, show_document, show_next_build
from orchestrate.results import History, Pruned, Repaired, Undone

if TYPE_CHECKING:
    from extract.staging.closings import Closing
    from extract.staging.history import ChangedVersion, HistoryRepair
    from extract.staging.ledger import Batch, LoadedFile


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
            f"batch {batch.batch_id:<4} {local_time(batch.loaded_at)}  {mode}{state}",
            f"{batch.domain}, by {_loader(batch)}: {batch.rows:,} rows, {batch.withdrawn:,} withdrawn, "
            f"{batch.rejects:,} rejected",
            *_plan(batch),
            *_reopened(batch.batch_id, history.closings),
            *(_loaded(file) for file in history.files if file.batch_id == batch.batch_id),
        ]
        style = "dim" if batch.undone_by else ""
        console.print(Text(lines[0], style=style or "bold"), soft_wrap=True)
        for line in lines[1:]:
            console.print(Text(f"  {line}", style=style), soft_wrap=True)
    _show_closings(history.closings)


def _loader(batch: "Batch") -> str:
    """The user of the system, and the login of the database."""
    return f"{batch.loaded_by} as {batch.database_user}" if batch.database_user else batch.loaded_by


def _plan(batch: "Batch") -> list[str]:
    """The plan that was applied, who made it, and who approved it."""
    if not batch.plan_id:
        return []
    planned = f", planned by {batch.planned_by}" if batch.planned_by else ""
    return [
        f"plan {batch.plan_id}{planned}, {f'approved by {batch.approved_by}' if batch.approved_by else 'not approved'}"
    ]


def _reopened(batch_id: int, closings: Sequence["Closing"]) -> list[str]:
    """The closed months that a batch was let into."""
    return [
        f"reopened {closing.period:%Y-%m}: {closing.reopened.reason}"
        for closing in reversed(closings)
        if closing.reopened and closing.reopened.batch_id == batch_id
    ]


def _show_closings(closings: Sequence["Closing"]) -> None:
    console = new_console()
    if closings:
        console.print(Text("Closings, newest first", style="italic"))
    for closing in closings:
        state = f" (reopened by batch {closing.reopened.batch_id})" if closing.reopened else ""
        text = (
            f"{closing.period:%Y-%m} closed {closing.closed_at:%Y-%m-%d %H:%M:%S} at batch {closing.batch_id}"
            f" by {closing.closed_by} as {closing.database_user}{state}"
        )
        console.print(Text(text, style="dim" if closing.reopened else ""), soft_wrap=True)


def _loaded(file: "LoadedFile") -> str:
    rejected = f", {file.rows_rejected:,} rejected" if file.rows_rejected else ""
    return f"{Path(file.path).name} [{file.sheet}]: {file.rows_loaded:,} rows{rejected}, {file.sha256[:12]}"


def show_history_json(history: History) -> None:
    """The same as one JSON document."""
    show_document(
        [
            asdict(batch)
            | {
                "source_files": [asdict(file) for file in history.files if file.batch_id == batch.batch_id],
                "reopens": [
                    {"period": f"{closing.period:%Y-%m}", "reason": closing.reopened.reason}
                    for closing in reversed(history.closings)
                    if closing.reopened and closing.reopened.batch_id == batch.batch_id
                ],
            }
            for batch in history.batches
        ]
    )


def show_undone(undone: Undone, *, built: bool) -> None:
    """What an undo committed, and where no build follows, the command for it."""
    show_database(undone.target.label)
    undo = undone.undo
    text = (
        f"Undone:   batch {undo.undoes} by batch {undo.batch_id}: "
        f"{undo.restored:,} keys have their earlier figures again, "
        f"{undo.withdrawn:,} have none any more, {undo.left:,} keep those of a later load"
    )
    new_console().print(Text(text, style="bold"))
    if not built:
        show_next_build(undone.project)


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


def show_repaired(repaired: Repaired) -> None:
    """What a repair of the histories changed, or would change."""
    show_database(repaired.database)
    for history in repaired.histories:
        _show_history_repair(history)
    if any(item.missing or item.changed for item in repaired.histories if not item.executed):
        new_console().print(Text("Nothing was changed. To change it:"))
        show_commands(["python", "run.py", "repair", "history", "--yes"])


def _show_history_repair(repair: "HistoryRepair") -> None:
    console = new_console()
    of_versions = f"{repair.versions:,} versions, {repair.held_alone:,} of them in staging no more"
    if not repair.missing and not repair.changed:
        console.print(Text(f"There is nothing to repair in {repair.table} ({of_versions})"))
    else:
        columns = ", ".join(f"{name} {number:,}" for name, number in repair.changed_columns.items())
        text = (
            f"{'Repaired' if repair.executed else 'Would repair'} {repair.table} ({of_versions}): "
            f"{repair.missing:,} missing, {repair.changed:,} changed{f' ({columns})' if columns else ''}"
        )
        console.print(Text(text, style="bold"), soft_wrap=True)
        for item in repair.examples:
            console.print(Text(f"  {_changed_version(item)}"), soft_wrap=True)
        if (more := repair.missing + repair.changed - len(repair.examples)) > 0:
            console.print(Text(f"  and {more:,} more"))
    if repair.mart_differs:
        text = (
            f"{repair.mart_differs:,} keys of {repair.mart} have another version than is current in its history: "
            "`dbt build` brings batches that it has not seen, `dbt build --full-refresh` makes it again"
        )
        console.print(Text(text, style="yellow"), soft_wrap=True)


def _changed_version(version: "ChangedVersion") -> str:
    where = f"{' '.join(version.key)}, batch {version.batch_id}, file {version.file_id}"
    if version.missing:
        return f"{where}: missing"
    changes = (f"{name} {old or 'null'} -> {new or 'null'}" for name, (old, new) in version.values.items())
    return f"{where}: {', '.join(changes)}"
