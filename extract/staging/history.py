"""The history made again from what staging still holds, beside the versions that only the history holds.

Both are mended: the mart, and its next state in `intermediate`, from which a build takes it.

A version is known by key, batch and file. What staging holds is taken from there; what `prune` removed stays as it is;
beginnings come from the ledger, ends from the next version. Batches that the history has not seen belong to the next
build. Nothing is ever removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, take_lock, transaction
from extract.domains.registry import Domain
from extract.errors.staging import HistoryDiffers, HistoryNotBuilt
from extract.modes import STAGING
from extract.staging.fragments import names, same, staging_table
from extract.staging.histories import History, histories_of, relation_name
from extract.staging.tables import columns_of
from extract.steps import timed_step

SHOWN = 10
_VERSION = ("batch_id", "file_id")
_MADE = ("withdrawn", "is_current", "valid_from", "valid_to")
"""The columns of a history that are no copies of staging's."""


@dataclass(frozen=True)
class ChangedVersion:
    """A version that the history lacks (`missing`) or has otherwise: what was and what will be, by column, as text."""

    key: tuple[str, ...]
    batch_id: int
    file_id: int
    missing: bool
    values: dict[str, tuple[str | None, str | None]]


@dataclass(frozen=True)
class HistoryRepair:
    """What a repair changed in a history, or (not `executed`) would change.

    `held_alone` of its `versions` are in staging no more. `changed_columns` counts the values that differ in `changed`
    versions. `mart_differs` counts the keys of which the mart has another version than is current then; it is None
    where there is no mart.
    """

    table: str
    mart: str
    versions: int
    held_alone: int
    missing: int
    changed: int
    changed_columns: dict[str, int]
    examples: tuple[ChangedVersion, ...]
    mart_differs: int | None
    executed: bool


def repair(
    domains: Sequence[Domain], target: Target, lock_timeout: float, *, execute: bool
) -> tuple[HistoryRepair, ...]:
    """Mend (or with `execute` False compare) the histories of those domains that have one, in one transaction.

    With `execute` no load and no build writes in between: the lock of the loads is taken, then one on each history.
    The next state of a history is among the results only where it differs. Raises HistoryNotBuilt where no domain has
    a history, HistoryDiffers, LoadLocked and the errors of `extract.database`.
    """
    with transaction(target) as connection:
        if execute:
            take_lock(connection, lock_timeout)
        else:  # all queries see one state, and nobody waits
            connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cursor:
            histories = [history for domain in domains for history in histories_of(domain)]
            there = [history for history in histories if _exists(cursor, history.table)]
            if not any(history.is_mart for history in there):
                raise HistoryNotBuilt(table=" or ".join(history.name for history in histories if history.is_mart))
            if execute:
                tables = sql.SQL(", ").join(history.table for history in there)
                cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(tables))
            repairs = [(history, _repaired(cursor, history, execute=execute)) for history in there]
            return tuple(repair for history, repair in repairs if history.is_mart or repair.missing or repair.changed)


def _repaired(cursor: Cursor, history: History, *, execute: bool) -> HistoryRepair:
    with timed_step("history_repaired" if execute else "history_compared", table=history.name) as fields:
        columns = _columns(cursor, history)
        values = [name for name in columns if name not in (*history.domain.config.pk, *_VERSION)]
        _make_repaired(cursor, history, columns)
        found = _compared(cursor, history, values, executed=execute)
        if execute and found.changed:
            _update(cursor, history, values)
        if execute and found.missing:
            _insert(cursor, history, columns)
        cursor.execute("DROP TABLE repaired")  # the next history needs the name
        fields |= {"missing": found.missing, "changed": found.changed}
    return found


def _columns(cursor: Cursor, history: History) -> list[str]:
    """The columns of the history. Raises HistoryDiffers where it lacks one, or has one that staging cannot fill."""
    cursor.execute(
        "SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (history.table.as_string(cursor),),
    )
    columns = [name for (name,) in cursor]
    staged = columns_of(cursor, history.domain.config.table)
    problems = [f"it has no {name}" for name in (*history.domain.config.pk, *_VERSION, *_MADE) if name not in columns]
    problems += [
        f"{STAGING}.{history.domain.config.table} has no {name}"
        for name in columns
        if name not in _MADE and name not in staged
    ]
    if problems:
        raise HistoryDiffers(table=history.name, difference=", ".join(problems))
    return columns


def _make_repaired(cursor: Cursor, history: History, columns: Sequence[str]) -> None:
    """Make the temporary table `repaired`: the history as it should be, and whether staging holds the version."""
    copied = [name for name in columns if name not in _MADE]
    figures = sql.SQL(", ").join(
        sql.SQL("CASE WHEN NOT version.withdrawn THEN version.{0} END AS {0}").format(sql.Identifier(name))
        if name in history.domain.measures
        else sql.Identifier("version", name)
        for name in copied
    )
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE repaired (LIKE {}, staged boolean) ON COMMIT DROP").format(history.table)
    )
    cursor.execute(
        sql.SQL(
            """
            INSERT INTO repaired ({copied}, withdrawn, is_current, valid_from, valid_to, staged)
            WITH versions AS (
                SELECT {figures}, version.withdrawn, batch.loaded_at AS valid_from, true AS staged
                FROM {staging} AS version
                INNER JOIN staging.load_batches AS batch ON version.batch_id = batch.batch_id
                WHERE version.batch_id <= (SELECT max(batch_id) FROM {history})
                UNION ALL
                SELECT {kept}, kept.withdrawn, coalesce(batch.loaded_at, kept.valid_from), false
                FROM {history} AS kept
                LEFT JOIN staging.load_batches AS batch ON kept.batch_id = batch.batch_id
                WHERE NOT EXISTS (SELECT 1 FROM {staging} AS version WHERE {same_version})
            ),
            ended AS (
                SELECT *, lead(valid_from) OVER (PARTITION BY {pk} ORDER BY batch_id, file_id) AS valid_to
                FROM versions
            )
            SELECT {copied}, withdrawn, valid_to IS NULL AND NOT withdrawn, valid_from, valid_to, staged FROM ended
            """
        ).format(
            copied=names(copied),
            figures=figures,
            staging=staging_table(history.domain),
            history=history.table,
            kept=names(copied, "kept"),
            same_version=same((*history.domain.config.pk, *_VERSION), "version", "kept"),
            pk=names(history.domain.config.pk),
        )
    )
    cursor.execute("ANALYZE repaired")  # nothing else tells the planner how large it is


def _compared(cursor: Cursor, history: History, values: Sequence[str], *, executed: bool) -> HistoryRepair:
    """Count the versions that differ, and read the first ones."""
    differing = sql.SQL(", ").join(
        sql.SQL("count(*) FILTER (WHERE {0} AND held.{1} IS DISTINCT FROM repaired.{1})").format(
            _HELD, sql.Identifier(name)
        )
        for name in values
    )
    cursor.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE NOT staged), count(*) FILTER (WHERE NOT {held}),"
            " count(*) FILTER (WHERE {held} AND {differ}), {differing} {joined}"
        ).format(held=_HELD, differ=_differ(values), differing=differing, joined=_joined(history))
    )
    versions, held_alone, missing, changed, *by_column = cursor.fetchone() or ()
    return HistoryRepair(
        table=history.name,
        mart=relation_name(history.mart),
        versions=versions,
        held_alone=held_alone,
        missing=missing,
        changed=changed,
        changed_columns={name: number for name, number in zip(values, by_column, strict=True) if number},
        examples=_examples(cursor, history, values) if missing or changed else (),
        mart_differs=_differing_keys(cursor, history) if _exists(cursor, history.mart) else None,
        executed=executed,
    )


def _examples(cursor: Cursor, history: History, values: Sequence[str]) -> tuple[ChangedVersion, ...]:
    def texts(side: str, columns: Sequence[str]) -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(side, name)) for name in columns)

    pk = history.domain.config.pk
    cursor.execute(
        sql.SQL(
            "SELECT ARRAY[{key}], repaired.batch_id, repaired.file_id, NOT {held}, ARRAY[{old}], ARRAY[{new}] {joined}"
            " WHERE NOT {held} OR {differ} ORDER BY {order} LIMIT {shown}"
        ).format(
            key=texts("repaired", pk),
            held=_HELD,
            old=texts("held", values),
            new=texts("repaired", values),
            joined=_joined(history),
            differ=_differ(values),
            order=names((*pk, *_VERSION), "repaired"),
            shown=sql.Literal(SHOWN),
        )
    )
    return tuple(
        ChangedVersion(
            tuple(key),
            batch_id,
            file_id,
            missing,
            {name: (was, will_be) for name, was, will_be in zip(values, old, new, strict=True) if was != will_be},
        )
        for key, batch_id, file_id, missing, old, new in cursor
    )


def _differing_keys(cursor: Cursor, history: History) -> int:
    """The number of keys of which the mart has another version than is current in `repaired`."""
    compared = ("batch_id", "file_id", *history.domain.measures)
    cursor.execute(
        sql.SQL(
            "SELECT count(*) FROM (SELECT * FROM repaired WHERE is_current) AS repaired FULL JOIN {} AS held ON {}"
            " WHERE {}"
        ).format(history.mart, same(history.domain.config.pk, "held", "repaired"), _differ(compared))
    )
    return int((cursor.fetchone() or (0,))[0])


def _update(cursor: Cursor, history: History, values: Sequence[str]) -> None:
    cursor.execute(
        sql.SQL("UPDATE {} AS held SET ({}) = ROW ({}) FROM repaired WHERE {} AND {}").format(
            history.table,
            names(values),
            names(values, "repaired"),
            same((*history.domain.config.pk, *_VERSION), "held", "repaired"),
            _differ(values),
        )
    )


def _insert(cursor: Cursor, history: History, columns: Sequence[str]) -> None:
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} {} WHERE NOT {}").format(
            history.table, names(columns), names(columns, "repaired"), _joined(history), _HELD
        )
    )


_HELD = sql.SQL("(held.batch_id IS NOT NULL)")
"""In `_joined`: the history has the version."""


def _joined(history: History) -> sql.Composed:
    key = same((*history.domain.config.pk, *_VERSION), "held", "repaired")
    return sql.SQL("FROM repaired LEFT JOIN {} AS held ON {}").format(history.table, key)


def _differ(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("({}) IS DISTINCT FROM ({})").format(names(columns, "held"), names(columns, "repaired"))


def _exists(cursor: Cursor, table: sql.Identifier) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (table.as_string(cursor),))
    return cursor.fetchone() == (True,)
