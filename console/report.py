"""What `report` shows of a run."""

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from console.nodes import STYLES, show_remarkable
from console.terminal import local_time, new_console, show_document
from orchestrate.warehouse.ages import freshness

if TYPE_CHECKING:
    from orchestrate.dbt.outcomes import Outcome
    from orchestrate.warehouse.report import Report


def show_report_json(report: "Report") -> None:
    """The record of the run with what can be said about it, as one JSON document."""
    show_document(_document(report))


def show_report(report: "Report") -> None:
    """The run from top to bottom: how it ended, its steps, its nodes, its tests, and how it compares."""
    console = new_console()
    run = report.run
    ended = Text(run.outcome, style=STYLES.get(run.outcome, "bold red"))
    console.print(Text.assemble((f"Run {run.run_id}: ", "bold"), ended, f" after {run.seconds:.1f} s"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("command", f"{run.command}, {run.mode}")
    facts.add_row("started", local_time(run.started_at))
    facts.add_row("database", Text(run.database))
    facts.add_row("versions", ", ".join(f"{name} {number}" for name, number in run.versions.items()))
    changed = ", with changes" if run.git_changed else ""
    facts.add_row("revision", f"{run.git_revision[:12]}{changed}" if run.git_revision else "not known: no git here")
    if run.outcome == "did not finish":
        facts.add_row("note", Text("its process is gone and wrote no end: it was killed", style="bold red"))
    if run.error:
        facts.add_row("error", Text(run.error, style="red"))
    console.print(facts)
    _show_steps(report)
    _show_built(report)
    _show_tests(report)
    _show_times(report)


def _show_steps(report: "Report") -> None:
    table = Table(title="Steps", title_justify="left")
    for name in ("step", "status"):
        table.add_column(name)
    table.add_column("seconds", justify="right")
    table.add_column("", overflow="fold")
    for step in report.run.steps:
        table.add_row(
            step.name, Text(step.status, style=STYLES.get(step.status, "")), f"{step.seconds:.2f}", step.detail
        )
    new_console().print(table)


def _show_built(report: "Report") -> None:
    built = [node for node in report.run.nodes if node.kind not in ("test", "unit_test")]
    if not built:
        return
    table = Table(title="Seeds and models", title_justify="left")
    for name in ("node", "kind", "status"):
        table.add_column(name, overflow="fold")
    for name in ("rows", "seconds"):
        table.add_column(name, justify="right")
    for node in built:
        rows = "" if node.rows is None else f"{node.rows:,}"
        table.add_row(
            node.name, node.kind, Text(node.status, style=STYLES.get(node.status, "")), rows, f"{node.seconds:.2f}"
        )
    new_console().print(table)


def _show_tests(report: "Report") -> None:
    console = new_console()
    for severity, counts in sorted(report.tests_by_severity.items()):
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        console.print(
            Text(f"Tests of severity {severity}: {told}" if severity != "unit test" else f"Unit tests: {told}")
        )
    show_remarkable(report.run)
    for reason in sorted(set(report.run.not_run.values())):
        names = [name for name, why in report.run.not_run.items() if why == reason]
        console.print(Text(f"{len(names)} did not run ({reason}): {', '.join(names[:3])}{' ...' * (len(names) > 3)}"))
    if report.run.disabled:
        console.print(Text(f"Disabled in the project: {', '.join(report.run.disabled)}"))
    for age in report.run.freshness:
        console.print(Text(f"Freshness: {freshness(age)}", style=STYLES.get(age.status, "")))


def _show_times(report: "Report") -> None:
    console = new_console()
    run, comparison = report.run, report.comparison
    if run.waited_for_locks >= 1:
        console.print(Text(f"Waited {run.waited_for_locks:.0f} s for locks of other sessions", style="yellow"))
    if run.connections_retried:
        count = len(run.connections_retried)
        console.print(
            Text(f"Connected again {count} time{'s' * (count != 1)}: {run.connections_retried[-1]}", style="yellow")
        )
    if report.slowest:
        console.print(Text("Slowest:  " + ", ".join(_timed(node) for node in report.slowest)))
    console.print(
        Text(
            f"dbt:      {run.dbt_invocations} invocations, {run.dbt_seconds:.1f} s of {run.seconds:.1f} s;"
            f" the steps around it took {run.seconds - run.dbt_seconds:.1f} s"
        )
    )
    if comparison.median is None:
        console.print(Text("Compared: no earlier run of this kind", style="dim"))
        return
    change = comparison.now / comparison.median - 1
    told = (
        f"{comparison.now:.1f} s, {comparison.median:.1f} s before (median of {len(comparison.earlier)}), {change:+.0%}"
    )
    style = "bold yellow" if comparison.slower else ""
    console.print(Text(f"Compared: {told}" + ("; slower than before" if comparison.slower else ""), style=style))


def _timed(node: "Outcome") -> str:
    return f"{node.name} {node.seconds:.2f} s"


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
