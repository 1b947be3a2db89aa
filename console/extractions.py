"""What a person sees of the workbooks that were read: the account of each, its remarks, and the first rejects."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.terminal import new_console
from extract.files.discovery import BEYOND_LIMIT
from extract.foreign import shown
from extract.guards import GUARDS
from extract.plan.landing import Extraction
from extract.plan.remedies import warning_told, what_to_do
from extract.plan.sending import FIRST_REJECTS
from extract.table.records.results import FileReport, Reject, Remark
from extract.wording import again, language, say

SHOWN_REJECTS = FIRST_REJECTS
_TOLD = 3
"""Of the workbooks that were not taken, these are named."""
_DETAIL = 600
"""Characters of a sentence of ours that holds foreign texts."""
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".tsv", ".zip", ".eml")
"""Of what discovery passed over, these are shown; plan.json has all."""


def show_extraction(extraction: Extraction) -> None:
    """The account of each file, its remarks, and the first rejects with their cell addresses."""
    console = new_console()
    if extraction.files:
        console.print(_file_table(extraction))
    for file in extraction.files:
        report = file.report
        source = shown(report.data_source)
        for warning in report.warnings:
            detail = f"{source}: {shown(warning_told(warning.code, warning.detail), _DETAIL)}"
            console.print(Text(say("warning {code}: {detail}", code=warning.code, detail=detail), style="yellow"))
        for remark in report.remarks:
            console.print(Text(_remark(source, remark), style="yellow"))
        for note in report.notes:
            console.print(Text(say("note: {workbook}: {note}", workbook=source, note=shown(again(note))), style="dim"))
        for title in report.title_rows:
            text = say("title above the header: {workbook}: {title}", workbook=source, title=shown(title))
            console.print(Text(text, style="dim"))
        if report.missing_columns:
            columns = ", ".join(report.missing_columns)
            text = say("missing columns: {workbook}: {columns}", workbook=source, columns=columns)
            console.print(Text(text, style="dim"))
        if report.ignored_columns:
            columns = ", ".join(shown(" ".join(name.split())) for name in report.ignored_columns)
            text = say("ignored columns: {workbook}: {columns}", workbook=source, columns=columns)
            console.print(Text(text, style="dim"))
    for item in extraction.passed_over:
        if Path(item.path).suffix.lower() in _WORKBOOKS and item.reason != BEYOND_LIMIT:
            text = say("passed over: {path}: {reason}", path=shown(item.path), reason=shown(again(item.reason)))
            console.print(Text(text, style="dim"))
    if text := _not_taken([item.path for item in extraction.passed_over if item.reason == BEYOND_LIMIT]):
        console.print(Text(text), soft_wrap=True)
    for code in sorted(extraction.accepted):
        console.print(Text(say("accepted {code}: {what}", code=code, what=again(GUARDS[code])), style="bold yellow"))
    _show_rejects(console, extraction)


def _not_taken(paths: list[str]) -> str:
    """Which further workbooks match, newest name first; empty where none does."""
    if not paths:
        return ""
    newest = sorted(map(shown, paths), reverse=True)
    return say(
        "not taken: {number:,} more workbooks match: {names}; --max-files {all} takes all, --period those of a month",
        number=len(paths),
        names=", ".join([*newest[:_TOLD], *(["…"] if len(paths) > _TOLD else [])]),
        all=len(paths) + 1,
    )


def _remark(source: str, remark: Remark) -> str:
    """How many rows of a workbook bear a remark, and the first of them."""
    first = ", ".join(remark.first) + (" …" if remark.rows > len(remark.first) else "")
    told = {"code": remark.code, "workbook": source, "rows": remark.rows, "first": first}
    if remark.rows == 1:
        return say("warning {code}: {workbook}: {rows:,} row ({first}), kept with the rows", **told)
    return say("warning {code}: {workbook}: {rows:,} rows ({first}), kept with the rows", **told)


def _period(report: FileReport) -> str:
    """The month in the file name; where the rows are of others too, those with their counts."""
    named = f"{report.period:%Y-%m}" if report.period else "-"
    if not report.months or list(report.months) == [named]:
        return named
    rows = ", ".join(f"{month} {count:,}" for month, count in report.months.items())
    return say("{month} (rows: {rows})", month=named, rows=rows)


def _file_table(extraction: Extraction) -> Table:
    title = say("{domain}: {number} workbook(s)", domain=extraction.domain.name, number=extraction.workbooks)
    table = Table(title=title, title_justify="left")
    for name in (say("workbook"), say("sheet"), say("period")):
        table.add_column(name, overflow="fold")
    for name in (say("read"), say("loaded"), say("rejected"), say("skipped")):
        table.add_column(name, justify="right")
    for file in extraction.files:
        report = file.report
        reasons = " ".join(f"{reason} {count}" for reason, count in report.rows_skipped.items() if count)
        table.add_row(
            Text(shown(report.data_source)),
            Text(shown(report.sheet)),
            _period(report),
            f"{report.rows_read:,}",
            f"{report.rows_loaded:,}",
            Text(f"{report.rows_rejected:,}", style="red" if report.rows_rejected else ""),
            f"{report.skipped:,}" + (f" ({reasons})" if reasons else ""),
        )
    totals = [f"{extraction.total(name):,}" for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped")]
    table.add_section()
    table.add_row(say("total"), "", "", *totals, style="bold")
    return table


def _show_rejects(console: Console, extraction: Extraction) -> None:
    first = extraction.first_rejects[:SHOWN_REJECTS]
    if not first:
        return
    more = extraction.broken_rules - len(first)
    console.print(Text(say("Rejects"), style="bold red"))
    for reject in first:
        value = shown(repr(reject.value))
        column = shown(reject.column)
        reason = shown(reject.reason if language() == "en" else what_to_do(reject), _DETAIL)
        console.print(Text(f"  {_place(reject)}  {column} = {value}: {reject.code}: {reason}"))
    if more:
        console.print(Text(say("  and {more:,} more, see rejects.csv and rejects.xlsx", more=more)))


def _place(reject: Reject) -> str:
    return f"{shown(reject.data_source)} {shown(reject.source_sheet)}!{reject.cell}"
