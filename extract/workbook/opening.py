"""From the bytes of a file to a workbook, in any format. The reader of values is calamine; CSV files are sheets too.

A format's own module is imported with the first file of it: nearly all are xlsx. calamine drops leading empty columns
from its rows, which is put right here.
"""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from struct import error as StructError  # noqa: N812  # the module spells it in lower case
from typing import TypeVar
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  # the module spells it in lower case

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from extract.errors.workbook import WorkbookProtected, WorkbookUnreadable
from extract.limits import LONGEST_NAME, LONGEST_NAME_IN_ODS, Limits
from extract.wording import Sentence
from extract.workbook.cells import LONGEST_TEXT, Row, SheetMarks, address
from extract.workbook.formats import Format, is_archive, is_protected, recognise, unlock
from extract.workbook.sheet import Sheet, SheetName, Workbook
from extract.workbook.size import check_archive, check_used_range
from extract.workbook.spelling import refuse_odd_values, refuse_twins
from extract.workbook.xlsx import SpelledSheet, XlsxBook, XlsxSheet, filled_range, has_row_from

T = TypeVar("T")


def open_workbook(data: bytes, file: str, password: str | None, limits: Limits) -> Workbook:
    """Open a workbook from its bytes: xlsx, xlsm, xlsb, xls, ods, csv or tsv, by content.

    `file` names it in errors. Raises NotAWorkbook, WorkbookProtected, WorkbookTooLarge or WorkbookUnreadable.
    """
    kind = _recognised(data, file, limits)
    if kind is Format.XLS and is_protected(data):
        data = unlock(data, file, password)
        kind = _recognised(data, file, limits)
    read = {
        Format.TEXT: _open_text,
        Format.XLSX: _open_xlsx,
        Format.ODS: _open_ods,
        Format.XLSB: _open_xlsb,
        Format.XLS: _open_xls,
    }
    return _with_short_names(
        read[kind](data, file, limits), LONGEST_NAME_IN_ODS if kind is Format.ODS else LONGEST_NAME
    )


def _recognised(data: bytes, file: str, limits: Limits) -> Format:
    """The format of a file; of an archive only once nothing in it is too large to be unpacked."""
    if is_archive(data):
        check_archive(data, file, limits)
    return recognise(data, file)


def _with_short_names(workbook: Workbook, longest: int) -> Workbook:
    """The same with names of sheets that are no longer than those of any program, cut off where they are."""
    if all(len(sheet.name) <= longest for sheet in workbook.sheets):
        return workbook
    names = {sheet.name[:longest]: sheet.name for sheet in workbook.sheets}
    if len(names) < len(workbook.sheets):
        raise WorkbookUnreadable(
            file=workbook.file, problem=Sentence("the names of its sheets are too long to be told apart")
        )
    short = tuple(replace(sheet, name=name) for name, sheet in zip(names, workbook.sheets, strict=True))
    return replace(workbook, sheets=short, read=lambda name: replace(workbook.read(names[name]), name=name))


def _open_text(data: bytes, file: str, limits: Limits) -> Workbook:
    from extract.workbook.delimited import read_delimited

    text = read_delimited(data, file, limits)
    marks = SheetMarks(formats_known=True)  # there are none
    sheet = Sheet("csv", lambda: (list(row) for row in text.rows), marks=marks, delimiter=text.delimiter)
    return Workbook(file, (SheetName("csv", visible=True),), lambda _: sheet, text.note)


def _open_ods(data: bytes, file: str, limits: Limits) -> Workbook:
    from extract.workbook.ods import OdsBook

    book = _reading(file, lambda: OdsBook(data))
    names = _reading(file, lambda: tuple(SheetName(name, visible) for name, visible in book.sheets.items()))

    def read(name: str) -> Sheet:
        sheet = _reading(file, lambda: book.sheet(name))
        _check_range(sheet.height, sheet.width, file, name, limits)
        _reading(file, sheet.check)
        marks = sheet.marks()
        return Sheet(name, sheet.rows, merges=marks.merges or (), marks=marks)

    return Workbook(file, names, read)


def _open_xlsb(data: bytes, file: str, limits: Limits) -> Workbook:
    from extract.workbook.xlsb import XlsbBook

    book = _reading(file, lambda: XlsbBook(data))
    respelled = _reading(file, book.respelled)

    def marks(name: str, _: int) -> SheetMarks:
        marks = book.marks(name)
        _check_range(*book.used_range(name), file, name, limits)
        return marks

    return _open_binary(respelled, file, marks)


def _open_xls(data: bytes, file: str, limits: Limits) -> Workbook:
    from extract.workbook.xls import XlsBook

    book = _reading(file, lambda: XlsBook(data))
    rows, columns = _reading(file, lambda: book.used_range)  # of all sheets, since calamine reads them at once
    _check_range(rows, columns, file, "(all sheets, one below the other)", limits)
    return _open_binary(data, file, lambda _, position: book.marks(position))


def _open_binary(data: bytes, file: str, marks: Callable[[str, int], SheetMarks]) -> Workbook:
    """A workbook whose values calamine reads; `marks` takes the name of a sheet and its position among all."""
    reader = _reading(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
    sheets = [(index, item) for index, item in enumerate(reader.sheets_metadata) if item.typ == SheetTypeEnum.WorkSheet]
    positions = {item.name: index for index, item in sheets}
    names = tuple(SheetName(item.name, item.visible == SheetVisibleEnum.Visible) for _, item in sheets)

    def read(name: str) -> Sheet:
        found = _reading(file, lambda: marks(name, positions[name]))  # whose checks come first
        return _sheet(_reading(file, lambda: reader.get_sheet_by_name(name)), file, name, found)

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

    def values() -> CalamineSheet:
        return book.as_calamine_reads_it.get_sheet_by_index(sheet.position)

    def alone(part: bytes) -> CalamineSheet:
        return CalamineWorkbook.from_filelike(io.BytesIO(book.alone(part))).get_sheet_by_index(0)

    if not book.is_usual or len(data) < _SMALL:
        spelled = book.spelled_sheet(sheet)
        _check_part(spelled, file, sheet.name, limits)
        read = values() if spelled.usual and book.is_usual else alone(spelled.part)
        return _sheet(read, file, sheet.name, book.marks(sheet, spelled), book.has_long_texts(spelled))
    beside = ThreadPoolExecutor(max_workers=1)
    pending = beside.submit(values)
    beside.shutdown(wait=False)
    spelled = book.spelled_sheet(sheet)  # a check that fails ends the file before calamine asks for the memory
    _check_part(spelled, file, sheet.name, limits)
    marks = book.marks(sheet, spelled)
    long_texts = book.has_long_texts(spelled)
    return _sheet(pending.result() if spelled.usual else alone(spelled.part), file, sheet.name, marks, long_texts)


_SMALL = 2**18
"""Bytes below which the parts are checked before calamine starts, at no cost worth mentioning."""


def _check_part(spelled: SpelledSheet, file: str, name: str, limits: Limits) -> None:
    rows, columns = spelled.used_range()
    if rows * columns > limits.cells or has_row_from(limits.cells // max(columns, 1), spelled.part):
        rows, columns = filled_range(spelled.part)
    _check_range(rows, columns, file, name, limits)
    refuse_twins(spelled.part)
    refuse_odd_values(spelled.part)


def _check_range(rows: int, columns: int, file: str, name: str, limits: Limits) -> None:
    check_used_range(rows, columns, address(max(rows, 1), max(columns, 1) - 1), file, name, limits)


def _sheet(sheet: CalamineSheet, file: str, name: str, marks: SheetMarks, long_texts: bool = True) -> Sheet:
    """A sheet that calamine read; `long_texts`: a cell may hold more text than Excel does, which is cut off."""
    merges = marks.merges
    if merges is None:
        merges = tuple(
            ((first_row + 1, first_column), (last_row + 1, last_column))
            for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
        )
    first_column = sheet.start[1] if sheet.start else 0

    def shortened() -> Iterator[Row]:
        return ([cell[:LONGEST_TEXT] if isinstance(cell, str) else cell for cell in row] for row in sheet.iter_rows())

    return Sheet(name, shortened if long_texts else sheet.iter_rows, first_column, merges, marks, file=file)


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
            raise WorkbookProtected(file=file, problem=Sentence("it is protected by a password")) from None
        raise WorkbookUnreadable(file=file, problem=problem) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic, which is no Exception
            raise
        raise WorkbookUnreadable(file=file, problem=Sentence("the reader failed: {error}", error=str(error))) from None
