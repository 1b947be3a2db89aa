"""What a person sees of the workbooks that were read: the account of each, its remarks, and the first rejects."""

from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.terminal import new_console
from extract.files.discovery import BEYOND_LIMIT
from extract.plan.landing import Extraction
from extract.table.results import Reject

SHOWN_REJECTS = 10
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv")
"""Of what discovery passed over, these are shown; plan.json has all."""


def show_extraction(extraction: Extraction) -> None:
    """The account of each file, its remarks, and the first rejects with their cell addresses."""
    console = new_console()
    console.print(_file_table(extraction))
    for file in extraction.files:
        report = file.report
        for warning in report.warnings:
            console.print(Text(f"warning {warning.code}: {report.data_source}: {warning.detail}", style="yellow"))
        for note in report.notes:
            console.print(Text(f"note: {report.data_source}: {note}", style="dim"))
        for title in report.title_rows:
            console.print(Text(f"title above the header: {report.data_source}: {title}", style="dim"))
        if report.missing_columns:
            console.print(
                Text(f"missing columns: {report.data_source}: {', '.join(report.missing_columns)}", style="dim")
            )
        if report.ignored_columns:
            columns = ", ".join(" ".join(name.split()) for name in report.ignored_columns)
            console.print(Text(f"ignored columns: {report.data_source}: {columns}", style="dim"))
    for item in extraction.passed_over:
        if Path(item.path).suffix.lower() in _WORKBOOKS and item.reason != BEYOND_LIMIT:
            console.print(Text(f"passed over: {item.path}: {item.reason}", style="dim"))
    _show_rejects(console, extraction)


def _file_table(extraction: Extraction) -> Table:
    table = Table(title=f"{extraction.domain.name}: {extraction.workbooks} workbook(s)", title_justify="left")
    table.add_column("workbook", overflow="fold")
    table.add_column("sheet", overflow="fold")
    table.add_column("period")
    for name in ("read", "loaded", "rejected", "skipped"):
        table.add_column(name, justify="right")
    for file in extraction.files:
        report = file.report
        reasons = " ".join(f"{reason} {count}" for reason, count in report.rows_skipped.items() if count)
        table.add_row(
            Text(report.data_source),
            Text(report.sheet),
            f"{report.period:%Y-%m}" if report.period else "-",
            f"{report.rows_read:,}",
            f"{report.rows_loaded:,}",
            Text(f"{report.rows_rejected:,}", style="red" if report.rows_rejected else ""),
            f"{report.skipped:,}" + (f" ({reasons})" if reasons else ""),
        )
    totals = [f"{extraction.total(name):,}" for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped")]
    table.add_section()
    table.add_row("total", "", "", *totals, style="bold")
    return table


def _show_rejects(console: Console, extraction: Extraction) -> None:
    first = list(islice(extraction.rejects, SHOWN_REJECTS))
    if not first:
        return
    more = sum(1 for _ in extraction.rejects) - len(first)
    console.print(Text("Rejects", style="bold red"))
    for reject in first:
        console.print(Text(f"  {_place(reject)}  {reject.column} = {reject.value!r}: {reject.code}: {reject.reason}"))
    if more:
        console.print(Text(f"  and {more:,} more, see rejects.csv and rejects.xlsx"))


def _place(reject: Reject) -> str:
    return f"{reject.data_source} {reject.source_sheet}!{reject.cell}"
