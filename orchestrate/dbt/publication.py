"""What the marts hold: the horizon of the last build, the batch that was published, and what a failed test found."""

from dataclasses import dataclass, replace
from datetime import datetime

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.errors.base import DatabaseError
from extract.staging.versions import readable
from extract.wording import Sentence
from orchestrate.dbt.manifest import PUBLISHED, Relation

_LEDGER = sql.Identifier("staging", "load_batches")
_HORIZON = sql.Identifier("intermediate", "build_horizon")


@dataclass(frozen=True)
class Publication:
    """The row that a build writes last: all marts are of the batch, and every error test had passed where `tested`.

    `waiting` batches were loaded since; none are known to a login that may not read the ledger.
    """

    batch_id: int
    published_at: datetime
    tested: bool
    invocation_id: str
    waiting: int = 0

    def __str__(self) -> str:
        tested = "tested" if self.tested else "not tested"
        return f"batch {self.batch_id}, {self.published_at:%Y-%m-%d %H:%M:%S %Z}, {tested}"


def publication(cursor: Cursor, published: Relation = PUBLISHED) -> Publication | None:
    """What a project published last, by the table of its row; None where nothing ever was."""
    table = sql.Identifier(published.schema, published.name)
    if not _exists(cursor, table):
        return None
    cursor.execute(
        sql.SQL("SELECT batch_id, published_at, tested, invocation_id FROM {} ORDER BY batch_id DESC").format(table)
    )
    row = cursor.fetchone()
    return replace(Publication(*row), waiting=_waiting(cursor, row[0])) if row else None


def _waiting(cursor: Cursor, batch_id: int) -> int:
    if not readable(cursor, _LEDGER):
        return 0
    cursor.execute(sql.SQL("SELECT count(*) FROM {} WHERE batch_id > %s").format(_LEDGER), (batch_id,))
    return int((cursor.fetchone() or (0,))[0])


def horizon(cursor: Cursor) -> int | None:
    """The newest batch as the last build began, up to which it read; None where none ever did."""
    if not _exists(cursor, _HORIZON):
        return None
    cursor.execute(sql.SQL("SELECT batch_id FROM {}").format(_HORIZON))
    row = cursor.fetchone()
    return row[0] if row else None


def kept(target: Target, published: Relation) -> str:
    """A sentence on what the marts hold after a build that failed."""
    try:
        with transaction(target) as connection, connection.cursor() as cursor:
            last = publication(cursor, published)
    except (DatabaseError, psycopg2.Error) as error:
        problem = " ".join(str(error).split())
        return Sentence("what the marts hold could not be read: {problem}", problem=problem)
    if last is None:
        return Sentence("nothing was ever published")
    return Sentence("the marts were kept as published: {published}", published=str(last))


def first_failing_row(target: Target, schema: str, table: str) -> str:
    """The first row that a test kept, as `column value` with commas between; empty where it kept none."""
    kept_rows = sql.Identifier(schema, table)
    with transaction(target) as connection, connection.cursor() as cursor:
        if not _exists(cursor, kept_rows):
            return ""
        cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(kept_rows))
        row = cursor.fetchone() or ()
        names = [column.name for column in cursor.description or ()]
    return ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=False) if value is not None)


def _exists(cursor: Cursor, table: sql.Identifier) -> bool:
    """Whether the table is there and the role may read it; without the right, `to_regclass` would be an error."""
    cursor.execute(
        "SELECT has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')"
        " FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid WHERE nspname = %s AND relname = %s",
        table.strings,
    )
    return cursor.fetchone() == (True,)
