"""The ledger in the schema staging: which load brought which workbook, and what is in effect.

The tables are made from the lists of columns below; one that lacks a column gets it.
"""

import getpass
import socket
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
from extract.plan.landing import LandedFile

BATCH_SETTING = "workdatahub.batch_id"
FILE_SETTING = "workdatahub.file_id"
TIME_SETTING = "workdatahub.loaded_at"

TABLES: dict[str, dict[str, str]] = {
    "load_batches": {
        "batch_id": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "domain": "text NOT NULL",
        "mode": "text NOT NULL",
        "loaded_at": "timestamptz NOT NULL DEFAULT now()",
        "loaded_by": "text NOT NULL",
        "files": "integer NOT NULL",
        "rows": "bigint NOT NULL",
        "rejects": "bigint NOT NULL",
        "version": "text NOT NULL",
        "withdrawn": "bigint NOT NULL DEFAULT 0",
        "plan_id": "char(64)",
        "undoes": "bigint REFERENCES staging.load_batches",
        "pruned_at": "timestamptz",
    },
    "source_files": {
        "file_id": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "batch_id": "bigint NOT NULL REFERENCES staging.load_batches",
        "path": "text NOT NULL",
        "sha256": "char(64) NOT NULL",
        "size": "bigint NOT NULL",
        "modified_at": "timestamptz NOT NULL",
        "period": "date",
        "sheet": "text NOT NULL",
        "header_row": "integer NOT NULL",
        "rows_read": "bigint NOT NULL",
        "rows_loaded": "bigint NOT NULL",
        "rows_rejected": "bigint NOT NULL",
        "rows_skipped": "bigint NOT NULL",
        "rules_version": "text NOT NULL DEFAULT ''",
        "period_from_name": "boolean NOT NULL DEFAULT false",
        "skipped_by_reason": "jsonb NOT NULL DEFAULT '{}'",
        "warnings": "jsonb NOT NULL DEFAULT '[]'",
    },
    "rejected_rows": {
        "batch_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.batch_id')::bigint",
        "file_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.file_id')::bigint",
        "source_row": "integer NOT NULL",
        "row": "jsonb NOT NULL",
        "errors": "jsonb NOT NULL",
    },
}
_CONSTRAINTS = {"rejected_rows": "PRIMARY KEY (file_id, source_row)"}


@dataclass(frozen=True)
class Batch:
    """One load of the ledger. `undone_by` is the batch in effect that took it out again."""

    batch_id: int
    domain: str
    mode: str
    loaded_at: datetime
    loaded_by: str
    files: int
    rows: int
    rejects: int
    withdrawn: int
    plan_id: str | None
    undoes: int | None
    pruned_at: datetime | None
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


def ensure_ledger(cursor: Cursor) -> None:
    """Create the schema and the ledger's tables and columns where they are missing."""
    cursor.execute("SELECT to_regnamespace(%s) IS NULL", (STAGING,))
    if cursor.fetchone() == (True,):
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(STAGING)))
    for name, columns in TABLES.items():
        found = columns_of(cursor, name)
        if not found:
            parts = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()]
            constraints = [sql.SQL(_CONSTRAINTS[name])] if name in _CONSTRAINTS else []
            body = sql.SQL(", ").join([*parts, *constraints])
            cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(STAGING, name), body))
        for column in columns.keys() - found if found else ():
            add_column(cursor, name, column, columns[column])


def columns_of(cursor: Cursor, table: str) -> set[str]:
    """Names of the columns of a table of staging; none where there is no such table."""
    cursor.execute(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        (f"{STAGING}.{table}",),
    )
    return {name for (name,) in cursor}


def add_column(cursor: Cursor, table: str, column: str, kind: str) -> None:
    """Add a column that a newer version of this program needs."""
    cursor.execute(
        sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(
            sql.Identifier(STAGING, table), sql.Identifier(column), sql.SQL(kind)
        )
    )


def insert_batch(cursor: Cursor, domain: str, mode: LoadMode, **counts: object) -> int:
    """A new batch; rows that this transaction inserts are stamped with it. Its time never lies before another's."""
    cursor.execute(
        sql.SQL("SELECT greatest(clock_timestamp(), max(loaded_at))::text FROM {}").format(
            sql.Identifier(STAGING, "load_batches")
        )
    )
    (loaded_at,) = _one(cursor)
    values = {
        "domain": domain,
        "mode": mode,
        "loaded_at": loaded_at,
        "loaded_by": f"{_user()}@{socket.gethostname()}",
        "version": __version__,
        **counts,
    }
    batch_id = _insert(cursor, "load_batches", values, "batch_id")
    set_local(cursor, BATCH_SETTING, batch_id)
    set_local(cursor, TIME_SETTING, loaded_at)
    return batch_id


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
    """Batches of the ledger, newest first: those of `numbers`, or the last `limit`; all without either."""
    out_of_effect = undone(cursor)
    cursor.execute(
        """
        SELECT batch_id, domain, mode, loaded_at, loaded_by, files, rows, rejects, withdrawn, plan_id, undoes, pruned_at
        FROM staging.load_batches
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


def _user() -> str:
    """The name of the person at the keyboard; in a container the user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unnamed"


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
