"""A workbook and its sheets: rows with their Excel row numbers. The reader is calamine; CSV files are sheets too.

calamine drops leading empty columns from its rows and shows Excel errors and uncalculated formulas as empty cells; both
are put right here, so that a position is always the one that Excel shows and nothing wrong looks like an empty cell.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from struct import error as StructError  # noqa: N812  # the module spells it in lower case
from typing import TypeVar
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  # the module spells it in lower case

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from extract.errors.workbook import WorkbookProtected, WorkbookUnreadable
from extract.limits import Limits
from extract.workbook.cells import PercentCell, Row, address
from extract.workbook.delimited import read_delimited
from extract.workbook.formats import Format, is_protected, recognise, unlock
from extract.workbook.other_parts import error_patches, ods_merges
from extract.workbook.size import check_archive, check_used_range
from extract.workbook.xlsx import Merge, SheetParts, read_parts

T = TypeVar("T")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `rows()` can be called again for a second look.

    `merges` is empty where there are none or the format does not tell; `formats_known` says whether number formats
    can be read.
    """

    name: str
    source: Callable[[], Iterator[Row]]
    first_column: int = 0
    merges: tuple[Merge, ...] = ()
    formats_known: bool = False
    parts: SheetParts = field(default_factory=SheetParts)
    percent: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number as Excel shows it (from 1); cell 0 is column A, "" is empty."""
        padding: Row = [""] * self.first_column
        patches, number = self.parts.patches, 0
        if not (padding or patches or self.percent):
            yield from enumerate(self.source(), start=1)
            return
        patched_width = max((max(columns) + 1 for columns in patches.values()), default=0)
        row: Row = []
        for number, cells in enumerate(self.source(), start=1):
            row = padding + cells if padding else cells
            if len(row) < patched_width:  # a column of nothing but such cells lies beyond what calamine shows
                row = row + [""] * (patched_width - len(row))
            for column, cell in patches.get(number, {}).items():
                row[column] = cell
            for column, numbers in self.percent.items():
                cell = row[column]
                if number in numbers and isinstance(cell, float):
                    row[column] = PercentCell(cell)
            yield number, row
        width = max(len(row), patched_width)
        for later in range(number + 1, max(patches, default=0) + 1):
            row = [""] * width  # calamine takes a row of only such cells for empty
            for column, cell in patches.get(later, {}).items():
                row[column] = cell
            yield later, row

    def with_percentages(self, columns: list[int]) -> "Sheet":
        """The same sheet, with the percent-formatted numbers of these columns told apart."""
        percent = {column: self.parts.percent_cells(column) for column in columns}
        marked = {column: rows for column, rows in percent.items() if rows}
        return replace(self, percent=marked)


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
        rows, note = read_delimited(data, file)
        sheet = Sheet("csv", lambda: (list(row) for row in rows), formats_known=True)  # there are none
        return Workbook(file, (SheetName("csv", visible=True),), lambda _: sheet, note)
    if kind is Format.XLS and is_protected(data):
        data = unlock(data, file, password)
        kind = recognise(data, file)
    if kind is not Format.XLS:
        check_archive(data, file, limits)
    reader = _reading(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
    sheets = tuple(
        SheetName(sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in reader.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    )
    return Workbook(file, sheets, lambda name: _read_sheet(reader, data, kind, file, name, limits))


def _read_sheet(reader: CalamineWorkbook, data: bytes, kind: Format, file: str, name: str, limits: Limits) -> Sheet:
    if kind is not Format.XLSX:
        sheet = _reading(file, lambda: reader.get_sheet_by_name(name))
        patches = _reading(file, lambda: error_patches(data, kind, name))
        read = _sheet(sheet, name, SheetParts(patches=patches), formats_known=False)
        return replace(read, merges=_reading(file, lambda: ods_merges(data, name))) if kind is Format.ODS else read
    if len(data) < _SMALL:
        parts = _reading(file, lambda: _checked_parts(data, file, name, limits))
        sheet = _reading(file, lambda: reader.get_sheet_by_name(name))
    else:  # both work outside the GIL; a check that fails ends the file before calamine asks for the memory
        beside = ThreadPoolExecutor(max_workers=1)
        pending = beside.submit(reader.get_sheet_by_name, name)
        beside.shutdown(wait=False)
        parts = _reading(file, lambda: _checked_parts(data, file, name, limits))
        sheet = _reading(file, pending.result)
    return _sheet(sheet, name, parts, formats_known=True)


_SMALL = 2**18
"""Bytes below which the parts are checked before calamine starts, at no cost worth mentioning."""


def _checked_parts(data: bytes, file: str, name: str, limits: Limits) -> SheetParts:
    parts = read_parts(data, name)
    rows, columns = parts.used_range()
    if rows * columns > limits.cells:
        rows, columns = parts.filled_range()
    check_used_range(rows, columns, address(max(rows, 1), max(columns, 1) - 1), file, name, limits)
    return parts


def _sheet(sheet: CalamineSheet, name: str, parts: SheetParts, *, formats_known: bool) -> Sheet:
    merges = tuple(
        ((first_row + 1, first_column), (last_row + 1, last_column))
        for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
    )
    first_column = sheet.start[1] if sheet.start else 0
    return Sheet(name, sheet.iter_rows, first_column, merges, formats_known, parts)


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
