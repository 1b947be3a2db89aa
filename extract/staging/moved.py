"""Keys of a plan that later batches have changed since it was compared with the mart: what was shown holds no more."""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.errors.approvals import ComparedElsewhere, KeysMoved
from extract.modes import Mode
from extract.plan.landing import Landing
from extract.staging.copying import copy_records
from extract.staging.fragments import names, same, staging_table

_SHOWN = 10
_INCOMING = sql.Identifier("planned")


def refuse_moved_keys(cursor: Cursor, landing: Landing, mode: Mode) -> None:
    """Raise KeysMoved where a batch behind the position of the plan gave one of its keys another value than its own.

    In mode replace_period the keys that the plan would withdraw are among them. Raises ComparedElsewhere where the
    batch of the position is none of this ledger, so that nothing is known.
    """
    domain, position = landing.domain, landing.position
    if position is None:
        return
    if landing.position_at and batch_time(cursor, position) != landing.position_at:
        raise ComparedElsewhere(position=position, loaded_at=landing.position_at)
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM staging.load_batches WHERE batch_id > %s AND domain = %s)",
        (position, domain.name),
    )
    if cursor.fetchone() == (False,):
        return
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            _INCOMING, names(domain.column_names), staging_table(domain)
        )
    )
    for file in landing.files:
        copy_records(cursor, _INCOMING, landing, file)
    cursor.execute(_moved(domain, mode), {"position": position})
    found = cursor.fetchall()
    if found:
        raise KeysMoved(count=len(found), position=position, examples=described_keys(domain, found))


def batch_time(cursor: Cursor, batch_id: int) -> str | None:
    """When a batch was loaded, as a text; None where the ledger has none of that number."""
    cursor.execute(
        "SELECT to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM staging.load_batches"
        " WHERE batch_id = %s",
        (batch_id,),
    )
    row = cursor.fetchone()
    return str(row[0]) if row else None


def described_keys(domain: Domain, found: Sequence[tuple[object, ...]]) -> str:
    """The first of the keys that a query found: key, batch, whether it is withdrawn, the measures now, those meant."""
    examples = "; ".join(_described(domain, row) for row in found[:_SHOWN])
    return examples + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _described(domain: Domain, row: tuple[object, ...]) -> str:
    width, measures = len(domain.config.pk), domain.measures
    key = " ".join(map(str, row[:width]))
    batch_id, withdrawn, *values = row[width:]
    if withdrawn:
        return f"{key} is withdrawn since batch {batch_id}"
    now, before = values[: len(measures)], values[len(measures) :]
    changes = [f"{name} is {new}" for name, new, old in zip(measures, now, before, strict=True) if new != old]
    return f"{key}: {', '.join(changes) or 'it counts again'} since batch {batch_id}"


def _moved(domain: Domain, mode: Mode) -> sql.Composed:
    """Key, batch and values now, and the values at the position, of every key that moved."""
    table, pk, measures = staging_table(domain), domain.config.pk, domain.measures
    concerned = sql.SQL("EXISTS (SELECT 1 FROM {} WHERE {})").format(_INCOMING, same(pk, "planned", "later"))
    if mode == "replace_period":
        concerned = sql.SQL("({} OR EXISTS (SELECT 1 FROM {} WHERE {}))").format(
            concerned, _INCOMING, same(domain.config.replace_scope, "planned", "later")
        )
    newest = sql.SQL("ORDER BY version.batch_id DESC, version.file_id DESC, version.source_row DESC LIMIT 1")
    return sql.SQL(
        """
        WITH later AS (SELECT DISTINCT {key} FROM {table} WHERE batch_id > %(position)s)
        SELECT {now_key}, now.batch_id, now.withdrawn, {now_values}, {old_values}
        FROM later
        CROSS JOIN LATERAL (SELECT * FROM {table} AS version WHERE {same_version} {newest}) AS now
        LEFT JOIN LATERAL (
            SELECT * FROM {table} AS version WHERE {same_version} AND version.batch_id <= %(position)s {newest}
        ) AS old ON true
        WHERE {concerned}
            AND (now.withdrawn, {now_values}) IS DISTINCT FROM (coalesce(old.withdrawn, true), {old_values})
            AND NOT (now.withdrawn AND coalesce(old.withdrawn, true))
            AND NOT EXISTS (
                SELECT 1 FROM {planned} AS planned
                WHERE {same_planned} AND NOT now.withdrawn AND ({planned_values}) IS NOT DISTINCT FROM ({now_values})
            )
        ORDER BY {now_key}
        """
    ).format(
        key=names(pk),
        table=table,
        now_key=names(pk, "now"),
        now_values=names(measures, "now"),
        old_values=names(measures, "old"),
        planned_values=names(measures, "planned"),
        same_version=same(pk, "version", "later"),
        same_planned=same(pk, "planned", "now"),
        newest=newest,
        concerned=concerned,
        planned=_INCOMING,
    )
