"""The tables of the ledger: made from the lists of columns below; one that lacks a column gets it.

With the roles of config/roles.sql they belong to a role that nobody logs in as, and are made by a member of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.modes import STAGING

OWNER = "workdatahub_staging"
"""The owner of staging in a database with the roles of config/roles.sql."""
LOADER = "workdatahub_loader"
COUNTS_OF_A_BATCH = ("rows", "withdrawn", "pruned_at")
"""What an undo, a replaced period and a prune write into a batch that is there."""
TABLES: dict[str, dict[str, str]] = {
    "load_batches": {
        "batch_id": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "domain": "text NOT NULL",
        "mode": "text NOT NULL",
        "loaded_at": "timestamptz NOT NULL DEFAULT now()",
        "loaded_by": "text NOT NULL",
        "database_user": "text",
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
        "ignored_columns": "jsonb NOT NULL DEFAULT '[]'",
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


@contextmanager
def as_owner(cursor: Cursor) -> Iterator[None]:
    """While the block runs, act as the owner of staging, where that is the role OWNER and we are a member of it.

    What is made then is the owner's, and not of whoever makes it: an owner could hang code on what others read.
    """
    if not _owned_by_role(cursor, member=True):
        yield
        return
    cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
    yield
    cursor.execute("RESET ROLE")


def _owned_by_role(cursor: Cursor, *, member: bool) -> bool:
    cursor.execute(
        "SELECT pg_has_role(nspowner, 'MEMBER') OR NOT %s FROM pg_namespace"
        " WHERE nspname = %s AND pg_get_userbyid(nspowner) = %s",
        (member, STAGING, OWNER),
    )
    return cursor.fetchone() == (True,)


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
            if name == "load_batches":
                counts = sql.SQL(", ").join(map(sql.Identifier, COUNTS_OF_A_BATCH))
                grant_to_loader(cursor, name, sql.SQL("UPDATE ({})").format(counts))
        for column in columns.keys() - found if found else ():
            add_column(cursor, name, column, columns[column])


def grant_rows_to_loader(cursor: Cursor, table: str) -> None:
    """Let the loader remove rows from the table of a domain, as prune does, and free their space."""
    grant_to_loader(cursor, table, sql.SQL("DELETE"))
    if cursor.connection.server_version >= 170000:  # before, VACUUM is the owner's alone
        grant_to_loader(cursor, table, sql.SQL("MAINTAIN"))


def grant_to_loader(cursor: Cursor, table: str, rights: sql.Composable) -> None:
    """Grant what config/roles.sql grants on a table that was there before; SELECT and INSERT come by default."""
    if _owned_by_role(cursor, member=False):
        cursor.execute(
            sql.SQL("GRANT {} ON {} TO {}").format(rights, sql.Identifier(STAGING, table), sql.Identifier(LOADER))
        )


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
