"""The ledger in the schema staging: which load brought which workbook, and what is in effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from psycopg2.extras import Json

from extract import __version__
from extract.errors.staging import BatchUnknown
from extract.modes import STAGING, LoadMode
from extract.persons import person
from extract.plan.landing import LandedFile
from extract.staging.tables import columns_of

BATCH_SETTING = "workdatahub.batch_id"
FILE_SETTING = "workdatahub.file_id"
TIME_SETTING = "workdatahub.loaded_at"


@dataclass(frozen=True)
class Batch:
    """One load of the ledger. `undone_by` is the batch in effect that took it out again.

    `planned_by` is None where no plan was applied: who loads has planned it too.
    """

    batch_id: int
    domain: str
    mode: str
    loaded_at: datetime
    loaded_by: str
    database_user: str | None
    files: int
    rows: int
    rejects: int
    withdrawn: int
    plan_id: str | None
    undoes: int | None
    pruned_at: datetime | None
    planned_by: str | None
    approved_by: str | None
    undone_by: int | None = None


@dataclass(frozen=True)
class LoadedFile:
    """A workbook's sheet as the ledger has it."""

    batch_id: int
    path: str
    sha256: str
    sheet: str
    rows_loaded: int
    rows_rejected: int
    rows_skipped: int


@dataclass(frozen=True)
class SkippedFile:
    """A workbook that a load left out, since the batch that loaded its content is in effect."""

    data_source: str
    batch_id: int
    loaded_at: datetime


def insert_batch(cursor: Cursor, domain: str, mode: LoadMode, **counts: object) -> int:
    """A new batch; rows that this transaction inserts are stamped with it. Its time never lies before another's."""
    cursor.execute(
        sql.SQL("SELECT greatest(clock_timestamp(), max(loaded_at))::text, session_user::text FROM {}").format(
            sql.Identifier(STAGING, "load_batches")
        )
    )
    loaded_at, session_user = _one(cursor)
    values = {
        "domain": domain,
        "mode": mode,
        "loaded_at": loaded_at,
        "loaded_by": person(),
        "database_user": session_user,
        "version": __version__,
        **counts,
    }
    batch_id = _insert(cursor, "load_batches", values, "batch_id")
    set_local(cursor, BATCH_SETTING, batch_id)
    set_local(cursor, TIME_SETTING, loaded_at)
    return batch_id


def loaded_at(cursor: Cursor) -> str:
    """The time of the batch of this transaction, for rows that a query makes.

    Where Citus runs the query on its workers, these do not see the setting, so that no column default may read it.
    """
    cursor.execute("SELECT current_setting(%s)", (TIME_SETTING,))
    return str(_one(cursor)[0])


def insert_file(cursor: Cursor, batch_id: int, file: LandedFile) -> int:
    """A sheet of a workbook; the rows that follow are stamped with it."""
    report = file.report
    values = {
        "batch_id": batch_id,
        "path": report.path,
        "sha256": report.sha256,
        "size": report.size,
        "modified_at": report.modified_at,
        "period": report.period,
        "sheet": report.sheet,
        "header_row": report.header_row,
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rows_rejected": report.rows_rejected,
        "rows_skipped": report.skipped,
        "rules_version": report.rules,
        "period_from_name": report.period_from_name,
        "skipped_by_reason": Json(report.rows_skipped),
        "mends": report.mends,
        "missing_columns": Json(list(report.missing_columns)),
        "ignored_columns": Json([name.replace("\0", "\ufffd") for name in report.ignored_columns]),
        "warnings": Json([{"code": warning.code, "detail": warning.detail} for warning in report.warnings]),
    }
    file_id = _insert(cursor, "source_files", values, "file_id")
    set_local(cursor, FILE_SETTING, file_id)
    return file_id


_Content = tuple[str, str, date | None]
"""SHA-256, rules version, and the month where it came from the file name: what decides the rows of a workbook."""


def loaded_files(cursor: Cursor, domain: str, mode: LoadMode, files: Sequence[LandedFile]) -> dict[int, SkippedFile]:
    """Those of `files` whose content is loaded already under the same rules, by their position.

    A batch that was undone does not count. In mode replace_period it is all or nothing: a batch of that mode must hold
    exactly these workbooks, since a workbook left out would seem to have lost its keys.
    """
    wanted = [_content(file) for file in files]
    batches = _batches_with(cursor, domain, {sha256 for sha256, _, _ in wanted})
    found = {}
    for (batch_id, batch_mode, loaded_at), contents in batches.items():
        if mode == "replace_period" and (batch_mode != mode or contents != set(wanted)):
            continue
        for position, content in enumerate(wanted):
            if content in contents:
                found[position] = SkippedFile(files[position].report.data_source, batch_id, loaded_at)
    return found


def _content(file: LandedFile) -> _Content:
    report = file.report
    return report.sha256, report.rules, report.period if report.period_from_name else None


def _batches_with(
    cursor: Cursor, domain: str, sha256s: Iterable[str]
) -> dict[tuple[int, str, datetime], set[_Content]]:
    """The batches in effect that hold any of these workbooks, oldest first, with all of their workbooks."""
    out_of_effect = undone(cursor)
    cursor.execute(
        """
        SELECT
            batch_id, batch.mode, batch.loaded_at, file.sha256, file.rules_version,
            CASE WHEN file.period_from_name THEN file.period END
        FROM staging.source_files AS file
        INNER JOIN staging.load_batches AS batch USING (batch_id)
        WHERE batch.domain = %s
            AND batch_id IN (SELECT batch_id FROM staging.source_files WHERE sha256 = ANY(%s::char(64)[]))
        ORDER BY file.file_id
        """,
        (domain, list(sha256s)),
    )
    found: dict[tuple[int, str, datetime], set[_Content]] = {}
    for batch_id, mode, loaded_at, *content in cursor:
        if batch_id not in out_of_effect:
            found.setdefault((batch_id, mode, loaded_at), set()).add(tuple(content))
    return found


def undone(cursor: Cursor) -> dict[int, int]:
    """The batches that are not in effect, each with the batch that took it out. An undo can itself be undone."""
    cursor.execute("SELECT batch_id, undoes FROM staging.load_batches WHERE undoes IS NOT NULL ORDER BY batch_id DESC")
    found: dict[int, int] = {}
    for batch_id, undoes in cursor:
        if batch_id not in found:
            found[undoes] = batch_id
    return found


def batches(cursor: Cursor, numbers: Sequence[int] | None = None, limit: int | None = None) -> list[Batch]:
    """Batches of the ledger, newest first: those of `numbers`, or the last `limit`; all without either.

    A ledger of an earlier version lacks columns until the next load; who only reads cannot add them.
    """
    out_of_effect = undone(cursor)
    cursor.execute(
        """
        SELECT
            batch_id, domain, mode, loaded_at, loaded_by, to_jsonb(batch) ->> 'database_user', files, rows, rejects,
            withdrawn, plan_id, undoes, pruned_at, to_jsonb(batch) ->> 'planned_by',
            to_jsonb(batch) ->> 'approved_by'
        FROM staging.load_batches AS batch
        WHERE %(numbers)s IS NULL OR batch_id = ANY(%(numbers)s)
        ORDER BY batch_id DESC
        LIMIT %(limit)s
        """,
        {"numbers": numbers, "limit": limit},
    )
    return [Batch(*(*row, out_of_effect.get(row[0]))) for row in cursor]


def find_batch(cursor: Cursor, batch_id: int) -> Batch:
    """One batch of the ledger. Raises BatchUnknown."""
    found = batches(cursor, [batch_id]) if has_ledger(cursor) else []
    if not found:
        raise BatchUnknown(batch=batch_id)
    return found[0]


def files_of(cursor: Cursor, numbers: Sequence[int]) -> list[LoadedFile]:
    """The workbooks' sheets of some batches, in the order of the ledger."""
    cursor.execute(
        """
        SELECT batch_id, path, sha256, sheet, rows_loaded, rows_rejected, rows_skipped
        FROM staging.source_files
        WHERE batch_id = ANY(%s)
        ORDER BY file_id
        """,
        (list(numbers),),
    )
    return [LoadedFile(*row) for row in cursor]


def has_ledger(cursor: Cursor) -> bool:
    """Whether a load was ever tried on this database."""
    return bool(columns_of(cursor, "load_batches"))


def _insert(cursor: Cursor, table: str, values: dict[str, Any], identity: str) -> int:
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(STAGING, table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
            sql.Identifier(identity),
        ),
        list(values.values()),
    )
    return int(_one(cursor)[0])


def _one(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None  # RETURNING and aggregates give a row
    return row


def set_local(cursor: Cursor, setting: str, value: object) -> None:
    """Set a parameter of ours until the transaction ends; column defaults read it."""
    cursor.execute("SELECT set_config(%s, %s, true)", (setting, str(value)))
