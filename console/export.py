"""What a person sees of an export."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, published_as, show_database
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.warehouse.export import Exported


def show_exported(exported: "Exported") -> None:
    """Where it is, of which months and batch, and how many rows each sheet has."""
    show_database(exported.database)
    console, figures = new_console(), exported.figures
    months = f"{figures.months.first:%Y-%m}"
    if (figures.months.first.year, figures.months.first.month) != (figures.months.last.year, figures.months.last.month):
        months = say("{first} to {last}", first=months, last=f"{figures.months.last:%Y-%m}")
    text = say(
        "Exported: {path}: {months}, published as {published}",
        path=exported.path,
        months=months,
        published=published_as(figures.published),
    )
    console.print(Text(text, style="bold"))
    for mart in figures.marts:
        console.print(Text(say("  {mart}: {rows:,} rows", mart=mart.name, rows=len(mart.rows))))
    rows = sum(len(failure.table.rows) for failure in figures.failures)
    if rows:
        text = say("  {rows:,} rows that {tests} tests found: sheet Tests", rows=rows, tests=len(figures.failures))
        console.print(Text(text, style="yellow"))
