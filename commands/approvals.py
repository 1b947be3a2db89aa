"""`approve`: what somebody else than its planner says of a plan."""

from pathlib import Path

import click

from console import options
from console.options import PATH, Session
from extract.wording import say


@click.command(short_help="Approve a plan of somebody else.")
@click.argument("plan", type=PATH)
@click.option("--comment", required=True, help="What was looked at, or why it is right.")
@click.option("--id", "expected_id", metavar="SHA256", callback=options.plan_id, help="Refuse any other plan.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def approve(plan: Path, session: Session, comment: str, expected_id: str | None, as_json: bool) -> None:
    """Approve a PLAN that somebody else made: who, when, and the figures that it shows go into staging.approvals."""
    from console import approvals as views
    from orchestrate.approving import approve

    if not comment.strip():
        raise click.BadParameter(say("say what was looked at"), param_hint="--comment")
    approved = approve(plan, comment.strip(), session.settings, expected_id)
    if as_json:
        views.show_approved_json(approved)
    else:
        session.show(views.show_approved, approved)
