"""`dagster`: the pages of Dagster on this machine, for who has the extra."""

import click

from console import options
from console.dagster import show_address
from console.options import Session


@click.command(short_help="Run under Dagster: assets, jobs, a sensor.")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True, help="0 takes any free one.")
@options.common
def dagster(session: Session, port: int) -> None:
    """Start Dagster with its pages on this machine only (extra [dagster]); what it keeps lies in .wdh/dagster."""
    from orchestrate.dagster.home import serving

    with serving(port, session.settings) as server:
        show_address(server.address)
        if code := server.wait():
            raise SystemExit(code)
