"""COPY of the bytes that a plan shows, with the header line that the server checks against the columns."""

import io

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.errors.database import DatabaseRefused
from extract.plan.landing import LandedFile, Landing
from extract.staging.fragments import names


def copy_records(cursor: Cursor, table: sql.Identifier, landing: Landing, file: LandedFile) -> None:
    """COPY the records of one file, with the header line that the server checks against the columns."""
    columns = names(landing.domain.column_names)
    copy(cursor, table, columns, landing.records(file), file.report.rows_loaded)


def copy(cursor: Cursor, table: sql.Identifier, columns: sql.Composed, data: bytes, rows: int) -> None:
    """COPY some bytes into a table. Raises DatabaseRefused where the server took another number of rows."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, HEADER match)").format(table, columns)
    cursor.copy_expert(statement, io.BytesIO(data), size=2**16)
    if cursor.rowcount != rows:
        raise DatabaseRefused(
            target=table.as_string(cursor),
            problem=f"COPY took {cursor.rowcount} of {rows} rows; nothing is committed",
        )
