"""What the database holds of a month as evidence: CSV files in one order and one time zone, so the same every time."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.modes import MARTS
from extract.staging.closings import Closing, closings
from extract.staging.fingerprints import MonthOfMart, months_of_marts
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.fragments import staging_table
from extract.staging.ledger import Batch, batches
from extract.staging.month_batches import batches_of_month, month_columns
from extract.staging.tables import columns_of


@dataclass(frozen=True)
class Evidence:
    """The batches of a month, its closings, and by name the files: CSV of ledger and marts, and what was closed."""

    batches: tuple[Batch, ...]
    closings: tuple[Closing, ...]
    marts: tuple[MonthOfMart, ...]
    files: dict[str, bytes] = field(repr=False)


_OF_MARTS = {
    "rejects.csv": ("reject_status", "reject_id"),
    "submissions.csv": ("submissions", "domain, company_code"),
    "jumps.csv": ("company_jumps", "company_code, measure"),
}
"""File to the mart with a column report_date that it is of, and the order of its lines."""
_OF_LEDGER = {
    "ledger/load_batches.csv": ("load_batches", "batch_id = ANY(%(batches)s)", "batch_id"),
    "ledger/source_files.csv": ("source_files", "batch_id = ANY(%(batches)s)", "file_id"),
    "ledger/approvals.csv": ("approvals", "plan_id = ANY(%(plans)s::char(64)[])", "approval_id"),
    "ledger/closings.csv": ("closings", "period = %(month)s", "closing_id"),
    "ledger/reopenings.csv": ("reopenings", "period = %(month)s", "batch_id"),
    "ledger/rejected_rows.csv": ("rejected_rows", "batch_id = ANY(%(batches)s)", "file_id, source_row"),
    "ledger/mended_rejects.csv": ("mended_rejects", "batch_id = ANY(%(batches)s)", "file_id, reject_id"),
    "ledger/waivers.csv": (
        "waivers",
        "reject_id IN (SELECT reject_id FROM staging.rejected_rows WHERE batch_id = ANY(%(batches)s))",
        "waiver_id",
    ),
}
"""File to the table of staging, the condition of its lines, and their order."""


def evidence_of(cursor: Cursor, domains: Sequence[Domain], month: date) -> Evidence:
    """All that the database holds of a month; without batches where nothing of it was loaded. Raises MartRunsCode."""
    cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    numbers = sorted({number for domain in domains for number in batches_of_month(cursor, domain, month)})
    found = tuple(reversed(batches(cursor, numbers))) if numbers else ()
    if not found:
        return Evidence((), (), (), {})
    parameters = {
        "month": month,
        "batches": numbers,
        "plans": [batch.plan_id for batch in found if batch.plan_id],
    }
    files = {
        name: _csv(cursor, sql.SQL("SELECT * FROM {} WHERE {} ORDER BY {}").format(
            sql.Identifier("staging", table), sql.SQL(condition), sql.SQL(order)), parameters)
        for name, (table, condition, order) in _OF_LEDGER.items()
        if columns_of(cursor, table)
    }  # fmt: skip
    for domain in domains:
        if not columns_of(cursor, domain.config.table):
            continue
        of_month = sql.SQL(" OR ").join(
            sql.SQL("{} = %(month)s").format(sql.Identifier(name)) for name in month_columns(domain)
        )
        query = sql.SQL("SELECT * FROM {} WHERE {} ORDER BY batch_id, file_id, source_row").format(
            staging_table(domain), of_month
        )
        files[f"ledger/{domain.config.table}.csv"] = _csv(cursor, query, parameters)
    for name, (mart, order) in _OF_MARTS.items():
        table = sql.Identifier(MARTS, mart)
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (table.as_string(cursor),))
        if cursor.fetchone() == (True,):
            refuse_foreign_code(cursor, table)
            query = sql.SQL("SELECT * FROM {} WHERE report_date = %(month)s ORDER BY {}").format(table, sql.SQL(order))
            files[name] = _csv(cursor, query, parameters)
    closed = tuple(reversed(closings(cursor, month)))
    columns = {mart: made["columns"] for mart, made in closed[-1].fingerprints.items()} if closed else None
    marts = tuple(months_of_marts(cursor, [domain.config.table for domain in domains], month, columns))
    files |= {f"marts/{item.mart}.jsonl": item.lines for item in marts}
    return Evidence(found, closed, marts, files)


def _csv(cursor: Cursor, query: sql.Composable, parameters: Mapping[str, Any]) -> bytes:
    """The rows of a query as CSV with a header."""
    lines = io.BytesIO()
    text = cursor.mogrify(query, parameters).decode()
    cursor.copy_expert(f"COPY ({text}) TO STDOUT WITH (FORMAT csv, HEADER)", lines)
    return lines.getvalue()
