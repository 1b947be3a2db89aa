"""`setup`, `status`, `reset`, `report`, `docs` and `domain-sql`: the warehouse as a whole."""

from typing import Any

import click

from commands.notices import failures_told
from console import contradictions, options
from console.options import Session


@click.command(short_help="Make an empty database a ready warehouse.")
@options.setup
@options.common
def setup(session: Session, **flags: Any) -> None:
    """Make an empty database a ready, validated warehouse; safe to repeat."""
    from console import setup as views
    from extract.observer import Silent
    from orchestrate.warehouse.preparation import SetupOptions
    from orchestrate.warehouse.setup import plan_setup, setup

    contradictions.refuse_beside_staging(flags)
    asked = SetupOptions(**flags)
    if asked.dry_run:
        session.show(views.show_setup_plan, plan_setup(asked, session.settings))
        return
    done = setup(asked, session.settings, Silent() if session.quiet else views.SetupView())
    (views.show_record if session.quiet else views.show_setup)(done)
    if done.error:
        with failures_told(session):
            raise done.error


@click.command(short_help="Show what state the warehouse is in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def status(session: Session, as_json: bool) -> None:
    """Show what state the warehouse is in: empty, incomplete, stale or ready. Writes nothing."""
    from console import status as views
    from orchestrate.warehouse.status import status

    found = status(session.settings)
    views.show_status_json(found) if as_json else session.show(views.show_status, found)
    if found.error:
        raise found.error


@click.command(short_help="Remove what the dbt project built.")
@options.reset
@options.common
def reset(session: Session, **flags: Any) -> None:
    """Remove what the dbt project built from the database; show it without --yes."""
    from console.reset import show_reset
    from orchestrate.warehouse.reset import ResetOptions, reset

    session.show(show_reset, reset(ResetOptions(**flags), session.settings))


@click.command(short_help="Show what a setup did.")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def report(session: Session, run_id: str | None, as_json: bool) -> None:
    """Show what a RUN of setup did, the last one by default."""
    from console import report as views
    from orchestrate.warehouse.report import report

    found = report(run_id)
    views.show_report_json(found) if as_json else session.show(views.show_report, found)


@click.command(short_help="Show the documentation of the warehouse.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option("--no-serve", is_flag=True, help="Only write the page.")
@options.common
def docs(session: Session, port: int, no_serve: bool) -> None:
    """Generate the documentation of the warehouse and show it on this machine only."""
    from console.docs import show_documentation
    from orchestrate.dbt.docs import documentation, listening  # they take dbt with them

    page = documentation(session.settings)
    if not no_serve:
        with listening(page, port) as site:
            show_documentation(site.address, "Ctrl-C ends it")
            site.serve()
    else:
        session.show(show_documentation, str(page))


@click.command("domain-sql", short_help="Print or write the dbt files of a domain.")
@click.argument("name")
@click.option("--write", is_flag=True, help="Write them into the dbt project. Without it, they are printed.")
@options.common
def domain_sql(session: Session, name: str, write: bool) -> None:
    """Print the dbt files of the domain NAME, from its model: a macro call per model, and the contract."""
    from console import domain_files as views
    from orchestrate.dbt.domain_files import domain_files, write_domain_files

    if write:
        session.show(views.show_written, write_domain_files(name, session.settings))
    else:
        session.show(views.show_domain_files, domain_files(name, session.settings))
