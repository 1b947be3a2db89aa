"""`run.py missing`: who owes figures of which month, and has not sent them. It reads marts.submission_status."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from psycopg2 import sql

from extract.database.connection import transaction
from extract.database.targets import database_target
from extract.errors.base import DataError
from extract.errors.warehouse import SubmissionsOverdue, WarehouseIncomplete
from extract.files.versions import PeriodRange
from extract.settings import Settings
from extract.wording import Sentence
from orchestrate.dbt.manifest import Relation
from orchestrate.dbt.publication import Publication, publication
from orchestrate.warehouse.catalog import relations_in

_MART = Relation("marts", "submission_status")
_SHOWN_IN_ERROR = 20


@dataclass(frozen=True)
class Submission:
    """One line of marts.submission_status: a company's month, and what came of it as of today."""

    report_date: date
    domain: str
    company_code: str
    status: str
    is_overdue: bool
    due_on: date | None
    received_at: datetime | None
    workbook: str | None
    batch_id: int | None
    confirmed_by: str | None
    note: str | None


@dataclass(frozen=True)
class Submissions:
    """What is known of the months asked for; `published` is None where nothing was built, so nothing is known.

    `error` is what `missing --fail` ends with once this is shown.
    """

    database: str
    published: Publication | None
    submissions: tuple[Submission, ...]
    error: DataError | None
    period: PeriodRange | None = None

    @property
    def missing(self) -> tuple[Submission, ...]:
        """Those that have not come."""
        return tuple(line for line in self.submissions if line.status == "missing")

    @property
    def unexpected(self) -> tuple[Submission, ...]:
        """Those that no line of the seed expects."""
        return tuple(line for line in self.submissions if line.status == "unexpected")

    @property
    def overdue(self) -> dict[tuple[date, date | None], list[str]]:
        """The companies whose due day is past, by month and due day."""
        found: dict[tuple[date, date | None], list[str]] = {}
        for line in self.missing:
            if line.is_overdue:
                found.setdefault((line.report_date, line.due_on), []).append(line.company_code)
        return found

    @property
    def counts(self) -> Counter[str]:
        """How many there are of each status."""
        return Counter(line.status for line in self.submissions)


def submissions(settings: Settings, period: PeriodRange | None) -> Submissions:
    """The submissions of some months, or of all. Raises the errors of the database."""
    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        if _MART not in relations_in(cursor, [_MART.schema]):
            return Submissions(target.label, None, (), WarehouseIncomplete(missing=f"{_MART.schema}.{_MART.name}"))
        published = publication(cursor)
        cursor.execute(
            sql.SQL(
                "SELECT report_date, domain, company_code, status, is_overdue, due_on, received_at, workbook, batch_id,"
                " confirmed_by, note FROM {} WHERE report_date BETWEEN %s AND %s"
                " ORDER BY report_date, domain, company_code"
            ).format(sql.Identifier(_MART.schema, _MART.name)),
            (period.first if period else date.min, period.last if period else date.max),
        )
        found = tuple(Submission(*row) for row in cursor)
    return Submissions(target.label, published, found, _overdue(found), period)


def _overdue(found: tuple[Submission, ...]) -> SubmissionsOverdue | None:
    lines = [
        Sentence(
            "{company} has sent no {domain} of {month}, due on {due}",
            company=line.company_code,
            domain=line.domain,
            month=f"{line.report_date:%Y-%m}",
            due=str(line.due_on),
        )
        for line in found
        if line.is_overdue
    ]
    shown = lines[:_SHOWN_IN_ERROR]
    if more := len(lines[_SHOWN_IN_ERROR:]):
        shown.append(Sentence("and {more} more", more=more))
    return SubmissionsOverdue(submissions=Sentence.joined("; ", shown)) if lines else None
