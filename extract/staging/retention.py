"""Retention: removes versions from staging that no mart needs any more, in chunks, each in a transaction of its own.

What stays: of each key the version that counted at the horizon, and everything after it. So the mart can be made
again from staging, and every batch after the horizon can still be undone. A version goes only once the history mart
holds it together with its end.
"""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, connect, take_lock, transaction
from extract.domains.registry import Domain
from extract.errors.staging import HistoryNotBuilt
from extract.modes import STAGING
from extract.staging.distribution import take_workers_in_turn
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.fragments import history_table, is_latest, names, same, staging_table
from extract.steps import log_step

CHUNK_ROWS = 10_000


@dataclass(frozen=True)
class Prune:
    """Rows that a prune removed or (not `executed`) would remove, of all rows, and the bytes that they take.

    `horizon` is the newest batch that may lose versions; `kept_for_marts` counts those that the history mart lacks.
    """

    table: str
    horizon: int
    rows: int
    of_rows: int
    bytes: int
    kept_for_marts: int
    executed: bool


def prune(domain: Domain, keep_batches: int, target: Target, lock_timeout: float, *, execute: bool) -> Prune:
    """Remove (or with `execute` False count) the replaced versions of all but the newest `keep_batches` batches.

    Raises HistoryNotBuilt where the history mart does not exist or may not be read, LoadLocked, and the errors of
    `extract.database`.
    """
    table = f"{STAGING}.{domain.config.table}"
    with transaction(target) as connection, connection.cursor() as cursor:
        take_lock(connection, lock_timeout)
        take_workers_in_turn(cursor)
        _check_history(cursor, domain)
        horizon = _horizon(cursor, domain, keep_batches)
        where = _removable(domain, horizon)
        cursor.execute(
            sql.SQL(
                "SELECT count(*) FILTER (WHERE kept), coalesce(sum(size) FILTER (WHERE kept), 0),"
                " count(*) FILTER (WHERE NOT kept) FROM"
                " (SELECT pg_column_size(version.*) AS size, {kept} AS kept FROM {table} AS version WHERE {where}) AS o"
            ).format(kept=_in_history(domain), table=staging_table(domain), where=where)
        )
        rows, size, lacking = _row(cursor)
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(staging_table(domain)))
        (of_rows,) = _row(cursor)
        if execute and rows:
            cursor.execute(
                "UPDATE staging.load_batches SET pruned_at = statement_timestamp()"
                " WHERE domain = %s AND batch_id <= %s AND pruned_at IS NULL",
                (domain.name, horizon),
            )
    if execute and rows:
        rows = _remove(domain, horizon, target, lock_timeout)
    return Prune(table, horizon, rows, of_rows, size, lacking, executed=execute)


def _remove(domain: Domain, horizon: int, target: Target, lock_timeout: float) -> int:
    """Delete chunk by chunk, so that no transaction holds the lock for long; then free the space for new rows.

    Versions are named by key and place and not by ctid, which on Citus is that of another row on each shard.
    """
    identity = (*domain.config.pk, "batch_id", "file_id", "source_row")
    statement = sql.SQL(
        "DELETE FROM {table} AS version USING"
        " (SELECT {identity} FROM {table} AS version WHERE {where} AND {kept} LIMIT {limit}) AS chunk WHERE {same}"
    ).format(
        table=staging_table(domain),
        identity=names(identity, "version"),
        same=same(identity, "version", "chunk"),
        where=_removable(domain, horizon),
        kept=_in_history(domain),
        limit=sql.Literal(CHUNK_ROWS),
    )
    removed = 0
    while True:
        with transaction(target) as connection, connection.cursor() as cursor:
            take_lock(connection, lock_timeout)
            _check_history(cursor, domain)
            cursor.execute(statement)
            chunk = cursor.rowcount
        removed += chunk
        log_step("pruned", table=f"{STAGING}.{domain.config.table}", rows=chunk)
        if chunk < CHUNK_ROWS:
            break
    connection = connect(target)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("VACUUM {}").format(staging_table(domain)))
    finally:
        connection.close()
    return removed


def _horizon(cursor: Cursor, domain: Domain, keep_batches: int) -> int:
    """The newest batch that may lose versions: older than those kept, and than any batch that one of them undoes."""
    cursor.execute(
        "SELECT batch_id FROM staging.load_batches WHERE domain = %s ORDER BY batch_id DESC OFFSET %s",
        (domain.name, keep_batches),
    )
    older = [number for (number,) in cursor]
    cursor.execute("SELECT undoes, batch_id FROM staging.load_batches WHERE undoes IS NOT NULL")
    undos = cursor.fetchall()  # also those that were undone: an undo of the undo would need the versions again
    horizon: int = older[0] if older else 0
    while crossing := [batch for batch, by in undos if batch <= horizon < by]:
        horizon = min(crossing) - 1
    return horizon


def _removable(domain: Domain, horizon: int) -> sql.Composed:
    """Versions up to the horizon that a newer version up to the horizon replaces."""
    limit = sql.SQL("newer.batch_id <= {}").format(sql.Literal(horizon))
    return sql.SQL("version.batch_id <= {} AND NOT ({})").format(
        sql.Literal(horizon), is_latest(domain, "version", limit)
    )


def _in_history(domain: Domain) -> sql.Composed:
    """The condition that the history holds a version with its end: without it, no later build would end it."""
    key = (*domain.config.pk, "batch_id", "file_id")
    return sql.SQL("EXISTS (SELECT 1 FROM {} AS kept WHERE {} AND kept.valid_to IS NOT NULL)").format(
        history_table(domain), same(key, "kept", "version")
    )


def _check_history(cursor: Cursor, domain: Domain) -> None:
    name = history_table(domain).as_string(cursor)
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
    if _row(cursor) != (True,):
        raise HistoryNotBuilt(table=name.replace('"', ""))
    refuse_foreign_code(cursor, history_table(domain))


def _row(cursor: Cursor) -> tuple[int, ...]:
    row = cursor.fetchone()
    assert row is not None  # an aggregate gives a row
    return row
