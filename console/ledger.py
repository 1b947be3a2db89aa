"""What a person sees of what was loaded before: the history, an undo, a prune, a repair."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import local_time, new_console, show_commands, show_database, show_document, show_next_build
from extract.wording import say
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
        console.print(Text(say("Nothing was loaded into this database yet.")))
        return
    console.print(Text(say("Loads, newest first"), style="italic"))
    for batch in history.batches:
        mode = say("undo of {batch}", batch=batch.undoes) if batch.undoes else batch.mode
        if batch.undone_by:
            mode = say("{mode} (undone by {batch})", mode=mode, batch=batch.undone_by)
        lines = [
            say("batch {batch:<4} {when}  {mode}", batch=batch.batch_id, when=local_time(batch.loaded_at), mode=mode),
            say(
                "{domain}, by {loader}: {rows:,} rows, {withdrawn:,} withdrawn, {rejects:,} rejected",
                domain=batch.domain,
                loader=_loader(batch),
                rows=batch.rows,
                withdrawn=batch.withdrawn,
                rejects=batch.rejects,
            ),
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
    if not batch.database_user:
        return batch.loaded_by
    return say("{login} as {role}", login=batch.loaded_by, role=batch.database_user)


def _plan(batch: "Batch") -> list[str]:
    """The plan that was applied, who made it, and who approved it."""
    if not batch.plan_id:
        return []
    plan = {"plan": batch.plan_id, "planner": batch.planned_by, "approver": batch.approved_by}
    match bool(batch.planned_by), bool(batch.approved_by):
        case True, True:
            return [say("plan {plan}, planned by {planner}, approved by {approver}", **plan)]
        case True, False:
            return [say("plan {plan}, planned by {planner}, not approved", **plan)]
        case False, True:
            return [say("plan {plan}, approved by {approver}", **plan)]
    return [say("plan {plan}, not approved", **plan)]


def _reopened(batch_id: int, closings: Sequence["Closing"]) -> list[str]:
    """The closed months that a batch was let into."""
    return [
        say("reopened {month}: {reason}", month=f"{closing.period:%Y-%m}", reason=closing.reopened.reason)
        for closing in reversed(closings)
        if closing.reopened and closing.reopened.batch_id == batch_id
    ]


def _show_closings(closings: Sequence["Closing"]) -> None:
    console = new_console()
    if closings:
        console.print(Text(say("Closings, newest first"), style="italic"))
    for closing in closings:
        text = say(
            "{month} closed {when} at batch {batch} by {login} as {role}",
            month=f"{closing.period:%Y-%m}",
            when=f"{closing.closed_at:%Y-%m-%d %H:%M:%S}",
            batch=closing.batch_id,
            login=closing.closed_by,
            role=closing.database_user,
        )
        if closing.reopened:
            text = say("{closing} (reopened by batch {batch})", closing=text, batch=closing.reopened.batch_id)
        console.print(Text(text, style="dim" if closing.reopened else ""), soft_wrap=True)


def _loaded(file: "LoadedFile") -> str:
    told = {
        "workbook": Path(file.path).name,
        "sheet": file.sheet,
        "rows": file.rows_loaded,
        "rejected": file.rows_rejected,
        "sha256": file.sha256[:12],
    }
    if file.rows_rejected:
        return say("{workbook} [{sheet}]: {rows:,} rows, {rejected:,} rejected, {sha256}", **told)
    return say("{workbook} [{sheet}]: {rows:,} rows, {sha256}", **told)


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
    text = say(
        "Undone:   batch {undoes} by batch {batch_id}: {restored:,} keys have their earlier figures again, "
        "{withdrawn:,} have none any more, {left:,} keep those of a later load",
        **asdict(undo),
    )
    new_console().print(Text(text, style="bold"))
    if not built:
        show_next_build(undone.project)


def show_pruned(pruned: Pruned) -> None:
    """What a prune removed, or would remove."""
    show_database(pruned.database)
    console = new_console()
    prune = pruned.prune
    told = {"rows": prune.rows, "all": prune.of_rows, "table": prune.table, "bytes": prune.bytes}
    told["reason"] = (
        say("versions that later ones replaced up to batch {batch}", batch=prune.horizon)
        if prune.horizon
        else say("no batch is old enough")
    )
    if prune.executed:
        text = say("Removed {rows:,} of {all:,} rows of {table} ({bytes:,} bytes): {reason}", **told)
    else:
        text = say("Would remove {rows:,} of {all:,} rows of {table} ({bytes:,} bytes): {reason}", **told)
    console.print(Text(text, style="bold"))
    if prune.kept_for_marts:
        text = say("{rows:,} rows stay until `dbt build` has taken them into the history", rows=prune.kept_for_marts)
        console.print(Text(text))
    if prune.rows and not prune.executed:
        console.print(Text(say("Nothing was removed. To remove them, add --execute.")))
    elif prune.rows:
        console.print(Text(say("The space is free for new rows; VACUUM FULL would give it back to the disk.")))


def show_repaired(repaired: Repaired) -> None:
    """What a repair of the histories changed, or would change."""
    show_database(repaired.database)
    for history in repaired.histories:
        _show_history_repair(history)
    if any(item.missing or item.changed for item in repaired.histories if not item.executed):
        new_console().print(Text(say("Nothing was changed. To change it:")))
        show_commands(["python", "run.py", "repair", "history", "--yes"])


def _show_history_repair(repair: "HistoryRepair") -> None:
    console = new_console()
    of_versions = say(
        "{versions:,} versions, {alone:,} of them in staging no more", versions=repair.versions, alone=repair.held_alone
    )
    if not repair.missing and not repair.changed:
        text = say("There is nothing to repair in {table} ({versions})", table=repair.table, versions=of_versions)
        console.print(Text(text))
    else:
        columns = ", ".join(f"{name} {number:,}" for name, number in repair.changed_columns.items())
        told = {"table": repair.table, "versions": of_versions, "missing": repair.missing, "changed": repair.changed}
        if repair.executed:
            text = say("Repaired {table} ({versions}): {missing:,} missing, {changed:,} changed", **told)
        else:
            text = say("Would repair {table} ({versions}): {missing:,} missing, {changed:,} changed", **told)
        if columns:
            text = f"{text} ({columns})"
        console.print(Text(text, style="bold"), soft_wrap=True)
        for item in repair.examples:
            console.print(Text(f"  {_changed_version(item)}"), soft_wrap=True)
        if (more := repair.missing + repair.changed - len(repair.examples)) > 0:
            console.print(Text(say("  and {more:,} more", more=more)))
    if repair.mart_differs:
        text = say(
            "{keys:,} keys of {mart} have another version than is current in its history: "
            "`dbt build` brings batches that it has not seen, `dbt build --full-refresh` makes it again",
            keys=repair.mart_differs,
            mart=repair.mart,
        )
        console.print(Text(text, style="yellow"), soft_wrap=True)


def _changed_version(version: "ChangedVersion") -> str:
    place = {"key": " ".join(version.key), "batch": version.batch_id, "file": version.file_id}
    where = say("{key}, batch {batch}, file {file}", **place)
    if version.missing:
        return say("{version}: missing", version=where)
    changes = (f"{name} {old or 'null'} -> {new or 'null'}" for name, (old, new) in version.values.items())
    return f"{where}: {', '.join(changes)}"
