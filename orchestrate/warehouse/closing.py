"""`run.py close`: a month is closed once everybody has reported, nothing is open, and somebody else has approved it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.config import DataSources, load_data_sources
from extract.database.connection import BUILD_KEY, take_lock, transaction
from extract.database.targets import database_target
from extract.domains.registry import Domain, load_domain
from extract.errors.approvals import MonthNotClosable
from extract.modes import INTERMEDIATE, MARTS
from extract.settings import Settings
from extract.staging.closings import Closing, closings, write_closing
from extract.staging.fingerprints import months_of_marts
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.ledger import batches, has_ledger, undone
from extract.staging.month_batches import batches_of_month
from extract.wording import Sentence
from orchestrate.dbt.publication import Publication, publication

_SHOWN = 10


@dataclass(frozen=True)
class Obstacle:
    """Why a month cannot be closed, and the command that shows or settles it."""

    kind: str
    what: str
    command: str


@dataclass(frozen=True)
class Closed:
    """A month that is closed; not `written` where it was before."""

    database: str
    closing: Closing
    written: bool


def close(month: date, settings: Settings, *, lock_timeout: float) -> Closed:
    """Close a month, or find it closed. Neither a load nor a build of run.py writes meanwhile.

    Raises MonthNotClosable with everything that is in the way, LoadLocked, BuildLocked, MartRunsCode and the errors of
    the database.
    """
    sources = load_data_sources(settings.data_sources_config)
    target = database_target(settings)
    with transaction(target) as connection:
        take_lock(connection, lock_timeout)
        take_lock(connection, lock_timeout, BUILD_KEY)
        with connection.cursor() as cursor:
            before = next(iter(closings(cursor, month)), None)
            if before and before.reopened is None:
                return Closed(target.label, before, written=False)
            found = list(_obstacles(cursor, month, sources, settings))
            if found:
                raise MonthNotClosable(month=f"{month:%Y-%m}", problems=Sentence.joined("\n", map(_told, found)))
            tables = [domain.table for domain in sources.domains.values()]
            marts = months_of_marts(cursor, tables, month)
            (newest,) = batches(cursor, limit=1)
            write_closing(cursor, month, newest.batch_id, {item.mart: item.fingerprint for item in marts})
            return Closed(target.label, closings(cursor, month)[0], written=True)


def _told(obstacle: Obstacle) -> Sentence:
    return Sentence("  {kind}: {what}  ({command})", kind=obstacle.kind, what=obstacle.what, command=obstacle.command)


def _obstacles(cursor: Cursor, month: date, sources: DataSources, settings: Settings) -> Iterator[Obstacle]:
    """What is in the way, in the order in which it is settled best."""
    domains = [load_domain(sources, name, settings.data_sources_config) for name in sources.domains]
    yield from _not_over(cursor, month)
    yield from _unbuilt(cursor)
    yield from _missing(cursor, month)
    yield from _rejects(cursor, month)
    yield from _of_mart(
        cursor,
        "company_jumps",
        Sentence("jumps unexplained"),
        sql.SQL(
            "SELECT company_code::text, measure, factor::text FROM {}"
            " WHERE report_date = %s AND explained_by IS NULL ORDER BY 1, 2"
        ),
        month,
        _jump_told,
        Sentence(
            "python run.py explain COMPANY {month} MEASURE --reason REASON, then dbt build", month=f"{month:%Y-%m}"
        ),
    )
    yield from _empty(cursor, month, [domain.table for domain in sources.domains.values()])
    for domain in domains:
        yield from _unapproved(cursor, month, domain)


def _not_over(cursor: Cursor, month: date) -> Iterator[Obstacle]:
    cursor.execute("SELECT (%s + interval '1 month')::date, (now() AT TIME ZONE 'UTC')::date", (month,))
    over_on, today = cursor.fetchone() or (month, month)
    if today < over_on:
        told = Sentence("it ends before {over_on}, and today is {today}", over_on=over_on, today=today)
        yield Obstacle(Sentence("not over"), told, Sentence("wait until then"))


def _empty(cursor: Cursor, month: date, tables: Sequence[str]) -> Iterator[Obstacle]:
    """No figure counts, and nobody owes any: most likely another month was meant."""
    submissions = sql.Identifier(MARTS, "submissions")
    if not _exists(cursor, submissions) or any(mart.rows for mart in months_of_marts(cursor, tables, month)):
        return
    cursor.execute(sql.SQL("SELECT FROM {} WHERE report_date = %s LIMIT 1").format(submissions), (month,))
    if cursor.fetchone() is None:
        told = Sentence("no figure counts, and nobody is expected to report")
        yield Obstacle(Sentence("nothing of it"), told, "python run.py history")


def _unbuilt(cursor: Cursor) -> Iterator[Obstacle]:
    """The marts are behind the ledger, or were published untested, or the last build failed."""
    newest = next(iter(batches(cursor, limit=1)), None) if has_ledger(cursor) else None
    if newest is None:
        yield Obstacle(
            Sentence("nothing loaded"), Sentence("the ledger has no batch"), "python run.py --execute --build"
        )
        return
    published = _published(cursor)
    if published is None:
        yield Obstacle(Sentence("not published"), Sentence("no mart was ever published"), "dbt build")
        return
    if published.batch_id != newest.batch_id:
        what = Sentence(
            "batch {newest} is loaded, the marts are of batch {published}",
            newest=newest.batch_id,
            published=published.batch_id,
        )
        yield Obstacle(Sentence("not published"), what, "dbt build")
    elif not published.tested:
        what = Sentence("batch {batch} was published without tests", batch=published.batch_id)
        yield Obstacle(Sentence("untested"), what, "dbt build")
    elif failing := _tests_failing(cursor, published.invocation_id):
        yield Obstacle(Sentence("tests failing"), failing, "dbt build")


def _published(cursor: Cursor) -> Publication | None:
    """The row of marts.published, where nobody has hung code on it."""
    if _exists(cursor, published := sql.Identifier(MARTS, "published")):
        refuse_foreign_code(cursor, published)
    return publication(cursor)


def _exists(cursor: Cursor, table: sql.Identifier) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (table.as_string(cursor),))
    return cursor.fetchone() == (True,)


def _tests_failing(cursor: Cursor, published_by: str) -> str:
    """What a later build than the published one left behind; empty where the last one published."""
    horizon = sql.Identifier(INTERMEDIATE, "build_horizon")
    if not _exists(cursor, horizon):
        return ""
    refuse_foreign_code(cursor, horizon)
    cursor.execute(sql.SQL("SELECT invocation_id, began_at::text FROM {}").format(horizon))
    invocation, began = cursor.fetchone() or (published_by, "")
    return "" if invocation == published_by else Sentence("the build of {began} published nothing", began=began)


def _missing(cursor: Cursor, month: date) -> Iterator[Obstacle]:
    """Companies that owe figures, by the table below submission_status: a view could run code as who reads it."""
    yield from _of_mart(
        cursor,
        "submissions",
        Sentence("submissions missing"),
        sql.SQL(
            "SELECT company_code::text, due_on::text FROM {}"
            " WHERE report_date = %s AND is_expected AND NOT is_received AND confirmed_by IS NULL ORDER BY 1"
        ),
        month,
        _submission_told,
        f"python run.py missing --period {month:%Y%m}",
    )


def _rejects(cursor: Cursor, month: date) -> Iterator[Obstacle]:
    """Rejects that are open, apart from those that somebody has waived since the last build."""
    waivers = sql.Identifier("staging", "waivers")
    waived: sql.Composable = sql.SQL("false")
    if _exists(cursor, waivers):
        waived = sql.SQL("reject_id IN (SELECT reject_id FROM {})").format(waivers)
    query = sql.SQL(
        "SELECT reject_id::text, regexp_replace(path, '.*/', ''), source_row::text FROM {}"
        " WHERE report_date = %s AND status = 'open' AND ({}) = {} ORDER BY 1"
    )
    listed = f"python run.py rejects --open --period {month:%Y%m}"
    kind = Sentence("rejects open")
    yield from _of_mart(cursor, "reject_status", kind, query, month, _reject_told, listed, waived, sql.SQL("false"))
    if _exists(cursor, sql.Identifier(MARTS, "reject_status")):
        kind = Sentence("rejects waived since the last build")
        yield from _of_mart(
            cursor, "reject_status", kind, query, month, _reject_told, "dbt build", waived, sql.SQL("true")
        )


def _submission_told(company: str, due_on: str | None) -> str:
    return Sentence("{company} (due {due})", company=company, due=due_on) if due_on else company


def _jump_told(company: str, measure: str, factor: str | None) -> str:
    if factor is None:
        return Sentence("{company} {measure} (appeared or vanished)", company=company, measure=measure)
    return Sentence("{company} {measure} (factor {factor})", company=company, measure=measure, factor=factor)


def _reject_told(reject: str, workbook: str, row: str) -> str:
    return Sentence("{reject} ({workbook} row {row})", reject=reject, workbook=workbook, row=row)


def _of_mart(
    cursor: Cursor,
    mart: str,
    kind: str,
    query: sql.SQL,
    month: date,
    told: Callable[..., str],
    command: str,
    *parts: sql.Composable,
) -> Iterator[Obstacle]:
    """What a query on a mart finds; `told` says a row of it."""
    table = sql.Identifier(MARTS, mart)
    if not _exists(cursor, table):
        yield Obstacle(kind, Sentence("there is no {mart} to tell", mart=f"{MARTS}.{mart}"), "dbt build")
        return
    refuse_foreign_code(cursor, table)
    cursor.execute(query.format(table, *parts), (month,))
    found = [told(*row) for row in cursor]
    if found:
        named = Sentence.joined(", ", found[:_SHOWN])
        if more := len(found[_SHOWN:]):
            named = Sentence("{named} and {more} more", named=named, more=more)
        yield Obstacle(kind, named, command)


def _unapproved(cursor: Cursor, month: date, domain: Domain) -> Iterator[Obstacle]:
    """Batches of the month that nobody approved, where the domain requires it."""
    if not domain.config.require_approval:
        return
    out_of_effect = undone(cursor)
    numbers = [number for number in batches_of_month(cursor, domain, month) if number not in out_of_effect]
    lacking = [
        str(batch.batch_id) for batch in batches(cursor, numbers) if batch.approved_by is None and batch.undoes is None
    ]
    if lacking:
        what = Sentence(
            "batches {batches} of {domain} were loaded without an approval",
            batches=", ".join(reversed(lacking)),
            domain=domain.name,
        )
        command = Sentence("plan, approve and apply their workbooks again, by --reload")
        yield Obstacle(Sentence("approval lacking"), what, command)
