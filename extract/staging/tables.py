"""The tables of the ledger: made from the lists of columns below; one that lacks a column gets it."""

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.modes import STAGING

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
        "accepted": "jsonb NOT NULL DEFAULT '[]'",
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
        "missing_columns": "jsonb NOT NULL DEFAULT '[]'",
        "mends": "text",
    },
    "rejected_rows": {
        "batch_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.batch_id')::bigint",
        "file_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.file_id')::bigint",
        "source_row": "integer NOT NULL",
        "row": "jsonb NOT NULL",
        "errors": "jsonb NOT NULL",
        "reject_id": "text",
    },
    "mended_rejects": {
        "batch_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.batch_id')::bigint",
        "file_id": "bigint NOT NULL DEFAULT current_setting('workdatahub.file_id')::bigint",
        "reject_id": "text NOT NULL",
    },
}
_CONSTRAINTS = {
    "rejected_rows": "PRIMARY KEY (file_id, source_row)",
    "mended_rejects": "PRIMARY KEY (file_id, reject_id)",
}


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
