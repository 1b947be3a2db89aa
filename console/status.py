"""What `status` shows."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from console.jumps import described
from console.nodes import STYLES
from console.terminal import new_console, show_commands, show_document
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
    reasons = f": {'; '.join(status.reasons)}" if status.reasons else ""
    verdict = Text(status.verdict, style=_VERDICTS.get(status.verdict, "bold red"))
    console.print(Text.assemble(verdict, reasons), soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("database", Text(status.target))
    if status.database:
        _add_database(table, status)
    else:
        table.add_row("reachable", Text(f"no: {status.problem}", style="red"))
    table.add_row("versions", ", ".join(f"{name} {number}" for name, number in status.versions.items()))
    if status.project is None:
        table.add_row("project", Text(str(status.project_problem), style="red"))
    if status.last_run:
        table.add_row("last build", _last_run(status.last_run))
        tests = ", ".join(f"{count} {name}" for name, count in sorted(status.tests.items()))
        table.add_row("its tests", tests or "none ran")
    else:
        table.add_row("last build", "no setup of this database is recorded here")
    console.print(table)
    if status.verdict == "stale":
        show_commands(["python", "run.py", "setup"])


def _add_database(table: Table, status: "Status") -> None:
    found: Database | None = status.database
    assert found is not None  # the caller has looked
    table.add_row("", f"database {found.name}, role {found.role}, {'embedded' if status.embedded else 'server'}")
    if status.project is not None:
        for kind in ("seed", "model", "snapshot"):
            if status.project[kind]:
                table.add_row(f"{kind}s", f"{found.built[kind]} of {status.project[kind]} built")
        table.add_row("tests", f"{status.project['test']} in the project")
    load = found.last_load
    if load:
        age = duration((datetime.now(UTC) - load.loaded_at).total_seconds())
        table.add_row("last load", f"batch {load.batch_id}, {load.rows:,} rows, {age} ago ({load.mode})")
    else:
        table.add_row("last load", "nothing was loaded yet")
    table.add_row("published", str(found.published) if found.published else "nothing was published yet")
    if found.horizon is not None and found.published and found.horizon != found.published.batch_id:
        text = f"the last build read up to batch {found.horizon}, and published nothing"
        table.add_row("horizon", Text(text, style="bold yellow"))
    elif found.horizon is not None:
        table.add_row("horizon", f"batch {found.horizon}")
    for item in found.waiting:
        table.add_row(
            "waiting", Text(f"{item.rows:,} rows of {item.batches} batch(es) of {item.domain}", style="yellow")
        )
    if found.closings:
        held = sorted(closing.period for closing in found.closings if closing.reopened is None)
        table.add_row("closed", ", ".join(f"{month:%Y-%m}" for month in held) or "no month any more")
    for closing in _latest(found.closings):
        if closing.reopened:
            text = f"{closing.period:%Y-%m} by batch {closing.reopened.batch_id}: {closing.reopened.reason}"
            table.add_row("reopened", Text(text, style="yellow"))
    if found.unexplained:
        of_them = sum(jump.fails for jump in found.unexplained)
        refused = f", {of_them} of them refused by a build" if of_them else ""
        table.add_row("jumps", Text(f"{len(found.unexplained):,} unexplained{refused}", style="yellow"))
        for jump in found.unexplained[:_SHOWN_JUMPS]:
            table.add_row("", described(jump))
        if (more := len(found.unexplained) - _SHOWN_JUMPS) > 0:
            table.add_row("", f"and {more:,} more; --json has all")
    for age_of in found.freshness:
        table.add_row("freshness", Text(freshness(age_of), style=STYLES.get(age_of.status, "")))
    for relation in found.missing:
        table.add_row("missing", Text(str(relation), style="bold red"))
    for relation in found.orphaned:
        table.add_row("orphaned", Text(f"{relation}: built by an earlier run, in the project no more", style="yellow"))


def _latest(closings: Iterable["Closing"]) -> list["Closing"]:
    """The last closing of each month, the first month first; `closings` come newest first."""
    of_months: dict[date, Closing] = {}
    for closing in closings:
        of_months.setdefault(closing.period, closing)
    return [of_months[month] for month in sorted(of_months)]


def _last_run(run: "Run") -> Text:
    age = duration((datetime.now(UTC) - run.started_at).total_seconds())
    style = STYLES.get(run.outcome, "bold red")
    return Text.assemble((run.outcome, style), f", {run.mode}, {age} ago, {run.seconds:.1f} s, run {run.run_id}")


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
