"""`run.py rejects` and `waive`: what became of each rejected row, and the decision to do without one."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg2 import sql

from extract.database.connection import transaction
from extract.database.targets import database_target
from extract.files.versions import PeriodRange
from extract.foreign import shown
from extract.plan.remedies import remedy
from extract.settings import Settings
from extract.staging.waivers import Waiver, waive
from extract.wording import language, say
from extract.words import word
from orchestrate.dbt.manifest import Relation
from orchestrate.dbt.publication import Publication, publication
from orchestrate.warehouse.catalog import relations_in

_MART = Relation("marts", "reject_status")


@dataclass(frozen=True)
class Reject:
    """One line of marts.reject_status: a rejected row, and what became of it by the last build."""

    reject_id: str
    report_date: date
    domain: str
    status: str
    path: str
    sheet: str
    source_row: int
    cells: dict[str, Any]
    errors: list[dict[str, Any]]
    batch_id: int
    rejected_at: datetime
    mended_by_batch: int | None
    superseded_by_batch: int | None
    waived_by: str | None
    waived_for: str | None
    ended_at: datetime | None

    @property
    def place(self) -> str:
        """Workbook, sheet and row."""
        workbook = shown(Path(self.path).name)
        return say("{workbook} [{sheet}] row {row}", workbook=workbook, sheet=shown(self.sheet), row=self.source_row)

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.status == "waived":
            return say("waived by {login}: {reason}", login=self.waived_by, reason=self.waived_for)
        if self.status == "mended" and self.mended_by_batch:
            return say("mended by batch {batch}", batch=self.mended_by_batch)
        if self.status == "superseded" and self.superseded_by_batch:
            return say("superseded by batch {batch}", batch=self.superseded_by_batch)
        return word(self.status)

    @property
    def reasons(self) -> str:
        """The rules that it breaks: column, value, and reason, or what to do, since the reasons are English."""
        return "; ".join(
            f"{shown(error['column'])} {shown(str(error['value']))}: {shown(_told(error))}" for error in self.errors
        )

    @property
    def line(self) -> tuple[object, ...]:
        """Its line in a list, under `rejects_list.COLUMNS`."""
        return (
            self.reject_id,
            f"{self.report_date:%Y-%m}",
            self.domain,
            word(self.status),
            self.outcome,
            Path(self.path).name,
            self.sheet,
            self.source_row,
            self.reasons,
            json.dumps(self.cells, ensure_ascii=False),
            f"{self.rejected_at:%Y-%m-%d %H:%M:%S %Z}",
            self.batch_id,
        )


def _told(error: Mapping[str, Any]) -> str:
    code, column, value, reason = (error[name] for name in ("code", "column", "value", "reason"))
    return str(reason) if language() == "en" else remedy(code, column, value, reason)


@dataclass(frozen=True)
class Rejects:
    """The rejects asked for, and how many there are of each status; `published` is None where nothing was built.

    `written` is the workbook that lists them, where one was asked for.
    """

    database: str
    published: Publication | None
    rejects: tuple[Reject, ...]
    counts: Counter[str]
    written: Path | None = None


@dataclass(frozen=True)
class Waived:
    """Rejects that were waived."""

    database: str
    waivers: tuple[Waiver, ...]


def rejects(settings: Settings, period: PeriodRange | None, *, only_open: bool, xlsx: Path | None) -> Rejects:
    """The rejects of some months, or of all; listed in a workbook too where one is named.

    Raises DiskFailed for that, and the errors of the database.
    """
    target = database_target(settings)
    found: list[Reject] = []
    counts: Counter[str] = Counter()
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        built = _MART in relations_in(cursor, [_MART.schema])
        published = publication(cursor) if built else None
        if built:
            cursor.execute(
                sql.SQL(
                    "SELECT reject_id, report_date, domain, status, path, sheet, source_row, cells, errors, batch_id,"
                    " rejected_at, mended_by_batch, superseded_by_batch, waived_by, waived_for, ended_at"
                    " FROM {} WHERE report_date BETWEEN %s AND %s ORDER BY report_date, domain, file_id, source_row"
                ).format(sql.Identifier(_MART.schema, _MART.name)),
                (period.first if period else date.min, period.last if period else date.max),
            )
            for row in cursor:
                reject = Reject(*row)
                counts[reject.status] += 1
                if reject.status == "open" or not only_open:
                    found.append(reject)
    if xlsx:
        from orchestrate.warehouse.rejects_list import write_list  # openpyxl is slow to import

        write_list((reject.line for reject in found), xlsx)
    return Rejects(target.label, published, tuple(found), counts, xlsx)


def waive_rejects(reject_ids: Sequence[str], reason: str, settings: Settings) -> Waived:
    """Waive rejects, all of them or none. Raises what `extract.staging.waivers.waive` raises."""
    target = database_target(settings)
    return Waived(target.label, waive(reject_ids, reason, target))
