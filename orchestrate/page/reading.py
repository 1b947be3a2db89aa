"""What the marts hold of a month and of the months before it, read in one snapshot of the database."""

from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.errors.warehouse import MonthNotPublished, NothingPublished
from extract.files.versions import PeriodRange
from extract.modes import INTERMEDIATE, MARTS, STAGING
from orchestrate.dbt.manifest import PUBLISHED
from orchestrate.dbt.publication import Publication, publication
from orchestrate.page.parts import Absence, Part, Wanted, read_part
from orchestrate.warehouse.catalog import relations_in

_YEARS = 2
_OF_MONTH = sql.SQL("report_date = %(month)s")
_UP_TO_MONTH = sql.SQL("report_date BETWEEN %(first)s AND %(month)s")
COUNTS = ("rows_read", "rows_loaded", "rows_rejected", "rows_rejected_open", "rows_mended", "rows_skipped")
LACKS = ("rows_counting", "missing_return_rate", "missing_net_asset_value", "missing_fund_scale", "plans_appeared",
         "plans_vanished")  # fmt: skip
BY_CODE = ("rejects_by_code", "skips_by_reason", "row_warnings_by_code", "vanished_plans")
JUMPS = ("company_code", "measure", "old_value", "new_value", "factor", "has_appeared", "has_vanished", "explained_by")

_WANTED = {
    "submissions": Wanted(
        MARTS, "submission_status",
        ("company_code", "domain", "status", "due_on", "received_at", "workbook", "batch_id"),
        ("is_overdue", "confirmed_by", "note"), _OF_MONTH, ("status", "company_code"),
    ),
    "quality": Wanted(
        MARTS, "data_quality_monthly", ("report_date", *COUNTS, *LACKS, *BY_CODE), (), _UP_TO_MONTH, ("report_date",)
    ),
    "rejects": Wanted(
        MARTS, "reject_status", ("reject_id", "status", "path", "sheet", "source_row", "errors", "batch_id"),
        ("mended_by_batch", "superseded_by_batch", "waived_by", "waived_for"), _OF_MONTH,
        ("path", "sheet", "source_row"),
    ),
    "jumps": Wanted(MARTS, "company_jumps", JUMPS, (), _OF_MONTH, ("company_code", "measure")),
    "compared": Wanted(INTERMEDIATE, "int_company_jumps", JUMPS, (), _OF_MONTH, ("company_code", "measure")),
    "companies": Wanted(
        MARTS, "company_monthly_summary",
        ("report_date", "company_code", "plans_reported", "fund_scale", "weighted_return", "plan_coverage",
         "scale_coverage"),
        (), _UP_TO_MONTH, ("company_code", "report_date"),
    ),
    "plans": Wanted(
        MARTS, "plan_monthly_performance",
        ("plan_code", "company_code", "return_rate", "ytd_return", "trailing_12_return", "drawdown", "net_asset_value",
         "fund_scale", "excess_return", "rank_in_company", "ranked_plans"),
        ("ytd_missing_reason",), _OF_MONTH, ("plan_code", "company_code"),
    ),
    "cells": Wanted(
        MARTS, "trustee_performance",
        ("plan_code", "company_code", "data_source", "source_sheet", "source_row", "batch_id"), (), _OF_MONTH,
    ),
    "loads": Wanted(
        MARTS, "load_audit",
        ("batch_id", "loaded_at", "loaded_by", "mode", "path", "sheet", "rows_read", "rows_loaded", "rows_rejected",
         "rows_skipped"),
        ("planned_by", "approved_by"), sql.SQL("period = %(month)s OR batch_id = ANY(%(batches)s)"),
        ("batch_id", "path", "sheet"),
    ),
    "closings": Wanted(
        STAGING, "closings", ("period", "closed_at", "closed_by"), ("database_user",), sql.SQL("period = %(month)s"),
        ("closed_at",),
    ),
    "company_names": Wanted(MARTS, "companies", ("company_code", "company_name")),
    "plan_names": Wanted(MARTS, "plans", ("plan_code", "plan_name")),
}  # fmt: skip
_RESTATED = ("company_code", "field", "old_value", "new_value", "difference", "kind", "restated_at", "batch_id",
             "previous_batch_id", "data_source", "source_sheet", "source_row")  # fmt: skip
_WHO = ("plan_code", "planned_by", "approved_by", "loaded_by")


@dataclass(frozen=True)
class MonthFigures:
    """What is known of a month. `months` are those that anything is known of, oldest first, up to the month itself.

    `last_build` is the invocation of dbt that began last; where it is not the one that published, it failed or goes on.
    """

    database: str
    published: Publication
    last_build: str | None
    month: date
    months: tuple[date, ...]
    parts: dict[str, Part]
    restatements: tuple[Part, ...]

    def __getitem__(self, name: str) -> Part:
        return self.parts[name]

    def names(self, kind: str) -> dict[object, str]:
        """Code to name, of `company` or `plan`; empty where there is no such mart."""
        return {code: str(name) for code, name in self.parts[f"{kind}_names"].rows if name}


def read_month(target: Target, months: PeriodRange | None) -> MonthFigures:
    """The last month of a range with its months before; by default the newest month, with two years.

    Raises NothingPublished, MonthNotPublished, and the errors of the database.
    """
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        published = publication(cursor, PUBLISHED)
        if published is None:
            raise NothingPublished(target=target.label)
        known = _known_months(cursor)
        month = months.last if months else max(known, default=None)
        if month is None:
            raise NothingPublished(target=target.label)
        first = months.first if months and months.first < months.last else _before(month)
        asked: dict[str, object] = {"first": first, "month": month, "batches": []}
        restatements = tuple(_restatements(cursor, asked))
        asked["batches"] = sorted({batch for part in restatements for batch in part.values("batch_id")}, key=str)
        parts = {name: read_part(cursor, wanted, asked) for name, wanted in _WANTED.items()}
        if parts["jumps"].absence is Absence.MISSING:  # a version before that mart
            parts["jumps"] = parts["compared"]
        if month not in known and not parts["submissions"]:
            raise MonthNotPublished(
                month=f"{month:%Y-%m}", known=", ".join(f"{day:%Y-%m}" for day in sorted(known)[-6:])
            )
        shown = tuple(sorted(day for day in known | {month} if first <= day <= month))
        build = read_part(cursor, Wanted(INTERMEDIATE, "build_horizon", ("invocation_id",)), {})
        last_build = str(build.rows[0][0]) if build else None
        return MonthFigures(target.label, published, last_build, month, shown, parts, restatements)


def _known_months(cursor: Cursor) -> set[date]:
    """The months that have figures, or workbooks of which every row was rejected."""
    known: set[date] = set()
    for relation in ("data_quality_monthly", "company_monthly_summary"):
        part = read_part(cursor, Wanted(MARTS, relation, ("report_date",)), {})
        known |= {day for (day,) in part.rows if isinstance(day, date)}
    return known


def _before(month: date) -> date:
    """The month two years before, so that there are 24 with it."""
    first = month.year * 12 + month.month - 1 - (_YEARS * 12 - 1)
    return date(first // 12, first % 12 + 1, 1)


def _restatements(cursor: Cursor, asked: dict[str, object]) -> list[Part]:
    """What was restated of the month, in every domain whose mart of restatements has its columns."""
    marts = sorted(
        relation.name for relation in relations_in(cursor, [MARTS]) if relation.name.endswith("_restatements")
    )
    found = []
    for mart in marts or ["restatements"]:
        order = ("restated_at", "company_code", "field")
        wanted = Wanted(MARTS, mart, _RESTATED, _WHO, _OF_MONTH, order, 2_000)
        found.append(read_part(cursor, wanted, asked))
    return [part for part in found if part.absence is None] or found[:1]
