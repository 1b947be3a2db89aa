"""What a person sees of an export."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database

if TYPE_CHECKING:
    from orchestrate.warehouse.export import Exported


def show_exported(exported: "Exported") -> None:
    """Where it is, of which months and batch, and how many rows each sheet has."""
    show_database(exported.database)
    console, figures = new_console(), exported.figures
    months = f"{figures.months.first:%Y-%m}"
    if (figures.months.first.year, figures.months.first.month) != (figures.months.last.year, figures.months.last.month):
        months += f" to {figures.months.last:%Y-%m}"
    console.print(Text(f"Exported: {exported.path}: {months}, published as {figures.published}", style="bold"))
    for mart in figures.marts:
        console.print(Text(f"  {mart.name}: {len(mart.rows):,} rows"))
    rows = sum(len(failure.table.rows) for failure in figures.failures)
    if rows:
        console.print(Text(f"  {rows:,} rows that {len(figures.failures)} tests found: sheet Tests", style="yellow"))
