"""What `new-domain` shows: the proposal, what it could not see, how the workbook reads by it, and the files."""

import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands
from extract.foreign import cut, shown
from extract.workbook.cells import display

if TYPE_CHECKING:
    from orchestrate.new_domain import NewDomain

_EXAMPLE = 40


def show_new_domain(found: "NewDomain") -> None:
    """The proposal in short, and where its files are; with --dry-run, or where it fails, their text."""
    console, proposal = new_console(), found.proposal
    console.print(Text.assemble((f"Domain {proposal.name}", "bold"), f" from {shown(proposal.file)}"))
    where = f"sheet {shown(proposal.sheet)}, header in row {proposal.header_row}, {proposal.rows:,} rows of data"
    console.print(Text(where), soft_wrap=True)
    table = Table()
    for name in ("column", "header", "field", "type", "for example"):
        table.add_column(name, overflow="fold")
    for item in proposal.fields:
        seen = item.columns
        table.add_row(
            Text(" ".join(column.letter for column in seen) or "-"),
            Text(" ".join(shown(cut(column.name, _EXAMPLE + 20)) for column in seen) or "(name of the file)"),
            Text(item.name, style="bold" if item.name in proposal.key else ""),
            Text(f"{type(item.type).__name__} {item.type.sql_type}"),
            Text(" ".join(shown(cut(display(column.cells[0][1]), _EXAMPLE + 20)) for column in seen if column.cells)),
        )
    console.print(table)
    console.print(Text(f"Key: {', '.join(proposal.key) or '(none)'}"))
    console.print(Text(f"Files: {shown(proposal.files.pattern, None)}"), soft_wrap=True)
    for note in proposal.notes:
        console.print(Text(f"Note: {note}", style="yellow"), soft_wrap=True)
    for report in found.reports:
        skipped = ", ".join(f"{count} {reason}" for reason, count in report.rows_skipped.items() if count)
        counts = f"{report.rows_read:,} rows read, {report.rows_loaded:,} would load, {report.rows_rejected:,} rejected"
        console.print(Text(f"By this domain: {counts}{f'; skipped: {skipped}' if skipped else ''}", style="bold"))
        for warning in report.warnings:
            console.print(
                Text(f"Warning {warning.code}: {shown(warning.detail, None)}", style="yellow"), soft_wrap=True
            )
    if found.written:
        for file in found.files:
            console.print(Text(f"{'Wrote' if file.is_new else 'Added to'} {file.path}"), soft_wrap=True)
        console.print(Text("Review them, then plan:"))
        show_commands(found.command)
    else:
        console.print(Text("Nothing was written."))
        for file in found.files:
            sys.stdout.write(f"\n# {'New file' if file.is_new else 'Into'} {file.path}\n{file.added}")
