"""What `new-domain` shows: the proposal, what it could not see, how the workbook reads by it, and the files."""

import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands
from extract.foreign import cut, shown
from extract.plan.remedies import warning_told
from extract.wording import again, say
from extract.workbook.cells import display

if TYPE_CHECKING:
    from orchestrate.new_domain import NewDomain

_EXAMPLE = 40


def show_new_domain(found: "NewDomain") -> None:
    """The proposal in short, and where its files are; with --dry-run, or where it fails, their text."""
    console, proposal = new_console(), found.proposal
    console.print(
        Text.assemble(
            (say("Domain {name}", name=proposal.name), "bold"), say(" from {workbook}", workbook=shown(proposal.file))
        )
    )
    where = say(
        "sheet {sheet}, header in row {row}, {rows:,} rows of data",
        sheet=shown(proposal.sheet),
        row=proposal.header_row,
        rows=proposal.rows,
    )
    console.print(Text(where), soft_wrap=True)
    table = Table()
    for name in (say("column"), say("header"), say("field"), say("type"), say("for example")):
        table.add_column(name, overflow="fold")
    for item in proposal.fields:
        seen = item.columns
        table.add_row(
            Text(" ".join(column.letter for column in seen) or "-"),
            Text(" ".join(shown(cut(column.name, _EXAMPLE + 20)) for column in seen) or say("(name of the file)")),
            Text(item.name, style="bold" if item.name in proposal.key else ""),
            Text(f"{type(item.type).__name__} {item.type.sql_type}"),
            Text(" ".join(shown(cut(display(column.cells[0][1]), _EXAMPLE + 20)) for column in seen if column.cells)),
        )
    console.print(table)
    console.print(Text(say("Key: {fields}", fields=", ".join(proposal.key) or say("(none)"))))
    console.print(Text(say("Files: {pattern}", pattern=shown(proposal.files.pattern, None))), soft_wrap=True)
    for note in proposal.notes:
        console.print(Text(say("Note: {note}", note=again(note)), style="yellow"), soft_wrap=True)
    for report in found.reports:
        skipped = ", ".join(f"{count} {reason}" for reason, count in report.rows_skipped.items() if count)
        text = say(
            "By this domain: {read:,} rows read, {loaded:,} would load, {rejected:,} rejected",
            read=report.rows_read,
            loaded=report.rows_loaded,
            rejected=report.rows_rejected,
        )
        if skipped:
            text = say("{counts}; skipped: {skipped}", counts=text, skipped=skipped)
        console.print(Text(text, style="bold"))
        for warning in report.warnings:
            detail = shown(warning_told(warning.code, warning.detail), None)
            text = say("Warning {code}: {detail}", code=warning.code, detail=detail)
            console.print(Text(text, style="yellow"), soft_wrap=True)
    if found.written:
        for file in found.files:
            text = say("Wrote {path}", path=file.path) if file.is_new else say("Added to {path}", path=file.path)
            console.print(Text(text), soft_wrap=True)
        console.print(Text(say("Review them, then plan:")))
        show_commands(found.command)
    else:
        console.print(Text(say("Nothing was written.")))
        for file in found.files:
            place = say("New file {path}", path=file.path) if file.is_new else say("Into {path}", path=file.path)
            sys.stdout.write(f"\n# {place}\n{file.added}")
