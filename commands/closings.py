"""`close`: a month that nothing changes any more without a reason."""

from datetime import date

import click

from console import options
from console.options import Session


@click.command(short_help="Close a month.")
@click.argument("month", callback=options.month)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.lock_timeout
@options.common
def close(session: Session, month: date, as_json: bool, lock_timeout: float) -> None:
    """Close a MONTH (YYYY-MM): refuse while anything of it is missing, open, unexplained, untested or not approved.

    Who, when, and the fingerprints of its marts go into staging.closings. Later loads into it need --reopen REASON.
    """
    from console import closings as views
    from orchestrate.warehouse.closing import close

    closed = close(month, session.settings, lock_timeout=lock_timeout)
    views.show_closed_json(closed) if as_json else session.show(views.show_closed, closed)
