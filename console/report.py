"""What `report` shows of a run."""

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from console.nodes import STYLES, show_remarkable, waited
from console.terminal import local_time, new_console, show_document
from extract.wording import again, say
from extract.words import word
from orchestrate.warehouse.ages import freshness

if TYPE_CHECKING:
    from orchestrate.warehouse.report import Report


def show_report_json(report: "Report") -> None:
    """The record of the run with what can be said about it, as one JSON document."""
    show_document(_document(report))


def show_report(report: "Report") -> None:
    """The run from top to bottom: how it ended, its steps, its nodes, its tests, and how it compares."""
    console = new_console()
    run = report.run
    ended = Text(word(run.outcome), style=STYLES.get(run.outcome, "bold red"))
    console.print(
        Text.assemble(
            (say("Run {run}: ", run=run.run_id), "bold"), ended, say(" after {seconds:.1f} s", seconds=run.seconds)
        )
    )
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row(say("command"), f"{run.command}, {run.mode}")
    facts.add_row(say("started"), local_time(run.started_at))
    facts.add_row(say("database"), Text(again(run.database)))
    facts.add_row(say("versions"), ", ".join(f"{name} {number}" for name, number in run.versions.items()))
    revision = run.git_revision[:12] if run.git_revision else say("not known: no git here")
    if run.git_revision and run.git_changed:
        revision = say("{revision}, with changes", revision=revision)
    facts.add_row(say("revision"), revision)
    if run.outcome == "did not finish":
        facts.add_row(say("note"), Text(say("its process is gone and wrote no end: it was killed"), style="bold red"))
    if run.error:
        facts.add_row(say("error"), Text(run.error, style="red"))
    console.print(facts)
    _show_steps(report)
    _show_built(report)
    _show_tests(report)
    _show_times(report)


def _show_steps(report: "Report") -> None:
    table = Table(title=say("Steps"), title_justify="left")
    for name in (say("step"), say("status")):
        table.add_column(name)
    table.add_column(say("seconds"), justify="right")
    table.add_column("", overflow="fold")
    for step in report.run.steps:
        table.add_row(
            step.name, Text(word(step.status), style=STYLES.get(step.status, "")), f"{step.seconds:.2f}", step.detail
        )
    new_console().print(table)


def _show_built(report: "Report") -> None:
    built = [node for node in report.run.nodes if node.kind not in ("test", "unit_test")]
    if not built:
        return
    table = Table(title=say("Seeds and models"), title_justify="left")
    for name in (say("node"), say("kind"), say("status")):
        table.add_column(name, overflow="fold")
    for name in (say("rows"), say("seconds")):
        table.add_column(name, justify="right")
    for node in built:
        rows = "" if node.rows is None else f"{node.rows:,}"
        table.add_row(
            node.name,
            node.kind,
            Text(word(node.status), style=STYLES.get(node.status, "")),
            rows,
            f"{node.seconds:.2f}",
        )
    new_console().print(table)


def _show_tests(report: "Report") -> None:
    console = new_console()
    for severity, counts in sorted(report.tests_by_severity.items()):
        told = ", ".join(f"{count} {word(status)}" for status, count in sorted(counts.items()))
        if severity == "unit test":
            console.print(Text(say("Unit tests: {counts}", counts=told)))
        else:
            console.print(Text(say("Tests of severity {severity}: {counts}", severity=severity, counts=told)))
    show_remarkable(report.run)
    for reason in sorted(set(report.run.not_run.values())):
        names = [name for name, why in report.run.not_run.items() if why == reason]
        first = ", ".join(names[:3]) + " ..." * (len(names) > 3)
        text = say("{number} did not run ({reason}): {names}", number=len(names), reason=reason, names=first)
        console.print(Text(text))
    if report.run.disabled:
        console.print(Text(say("Disabled in the project: {names}", names=", ".join(report.run.disabled))))
    for age in report.run.freshness:
        text = say("Freshness: {age}", age=again(freshness(age)))
        console.print(Text(text, style=STYLES.get(age.status, "")))


def _show_times(report: "Report") -> None:
    console = new_console()
    run, comparison = report.run, report.comparison
    if run.waited_for_locks >= 1:
        console.print(Text(waited(run), style="yellow"))
    if run.connections_retried:
        told = {"times": len(run.connections_retried), "problem": run.connections_retried[-1]}
        if told["times"] == 1:
            text = say("Connected again {times} time: {problem}", **told)
        else:
            text = say("Connected again {times} times: {problem}", **told)
        console.print(Text(text, style="yellow"))
    if report.slowest:
        nodes = ", ".join(
            say("{node} {seconds:.2f} s", node=node.name, seconds=node.seconds) for node in report.slowest
        )
        console.print(Text(say("Slowest:  {nodes}", nodes=nodes)))
    text = say(
        "dbt:      {number} invocations, {dbt:.1f} s of {all:.1f} s; the steps around it took {around:.1f} s",
        number=run.dbt_invocations,
        dbt=run.dbt_seconds,
        all=run.seconds,
        around=run.seconds - run.dbt_seconds,
    )
    console.print(Text(text))
    if comparison.median is None:
        console.print(Text(say("Compared: no earlier run of this kind"), style="dim"))
        return
    change = comparison.now / comparison.median - 1
    text = say(
        "Compared: {now:.1f} s, {before:.1f} s before (median of {runs}), {change:+.0%}",
        now=comparison.now,
        before=comparison.median,
        runs=len(comparison.earlier),
        change=change,
    )
    if comparison.slower:
        text = say("{compared}; slower than before", compared=text)
    console.print(Text(text, style="bold yellow" if comparison.slower else ""))


def _document(report: "Report") -> dict[str, Any]:
    document = report.run.model_dump(mode="json") | {"outcome": report.run.outcome}
    for node in document["nodes"]:
        node["failures_query"] = f"select * from {node['failures_in']}" if node["failures_in"] else None
    return document | {
        "counts": {kind: dict(counts) for kind, counts in report.by_kind.items()},
        "tests_by_severity": {severity: dict(counts) for severity, counts in report.tests_by_severity.items()},
        "slowest": [node.unique_id for node in report.slowest],
        "failed": [node.unique_id for node in report.failed],
        "earlier_seconds": report.comparison.earlier,
        "slower_than_before": report.comparison.slower,
    }
