"""What a person sees of an approval: whose plan, by whom, and the figures that it showed."""

from dataclasses import asdict

from rich.text import Text

from console.terminal import new_console, show_commands, show_database, show_document, show_identity
from extract.wording import say
from orchestrate.results import Approved


def show_approved(approved: Approved) -> None:
    """The approval that was written, and the command that loads the plan."""
    show_database(approved.database)
    approval = approved.approval
    show_identity(approved.directory, approval.plan_id)
    figures = approval.figures
    totals, diff = figures["totals"], figures["diff"]
    console = new_console()
    lines = [
        say(
            "Approved: {domain}, planned by {planner}, approved by {approver}",
            domain=approval.domain,
            planner=approval.planned_by,
            approver=approval.approver,
        ),
        f"  {approval.comment}",
        say("  {files} workbooks, {rows_loaded:,} rows, {rows_rejected:,} rejected", **totals),
        say(
            "  compared with {compared_with} at batch {position}: {new:,} new, {changed:,} changed,"
            " {unchanged:,} unchanged, {absent:,} absent",
            **{"position": None, **diff},
        )
        if diff
        else say("  not compared with the mart"),
    ]
    for number, line in enumerate(lines):
        console.print(Text(line, style="" if number else "bold"), soft_wrap=True)
    console.print(Text(say("Next, load it:")))
    show_commands(["python", "run.py", "apply", str(approved.directory), "--id", approval.plan_id])


def show_approved_json(approved: Approved) -> None:
    """The same as one JSON document."""
    show_document({"plan": str(approved.directory), "database": approved.database} | asdict(approved.approval))
