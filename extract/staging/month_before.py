"""Compares each company's month, as a load would leave it, with the company's month before: keys, sums and medians.

It reads `compared`, which `extract.staging.diff` has filled, and of the mart the months of the plan and those before.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.fields.numbers import Number, Share
from extract.modes import Mode
from extract.plan.month_before import QUIET, CompanyMonth, Figure, Gone, MonthBefore
from extract.staging.fragments import names, same
from extract.wording import Sentence

SHOWN = 10
_NEXT_MONTH = sql.SQL("(month + interval '1 month')::date AS month, ")


def compare_with_month_before(cursor: Cursor, domain: Domain, mode: Mode, mart: sql.Composable) -> MonthBefore:
    """The comparison for every month and company in `compared`; `mart` is the mart, or nothing of the same columns.

    A company is named by what `replace_scope` has beside the period. Where it has nothing, there is no comparison.
    """
    periods = [field.name for field in domain.cell_fields if field.type.is_period]
    scope = domain.config.replace_scope
    company = tuple(name for name in scope if name not in periods)
    if not company or len(company) == len(scope):
        named = ", ".join(scope) or "nothing"
        reason = Sentence(
            "replace_scope of {domain} is {named}, so no company's month can be told from the month before",
            domain=domain.name,
            named=named,
        )
        return MonthBefore(why_not=reason)
    (period,) = set(scope) - set(company)
    numbers = [field for field in domain.cell_fields if field.name in domain.measures]
    measured = {field.name: field.type for field in numbers if isinstance(field.type, Number)}
    rows = _left_by_load(domain, mode, mart, period, company, list(measured))
    cursor.execute(rows + _companies(domain, period, company, measured))
    companies: list[CompanyMonth] = []
    gone: dict[date, list[str]] = {}
    for month, *row in cursor:
        name, (keys_before, keys, *rest) = tuple(row[: len(company)]), row[len(company) :]
        if keys is None:
            gone.setdefault(month, []).append(" ".join(name))
        else:
            companies.append(_company_month(month, name, keys_before or 0, keys, rest, measured))
    return MonthBefore(
        tuple(companies), tuple(Gone(month, len(named), tuple(named[:SHOWN])) for month, named in gone.items())
    )


def _company_month(
    month: date, company: tuple[str, ...], keys_before: int, keys: int, rest: Sequence[Any], measured: dict[str, Number]
) -> CompanyMonth:
    missing, new, missing_keys, new_keys, *figures = rest
    pairs = zip(measured.items(), figures[::2], figures[1::2], strict=True)
    return CompanyMonth(
        period=month,
        company=company,
        keys_before=keys_before,
        keys=keys,
        missing=missing,
        new=new,
        missing_keys=tuple(missing_keys or ()),
        new_keys=tuple(new_keys or ()),
        figures=tuple(_figure(name, kind, old, new_figure) for (name, kind), old, new_figure in pairs),
    )


def _figure(name: str, kind: Number, old: Decimal | None, new: Decimal | None) -> Figure:
    if isinstance(kind, Share):
        return Figure(name, "median", old, new, QUIET)
    return Figure(name, "sum", old, new, Decimal(1).scaleb(-kind.scale))


def _left_by_load(
    domain: Domain, mode: Mode, mart: sql.Composable, period: str, company: tuple[str, ...], measures: list[str]
) -> sql.Composed:
    """The beginning of the query: `planned` months and companies, and `left_by_load`, the rows that would count.

    These are the plan's, what the mart has beside them in the same scope (where the mode lets it stay), and of the
    other companies what the mart has in the months of the plan and in those before.
    """
    kept = sql.SQL("compared.change <> 'absent'") if mode == "replace_period" else sql.SQL("true")
    key = [*company, *(name for name in domain.config.pk if name not in (period, *company))]
    values = [
        sql.SQL("(CASE WHEN compared.change = 'absent' THEN {} ELSE {} END)::numeric").format(
            sql.Identifier("compared", f"old_{name}"), sql.Identifier("compared", f"new_{name}")
        )
        for name in measures
    ]
    in_mart = [sql.SQL("{}::numeric").format(sql.Identifier("mart", name)) for name in measures]
    return sql.SQL(
        """
        WITH planned AS (
            SELECT DISTINCT {period} AS month, {company} FROM compared WHERE change <> 'absent'
        ),
        left_by_load (month, {all}) AS (
            SELECT {kept_row} FROM compared WHERE {kept}
            UNION ALL
            SELECT {mart_row}
            FROM {mart} AS mart
            WHERE {mart_period} IN (
                SELECT month FROM planned UNION SELECT (month - interval '1 month')::date FROM planned
            )
            AND NOT EXISTS (SELECT 1 FROM planned WHERE planned.month = {mart_period} AND {same_company})
        ),
        """
    ).format(
        period=sql.Identifier(period),
        company=names(company),
        all=names([*key, *measures]),
        kept_row=sql.SQL(", ").join([names([period, *key], "compared"), *values]),
        kept=kept,
        mart_row=sql.SQL(", ").join([names([period, *key], "mart"), *in_mart]),
        mart=mart,
        mart_period=sql.Identifier("mart", period),
        same_company=same(company, "planned", "mart"),
    )


def _companies(domain: Domain, period: str, company: tuple[str, ...], measured: dict[str, Number]) -> sql.Composed:
    """One row per planned month and company: keys before and now, missing and new ones, figures before and now.

    Companies that only the month before has come with them, without keys now.
    """
    rest = [name for name in domain.config.pk if name not in (period, *company)]
    label = sql.SQL("concat_ws(' ', {})").format(names(rest or company, "pair"))
    only_before, only_now = sql.SQL("pair.now IS NULL"), sql.SQL("pair.before IS NULL")
    totals = [names(["month", *company]), sql.SQL("count(*) AS keys")]
    totals += [
        sql.SQL("{} AS {}").format(_aggregate(name, kind), sql.Identifier(name)) for name, kind in measured.items()
    ]
    columns: list[sql.Composable] = [sql.SQL("before.keys, now.keys, missing, new, missing_keys, new_keys")]
    columns += [sql.Identifier(side, name) for name in measured for side in ("before", "now")]
    return sql.SQL(
        """
        totals AS (
            SELECT {totals} FROM left_by_load GROUP BY {group}
        ),
        pair AS (
            SELECT *
            FROM (SELECT {key}, true AS now FROM left_by_load) AS now
            FULL JOIN (
                SELECT {key_of_next}, true AS before FROM left_by_load
            ) AS before USING ({key})
        ),
        moved AS (
            SELECT {group}, count(*) FILTER (WHERE {only_before}) AS missing, count(*) FILTER (WHERE {only_now}) AS new,
                {missing_keys} AS missing_keys, {new_keys} AS new_keys
            FROM pair
            INNER JOIN planned USING ({group})
            GROUP BY {group}
        ),
        shown AS (
            SELECT {group} FROM planned
            UNION
            SELECT {group_of_next}
            FROM totals AS before
            WHERE (month + interval '1 month')::date IN (SELECT month FROM planned) AND NOT EXISTS (
                SELECT 1 FROM totals AS now
                WHERE now.month = (before.month + interval '1 month')::date AND {still_there}
            )
        )
        SELECT {shown_group}, {columns}
        FROM shown
        LEFT JOIN totals AS now USING ({group})
        LEFT JOIN moved USING ({group})
        LEFT JOIN totals AS before ON {same_company} AND before.month = (shown.month - interval '1 month')::date
        ORDER BY {shown_group}
        """
    ).format(
        group=names(["month", *company]),
        totals=sql.SQL(", ").join(totals),
        key=names(["month", *company, *rest]),
        key_of_next=_NEXT_MONTH + names([*company, *rest]),
        group_of_next=_NEXT_MONTH + names(company),
        only_before=only_before,
        only_now=only_now,
        missing_keys=_first(label, only_before),
        new_keys=_first(label, only_now),
        shown_group=names(["month", *company], "shown"),
        columns=sql.SQL(", ").join(columns),
        still_there=same(company, "now", "before"),
        same_company=same(company, "before", "shown"),
    )


def _first(label: sql.Composed, condition: sql.SQL) -> sql.Composed:
    """The first of the keys for which a condition holds."""
    return sql.SQL("(array_agg({0} ORDER BY {0}) FILTER (WHERE {1}))[1:{2}]").format(
        label, condition, sql.Literal(SHOWN)
    )


def _aggregate(name: str, kind: Number) -> sql.Composed:
    """The median of the absolute value of a share, exactly; the sum of another number."""
    if not isinstance(kind, Share):
        return sql.SQL("sum({})").format(sql.Identifier(name))
    return sql.SQL(
        "(percentile_disc(0.5) WITHIN GROUP (ORDER BY abs({0}))"
        " + percentile_disc(0.5) WITHIN GROUP (ORDER BY abs({0}) DESC)) * 0.5"
    ).format(sql.Identifier(name))
