"""What `rejects` and `waive` show."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import (
    new_console,
    show_database,
    show_document,
    show_first_build,
    show_next_build,
    show_published,
)
from extract.wording import say
from extract.words import word

if TYPE_CHECKING:
    from orchestrate.warehouse.rejects import Rejects, Waived

_STYLES = {"open": "bold yellow"}


def show_rejects(found: "Rejects") -> None:
    """Each reject with its place, what is wrong with it, and what became of it."""
    show_database(found.database)
    console = new_console()
    if not found.published:
        console.print(Text(say("Nothing was built yet, so nothing is known of rejects.")))
        show_first_build()
        return
    show_published(found.published)
    for reject in found.rejects:
        head = f"{reject.reject_id}  {reject.report_date:%Y-%m}  {reject.outcome}"
        console.print(Text(head, style=_STYLES.get(reject.status, "dim")), soft_wrap=True)
        console.print(Text(f"  {reject.place}: {reject.reasons}"), soft_wrap=True)
    counted = ", ".join(f"{count:,} {word(status)}" for status, count in sorted(found.counts.items()))
    console.print(Text(say("In all:   {counted}", counted=counted or say("no rejects"))))
    if found.written:
        console.print(Text(say("List:     {path}", path=found.written)))


def show_rejects_json(found: "Rejects") -> None:
    """The same as one JSON document."""
    show_document(
        {
            "database": found.database,
            "published": found.published and asdict(found.published),
            "counts": dict(found.counts),
            "rejects": [asdict(reject) for reject in found.rejects],
            "written": found.written,
        }
    )


def show_waived(done: "Waived") -> None:
    """What was waived, by whom, and the command by which the marts follow."""
    show_database(done.database)
    console = new_console()
    for waiver in done.waivers:
        text = say(
            "Waived:   {reject} by {login} as {role}: {reason}",
            reject=waiver.reject_id,
            login=waiver.waived_by,
            role=waiver.database_user,
            reason=waiver.reason,
        )
        console.print(Text(text, style="bold"), soft_wrap=True)
    show_next_build()


def show_waived_json(done: "Waived") -> None:
    """The same as one JSON document."""
    show_document([asdict(waiver) for waiver in done.waivers])
