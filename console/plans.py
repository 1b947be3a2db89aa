"""What a person sees of a plan: its statements, where it is, how it differs from the mart, and how to load it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands, show_database, show_identity, show_mending
from extract.commands import shown_path
from extract.plan.seal import DIFF
from extract.plan.statements import Statement
from extract.wording import again, say
from extract.words import word
from orchestrate.results import Compared, Planned

if TYPE_CHECKING:
    from extract.plan.differences import Diff


def show_planned(planned: Planned) -> None:
    """How the plan differs from the mart, where that was asked, then the plan, its identity, and what loads it."""
    console = new_console()
    plan = planned.plan
    if planned.diff:
        show_diff(planned.diff, plan.directory)
    if not plan.ready:
        console.print(Text(say("Plan:     {path}", path=plan.directory), style="bold"))
        console.print(Text(say("The run failed, and nothing was loaded: see the errors below.")))
        return
    _show_statements(plan.statements)
    show_identity(plan.directory, plan.id)
    show_database(planned.database)
    _show_next_apply(plan.directory, plan.id)
    console.print(Text(say("or to read the workbooks again and load:")))
    show_commands(["python", "run.py", "--execute", *_repeated_arguments()], ["dbt", "build"])
    show_mending(plan.directory, plan.mending)


def show_compared(compared: Compared) -> None:
    """How a plan that was written before differs from the mart, and what loads it."""
    show_database(compared.database)
    show_diff(compared.diff, compared.directory)
    show_identity(compared.directory, compared.id)
    _show_next_apply(compared.directory, compared.id)


def show_diff(diff: "Diff", directory: Path) -> None:
    """Numbers of keys, the first differences, and where all of them are."""
    from console.month_before import show_month_before

    console = new_console()
    if not diff.mart_exists:
        text = say("{table} does not exist yet, so every key is new: run `dbt build` first", table=diff.table)
        console.print(Text(text, style="yellow"))
    if diff.not_built:
        text = say(
            "{table} lacks {batches} later loads: run `dbt build`, then compare again",
            table=diff.table,
            batches=diff.not_built,
        )
        console.print(Text(text, style="yellow"))
    table = Table(title=say("Compared with {table}", table=diff.table), title_justify="left")
    table.add_column(say("keys"))
    table.add_column(say("number"), justify="right")
    table.add_column(say("changed values"))
    fields = ", ".join(f"{name} {count:,}" for name, count in diff.changed_fields.items())
    table.add_row(say("new"), f"{diff.new:,}")
    table.add_row(say("changed"), f"{diff.changed:,}", fields)
    table.add_row(say("unchanged"), f"{diff.unchanged:,}")
    table.add_row(say("absent from the workbooks"), f"{diff.absent:,}")
    console.print(table)
    for item in diff.examples:
        key = " ".join(item.key)
        old, new = (say("(nothing)") if value is None else value for value in (item.old, item.new))
        console.print(Text(f"  {word(item.change):<8} {key}  {item.field}: {old} -> {new}"))
    for detail in diff.lookalikes:
        console.print(
            Text(say("warning {code}: {detail}", code="confusable_code", detail=again(detail)), style="yellow")
        )
    console.print(Text(say("Every difference: {path}", path=directory / DIFF)))
    show_month_before(diff.month_before)


def _show_statements(statements: Sequence[Statement]) -> None:
    """What execute and `dbt build` would run, a line per statement; the COPYs of one table are summed up."""
    console = new_console()
    table = Table(title=say("What would run"), title_justify="left")
    table.add_column(say("statement"))
    table.add_column(say("target"))
    table.add_column(say("rows"), justify="right")
    summed: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        summed.setdefault((statement.operation, statement.target), []).append(statement)
    for (operation, target), parts in summed.items():
        known = [part.rows for part in parts if part.rows is not None]
        rows = f"{sum(known):,}" if len(known) == len(parts) else say("not known without the database")
        times = f" x {len(parts)}" if len(parts) > 1 else ""
        if parts[0].at_most and len(known) == len(parts):
            rows = say("at most {rows}", rows=rows)
        table.add_row(operation + times, target, rows)
    console.print(table)


def _show_next_apply(directory: Path, plan_id: str) -> None:
    """That nothing was loaded, and the command that loads the plan."""
    new_console().print(Text(say("Nothing was loaded. To load exactly this plan:")))
    show_commands(["python", "run.py", "apply", shown_path(directory), "--id", plan_id], ["dbt", "build"])


def _repeated_arguments() -> list[str]:
    """The arguments of this run that a load of the same rows needs too."""
    arguments = iter(sys.argv[1:])
    kept = []
    for argument in arguments:
        if argument == "--plan-dir":
            next(arguments, None)
        elif not argument.startswith("--plan-dir=") and argument not in ("--plan-only", "--execute", "--diff"):
            kept.append(argument)
    return kept
