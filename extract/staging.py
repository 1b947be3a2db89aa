"""The staging schema: tables made from the domain model, and the load, which is one transaction under one lock.

The batch and file of a row are stamped by column defaults that read transaction-local settings, so that COPY takes
the bytes of the plan unchanged.
"""

import csv
import getpass
import io
import json
import socket
from dataclasses import asdict, dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract import __version__
from extract.database import Target, take_lock, transaction
from extract.domain import Domain
from extract.errors import DatabaseRefused, KeysExist, StagingDiffers
from extract.pipeline import Extraction, LandedFile
from extract.statements import STAGING, Mode
from extract.steps import timed_step

_BATCH_SETTING = "workdatahub.batch_id"
_FILE_SETTING = "workdatahub.file_id"

_LEDGER = {
    "load_batches": """
        batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        domain text NOT NULL,
        mode text NOT NULL,
        loaded_at timestamptz NOT NULL DEFAULT now(),
        loaded_by text NOT NULL,
        files integer NOT NULL,
        rows bigint NOT NULL,
        rejects bigint NOT NULL,
        version text NOT NULL
    """,
    "source_files": """
        file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        batch_id bigint NOT NULL REFERENCES staging.load_batches,
        path text NOT NULL,
        sha256 char(64) NOT NULL,
        size bigint NOT NULL,
        modified_at timestamptz NOT NULL,
        period date,
        sheet text NOT NULL,
        header_row integer NOT NULL,
        rows_read bigint NOT NULL,
        rows_loaded bigint NOT NULL,
        rows_rejected bigint NOT NULL,
        rows_skipped bigint NOT NULL
    """,
    "rejected_rows": """
        batch_id bigint NOT NULL DEFAULT current_setting('workdatahub.batch_id')::bigint,
        file_id bigint NOT NULL DEFAULT current_setting('workdatahub.file_id')::bigint,
        source_row integer NOT NULL,
        row jsonb NOT NULL,
        errors jsonb NOT NULL,
        PRIMARY KEY (file_id, source_row)
    """,
}


@dataclass(frozen=True)
class Load:
    """A committed load: its batch, and what it holds."""

    batch_id: int
    table: str
    files: int
    rows: int
    rejects: int


def load(extraction: Extraction, mode: Mode, target: Target, lock_timeout: float) -> Load:
    """Load an extraction into staging, whole or not at all.

    Raises LoadLocked where another load runs for longer than `lock_timeout` seconds, KeysExist in mode append,
    StagingDiffers where a table has other columns, and the errors of `extract.database`.
    """
    domain = extraction.domain
    table = domain.config.table
    with transaction(target) as connection:
        take_lock(connection, lock_timeout)
        with connection.cursor() as cursor:
            ensure_tables(cursor, domain)
            if mode == "append":
                _refuse_existing_keys(connection, extraction)
            batch_id = _insert_batch(cursor, extraction, mode)
            for file in extraction.files:
                _insert_file(cursor, batch_id, file)
                with timed_step("copied", table=f"{STAGING}.{table}", batch_id=batch_id) as fields:
                    fields |= {"file": file.report.data_source, "rows": file.report.rows_loaded}
                    _copy_records(cursor, sql.Identifier(STAGING, table), extraction, file)
                    _copy_rejected(cursor, file)
    return Load(
        batch_id=batch_id,
        table=f"{STAGING}.{table}",
        files=extraction.workbooks,
        rows=extraction.total("rows_loaded"),
        rejects=extraction.total("rows_rejected"),
    )


def ensure_tables(cursor: Cursor, domain: Domain) -> None:
    """Create the schema and its tables where they are missing. Raises StagingDiffers for other columns."""
    cursor.execute("SELECT to_regnamespace(%s) IS NULL", (STAGING,))
    if cursor.fetchone() == (True,):
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(STAGING)))
    for name, columns in _LEDGER.items():
        if not _exists(cursor, name):
            statement = sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(STAGING, name), sql.SQL(columns))
            cursor.execute(statement)
    table = domain.config.table
    if _exists(cursor, table):
        _compare_columns(cursor, domain)
        return
    cursor.execute(_table_ddl(domain))
    for indexed in (("batch_id",), domain.config.pk):
        cursor.execute(
            sql.SQL("CREATE INDEX ON {} ({})").format(
                sql.Identifier(STAGING, table), sql.SQL(", ").join(map(sql.Identifier, indexed))
            )
        )


def _exists(cursor: Cursor, table: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{STAGING}.{table}",))
    return cursor.fetchone() == (True,)


def _table_ddl(domain: Domain) -> sql.Composed:
    stamps = [
        sql.SQL("{} bigint NOT NULL DEFAULT current_setting({})::bigint").format(
            sql.Identifier(name), sql.Literal(setting)
        )
        for name, setting in (("batch_id", _BATCH_SETTING), ("file_id", _FILE_SETTING))
    ]
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.sql_type),
            sql.SQL("") if column.nullable else sql.SQL(" NOT NULL"),
        )
        for column in domain.columns
    ]
    processed = sql.SQL("processed_at timestamptz NOT NULL DEFAULT now()")
    return sql.SQL("CREATE TABLE {} ({})").format(
        sql.Identifier(STAGING, domain.config.table), sql.SQL(", ").join([*stamps, *columns, processed])
    )


def _compare_columns(cursor: Cursor, domain: Domain) -> None:
    cursor.execute(
        """
        SELECT attname::text, format_type(atttypid, atttypmod), NOT attnotnull
        FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
        """,
        (f"{STAGING}.{domain.config.table}",),
    )
    found = {name: (kind.replace("character varying", "varchar"), nullable) for name, kind, nullable in cursor}
    for column in domain.columns:
        wanted = (column.sql_type, column.nullable)
        if found.get(column.name) != wanted:
            is_now = "is missing" if column.name not in found else f"is {_column(*found[column.name])}"
            raise StagingDiffers(
                table=f"{STAGING}.{domain.config.table}",
                difference=f"{column.name} {is_now}, the model has {_column(*wanted)}",
            )


def _column(sql_type: str, nullable: bool) -> str:
    return sql_type if nullable else f"{sql_type} NOT NULL"


def _refuse_existing_keys(connection: Connection, extraction: Extraction) -> None:
    """Mode append: compare the keys in a temporary table before anything is written to staging."""
    domain = extraction.domain
    table = sql.Identifier(STAGING, domain.config.table)
    incoming = sql.Identifier("incoming")
    key = sql.SQL(", ").join(map(sql.Identifier, domain.config.pk))
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                incoming, _column_list(domain), table
            )
        )
        for file in extraction.files:
            _copy_records(cursor, incoming, extraction, file)
        query = sql.SQL("SELECT DISTINCT {key} FROM {incoming} INNER JOIN {table} USING ({key}) ORDER BY {key}")
        cursor.execute(query.format(key=key, incoming=incoming, table=table))
        existing = cursor.fetchall()
    if existing:
        raise KeysExist(
            table=f"{STAGING}.{domain.config.table}",
            count=len(existing),
            examples="; ".join(" ".join(map(str, row)) for row in existing[:3]),
        )


def _column_list(domain: Domain) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, domain.column_names))


def _insert_batch(cursor: Cursor, extraction: Extraction, mode: Mode) -> int:
    values = {
        "domain": extraction.domain.name,
        "mode": mode,
        "loaded_by": f"{_user()}@{socket.gethostname()}",
        "files": extraction.workbooks,
        "rows": extraction.total("rows_loaded"),
        "rejects": extraction.total("rows_rejected"),
        "version": __version__,
    }
    batch_id = _insert(cursor, "load_batches", values, "batch_id")
    _set_local(cursor, _BATCH_SETTING, batch_id)
    return batch_id


def _user() -> str:
    """The name of the person at the keyboard; in a container the user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unnamed"


def _insert_file(cursor: Cursor, batch_id: int, file: LandedFile) -> None:
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
    }
    _set_local(cursor, _FILE_SETTING, _insert(cursor, "source_files", values, "file_id"))


def _insert(cursor: Cursor, table: str, values: dict[str, object], identity: str) -> int:
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(STAGING, table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
            sql.Identifier(identity),
        ),
        list(values.values()),
    )
    row = cursor.fetchone()
    assert row is not None  # RETURNING gives a row
    return int(row[0])


def _set_local(cursor: Cursor, setting: str, value: int) -> None:
    cursor.execute("SELECT set_config(%s, %s, true)", (setting, str(value)))


def _copy_records(cursor: Cursor, table: sql.Identifier, extraction: Extraction, file: LandedFile) -> None:
    """COPY the records of one file, with the header line that the server checks against the columns."""
    extraction.spool.seek(file.offset)
    records = extraction.header + extraction.spool.read(file.length)
    _copy(cursor, table, _column_list(extraction.domain), records, file.report.rows_loaded)


def _copy_rejected(cursor: Cursor, file: LandedFile) -> None:
    if not file.rejected:
        return
    columns = ("source_row", "row", "errors")
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    for rejected in file.rejected:
        errors = [asdict(reject) for reject in rejected.rejects]
        writer.writerow((rejected.source_row, _json(rejected.row), _json(errors)))
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    table = sql.Identifier(STAGING, "rejected_rows")
    _copy(cursor, table, names, target.getvalue().encode(), len(file.rejected))


def _json(value: object) -> str:
    """JSON for jsonb, which cannot hold the character NUL."""
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\ufffd")


def _copy(cursor: Cursor, table: sql.Identifier, columns: sql.Composed, data: bytes, rows: int) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, HEADER match)").format(table, columns)
    cursor.copy_expert(statement, io.BytesIO(data), size=2**16)
    if cursor.rowcount != rows:
        raise DatabaseRefused(
            target=table.as_string(cursor),
            problem=f"COPY took {cursor.rowcount} of {rows} rows; nothing is committed",
        )
