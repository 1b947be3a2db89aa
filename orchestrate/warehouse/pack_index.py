"""The index sheet of the auditor's pack: what happened to a month, what each file is, and how to check it by hand."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from extract.foreign import shown
from extract.staging.closings import Closing
from extract.staging.evidence import Evidence
from extract.staging.ledger import Batch

_WHAT = {
    "jumps.csv": "figures of a company that jumped against the month before, with the explanation",
    "ledger/approvals.csv": "who approved which plan, when, and the figures that it showed",
    "ledger/closings.csv": "who closed the month, when, and the fingerprints of the marts then",
    "ledger/load_batches.csv": "every load that brought something of the month: who, when, from which plan",
    "ledger/mended_rejects.csv": "which load brought which rejected row back, mended",
    "ledger/rejected_rows.csv": "every rejected row of these loads as it stood, with the rules that it broke",
    "ledger/reopenings.csv": "loads that were let into the month after it was closed, and why",
    "ledger/source_files.csv": "every sheet that these loads read, with the SHA-256 of its workbook",
    "ledger/waivers.csv": "rejected rows that somebody decided to do without, and why",
    "rejects.csv": "every rejected row of the month and its end: open, mended, superseded or waived",
    "submissions.csv": "which company owed figures, until when, and which workbook brought them",
}
_CHECKS = """How to check it, without any program but sha256sum (on Windows: certutil -hashfile FILE SHA256)

1. Unpack it, and in its directory run: sha256sum -c SHA256SUMS
   Every line must say OK. The SHA-256 of the zip itself was shown as it was written.
2. A workbook is the one that was loaded where sha256sum of it is the sha256 in ledger/source_files.csv. Each line of
   ledger/TABLE.csv names the workbook (file_id), the sheet and the row that its figures were read from.
3. A plan is the one that was approved and loaded where sha256sum of plans/ID/identity.json is ID, the plan_id in
   ledger/approvals.csv and ledger/load_batches.csv. identity.json has all of plan.json but its id; under plan_files
   (and diff) it gives the SHA-256 of the files beside it. diff.csv is what the plan changed against the mart.
4. The month is as it was closed where sha256sum of marts/NAME.jsonl is the sha256 of NAME in the last line of
   ledger/closings.csv, and ledger/reopenings.csv has no load behind it.
5. Of the versions of a key in ledger/TABLE.csv, the one with the highest batch_id, file_id and source_row counts.
"""


def index_of(
    month: date, evidence: Evidence, plans: Iterable[str], missing_plans: Sequence[str], files: Mapping[str, bytes]
) -> str:
    """The text of the index sheet."""
    return "\n".join((*_lines(month, evidence, missing_plans), _CHECKS, *_files(files, plans)))


def _lines(month: date, evidence: Evidence, missing_plans: Sequence[str]) -> Iterator[str]:
    yield f"Evidence for {month:%Y-%m}"
    yield ""
    yield "Times are in UTC. NAME@MACHINE as LOGIN is a user of the system, and the login of the database."
    yield ""
    yield "Loads, oldest first"
    for batch in evidence.batches:
        yield from _batch(batch)
    yield ""
    yield "Closings, oldest first"
    for closing in evidence.closings:
        yield from _closing(closing)
    if not evidence.closings:
        yield "  none: the month is open"
    elif evidence.closings[-1].reopened is None:
        recorded = {mart: made["sha256"] for mart, made in evidence.closings[-1].fingerprints.items()}
        changed = [item.mart for item in evidence.marts if item.sha256 != recorded.get(item.mart)]
        yield f"  the marts are {'not what was closed: ' + ', '.join(changed) if changed else 'what was closed'}"
    if missing_plans:
        yield ""
        yield "Plans that were applied and were not found where the pack was made"
        yield from (f"  {plan_id}" for plan_id in missing_plans)
    yield ""


def _batch(batch: Batch) -> Iterator[str]:
    what = f"undo of {batch.undoes}" if batch.undoes else batch.mode
    undone = f", undone by {batch.undone_by}" if batch.undone_by else ""
    yield f"  batch {batch.batch_id}, {batch.loaded_at:%Y-%m-%d %H:%M:%S}, {batch.domain}, {what}{undone}"
    yield f"    {batch.rows} rows, {batch.rejects} rejected, {batch.withdrawn} withdrawn"
    login = f" as {batch.database_user}" if batch.database_user else ""
    planner = shown(batch.planned_by or batch.loaded_by)
    approver = shown(batch.approved_by or "nobody")
    yield f"    planned by {planner}, approved by {approver}, loaded by {shown(batch.loaded_by)}{login}"
    if batch.plan_id:
        yield f"    plan {batch.plan_id}"


def _closing(closing: Closing) -> Iterator[str]:
    by = f"{shown(closing.closed_by)} as {closing.database_user}"
    yield f"  closed {closing.closed_at:%Y-%m-%d %H:%M:%S} at batch {closing.batch_id} by {by}"
    if closing.reopened:
        yield f"    reopened by batch {closing.reopened.batch_id}: {shown(closing.reopened.reason)}"


def _files(files: Mapping[str, bytes], plans: Iterable[str]) -> Iterator[str]:
    yield "Files"
    for name in sorted(files):
        folder, _, rest = name.partition("/")
        if folder == "plans":
            continue
        what = _WHAT.get(name)
        if what is None and folder == "marts":
            what = f"what marts.{rest.removesuffix('.jsonl')} holds of the month, one JSON object in each line"
        elif what is None:
            what = f"every version of every row of the month in staging.{rest.removesuffix('.csv')}"
        yield f"  {name}: {what}"
        yield f"    {files[name].count(10)} lines, SHA-256 {hashlib.sha256(files[name]).hexdigest()}"
    for plan_id in plans:
        names = sorted(name.rpartition("/")[2] for name in files if name.startswith(f"plans/{plan_id}/"))
        yield f"  plans/{plan_id}/: the plan of that id: {', '.join(names)}"
    yield ""
