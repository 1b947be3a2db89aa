"""What a person sees of a month that was closed: by whom, at which batch, and the fingerprints of its marts."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document

if TYPE_CHECKING:
    from orchestrate.warehouse.closing import Closed


def show_closed(closed: "Closed") -> None:
    """The closing that holds."""
    show_database(closed.database)
    closing, console = closed.closing, new_console()
    text = (
        f"{'Closed' if closed.written else 'Already closed'}: {closing.period:%Y-%m} at batch {closing.batch_id}, by"
        f" {closing.closed_by} as {closing.database_user}, {closing.closed_at:%Y-%m-%d %H:%M:%S %Z}"
    )
    console.print(Text(text, style="bold"), soft_wrap=True)
    for mart, fingerprint in closing.fingerprints.items():
        console.print(Text(f"  {mart}: {fingerprint['rows']:,} rows, {fingerprint['sha256']}"), soft_wrap=True)


def show_closed_json(closed: "Closed") -> None:
    """The same as one JSON document."""
    show_document({"database": closed.database, "written": closed.written} | asdict(closed.closing))
