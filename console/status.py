"""What `status` shows."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from console.jumps import described
from console.nodes import STYLES
from console.terminal import new_console, published_as, show_commands, show_document
from extract.wording import again, say
from extract.words import word
from orchestrate.warehouse.ages import duration, freshness

if TYPE_CHECKING:
    from extract.staging.closings import Closing
    from orchestrate.warehouse.runs import Run
    from orchestrate.warehouse.status import Database, Status

_SHOWN_JUMPS = 5
_VERDICTS = {"ready": "bold green", "stale": "bold yellow", "empty": "bold cyan", "stopped": "bold yellow"}


def show_status_json(status: "Status") -> None:
    """The same as one JSON document."""
    show_document(_document(status))


def show_status(status: "Status") -> None:
    """All that is known, with the verdict first."""
    console = new_console()
    reasons = f": {'; '.join(map(again, status.reasons))}" if status.reasons else ""
    verdict = Text(word(status.verdict), style=_VERDICTS.get(status.verdict, "bold red"))
    console.print(Text.assemble(verdict, reasons), soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row(say("database"), Text(status.target))
    if status.database:
        _add_database(table, status)
    else:
        table.add_row(say("reachable"), Text(say("no: {problem}", problem=again(status.problem)), style="red"))
    table.add_row(say("versions"), ", ".join(f"{name} {number}" for name, number in status.versions.items()))
    if status.project is None:
        table.add_row(say("project"), Text(str(again(status.project_problem)), style="red"))
    if status.last_run:
        table.add_row(say("last build"), _last_run(status.last_run))
        tests = ", ".join(f"{count} {word(name)}" for name, count in sorted(status.tests.items()))
        table.add_row(say("its tests"), tests or say("none ran"))
    else:
        table.add_row(say("last build"), say("no setup of this database is recorded here"))
    console.print(table)
    if status.verdict == "stale":
        show_commands(["python", "run.py", "setup"])


def _add_database(table: Table, status: "Status") -> None:
    found: Database | None = status.database
    assert found is not None  # the caller has looked
    where = {"database": found.name, "role": found.role}
    if status.embedded:
        table.add_row("", say("database {database}, role {role}, embedded", **where))
    else:
        table.add_row("", say("database {database}, role {role}, server", **where))
    if status.project is not None:
        for kind in ("seed", "model", "snapshot"):
            if status.project[kind]:
                built = say("{built} of {all} built", built=found.built[kind], all=status.project[kind])
                table.add_row(word(f"{kind}s"), built)
        table.add_row(say("tests"), say("{number} in the project", number=status.project["test"]))
    load = found.last_load
    if load:
        text = say(
            "batch {batch}, {rows:,} rows, {age} ago ({mode})",
            batch=load.batch_id,
            rows=load.rows,
            age=again(duration((datetime.now(UTC) - load.loaded_at).total_seconds())),
            mode=load.mode,
        )
        table.add_row(say("last load"), text)
    else:
        table.add_row(say("last load"), say("nothing was loaded yet"))
    published = published_as(found.published) if found.published else say("nothing was published yet")
    table.add_row(say("published"), published)
    if found.horizon is not None and found.published and found.horizon != found.published.batch_id:
        text = say("the last build read up to batch {batch}, and published nothing", batch=found.horizon)
        table.add_row(say("horizon"), Text(text, style="bold yellow"))
    elif found.horizon is not None:
        table.add_row(say("horizon"), say("batch {batch}", batch=found.horizon))
    for item in found.waiting:
        text = say("{rows:,} rows of {batches} batch(es) of {domain}", **asdict(item))
        table.add_row(say("waiting"), Text(text, style="yellow"))
    if found.closings:
        held = sorted(closing.period for closing in found.closings if closing.reopened is None)
        table.add_row(say("closed"), ", ".join(f"{month:%Y-%m}" for month in held) or say("no month any more"))
    for closing in _latest(found.closings):
        if closing.reopened:
            text = say(
                "{month} by batch {batch}: {reason}",
                month=f"{closing.period:%Y-%m}",
                batch=closing.reopened.batch_id,
                reason=closing.reopened.reason,
            )
            table.add_row(say("reopened"), Text(text, style="yellow"))
    if found.unexplained:
        of_them = sum(jump.fails for jump in found.unexplained)
        number = len(found.unexplained)
        if of_them:
            text = say("{number:,} unexplained, {refused} of them refused by a build", number=number, refused=of_them)
        else:
            text = say("{number:,} unexplained", number=number)
        table.add_row(say("jumps"), Text(text, style="yellow"))
        for jump in found.unexplained[:_SHOWN_JUMPS]:
            table.add_row("", described(jump))
        if (more := len(found.unexplained) - _SHOWN_JUMPS) > 0:
            table.add_row("", say("and {more:,} more; --json has all", more=more))
    for age_of in found.freshness:
        table.add_row(say("freshness"), Text(again(freshness(age_of)), style=STYLES.get(age_of.status, "")))
    for relation in found.missing:
        table.add_row(say("missing"), Text(str(relation), style="bold red"))
    for relation in found.orphaned:
        text = say("{relation}: built by an earlier run, in the project no more", relation=relation)
        table.add_row(say("orphaned"), Text(text, style="yellow"))


def _latest(closings: Iterable["Closing"]) -> list["Closing"]:
    """The last closing of each month, the first month first; `closings` come newest first."""
    of_months: dict[date, Closing] = {}
    for closing in closings:
        of_months.setdefault(closing.period, closing)
    return [of_months[month] for month in sorted(of_months)]


def _last_run(run: "Run") -> Text:
    text = say(
        ", {mode}, {age} ago, {seconds:.1f} s, run {run}",
        mode=run.mode,
        age=again(duration((datetime.now(UTC) - run.started_at).total_seconds())),
        seconds=run.seconds,
        run=run.run_id,
    )
    return Text.assemble((word(run.outcome), STYLES.get(run.outcome, "bold red")), text)


def _document(status: "Status") -> dict[str, Any]:
    """The status as JSON can hold it."""
    now = datetime.now(UTC)
    last, database = status.last_run, status.database
    return {
        "state": status.verdict,
        "reasons": status.reasons,
        "target": status.target,
        "embedded": status.embedded,
        "reachable": database is not None,
        "problem": status.problem,
        "versions": status.versions,
        "project": status.project and dict(status.project),
        "project_problem": status.project_problem,
        "database": database
        and {
            "name": database.name,
            "role": database.role,
            "built": dict(database.built),
            "missing": [str(relation) for relation in database.missing],
            "orphaned": [str(relation) for relation in database.orphaned],
            "freshness": [age.model_dump() for age in database.freshness],
            "waiting": [asdict(item) for item in database.waiting],
            "last_load": database.last_load and asdict(database.last_load),
            "horizon": database.horizon,
            "published": database.published and asdict(database.published),
            "closings": [asdict(closing) for closing in database.closings],
            "unexplained_jumps": [asdict(jump) for jump in database.unexplained],
        },
        "last_run": last
        and {
            "run_id": last.run_id,
            "outcome": last.outcome,
            "mode": last.mode,
            "started_at": last.started_at,
            "age_seconds": round((now - last.started_at).total_seconds()),
            "tests": dict(status.tests),
        },
    }
