"""`close` and `audit`: a month that nothing changes without a reason, and all that is known of it in one file."""

from datetime import date
from pathlib import Path

import click

from console import options
from console.options import PATH, Session


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


@click.command(short_help="Write the auditor's pack of a month.")
@click.argument("month", callback=options.month)
@click.option(
    "--to", "path", type=PATH, required=True, metavar="FILE.zip", help="The zip; one that is there is replaced."
)
@click.option(
    "--plan", "plans", type=PATH, multiple=True, help="The directory of a plan that is not below plans/; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def audit(session: Session, month: date, path: Path, plans: tuple[Path, ...], as_json: bool) -> None:
    """Write all that is known of a MONTH (YYYY-MM) into a zip.

    It holds plans, diffs, approvals, rejects with their ends, the ledger's part, closings, and the hashes of all.
    Its index.txt tells a person without this program what happened, and how to check it by sha256sum.
    """
    from console import packs as views
    from orchestrate.warehouse.pack import pack

    done = pack(month, path, session.settings, plans)
    views.show_pack_json(done) if as_json else session.show(views.show_pack, done)
