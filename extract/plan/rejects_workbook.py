"""rejects.xlsx: the rejected rows for the person who mends them, in Excel.

The first sheet counts; behind it each sheet that has rejects repeats its header and its rejected rows as they stand,
with the offending cells coloured and commented. Mended there, the rows load by `--file rejects.xlsx` like any other.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from extract.plan.landing import Extraction, LandedFile
from extract.table.results import FileReport, RejectedRow
from extract.table.sheets import REJECTS_SUMMARY
from extract.workbook.cells import Cell, ErrorCell, FormattedNumber, UncalculatedCell

MAX_ROWS = 10_000
"""Rejected rows that one sheet shows; rejects.csv has all of them."""
REASONS = "问题 (reasons)"
PLACE = "原行号 (source row)"
PERIOD = "报告期"
_WRONG = PatternFill("solid", start_color="FFC7CE")
_HEADER = PatternFill("solid", start_color="DDEBF7")
_AUTHOR = "WorkDataHub"
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


def write_rejects_workbook(extraction: Extraction, path: Path) -> None:
    """Write the rejects of an extraction to an xlsx. The same rejects give the same bytes. Raises OSError."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    summary = workbook.create_sheet(REJECTS_SUMMARY)
    files = [file for file in extraction.files if file.rejected]
    titles = list(_titles([file.report for file in files]))
    for file, title in zip(files, titles, strict=True):
        _write_rows(workbook.create_sheet(title), file)
    _write_summary(summary, files, titles)
    buffer = io.BytesIO()
    workbook.save(buffer)
    path.write_bytes(_without_times(buffer.getvalue()))


def _titles(reports: Sequence[FileReport]) -> Iterator[str]:
    """A sheet title for each report: number, and what fits of the workbook's name."""
    for number, report in enumerate(reports, start=1):
        stem = re.sub(r"[\\/*?:\[\]']", "_", Path(report.data_source).stem)
        yield f"{number} {stem}"[:31]


def _write_summary(sheet: Worksheet, files: Sequence[LandedFile], titles: Sequence[str]) -> None:
    sheet.append(["工作簿 (workbook)", "工作表 (sheet)", "规则 (rule)", "数量 (cells)", "改正处 (mend here)"])
    for file, title in zip(files, titles, strict=True):
        counts = Counter(reject.code for row in file.rejected for reject in row.rejects)
        for code, count in sorted(counts.items()):
            row = sheet.max_row + 1
            _put(sheet.cell(row, 1), file.report.data_source)
            _put(sheet.cell(row, 2), file.report.sheet)
            _put(sheet.cell(row, 3), code)
            _put(sheet.cell(row, 4), count)
            _put(sheet.cell(row, 5), title)
            sheet.cell(row, 1).hyperlink = Path(file.report.path).absolute().as_uri()
            sheet.cell(row, 5).hyperlink = f"#'{title}'!A1"
            for column in (1, 5):
                sheet.cell(row, column).style = "Hyperlink"
        if len(file.rejected) > MAX_ROWS:
            left = len(file.rejected) - MAX_ROWS
            _put(sheet.cell(sheet.max_row + 1, 1), f"{file.report.data_source}: {left} more rows, see rejects.csv")
    guide = "Mend the coloured cells on the sheets behind this one, save, and run: python run.py --file rejects.xlsx"
    _put(sheet.cell(sheet.max_row + 2, 1), guide)
    _finish(sheet, [44, 18, 24, 14, 36])


def _write_rows(sheet: Worksheet, file: LandedFile) -> None:
    """The header, then each rejected row; behind its last column the reasons, the source row, and a lacking period."""
    names = list(file.report.header)
    while names and not names[-1]:
        names.pop()
    extra = [REASONS, PLACE] + ([PERIOD] if file.report.period_from_name else [])
    for index, name in enumerate([*names, *extra], start=1):
        _put(sheet.cell(1, index), name or None)
    for number, row in enumerate(file.rejected[:MAX_ROWS], start=2):
        for index, cell in enumerate(row.cells[: len(names)], start=1):
            _put(sheet.cell(number, index), cell)
        _mark(sheet, number, row)
        reasons = "; ".join(f"{reject.column}: {reject.reason}" for reject in row.rejects)
        _put(sheet.cell(number, len(names) + 1), reasons)
        _put(sheet.cell(number, len(names) + 2), row.source_row)
        if file.report.period_from_name and file.report.period:
            _put(sheet.cell(number, len(names) + 3), f"{file.report.period:%Y-%m}")
    _finish(sheet, [14] * len(names) + [70, 18] + [12] * (len(extra) - 2))


def _mark(sheet: Worksheet, number: int, row: RejectedRow) -> None:
    """Colour the offending cells of a row, each with its reasons as a comment."""
    reasons: dict[int, list[str]] = {}
    for reject in row.rejects:
        column = column_index_from_string(reject.cell.rstrip("0123456789"))
        reasons.setdefault(column, []).append(f"{reject.code}: {reject.reason}")
    for column, texts in reasons.items():
        cell = sheet.cell(number, column)
        cell.fill = _WRONG
        comment = Comment(ILLEGAL_CHARACTERS_RE.sub("", "\n".join(texts)), _AUTHOR)
        comment.width, comment.height = 320, 90
        cell.comment = comment


def _put(target: SheetCell | MergedCell, value: Cell | None) -> None:
    """Put a value into a cell as it is: a text stays a text, whatever sign it begins with."""
    if value is None or value == "" or isinstance(target, MergedCell):
        return
    if isinstance(value, ErrorCell) and str(value) in _ERRORS:
        target.value, target.data_type = str(value), "e"
    elif isinstance(value, str):
        target.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32767]
        target.data_type = "s"
        if value[0] in "=+-@" or isinstance(value, UncalculatedCell):
            target.quotePrefix = True
    elif isinstance(value, FormattedNumber):
        target.value, target.number_format = float(value), value.format.code
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        target.value = int(value)
    elif isinstance(value, bool | int | float | datetime | date | time | timedelta):
        target.value = value


def _finish(sheet: Worksheet, widths: Sequence[int]) -> None:
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _without_times(data: bytes) -> bytes:
    """The same package with fixed times, so that the same rejects give the same bytes."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(part.filename)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return result.getvalue()
