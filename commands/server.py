"""`server`: the embedded PostgreSQL at work and at rest."""

import click

from console import options
from console.options import Session


@click.group(short_help="Start, stop or ask the embedded PostgreSQL.")
def server() -> None:
    """Start, stop or ask the embedded PostgreSQL."""


@server.command("start", short_help="Start it where it is stopped.")
@options.common
def start(session: Session) -> None:
    """Start the embedded server where it is stopped, so that dbt finds it."""
    from console.server import show_server
    from orchestrate.warehouse.server import start_server

    session.show(show_server, start_server(session.settings))


@server.command("stop", short_help="Stop it; its data stays.")
@options.common
def stop(session: Session) -> None:
    """Stop the embedded server and the sessions that it has; its data stays."""
    from console.server import show_server
    from orchestrate.warehouse.server import stop_server

    session.show(show_server, stop_server(session.settings))


@server.command("status", short_help="Say whether it runs.")
@options.common
def status(session: Session) -> None:
    """Say whether the embedded server runs. Starts nothing."""
    from console.server import show_server
    from orchestrate.warehouse.server import server_status

    session.show(show_server, server_status(session.settings))
