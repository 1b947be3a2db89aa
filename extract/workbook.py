"""One sheet of a workbook: its rows with their Excel row numbers. The reader is calamine.

calamine drops leading empty columns from its rows and gives nothing for an Excel error; both are put right here, so
that a position is always the one that Excel shows and an error never looks like an empty cell.
"""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from extract.errors import SheetNotFound, WorkbookUnreadable
from extract.fields import Cell
from extract.xlsx_parts import ErrorCells, error_cells

Row = list[Cell]


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """A cell as Excel names it: row 17 (counted from 1) and column 4 (counted from 0) is E17."""
    return f"{column_letter(column)}{row}"


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `rows()` can be called again for a second look."""

    name: str
    _sheet: CalamineSheet
    _errors: ErrorCells = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number as Excel shows it (from 1); cell 0 is column A, "" is empty."""
        first_column = self._sheet.start[1] if self._sheet.start else 0
        padding: Row = [""] * first_column
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            row = padding + cells if first_column else cells
            if number in self._errors:
                row = _with_errors(row, self._errors[number])
            yield number, row


def read_sheet(data: bytes, file: str, wanted: str | int) -> Sheet:
    """Read one sheet from the bytes of a workbook (xlsx, xlsm, xlsb, xls, ods).

    `file` names it in errors, `wanted` is a sheet name or an index from 0.
    Raises WorkbookUnreadable or SheetNotFound.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _sheet_name(workbook.sheet_names, file, wanted)
        with ThreadPoolExecutor(max_workers=1) as beside:  # both readers work outside the GIL
            errors = beside.submit(error_cells, data, name)
            return Sheet(name, workbook.get_sheet_by_name(name), errors.result())
    except (CalamineError, ParseError, ValueError, OSError, KeyError) as error:
        raise WorkbookUnreadable(file=file, problem=str(error) or type(error).__name__) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic, which is no Exception
            raise
        raise WorkbookUnreadable(file=file, problem=f"the reader failed: {error}") from None


def _sheet_name(names: Sequence[str], file: str, wanted: str | int) -> str:
    if isinstance(wanted, int):
        if wanted < len(names):
            return names[wanted]
    elif wanted in names:
        return wanted
    elif wanted.isdecimal():  # --sheet 1: an index, unless a sheet bears that name
        return _sheet_name(names, file, int(wanted))
    raise SheetNotFound(file=file, sheet=str(wanted), sheets=", ".join(names) or "(it has none)")


def _with_errors(row: Row, errors: dict[int, Cell]) -> Row:
    row = row + [""] * (max(errors) + 1 - len(row))
    for column, error in errors.items():
        row[column] = error
    return row
