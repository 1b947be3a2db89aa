"""`export`: what people read who open no database."""

from pathlib import Path

import click

from console import options
from console.options import PATH, Session
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
def export(session: Session, period: PeriodRange | None, marts: tuple[str, ...], path: Path) -> None:
    """Write the published marts of a month to an Excel workbook, with notes on what they are."""
    from console.export import show_exported
    from orchestrate.warehouse.export import export

    session.show(show_exported, export(session.settings, path, period, marts))
