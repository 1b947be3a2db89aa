"""`export` and `plans`: what people read who open no database."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from console import options
from console.options import PATH, Session
from extract.wording import say

if TYPE_CHECKING:
    from extract.files.versions import PeriodRange


@click.command(short_help="Write the marts of a month to a workbook.")
@click.option(
    "--period",
    callback=options.period_range,
    help="A month such as 2024-11, or months such as 2024-01:2024-12.  [default: the newest]",
)
@click.option("--mart", "marts", multiple=True, help="Only this mart; repeatable.  [default: all that hold months]")
@click.option("--to", "path", type=PATH, required=True, metavar="FILE.xlsx", help="Where it is written.")
@options.common
def export(session: Session, period: "PeriodRange | None", marts: tuple[str, ...], path: Path) -> None:
    """Write the published marts of a month to an Excel workbook, with notes on what they are."""
    from console.export import show_exported
    from orchestrate.warehouse.export import export

    session.show(show_exported, export(session.settings, path, period, marts))


@click.command(short_help="List the plans below plans/.")
@click.option("--prune", is_flag=True, help="Show which may go: all but the newest, and those being mended.")
@click.option("--keep", type=click.IntRange(min=0), default=10, show_default=True, help="With --prune: so many stay.")
@click.option("--yes", is_flag=True, help="With --prune: remove them.")
@options.common
def plans(session: Session, prune: bool, keep: int, yes: bool) -> None:
    """List the plans below plans/, newest first, and remove those that nobody needs any more."""
    if yes and not prune:
        raise click.UsageError(say("--yes needs --prune"))
    from console.kept_plans import show_kept_plans
    from orchestrate.plans import kept_plans

    session.show(show_kept_plans, kept_plans(keep=keep if prune else None, execute=yes))
