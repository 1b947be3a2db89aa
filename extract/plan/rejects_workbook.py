"""rejects.xlsx: the rejected rows for the person who mends them, in Excel.

The first sheet counts; behind it stand the rejected rows as they are, those of each workbook and table under its
header, with the offending cells coloured and commented, and behind the cells where the row comes from. Mended there,
all or some of them, the rows load by `--file` (`table/mended.py`) and keep that origin.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties

from extract.files.containers import file_at
from extract.foreign import xml_text
from extract.plan.landing import Extraction, new_spool
from extract.plan.remedies import what_to_do
from extract.plan.sending import MAX_ROWS, Page, sent_objects
from extract.table.records.results import Reject, RejectedRow
from extract.table.sheet.mending_format import NAMES
from extract.wording import language, say
from extract.workbook.cells import LONGEST_TEXT, Cell, ErrorCell, FormattedNumber, UncalculatedCell, column_index

_MAX_COMMENTS = 10_000
"""Cells that bear their reasons as a comment; openpyxl keeps comments in memory. The column of reasons has all."""
_WRONG = PatternFill("solid", start_color="FFC7CE")
_HEADER = PatternFill("solid", start_color="DDEBF7")
_AUTHOR = "WorkDataHub"
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_LONGEST_FORMAT = 255
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


class _Writer:
    """Writes one workbook row by row, so that it holds none of them."""

    def __init__(self) -> None:
        self.workbook = Workbook(write_only=True)
        self._comments = 0

    def sheet(self, title: str, widths: Sequence[int]) -> WriteOnlyWorksheet:
        """A new sheet."""
        sheet: WriteOnlyWorksheet = self.workbook.create_sheet(title)
        for index, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width  # type: ignore[attr-defined]  # the stub lacks it
        sheet.freeze_panes = "A2"
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0  # type: ignore[attr-defined]  # likewise
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)  # type: ignore[attr-defined]  # likewise
        return sheet

    def header(self, sheet: WriteOnlyWorksheet, names: Sequence[str]) -> None:
        """Its first row."""
        cells = [_cell(sheet, name or None) for name in names]
        for cell in cells:
            cell.font, cell.fill = Font(bold=True), _HEADER
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)

    def page(self, title: str, page: Page, rows: Iterable[RejectedRow]) -> None:
        """The header, then each rejected row; behind its cells a lacking period, the reasons, and the row's origin."""
        names, lacking, own = page.header, [name for name, _ in page.lacking], NAMES[language()]
        behind = [own.reasons, *own.always]
        optional = ((own.month, page.origin.month), (own.delimiter, page.origin.delimiter))
        behind += [name for name, value in optional if value]
        widths = [14] * len(names) + [12] * len(lacking) + [110, 24, 32, 16, 12, 14, 12][: len(behind)]
        sheet = self.sheet(title, widths)
        self.header(sheet, [*names, *lacking, *behind])
        for row in rows:
            values = [*row.cells[: len(names)], *[None] * (len(names) - len(row.cells)), *_behind(row, names)]
            cells = [_cell(sheet, value) for value in values]
            for index, texts in _reasons(row, names).items():
                if index >= len(names):  # too far right for a sheet of Excel; the column of reasons tells it
                    continue
                cells[index].fill = _WRONG
                self._comment(cells[index], texts)
            sheet.append(cells)

    def _comment(self, cell: SheetCell, texts: Sequence[str]) -> None:
        self._comments += 1
        if self._comments <= _MAX_COMMENTS:
            cell.comment = Comment(xml_text("\n".join(texts)), _AUTHOR, height=90, width=320)


def write_rejects_workbook(extraction: Extraction, path: Path, next_step: str) -> None:
    """Write the rejects of an extraction to an xlsx, with the command that loads it ("" where none can); the same
    rejects and the same command give the same bytes. Raises OSError.
    """
    writer, own = _Writer(), NAMES[language()]
    summary = writer.sheet(own.summary, [44, 18, 24, 14, 36, 18])
    titles = (say("Workbook"), say("Sheet"), say("Rule"), say("Cells"))
    writer.header(summary, (*titles, own.mend_here, own.rejected_rows))
    number = 0
    for rejects in extraction.rejects:
        mends = rejects.file.report.mends
        link = None if mends else file_at(rejects.file.report.path).absolute().as_uri()
        for page, span in rejects.pages:
            number += 1
            stem = re.sub(r"[\\/*?:\[\]']", "_", xml_text(Path(page.origin.data_source).stem))
            title = f"{number} {stem}"[:31]
            rows = sent_objects(extraction.pages_spool, span.offset, span.length)
            writer.page(title, page, (row for row in rows if isinstance(row, RejectedRow)))
            _summarise(summary, title, page, link)
    guide = (
        say(
            "Mend coloured cells on the sheets behind this one, all or some of them, save, and run: {command}",
            command=next_step,
        )
        if next_step
        else say("Coloured cells stand on the sheets behind this one: mend them in the workbooks, and load those.")
    )
    summary.append([])
    summary.append([_cell(summary, guide)])
    with new_spool() as package:
        writer.workbook.save(package)
        _write_without_times(package, path)


def _summarise(sheet: WriteOnlyWorksheet, title: str, page: Page, link: str | None) -> None:
    """The lines of a page on the first sheet."""
    for position, (code, count) in enumerate(sorted(page.codes.items())):
        in_all = None if position else page.rows
        values = (page.origin.data_source, page.origin.sheet, code, count, title, in_all)
        cells = [_cell(sheet, value) for value in values]
        for cell, target in ((cells[4], f"#'{title}'!A1"), (cells[0], link)):
            if target:
                cell.hyperlink, cell.style = target, "Hyperlink"
        sheet.append(cells)
    if page.rows > MAX_ROWS:
        more = say(
            "{workbook}: {more:,} more rows, see {file}",
            workbook=page.origin.data_source,
            more=page.rows - MAX_ROWS,
            file="rejects.csv",
        )
        sheet.append([_cell(sheet, more)])


def _behind(row: RejectedRow, names: Sequence[str]) -> Iterator[Cell]:
    """What stands behind the cells of a row: a lacking period, the reasons with what to do, and where it comes from."""
    origin = row.origin
    yield from (value for _, value in row.lacking)
    reasons = "; ".join(f"{reject.column}: {_reason(reject)}" for reject in row.rejects)
    remedies = "; ".join(dict.fromkeys(what_to_do(reject, _differing(row, names)) for reject in row.rejects))
    yield f"{reasons} → {remedies}"
    yield from (origin.reject_id, origin.data_source, origin.sheet, origin.row)
    yield from (f"{origin.month:%Y-%m}",) if origin.month else ()
    yield from (origin.delimiter,) if origin.delimiter else ()


def _reason(reject: Reject) -> str:
    """Why, in the words of the rule; these are English, so that other readers have its code and cell."""
    return reject.reason if language() == "en" else f"{reject.code} ({reject.cell})"


def _differing(row: RejectedRow, names: Sequence[str]) -> list[str]:
    """The headers of the cells in which rows with one key differ."""
    return [names[index] for index, _ in row.conflict.others if index < len(names)] if row.conflict else []


def _reasons(row: RejectedRow, names: Sequence[str]) -> dict[int, list[str]]:
    """The offending columns of a row (from 0), each with its reasons.

    Of rows with one key these are the cells in which they differ, not the key, which may well be right.
    """
    reasons: dict[int, list[str]] = {}
    others = row.conflict.others if row.conflict else ()
    for index, text in others:
        told = text if language() == "en" else what_to_do(row.rejects[0], _differing(row, names))
        reasons.setdefault(index, []).append(f"{row.rejects[0].code}: {told}")
    for reject in () if others else row.rejects:
        column = column_index(reject.cell.rstrip("0123456789"))
        told = reject.reason if language() == "en" else what_to_do(reject)
        reasons.setdefault(column, []).append(f"{reject.code}: {told}")
    return reasons


def _cell(sheet: WriteOnlyWorksheet, value: Cell | None) -> SheetCell:
    """A cell with a value as it is: a text stays a text, whatever sign it begins with."""
    target: SheetCell = WriteOnlyCell(sheet)
    if value is None or value == "":
        return target
    if isinstance(value, ErrorCell) and str(value) in _ERRORS:
        target.value, target.data_type = str(value), "e"
    elif isinstance(value, str) or (isinstance(value, float) and not isfinite(value)):
        text = xml_text(str(value))
        target.value = text[:LONGEST_TEXT]
        target.data_type = "s"
        if text[:1] in ("=", "+", "-", "@") or isinstance(value, UncalculatedCell):
            target.quotePrefix = True
    elif isinstance(value, FormattedNumber):
        target.value = float(value)
        if len(value.format.code) <= _LONGEST_FORMAT:
            target.number_format = value.format.code
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        target.value = int(value)
    elif isinstance(value, bool | int | float | datetime | date | time | timedelta):
        target.value = value
    return target


def _write_without_times(package: IO[bytes], path: Path) -> None:
    """Write the same package with fixed times, so that the same rejects give the same bytes."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(part.filename)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
