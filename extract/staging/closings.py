"""Closed months: who closed them with which fingerprints, and which loads were let into them, for what reason.

A load also reopens the closed months behind its own, whose figures look back: a return to date, a trailing one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from psycopg2.extras import Json, execute_values

from extract import __version__
from extract.domains.registry import Domain
from extract.errors.approvals import MonthClosed
from extract.persons import person
from extract.staging.fragments import staging_table
from extract.staging.month_batches import month_columns
from extract.staging.tables import columns_of


@dataclass(frozen=True)
class Reopening:
    """A load, or an undo, that was let into a closed month."""

    batch_id: int
    reason: str
    reopened_at: datetime
    reopened_by: str


@dataclass(frozen=True)
class Closing:
    """A line of staging.closings. `batch_id` is the newest of the ledger then; `reopened` is None while it holds."""

    closing_id: int
    period: date
    batch_id: int
    closed_at: datetime
    closed_by: str
    database_user: str
    fingerprints: Mapping[str, Any]
    reopened: Reopening | None


def closings(cursor: Cursor, period: date | None = None) -> list[Closing]:
    """The closings, of one month or of all, newest first; none in a ledger of an earlier version."""
    if not columns_of(cursor, "reopenings"):
        return []
    cursor.execute(
        """
        SELECT
            closing.closing_id, closing.period, closing.batch_id, closing.closed_at, closing.closed_by,
            closing.database_user, closing.fingerprints,
            reopening.batch_id, reopening.reason, batch.loaded_at, batch.loaded_by
        FROM staging.closings AS closing
        LEFT JOIN LATERAL (
            SELECT * FROM staging.reopenings AS later
            WHERE later.period = closing.period AND later.batch_id > closing.batch_id
            ORDER BY later.batch_id
            LIMIT 1
        ) AS reopening ON true
        LEFT JOIN staging.load_batches AS batch ON reopening.batch_id = batch.batch_id
        WHERE %(period)s::date IS NULL OR closing.period = %(period)s
        ORDER BY closing.closing_id DESC
        """,
        {"period": period},
    )
    return [Closing(*row[:-4], _reopening(row[-4:])) for row in cursor]  # type: ignore[call-arg]


def _reopening(row: tuple[Any, ...]) -> Reopening | None:
    return Reopening(*row) if row[0] is not None else None


def closed_months(cursor: Cursor) -> dict[date, Closing]:
    """The months that are closed now, each with the closing that holds."""
    held = [closing for closing in closings(cursor) if closing.reopened is None]
    return {closing.period: closing for closing in sorted(held, key=lambda closing: closing.closing_id)}


def write_closing(cursor: Cursor, period: date, batch_id: int, fingerprints: Mapping[str, Any]) -> None:
    """Add a closing. Raises the errors of the database."""
    cursor.execute(
        "INSERT INTO staging.closings (period, batch_id, closed_by, fingerprints, version) VALUES (%s, %s, %s, %s, %s)",
        (period, batch_id, person(), Json(fingerprints), __version__),
    )


def reopen_or_refuse(cursor: Cursor, domain: Domain, batch_id: int, reason: str | None) -> None:
    """Record which closed months a batch of this transaction changes, or raise MonthClosed where there is no reason."""
    held = closed_months(cursor)
    if not held:
        return
    first = _first_month(cursor, domain, batch_id)
    changed = sorted(month for month in held if first is not None and month >= first)
    if changed and not (reason or "").strip():
        months = ", ".join(f"{month:%Y-%m} (by {held[month].closed_by})" for month in changed)
        raise MonthClosed(months=months)
    if changed:
        execute_values(
            cursor,
            "INSERT INTO staging.reopenings (period, reason) VALUES %s",
            [(month, reason) for month in changed],
        )


def _first_month(cursor: Cursor, domain: Domain, batch_id: int) -> date | None:
    """The first month of which a batch has rows or workbooks."""
    first: list[sql.Composable] = [
        sql.SQL("(SELECT min({}) FROM {} WHERE batch_id = %(batch)s)").format(
            sql.Identifier(name), staging_table(domain)
        )
        for name in month_columns(domain)
    ]
    first.append(sql.SQL("(SELECT min(period) FROM staging.source_files WHERE batch_id = %(batch)s)"))
    cursor.execute(sql.SQL("SELECT least({})").format(sql.SQL(", ").join(first)), {"batch": batch_id})
    found: date | None = (cursor.fetchone() or (None,))[0]
    return found
