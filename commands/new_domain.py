"""`new-domain`: a domain as a workbook suggests it, as files to review."""

from pathlib import Path

import click

from console import options
from console.options import PATH, Session


@click.command("new-domain", short_help="Propose a domain from a workbook.")
@click.argument("name")
@click.option("--from", "workbook", type=PATH, required=True, help="The workbook that the domain is proposed from.")
@click.option("--sheet", help="Name or index (from 0) of the sheet.  [default: the one with the largest table]")
@click.option("--dry-run", is_flag=True, help="Print the files, and write none.")
@options.common
def new_domain(session: Session, name: str, workbook: Path, sheet: str | None, dry_run: bool) -> None:
    """Propose the domain NAME from a workbook: its model, entry, dbt models and test, as files to review."""
    from console.new_domain import show_new_domain
    from orchestrate.new_domain import new_domain

    found = new_domain(name, workbook, sheet, session.settings, dry_run=dry_run)
    session.show(show_new_domain, found)
    if found.error:
        raise found.error
