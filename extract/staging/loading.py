"""The load into staging: one transaction under one lock, COPY of the bytes that a plan shows.

The batch and file of a row are stamped by column defaults that read transaction-local settings, so that COPY takes
the bytes of the plan unchanged.
"""

import logging
from collections.abc import Container
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from psycopg2.extras import Json

from extract.database.connection import Target, take_lock, transaction
from extract.domains.registry import Domain
from extract.errors.staging import KeysExist, StagingDiffers
from extract.guards import MENDS_OVERTAKEN
from extract.modes import STAGING, Mode
from extract.plan.landing import REJECTED_COLUMNS, LandedFile, Landing
from extract.staging.approvals import Approval, approval_for
from extract.staging.closings import reopen_or_refuse
from extract.staging.copying import copy, copy_records
from extract.staging.distribution import distribute
from extract.staging.editions import OLDER_EDITION, replaced_editions
from extract.staging.fragments import is_latest, names, staging_table
from extract.staging.guards import COLUMN_GONE, columns_gone, refuse_missing_measures
from extract.staging.ledger import (
    BATCH_SETTING,
    FILE_SETTING,
    TIME_SETTING,
    SkippedFile,
    insert_batch,
    insert_file,
    loaded_files,
)
from extract.staging.lookalikes import codes_like_known_ones
from extract.staging.moved import refuse_moved_keys
from extract.staging.overtaken import refuse_overtaken_mends
from extract.staging.tables import add_column, as_owner, columns_of, ensure_ledger, grant_rows_to_loader
from extract.staging.withdrawal import withdraw_absent_keys
from extract.steps import log_step, timed_step
from extract.table.records.lookalikes import CONFUSABLE

_WITHDRAWN = "boolean NOT NULL DEFAULT false"


@dataclass(frozen=True)
class Load:
    """A committed load: its batch, and what it holds. `batch_id` is None where every workbook was loaded before."""

    batch_id: int | None
    table: str
    files: int
    rows: int
    rejects: int
    withdrawn: int
    skipped: tuple[SkippedFile, ...]
    lookalikes: tuple[str, ...] = ()
    """What is to be said of codes that look like others in staging."""
    columns_gone: tuple[str, ...] = ()
    """What is to be said of columns that the sheet before had."""
    older: tuple[str, ...] = ()
    """What is to be said of figures of later months or versions that this load replaces."""


def load(
    landing: Landing,
    mode: Mode,
    target: Target,
    lock_timeout: float,
    *,
    reload: bool = False,
    reopen: str | None = None,
) -> Load:
    """Load a landing into staging, whole or not at all.

    Workbooks whose content is loaded already are left out, unless `reload` is set; in mode append they are not, since
    append refuses keys that exist. `reopen` is the reason for which a load may change closed months.

    Raises LoadLocked where another load runs for longer than `lock_timeout` seconds, ApprovalRequired, ApprovalMissing,
    KeysMoved where later batches changed keys of a plan, MendsOvertaken where they changed those of mended rejects,
    MonthClosed, MissingMeasure for a workbook that lacks a measure which the last one had, KeysExist in mode append,
    TooManyRemoved or RemovedBesideRejects in mode replace_period, StagingDiffers where a table has other columns, and
    the errors of `extract.database`.
    """
    domain = landing.domain
    with transaction(target) as connection:
        take_lock(connection, lock_timeout)
        with connection.cursor() as cursor:
            ensure_tables(cursor, domain)
            approval = approval_for(cursor, landing)
            known = {} if reload or mode == "append" else loaded_files(cursor, domain.name, mode, landing.files)
            loading = _still_to_load(landing, known)
            files = [landing.files[position] for position in loading]
            skipped = {file.data_source: file for position, file in known.items() if position not in loading}
            batch_id, withdrawn = None, 0
            lookalikes: tuple[str, ...] = ()
            gone: tuple[str, ...] = ()
            older: tuple[str, ...] = ()
            if files or not skipped:
                if "missing_measure" not in landing.accepted:
                    refuse_missing_measures(cursor, domain, files)
                gone = columns_gone(cursor, domain, files)
                if "moved_keys" not in landing.accepted:
                    refuse_moved_keys(cursor, landing, mode)
                if MENDS_OVERTAKEN not in landing.accepted:
                    refuse_overtaken_mends(cursor, landing, files)
                if mode == "append":
                    _refuse_existing_keys(connection, landing)
                batch_id, withdrawn = _load_files(cursor, landing, files, mode, approval)
                reopen_or_refuse(cursor, domain, batch_id, reopen)
                lookalikes = codes_like_known_ones(cursor, landing, files, staging_table(domain), "staging")
                older = replaced_editions(cursor, domain, batch_id)
    for code, told in ((CONFUSABLE, lookalikes), (COLUMN_GONE, gone), (OLDER_EDITION, older)):
        for detail in told:
            log_step(code, logging.WARNING, on_screen=True, detail=detail)
    for workbook in skipped.values():
        log_step("skipped", file=workbook.data_source, loaded_in_batch=workbook.batch_id)
    return Load(
        batch_id=batch_id,
        table=f"{STAGING}.{domain.config.table}",
        files=len({file.report.path for file in files}),
        rows=sum(file.report.rows_loaded for file in files),
        rejects=sum(file.report.rows_rejected for file in files),
        withdrawn=withdrawn,
        skipped=tuple(skipped.values()),
        lookalikes=lookalikes,
        columns_gone=gone,
        older=older,
    )


def _still_to_load(landing: Landing, known: Container[int]) -> list[int]:
    """Positions of the files without the known ones; those stay where they must restate what is loaded before.

    A key that stands in several files has the value of the last of them, which so must come last into staging too.
    """
    loading: list[int] = []
    for position in range(len(landing.files)):
        if position not in known or (loading and landing.keys_in_several_files):
            loading.append(position)
    return loading


def _load_files(
    cursor: Cursor, landing: Landing, files: list[LandedFile], mode: Mode, approval: Approval | None
) -> tuple[int, int]:
    """Batch, files, records and rejected rows; gives the number of the batch and that of withdrawn keys."""
    domain = landing.domain
    rejects = sum(file.report.rows_rejected for file in files)
    batch_id = insert_batch(
        cursor,
        domain.name,
        mode,
        files=len({file.report.path for file in files}),
        rows=sum(file.report.rows_loaded for file in files),
        rejects=rejects,
        plan_id=landing.plan_id,
        accepted=Json(sorted(landing.accepted)),
        planned_by=landing.planned_by,
        approved_by=approval.approver if approval else None,
        approval_id=approval.approval_id if approval else None,
    )
    for file in files:
        file_id = insert_file(cursor, batch_id, file)
        with timed_step("copied", table=f"{STAGING}.{domain.config.table}", batch_id=batch_id) as fields:
            fields |= {"file": file.report.data_source, "rows": file.report.rows_loaded}
            copy_records(cursor, staging_table(domain), landing, file)
            if file.report.rows_rejected:
                columns = names(REJECTED_COLUMNS)
                rejected = landing.rejected_records(file)
                table = sql.Identifier(STAGING, "rejected_rows")
                copy(cursor, table, columns, rejected, file.report.rows_rejected)
            if file.report.mended:
                cursor.execute(
                    "INSERT INTO staging.mended_rejects (batch_id, file_id, reject_id)"
                    " SELECT %s, %s, unnest(%s::text[])",
                    (batch_id, file_id, list(file.report.mended)),
                )
    withdrawn = withdraw_absent_keys(cursor, domain, batch_id, rejects) if mode == "replace_period" else 0
    return batch_id, withdrawn


def ensure_tables(cursor: Cursor, domain: Domain) -> None:
    """Create the schema and its tables where they are missing. Raises StagingDiffers for other columns."""
    with as_owner(cursor):
        ensure_ledger(cursor)
        _ensure_table(cursor, domain)
        distribute(cursor, domain.config.table, domain.config.distribute_by)


def _ensure_table(cursor: Cursor, domain: Domain) -> None:
    table = domain.config.table
    found = columns_of(cursor, table)
    if found:
        _compare_columns(cursor, domain)
        if "withdrawn" not in found:
            add_column(cursor, table, "withdrawn", _WITHDRAWN)
            _index(cursor, domain, domain.config.pk, withdrawn=True)
        return
    cursor.execute(_table_ddl(domain))
    grant_rows_to_loader(cursor, table)
    _index(cursor, domain, ("batch_id",))
    _index(cursor, domain, domain.config.pk)
    _index(cursor, domain, domain.config.pk, withdrawn=True)


def _index(cursor: Cursor, domain: Domain, columns: tuple[str, ...], *, withdrawn: bool = False) -> None:
    """An index of the domain's table; with `withdrawn` of the few withdrawn rows only."""
    cursor.execute(
        sql.SQL("CREATE INDEX ON {} ({}) {}").format(
            staging_table(domain),
            names(columns),
            sql.SQL("WHERE withdrawn" if withdrawn else ""),
        )
    )


def _table_ddl(domain: Domain) -> sql.Composed:
    stamps = [
        sql.SQL("{} {} NOT NULL DEFAULT current_setting({})::{}").format(
            sql.Identifier(name), sql.SQL(kind), sql.Literal(setting), sql.SQL(kind)
        )
        for name, kind, setting in (
            ("batch_id", "bigint", BATCH_SETTING),
            ("file_id", "bigint", FILE_SETTING),
            ("processed_at", "timestamptz", TIME_SETTING),
        )
    ]
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.sql_type),
            sql.SQL("") if column.nullable else sql.SQL(" NOT NULL"),
        )
        for column in domain.columns
    ]
    return sql.SQL("CREATE TABLE {} ({}, withdrawn {})").format(
        staging_table(domain), sql.SQL(", ").join([*stamps, *columns]), sql.SQL(_WITHDRAWN)
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


def _refuse_existing_keys(connection: Connection, landing: Landing) -> None:
    """Mode append: compare the keys in a temporary table before anything is written to staging."""
    domain = landing.domain
    incoming = sql.Identifier("incoming")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                incoming, names(domain.column_names), staging_table(domain)
            )
        )
        for file in landing.files:
            copy_records(cursor, incoming, landing, file)
        query = sql.SQL(
            "SELECT DISTINCT {key} FROM {incoming} INNER JOIN {table} AS version USING ({key})"
            " WHERE NOT version.withdrawn AND {latest} ORDER BY {key}"
        )
        parts = {"key": names(domain.config.pk), "incoming": incoming, "table": staging_table(domain)}
        cursor.execute(query.format(**parts, latest=is_latest(domain, "version")))
        existing = cursor.fetchall()
    if existing:
        raise KeysExist(
            table=f"{STAGING}.{domain.config.table}",
            count=len(existing),
            examples="; ".join(" ".join(map(str, row)) for row in existing[:3]),
        )
