"""A workbook and its sheets: rows with their Excel row numbers. The reader is calamine; CSV files are sheets too.

A format's own module is imported with the first file of it: nearly all are xlsx.

calamine drops leading empty columns from its rows and shows Excel errors and uncalculated formulas as empty cells; both
are put right here, so that a position is always the one that Excel shows and nothing wrong looks like an empty cell.
"""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812  # the module spells it in lower case
from typing import TypeVar
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  # the module spells it in lower case

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from extract.errors.workbook import WorkbookProtected, WorkbookUnreadable
from extract.limits import Limits
from extract.workbook.cells import FormattedNumber, Merge, Row, SheetMarks, address
from extract.workbook.formats import Format, is_protected, recognise, unlock
from extract.workbook.size import check_archive, check_used_range
from extract.workbook.xlsx import SpelledSheet, XlsxBook, XlsxSheet, filled_range

T = TypeVar("T")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `rows()` can be called again for a second look.

    `merges` is empty where there are none or the format does not tell. `delimiter` is that of a CSV file.
    """

    name: str
    source: Callable[[], Iterator[Row]]
    first_column: int = 0
    merges: tuple[Merge, ...] = ()
    marks: SheetMarks = field(default_factory=SheetMarks)
    delimiter: str | None = None

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number as Excel shows it (from 1); cell 0 is column A, "" is empty."""
        padding: Row = [""] * self.first_column
        patches, number = self.marks.patches, 0
        if not (padding or patches or self.marks.formats):
            yield from enumerate(self.source(), start=1)
            return
        patched_width = max((max(columns) + 1 for columns in patches.values()), default=0)
        row: Row = []
        for number, cells in enumerate(self.source(), start=1):
            row = padding + cells if padding else cells
            if len(row) < patched_width:  # a column of nothing but such cells lies beyond what calamine shows
                row = row + [""] * (patched_width - len(row))
            for column, formats in self.marks.formats.items():
                if number in formats and column < len(row):
                    cell = row[column]
                    if isinstance(cell, int | float) and not isinstance(cell, bool):
                        row[column] = FormattedNumber(cell, formats[number])
            for column, cell in patches.get(number, {}).items():
                row[column] = cell
            yield number, row
        width = max(len(row), patched_width)
        for later in range(number + 1, max(patches, default=0) + 1):
            row = [""] * width  # calamine takes a row of only such cells for empty
            for column, cell in patches.get(later, {}).items():
                row[column] = cell
            yield later, row


@dataclass(frozen=True)
class SheetName:
    """A sheet of a workbook before it is read."""

    name: str
    visible: bool


@dataclass(frozen=True)
class Workbook:
    """An opened workbook. `note` is a remark on how it was read."""

    file: str
    sheets: tuple[SheetName, ...]
    read: Callable[[str], Sheet]
    note: str | None = None


def open_workbook(data: bytes, file: str, password: str | None, limits: Limits) -> Workbook:
    """Open a workbook from its bytes: xlsx, xlsm, xlsb, xls, ods, csv or tsv, by content.

    `file` names it in errors. Raises NotAWorkbook, WorkbookProtected, WorkbookTooLarge or WorkbookUnreadable.
    """
    kind = recognise(data, file)
    if kind is Format.TEXT:
        return _open_text(data, file)
    if kind is Format.XLS and is_protected(data):
        data = unlock(data, file, password)
        kind = recognise(data, file)
    if kind is not Format.XLS:
        check_archive(data, file, limits)
    if kind is Format.XLSX:
        return _open_xlsx(data, file, limits)
    if kind is Format.ODS:
        return _open_ods(data, file, limits)
    return _open_xlsb(data, file) if kind is Format.XLSB else _open_xls(data, file)


def _open_text(data: bytes, file: str) -> Workbook:
    from extract.workbook.delimited import read_delimited

    text = read_delimited(data, file)
    marks = SheetMarks(formats_known=True)  # there are none
    sheet = Sheet("csv", lambda: (list(row) for row in text.rows), marks=marks, delimiter=text.delimiter)
    return Workbook(file, (SheetName("csv", visible=True),), lambda _: sheet, text.note)


def _open_ods(data: bytes, file: str, limits: Limits) -> Workbook:
    from extract.workbook.ods import OdsBook

    book = _reading(file, lambda: OdsBook(data))
    names = _reading(file, lambda: tuple(SheetName(name, visible) for name, visible in book.sheets.items()))

    def read(name: str) -> Sheet:
        sheet = _reading(file, lambda: book.sheet(name))
        last_cell = address(max(sheet.height, 1), max(sheet.width, 1) - 1)
        check_used_range(sheet.height, sheet.width, last_cell, file, name, limits)
        marks = sheet.marks()
        return Sheet(name, sheet.rows, merges=marks.merges or (), marks=marks)

    return Workbook(file, names, read)


def _open_xlsb(data: bytes, file: str) -> Workbook:
    from extract.workbook.xlsb import XlsbBook

    book = _reading(file, lambda: XlsbBook(data))
    respelled = _reading(file, book.respelled)
    return _open_binary(respelled, file, lambda name, _: book.marks(name))


def _open_xls(data: bytes, file: str) -> Workbook:
    from extract.workbook.xls import XlsBook

    book = _reading(file, lambda: XlsBook(data))
    return _open_binary(data, file, lambda _, position: book.marks(position))


def _open_binary(data: bytes, file: str, marks: Callable[[str, int], SheetMarks]) -> Workbook:
    """A workbook whose values calamine reads; `marks` takes the name of a sheet and its position among all."""
    reader = _reading(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
    sheets = [(index, item) for index, item in enumerate(reader.sheets_metadata) if item.typ == SheetTypeEnum.WorkSheet]
    positions = {item.name: index for index, item in sheets}
    names = tuple(SheetName(item.name, item.visible == SheetVisibleEnum.Visible) for _, item in sheets)

    def read(name: str) -> Sheet:
        sheet = _reading(file, lambda: reader.get_sheet_by_name(name))
        return _sheet(sheet, name, _reading(file, lambda: marks(name, positions[name])))

    return Workbook(file, names, read)


def _open_xlsx(data: bytes, file: str, limits: Limits) -> Workbook:
    book = _reading(file, lambda: XlsxBook(data))
    sheets = _reading(file, lambda: {sheet.name: sheet for sheet in book.sheets})
    names = tuple(SheetName(sheet.name, sheet.visible) for sheet in sheets.values())
    return Workbook(
        file, names, lambda name: _reading(file, lambda: _read_xlsx(book, data, file, sheets[name], limits))
    )


def _read_xlsx(book: XlsxBook, data: bytes, file: str, sheet: XlsxSheet, limits: Limits) -> Sheet:
    """Values and marks of one sheet. Both readers work outside the GIL, so they work side by side."""

    def values(package: bytes, position: int) -> CalamineSheet:
        return CalamineWorkbook.from_filelike(io.BytesIO(package)).get_sheet_by_index(position)

    if not book.is_usual or len(data) < _SMALL:
        spelled = book.spelled_sheet(sheet)
        _check_range(spelled, file, sheet.name, limits)
        usual = spelled.usual and book.is_usual
        read = values(data, sheet.position) if usual else values(book.alone(spelled.part), 0)
        return _sheet(read, sheet.name, book.marks(spelled))
    beside = ThreadPoolExecutor(max_workers=1)
    pending = beside.submit(values, data, sheet.position)
    beside.shutdown(wait=False)
    spelled = book.spelled_sheet(sheet)  # a check that fails ends the file before calamine asks for the memory
    _check_range(spelled, file, sheet.name, limits)
    marks = book.marks(spelled)
    return _sheet(pending.result() if spelled.usual else values(book.alone(spelled.part), 0), sheet.name, marks)


_SMALL = 2**18
"""Bytes below which the parts are checked before calamine starts, at no cost worth mentioning."""


def _check_range(spelled: SpelledSheet, file: str, name: str, limits: Limits) -> None:
    rows, columns = spelled.used_range()
    if rows * columns > limits.cells:
        rows, columns = filled_range(spelled.part)
    check_used_range(rows, columns, address(max(rows, 1), max(columns, 1) - 1), file, name, limits)


def _sheet(sheet: CalamineSheet, name: str, marks: SheetMarks) -> Sheet:
    merges = marks.merges
    if merges is None:
        merges = tuple(
            ((first_row + 1, first_column), (last_row + 1, last_column))
            for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
        )
    first_column = sheet.start[1] if sheet.start else 0
    return Sheet(name, sheet.iter_rows, first_column, merges, marks)


def _reading(file: str, read: Callable[[], T]) -> T:
    """What `read` gives; whatever the readers raise becomes WorkbookUnreadable or WorkbookProtected."""
    try:
        return read()
    except (
        CalamineError,
        ParseError,
        BadZipFile,
        ZlibError,
        ValueError,
        OSError,
        KeyError,
        EOFError,
        RuntimeError,
        IndexError,
        StructError,
    ) as error:
        problem = str(error) or type(error).__name__
        if "assword" in type(error).__name__ or "assword" in problem:
            raise WorkbookProtected(file=file, problem="it is protected by a password") from None
        raise WorkbookUnreadable(file=file, problem=problem) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic, which is no Exception
            raise
        raise WorkbookUnreadable(file=file, problem=f"the reader failed: {error}") from None
