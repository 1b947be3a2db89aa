"""What the database holds of a month as evidence: CSV files in one order and one time zone, so the same every time."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

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
    "rejects.csv": (
        "reject_status",
        sql.SQL("SELECT * FROM marts.reject_status WHERE report_date = {month} ORDER BY reject_id"),
    ),
    "submissions.csv": (
        "submissions",
        sql.SQL("SELECT * FROM marts.submissions WHERE report_date = {month} ORDER BY domain, company_code"),
    ),
    "jumps.csv": (
        "company_jumps",
        sql.SQL("SELECT * FROM marts.company_jumps WHERE report_date = {month} ORDER BY company_code, measure"),
    ),
}
"""File to the mart that it is of, and its lines."""
_OF_LEDGER = {
    "load_batches": sql.SQL("SELECT * FROM staging.load_batches WHERE batch_id = ANY({batches}) ORDER BY batch_id"),
    "source_files": sql.SQL("SELECT * FROM staging.source_files WHERE batch_id = ANY({batches}) ORDER BY file_id"),
    "approvals": sql.SQL(
        "SELECT * FROM staging.approvals WHERE plan_id = ANY({plans}::char(64)[]) ORDER BY approval_id"
    ),
    "closings": sql.SQL("SELECT * FROM staging.closings WHERE period = {month} ORDER BY closing_id"),
    "reopenings": sql.SQL("SELECT * FROM staging.reopenings WHERE period = {month} ORDER BY batch_id"),
    "rejected_rows": sql.SQL(
        "SELECT * FROM staging.rejected_rows WHERE batch_id = ANY({batches}) ORDER BY file_id, source_row"
    ),
    "mended_rejects": sql.SQL(
        "SELECT * FROM staging.mended_rejects WHERE batch_id = ANY({batches}) ORDER BY file_id, reject_id"
    ),
    "waivers": sql.SQL(
        "SELECT * FROM staging.waivers WHERE reject_id IN"
        " (SELECT reject_id FROM staging.rejected_rows WHERE batch_id = ANY({batches})) ORDER BY waiver_id"
    ),
}
"""Table of staging to its lines."""


def evidence_of(cursor: Cursor, domains: Sequence[Domain], month: date) -> Evidence:
    """All that the database holds of a month; without batches where nothing of it was loaded. Raises MartRunsCode."""
    cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    numbers = sorted({number for domain in domains for number in batches_of_month(cursor, domain, month)})
    found = tuple(reversed(batches(cursor, numbers))) if numbers else ()
    if not found:
        return Evidence((), (), (), {})
    values: dict[str, sql.Composable] = {
        "month": sql.Literal(month),
        "batches": sql.Literal(numbers),
        "plans": sql.Literal([batch.plan_id for batch in found if batch.plan_id]),
    }
    files = {
        f"ledger/{table}.csv": _csv(cursor, query.format(**values))
        for table, query in _OF_LEDGER.items()
        if columns_of(cursor, table)
    }
    for domain in domains:
        if columns_of(cursor, domain.config.table):
            files[f"ledger/{domain.config.table}.csv"] = _csv(cursor, _versions(domain, month))
    for name, (mart, query) in _OF_MARTS.items():
        table = sql.Identifier(MARTS, mart)
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (table.as_string(cursor),))
        if cursor.fetchone() == (True,):
            refuse_foreign_code(cursor, table)
            files[name] = _csv(cursor, query.format(**values))
    closed = tuple(reversed(closings(cursor, month)))
    columns = {mart: made["columns"] for mart, made in closed[-1].fingerprints.items()} if closed else None
    marts = tuple(months_of_marts(cursor, [domain.config.table for domain in domains], month, columns))
    files |= {f"marts/{item.mart}.jsonl": item.lines for item in marts}
    return Evidence(found, closed, marts, files)


def _versions(domain: Domain, month: date) -> sql.Composed:
    """Every version of every key of a month."""
    of_month = sql.SQL(" OR ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(month)) for name in month_columns(domain)
    )
    return sql.SQL("SELECT * FROM {} WHERE {} ORDER BY batch_id, file_id, source_row").format(
        staging_table(domain), of_month
    )


def _csv(cursor: Cursor, query: sql.Composed) -> bytes:
    """The rows of a query as CSV with a header."""
    lines = io.BytesIO()
    cursor.copy_expert(sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, HEADER)").format(query), lines)
    return lines.getvalue()
