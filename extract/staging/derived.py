"""What a derived figure of a plan's month is made of: the months, or the plans, whose figures went into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.modes import MARTS
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.fragments import mart_table

MART = "plan_monthly_performance"
Span = Literal["month", "two months", "year", "twelve months", "run", "company"]
MADE_OF: Mapping[str, tuple[str, Span]] = {
    "return_rate": ("return_rate", "month"),
    "net_asset_value": ("net_asset_value", "month"),
    "fund_scale": ("fund_scale", "month"),
    "previous_return_rate": ("return_rate", "two months"),
    "return_change": ("return_rate", "two months"),
    "nav_change": ("net_asset_value", "two months"),
    "nav_change_rate": ("net_asset_value", "two months"),
    "ytd_return": ("return_rate", "year"),
    "trailing_12_return": ("return_rate", "twelve months"),
    "drawdown": ("return_rate", "run"),
    "company_return": ("return_rate", "company"),
    "excess_return": ("return_rate", "company"),
    "rank_in_company": ("return_rate", "company"),
    "ranked_plans": ("return_rate", "company"),
}
"""Column of the mart to the figure that it is made of, and of which months (or plans of the company) that is taken."""
_CONDITION: Mapping[Span, str] = {
    "month": "part.report_date = whole.report_date AND part.plan_code = whole.plan_code",
    "two months": "part.report_date BETWEEN (whole.report_date - interval '1 month')::date AND whole.report_date"
    " AND part.plan_code = whole.plan_code",
    "year": "part.report_date BETWEEN date_trunc('year', whole.report_date::timestamp)::date AND whole.report_date"
    " AND part.plan_code = whole.plan_code",
    "twelve months": "part.report_date BETWEEN (whole.report_date - interval '11 months')::date AND whole.report_date"
    " AND part.plan_code = whole.plan_code",
    "run": "part.report_date <= whole.report_date AND part.plan_code = whole.plan_code AND part.report_date >"
    " (whole.report_date - whole.months_unbroken * interval '1 month')::date",
    "company": "part.report_date = whole.report_date",
}


@dataclass(frozen=True)
class Part:
    """A figure that a derived one is made of, and where it stands: batch, workbook, sheet and row."""

    month: date
    plan: str
    value: str | None
    batch_id: int
    data_source: str
    source_sheet: str
    source_row: int


@dataclass(frozen=True)
class Derived:
    """A figure of the mart, as it is published, and its parts, of the field `made_of`, newest first."""

    company: str
    column: str
    value: str | None
    made_of: str
    parts: tuple[Part, ...]


def derived_figure(
    cursor: Cursor, domain: Domain, code: str, month: date, company: str | None, column: str
) -> tuple[Derived, ...]:
    """The figure in each company that reports the plan; empty where the mart is not built. Raises MartRunsCode."""
    mart = sql.Identifier(MARTS, MART)
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (mart.as_string(cursor),))
    if cursor.fetchone() != (True,):
        return ()
    refuse_foreign_code(cursor, mart)
    refuse_foreign_code(cursor, mart_table(domain))
    field, span = MADE_OF[column]
    cursor.execute(
        sql.SQL(
            """
            SELECT
                whole.company_code, whole.{column}::text, part.report_date, part.plan_code, part.{field}::text,
                part.batch_id, part.data_source, part.source_sheet, part.source_row
            FROM {mart} AS whole
            LEFT JOIN {parts} AS part ON part.company_code = whole.company_code AND {condition}
            WHERE whole.plan_code = %(code)s AND whole.report_date = %(month)s
                AND (%(company)s IS NULL OR whole.company_code = %(company)s)
            ORDER BY whole.company_code, part.report_date DESC, part.plan_code
            """
        ).format(
            column=sql.Identifier(column),
            field=sql.Identifier(field),
            mart=mart,
            parts=mart_table(domain),
            condition=sql.SQL(_CONDITION[span]),
        ),
        {"code": code, "month": month, "company": company},
    )
    found: dict[tuple[str, str | None], list[Part]] = {}
    for of_company, value, *part in cursor:
        found.setdefault((of_company, value), []).append(Part(*part))
    return tuple(Derived(name, column, value, field, tuple(parts)) for (name, value), parts in found.items())
