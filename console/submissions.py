"""What `missing` shows."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_database, show_document, show_first_build, show_published
from extract.wording import say
from extract.words import word

if TYPE_CHECKING:
    from orchestrate.warehouse.submissions import Submissions


_MOST_UNEXPECTED = 20


def show_missing(found: "Submissions") -> None:
    """Who has not reported, month by month, and how many did."""
    show_database(found.database)
    console = new_console()
    if not found.published:
        console.print(Text(say("Nothing was built yet, so nothing is known of submissions.")))
        show_first_build()
        return
    show_published(found.published)
    counted = ", ".join(f"{count} {word(status)}" for status, count in sorted(found.counts.items()))
    if found.missing:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in (say("month"), say("domain"), say("company"), say("due"), "", say("note")):
            table.add_column(heading, overflow="fold")
        for line in found.missing:
            overdue = Text(say("overdue"), style="bold red") if line.is_overdue else Text(say("not due yet"))
            month, due = f"{line.report_date:%Y-%m}", str(line.due_on)
            table.add_row(month, Text(line.domain), Text(line.company_code), due, overdue, Text(line.note or ""))
        console.print(table)
    elif "on_time" in found.counts or "late" in found.counts or "nothing_to_report" in found.counts:
        console.print(Text(say("Nobody is missing."), style="bold green"))
    elif found.period:
        text = say("Nobody is expected to report for these months; marts.submissions reaches a year ahead.")
        console.print(Text(text))
    else:
        console.print(Text(say("Nobody is missing, since dbt_project/seeds/expected_submissions.csv expects nobody.")))
    for line in found.unexpected[:_MOST_UNEXPECTED]:
        came = f"{line.report_date:%Y-%m} {line.domain} {line.company_code}: {line.workbook}"
        text = say("Not expected: {came}, batch {batch}", came=came, batch=line.batch_id)
        console.print(Text(text, overflow="fold"))
    console.print(Text(say("In all:   {counted}", counted=counted or say("no submissions"))))


def show_missing_json(found: "Submissions") -> None:
    """The same as one JSON document."""
    show_document(
        {
            "database": found.database,
            "published": found.published and asdict(found.published),
            "counts": dict(found.counts),
            "missing": [asdict(line) for line in found.missing],
            "unexpected": [asdict(line) for line in found.unexpected],
        }
    )
