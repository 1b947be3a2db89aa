"""rejects.xlsx: the rejected rows for the person who mends them, in Excel.

The first sheet counts; behind it stand the rejected rows as they are, those of each workbook and table under its
header, with the offending cells coloured and commented, and behind the cells where the row comes from. Mended there,
all or some of them, the rows load by `--file` (`table/mended.py`) and keep that origin.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from extract.table.mended import (
    DELIMITER,
    MEND_HERE,
    MONTH,
    PLACE,
    REASONS,
    REJECT_ID,
    REJECTED_ROWS,
    SHEET,
    SUMMARY,
    WORKBOOK,
)
from extract.table.results import RejectedRow
from extract.workbook.cells import Cell, ErrorCell, FormattedNumber, UncalculatedCell

MAX_ROWS = 10_000
"""Rejected rows that one sheet shows; rejects.csv has all of them."""
_WRONG = PatternFill("solid", start_color="FFC7CE")
_HEADER = PatternFill("solid", start_color="DDEBF7")
_AUTHOR = "WorkDataHub"
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


@dataclass(frozen=True)
class _Page:
    """A sheet of the workbook: rejected rows of one workbook under one header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[RejectedRow, ...]
    link: str | None
    """Where the workbook lies; None where that is not known, since these are mended rows."""

    @property
    def lacking(self) -> tuple[tuple[str, str], ...]:
        """Columns of the period that the table lacks."""
        return self.rows[0].lacking


def write_rejects_workbook(extraction: Extraction, path: Path, next_step: str) -> None:
    """Write the rejects of an extraction to an xlsx, with the command that loads it; the same rejects and the same
    command give the same bytes. Raises OSError.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    summary = workbook.create_sheet(SUMMARY)
    pages = list(_pages(extraction.files))
    for page in pages:
        _write_rows(workbook.create_sheet(page.title), page)
    _write_summary(summary, pages, next_step)
    buffer = io.BytesIO()
    workbook.save(buffer)
    path.write_bytes(_without_times(buffer.getvalue()))


def _pages(files: Sequence[LandedFile]) -> Iterator[_Page]:
    """The rejected rows by workbook and header, since a sheet may hold several tables; titles have a number, and what
    fits of the workbook's name.
    """
    number = 0
    for file in files:
        groups: dict[tuple[object, ...], list[RejectedRow]] = {}
        for row in file.rejected:
            origin = row.origin
            book = (origin.data_source, origin.month, origin.delimiter)
            groups.setdefault((*book, _trimmed(row.header), row.lacking), []).append(row)
        for rows in groups.values():
            number += 1
            stem = re.sub(r"[\\/*?:\[\]']", "_", Path(rows[0].origin.data_source).stem)
            link = None if file.report.mends else Path(file.report.path).absolute().as_uri()
            yield _Page(f"{number} {stem}"[:31], _trimmed(rows[0].header), tuple(_ordered(rows)), link)


def _trimmed(header: Sequence[str]) -> tuple[str, ...]:
    width = max((index for index, name in enumerate(header, start=1) if name), default=0)
    return tuple(header[:width])


def _ordered(rows: Sequence[RejectedRow]) -> list[RejectedRow]:
    """In the order of the sheet, but rows with one key one below the other, where the first of them stands."""
    first: dict[str, int] = {}
    for position, row in enumerate(rows):
        if row.conflict:
            first.setdefault(row.conflict.key, position)
    places = [first[row.conflict.key] if row.conflict else position for position, row in enumerate(rows)]
    return [rows[position] for position in sorted(range(len(rows)), key=lambda position: (places[position], position))]


def _write_summary(sheet: Worksheet, pages: Sequence[_Page], next_step: str) -> None:
    titles = ["工作簿 (workbook)", "工作表 (sheet)", "规则 (rule)", "数量 (cells)", MEND_HERE, REJECTED_ROWS]
    sheet.append(titles)
    for page in pages:
        origin = page.rows[0].origin
        counts = Counter(reject.code for row in page.rows for reject in row.rejects)
        for position, (code, count) in enumerate(sorted(counts.items())):
            row = sheet.max_row + 1
            in_all = None if position else len(page.rows)
            for column, value in enumerate((origin.data_source, origin.sheet, code, count, page.title, in_all), 1):
                _put(sheet.cell(row, column), value)
            sheet.cell(row, 5).hyperlink = f"#'{page.title}'!A1"
            sheet.cell(row, 5).style = "Hyperlink"
            if page.link:
                sheet.cell(row, 1).hyperlink = page.link
                sheet.cell(row, 1).style = "Hyperlink"
        if len(page.rows) > MAX_ROWS:
            left = len(page.rows) - MAX_ROWS
            _put(sheet.cell(sheet.max_row + 1, 1), f"{origin.data_source}: {left} more rows, see rejects.csv")
    guide = f"Mend coloured cells on the sheets behind this one, all or some of them, save, and run: {next_step}"
    _put(sheet.cell(sheet.max_row + 2, 1), guide)
    _finish(sheet, [44, 18, 24, 14, 36, 18])


def _write_rows(sheet: Worksheet, page: _Page) -> None:
    """The header, then each rejected row; behind its cells a lacking period, the reasons, and the row's origin."""
    names, lacking = page.header, [name for name, _ in page.lacking]
    origin = page.rows[0].origin
    behind = [REASONS, REJECT_ID, WORKBOOK, SHEET, PLACE]
    behind += [name for name, value in ((MONTH, origin.month), (DELIMITER, origin.delimiter)) if value]
    for index, name in enumerate([*names, *lacking, *behind], start=1):
        _put(sheet.cell(1, index), name or None)
    for number, row in enumerate(page.rows[:MAX_ROWS], start=2):
        cells = row.cells[: len(names)]
        for index, cell in enumerate(cells, start=1):
            _put(sheet.cell(number, index), cell)
        for index, value in enumerate(_behind(row), start=len(names) + 1):
            _put(sheet.cell(number, index), value)
        _mark(sheet, number, row)
    _finish(sheet, [14] * len(names) + [12] * len(lacking) + [70, 24, 32, 16, 12, 12, 12][: len(behind)])


def _behind(row: RejectedRow) -> Iterator[Cell]:
    """What stands behind the cells of a row: a lacking period, the reasons, and where it comes from."""
    origin = row.origin
    yield from (value for _, value in row.lacking)
    yield "; ".join(f"{reject.column}: {reject.reason}" for reject in row.rejects)
    yield from (origin.reject_id, origin.data_source, origin.sheet, origin.row)
    yield from (f"{origin.month:%Y-%m}",) if origin.month else ()
    yield from (origin.delimiter,) if origin.delimiter else ()


def _mark(sheet: Worksheet, number: int, row: RejectedRow) -> None:
    """Colour the offending cells of a row, each with its reasons as a comment.

    Of rows with one key these are the cells in which they differ, not the key, which may well be right.
    """
    reasons: dict[int, list[str]] = {}
    others = row.conflict.others if row.conflict else ()
    for index, text in others:
        reasons.setdefault(index + 1, []).append(f"{row.rejects[0].code}: {text}")
    for reject in () if others else row.rejects:
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
