"""Versions of keys in staging that no workbook brings: tombstones of withdrawn keys, and what an undo restores.

Staging is append-only. A withdrawn key gets a row that repeats the version that it takes out, marked `withdrawn`; an
undo adds the versions that counted before. Both belong to the batch that causes them.
"""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, take_lock, transaction
from extract.domains.registry import Domain
from extract.errors.staging import BatchNotUndoable, RemovedBesideRejects, TooManyRemoved
from extract.modes import STAGING
from extract.staging.closings import reopen_or_refuse
from extract.staging.distribution import is_distributed
from extract.staging.fragments import is_latest, names, same, staging_table
from extract.staging.ledger import find_batch, insert_batch, loaded_at, undone
from extract.staging.tables import ensure_ledger
from extract.wording import Sentence

_SHOWN_KEYS = 20


@dataclass(frozen=True)
class Undo:
    """A committed undo: its batch, and how many keys have their previous version again, are withdrawn, or were left.

    A key is left where a later batch restated it, since what counts is not the batch's.
    """

    batch_id: int
    undoes: int
    restored: int
    withdrawn: int
    left: int


def withdraw_absent_keys(cursor: Cursor, domain: Domain, batch_id: int, rejects: int) -> int:
    """Add a tombstone for every key that counts, lies in the scope of the batch, and is not in it.

    The scope is each combination of `replace_scope` (such as month and company) that the batch holds. Gives the number
    of tombstones. Raises RemovedBesideRejects where the batch has `rejects`, one of which may be the new version of
    such a key, and TooManyRemoved where they are more than `max_removed_ratio` of the rows that counted.
    """
    config = domain.config
    versions = sql.SQL(
        "FROM {table} AS version INNER JOIN (SELECT DISTINCT {scope} FROM {table} WHERE batch_id = {batch}) AS scope"
        " ON {in_scope} WHERE version.batch_id < {batch} AND NOT version.withdrawn AND "
    ).format(
        table=staging_table(domain),
        scope=names(config.replace_scope),
        batch=sql.Literal(batch_id),
        in_scope=same(config.replace_scope, "version", "scope"),
    )
    before = sql.SQL("newer.batch_id < {}").format(sql.Literal(batch_id))
    cursor.execute(sql.SQL("SELECT count(*) ") + versions + is_latest(domain, "version", before))
    existing = _count(cursor)
    cursor.execute(
        sql.SQL(
            "INSERT INTO {table} (batch_id, file_id, processed_at, {columns}, withdrawn)"
            " SELECT {batch}, version.file_id, {time}, {values}, true "
        ).format(
            table=staging_table(domain),
            batch=sql.Literal(batch_id),
            time=sql.Literal(loaded_at(cursor)),
            columns=names(domain.column_names),
            values=names(domain.column_names, "version"),
        )
        + versions
        + is_latest(domain, "version")
        + sql.SQL(" RETURNING {}").format(names(config.pk))
    )
    removed = sorted(" ".join(map(str, key)) for key in cursor)
    more = [f"and {len(removed) - _SHOWN_KEYS} more"] if len(removed) > _SHOWN_KEYS else []
    keys = "; ".join([*removed[:_SHOWN_KEYS], *more])
    table = f"{STAGING}.{config.table}"
    if len(removed) > config.max_removed_ratio * existing:
        limit = config.max_removed_ratio
        raise TooManyRemoved(table=table, removed=len(removed), existing=existing, limit=limit, keys=keys)
    if removed and rejects:
        raise RemovedBesideRejects(table=table, removed=len(removed), rejects=rejects, keys=keys)
    _count_withdrawn(cursor, batch_id, len(removed))
    return len(removed)


def undo(domain: Domain, batch_id: int, target: Target, lock_timeout: float, reopen: str | None = None) -> Undo:
    """Take a batch of the domain out again by a new batch; nothing is deleted.

    Afterwards counts what would count if the batches in effect had been loaded one after the other, without this one:
    each key that this changes gets its version again, or a tombstone where it has none. Raises LoadLocked,
    BatchUnknown, BatchNotUndoable, MonthClosed without a reason to `reopen` closed months, and the errors of
    `extract.database`.
    """
    with transaction(target) as connection:
        take_lock(connection, lock_timeout)
        with connection.cursor() as cursor:
            root = _undoable(cursor, batch_id)
            ensure_ledger(cursor)  # that of an earlier version may lack a column
            new = insert_batch(cursor, domain.name, "undo", files=0, rows=0, rejects=0, undoes=batch_id)
            stamps = {"new": new, "time": loaded_at(cursor)}
            statement = _undo_statement(domain, _gathered(cursor, domain, root))
            cursor.execute(statement, {"batch": root, "out": list(undone(cursor)), **stamps})
            withdrawn = [row[0] for row in cursor]
            keys = sql.SQL("SELECT {} FROM {} WHERE batch_id = %s").format(
                names(domain.config.pk), staging_table(domain)
            )
            cursor.execute(sql.SQL("SELECT count(*) FROM ({0} EXCEPT {0}) AS keys").format(keys), (root, new))
            left = _count(cursor)
            restored = withdrawn.count(False)
            cursor.execute("UPDATE staging.load_batches SET rows = %s WHERE batch_id = %s", (restored, new))
            _count_withdrawn(cursor, new, withdrawn.count(True))
            reopen_or_refuse(cursor, domain, new, reopen)
    return Undo(new, batch_id, restored, withdrawn.count(True), left)


def _gathered(cursor: Cursor, domain: Domain, batch_id: int) -> sql.Identifier:
    """The table whose versions an undo looks at: staging, or on Citus, which joins only by the column that rows are
    spread by, a copy on the coordinator of all that lies in the scopes of the batch."""
    if not is_distributed(cursor):
        return staging_table(domain)
    copy = sql.Identifier("pg_temp", "versions_in_scope")
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE versions_in_scope ON COMMIT DROP AS SELECT * FROM {table}"
            " WHERE ({scope}) IN (SELECT {scope} FROM {table} WHERE batch_id = {batch})"
        ).format(
            table=staging_table(domain),
            scope=names(domain.config.replace_scope or domain.config.pk),
            batch=sql.Literal(batch_id),
        )
    )
    for columns in (domain.config.pk, ("batch_id",)):  # the undo looks for the versions of each key
        cursor.execute(sql.SQL("CREATE INDEX ON {} ({})").format(copy, names(columns)))
    cursor.execute(sql.SQL("ANALYZE {}").format(copy))
    return copy


def _undo_statement(domain: Domain, versions: sql.Identifier) -> sql.Composed:
    """Of every key that the batch may have changed: the version that shall count, where it is not the one that counts.

    It is the latest one of the batches in effect, unless a later one in effect replaced its scope whole. Versions of an
    undo repeat others and take no part. Up to the horizon of a prune the latest version is what counted there, whatever
    batch it is of.
    """
    config, table = domain.config, staging_table(domain)
    scope_of_a_key = config.replace_scope or config.pk
    newest_first = sql.SQL("ORDER BY batch_id DESC, file_id DESC, source_row DESC LIMIT 1")
    chosen = [
        sql.SQL("CASE WHEN wanted.batch_id IS NULL THEN now.{0} ELSE wanted.{0} END").format(sql.Identifier(column))
        for column in ("file_id", *domain.column_names)
    ]
    return sql.SQL(
        """
        INSERT INTO {table} (batch_id, processed_at, file_id, {columns}, withdrawn)
        WITH touched AS (
            SELECT {key} FROM {versions} WHERE batch_id = %(batch)s
            UNION
            SELECT {version_key}
            FROM (SELECT DISTINCT {scope} FROM {versions} WHERE batch_id = %(batch)s) AS scope
            INNER JOIN {versions} AS version ON {in_scope}
            WHERE (SELECT mode = 'replace_period' FROM staging.load_batches WHERE batch_id = %(batch)s)
        ),
        replaced AS (
            SELECT {scope}, max(batch_id) AS batch_id
            FROM {versions}
            INNER JOIN staging.load_batches AS batch USING (batch_id)
            WHERE batch.mode = 'replace_period' AND batch_id <> ALL(%(out)s) AND batch.pruned_at IS NULL
                AND ({scope}) IN (SELECT {scope} FROM touched)
            GROUP BY {scope}
        )
        SELECT %(new)s, %(time)s::timestamptz, {chosen}, wanted.batch_id IS NULL OR wanted.withdrawn
        FROM touched
        LEFT JOIN replaced ON {was_replaced}
        CROSS JOIN LATERAL (SELECT * FROM {versions} AS version WHERE {same} {newest_first}) AS now
        LEFT JOIN LATERAL (
            SELECT version.*
            FROM {versions} AS version
            INNER JOIN staging.load_batches AS batch USING (batch_id)
            WHERE {same} AND batch_id >= coalesce(replaced.batch_id, 0)
                AND (batch.pruned_at IS NOT NULL OR (batch.mode <> 'undo' AND batch_id <> ALL(%(out)s)))
            {newest_first}
        ) AS wanted ON true
        WHERE (wanted.batch_id IS NULL AND NOT now.withdrawn)
            OR wanted.withdrawn <> now.withdrawn
            OR (NOT now.withdrawn AND (wanted.file_id, wanted.source_row) <> (now.file_id, now.source_row))
        RETURNING withdrawn
        """
    ).format(
        table=table,
        versions=versions,
        columns=names(domain.column_names),
        chosen=sql.SQL(", ").join(chosen),
        key=names(config.pk),
        version_key=names(config.pk, "version"),
        scope=names(scope_of_a_key),
        in_scope=same(scope_of_a_key, "version", "scope"),
        was_replaced=same(scope_of_a_key, "touched", "replaced"),
        same=same(config.pk, "version", "touched"),
        newest_first=newest_first,
    )


def _undoable(cursor: Cursor, batch_id: int) -> int:
    """The batch whose keys an undo of `batch_id` concerns: itself, or the one that it (an undo) took out at last."""
    batch = find_batch(cursor, batch_id)
    if batch.undone_by is not None:
        raise BatchNotUndoable(
            batch=batch_id, problem=Sentence("batch {undone_by} has undone it already", undone_by=batch.undone_by)
        )
    if batch.pruned_at is not None:
        problem = f"prune removed older versions of its keys on {batch.pruned_at:%Y-%m-%d}; load a workbook instead"
        raise BatchNotUndoable(batch=batch_id, problem=problem)
    while batch.undoes is not None:
        batch = find_batch(cursor, batch.undoes)
    return batch.batch_id


def _count_withdrawn(cursor: Cursor, batch_id: int, count: int) -> None:
    cursor.execute("UPDATE staging.load_batches SET withdrawn = %s WHERE batch_id = %s", (count, batch_id))


def _count(cursor: Cursor) -> int:
    row = cursor.fetchone()
    assert row is not None  # an aggregate gives a row
    return int(row[0])
