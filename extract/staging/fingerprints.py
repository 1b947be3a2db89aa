"""Fingerprints of a month in the marts: the SHA-256 of its lines as JSON.

`sha256sum` gives the same of the files in the auditor's pack, and the test `closed_months_stay_as_they_are` in SQL
(dbt_project/macros/month_fingerprint.sql).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.modes import MARTS
from extract.staging.foreign_code import refuse_foreign_code

OF_A_MONTH = ("plan_monthly_performance", "company_monthly_summary", "data_quality_monthly")
"""The marts with a line for each month, beside those of the domains."""
ADDED = ("plan_name", "company_name", "ytd_missing_reason")
"""Columns that a mart adds to what is tested before it: names follow the seeds, the reason follows from the others."""


@dataclass(frozen=True)
class MonthOfMart:
    """What a mart holds of a month: one JSON object in each line, in the order of their bytes."""

    mart: str
    columns: tuple[str, ...]
    lines: bytes
    rows: int

    @property
    def sha256(self) -> str:
        """Of the lines."""
        return hashlib.sha256(self.lines).hexdigest()

    @property
    def fingerprint(self) -> dict[str, object]:
        """What a closing keeps of it."""
        return {"sha256": self.sha256, "rows": self.rows, "columns": list(self.columns)}


def months_of_marts(
    cursor: Cursor, tables: Sequence[str], period: date, columns: dict[str, Sequence[str]] | None = None
) -> list[MonthOfMart]:
    """What the marts hold of a month, those of the domains (`tables`) first; marts that are not there are left out.

    With `columns` only those of each mart are in the lines. Raises MartRunsCode.
    """
    found = []
    for mart in (*tables, *OF_A_MONTH):
        present = _columns(cursor, mart)
        if "report_date" in present:
            wanted = (columns or {}).get(mart)
            kept = tuple(name for name, steady in present.items() if steady and (wanted is None or name in wanted))
            found.append(_month_of(cursor, mart, kept, [name for name in present if name not in kept], period))
    return found


def _columns(cursor: Cursor, mart: str) -> dict[str, bool]:
    """The columns of a mart, each with whether a closing keeps it: tested before the mart, and of the same text in all
    sessions, which a time is not.
    """
    cursor.execute(
        "SELECT attname::text, atttypid <> 'timestamptz'::regtype AND attname <> ALL (%s) FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        ([*ADDED], f"{MARTS}.{mart}"),
    )
    return dict(cursor.fetchall())


def _month_of(cursor: Cursor, mart: str, kept: tuple[str, ...], left_out: list[str], period: date) -> MonthOfMart:
    table = sql.Identifier(MARTS, mart)
    refuse_foreign_code(cursor, table)
    cursor.execute(
        sql.SQL(
            "SELECT line FROM (SELECT (to_jsonb(months) - %s::text[])::text AS line FROM {} AS months"
            ' WHERE report_date = %s) AS lines ORDER BY line COLLATE "C"'
        ).format(table),
        (left_out, period),
    )
    lines = [line for (line,) in cursor]
    return MonthOfMart(mart, kept, "".join(f"{line}\n" for line in lines).encode(), len(lines))
