"""What a person sees of a month that was closed: by whom, at which batch, and the fingerprints of its marts."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.warehouse.closing import Closed


def show_closed(closed: "Closed") -> None:
    """The closing that holds."""
    show_database(closed.database)
    closing, console = closed.closing, new_console()
    told = {
        "month": f"{closing.period:%Y-%m}",
        "batch": closing.batch_id,
        "who": f"{closing.closed_by} / {closing.database_user}",
        "when": f"{closing.closed_at:%Y-%m-%d %H:%M:%S %Z}",
    }
    if closed.written:
        text = say("Closed: {month} at batch {batch}, by {who}, {when}", **told)
    else:
        text = say("Already closed: {month} at batch {batch}, by {who}, {when}", **told)
    console.print(Text(text, style="bold"), soft_wrap=True)
    for mart, fingerprint in closing.fingerprints.items():
        console.print(Text(say("  {mart}: {rows:,} rows, {sha256}", mart=mart, **fingerprint)), soft_wrap=True)


def show_closed_json(closed: "Closed") -> None:
    """The same as one JSON document."""
    show_document({"database": closed.database, "written": closed.written} | asdict(closed.closing))
