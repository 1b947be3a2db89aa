"""What the reader of values does not tell of an xls sheet: errors, formulas that nobody calculated, number formats.

Standard: MS-XLS 2.4.21 (BOF), 2.4.24 (BoolErr), 2.4.28 (BoundSheet8), 2.4.127 (Formula), and the records RecalcId,
String and Uncalced.
"""

import io
import struct
from collections.abc import Iterator
from functools import cached_property

import olefile

from extract.workbook.cells import Cell, ErrorCell, Patches, SheetMarks, UncalculatedCell
from extract.workbook.colours import xls_unseen_styles
from extract.workbook.number_formats import NumberFormat
from extract.workbook.passed_over_binary import xls_hidden_columns, xls_passed_over, xls_struck_styles
from extract.workbook.runs_binary import places_of, xls_marked_texts
from extract.workbook.xls_beside import texts_beside
from extract.workbook.xls_formats import formats_of, styles_of

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""Error codes of Excel's binary formats."""
UNREADABLE_FORMULA = "=?"
"""Stands for a formula whose text is not decoded; no field takes it for a value."""

_FORMULA, _EOF, _UNCALCULATED, _SHEET, _RECALCULATION = 0x0006, 0x000A, 0x005E, 0x0085, 0x01C1
_ERROR_OR_BOOLEAN, _STRING, _BEGIN = 0x0205, 0x0207, 0x0809
_SEVERAL = 0x00BD
_CELLS = frozenset((0x0201, 0x0203, 0x0204, 0x0205, 0x027E, _SEVERAL, 0x00FD, 0x00D6, _FORMULA))
"""The records of cells; one of them holds several numbers side by side."""
_TEXT, _BOOLEAN, _ERROR, _EMPTY = range(4)
"""What the first byte of a formula's value says, where the last two are 0xFFFF."""
_BIFF8 = 0x0600
_ON_LOAD = 0x0002
"""A formula's flag to be calculated on opening. Excel never sets it; programs that calculate nothing do."""

Record = tuple[int, bytes]


class XlsBook:
    """The records of an xls, found once. Raises ValueError where they are broken, OSError for a broken container."""

    def __init__(self, data: bytes) -> None:
        self._data, self._stream = data, _workbook_stream(data)
        offsets = [_offset(content) for kind, content in self._globals if kind == _SHEET]
        if len(set(offsets)) < len(offsets):
            raise ValueError("two of its sheets are one and the same stream")
        self._offsets = offsets

    @cached_property
    def _globals(self) -> list[Record]:
        return list(_records(self._stream, 0))

    @cached_property
    def _styles(self) -> dict[int, NumberFormat]:
        return styles_of(self._globals)

    @cached_property
    def _struck_styles(self) -> frozenset[int]:
        return xls_struck_styles(self._globals)

    @property
    def _is_biff8(self) -> bool:
        return bool(struct.unpack_from("<H", self._globals[0][1])[0] >= _BIFF8)

    @cached_property
    def _marked_texts(self) -> dict[int, str]:
        return xls_marked_texts(self._globals)

    @cached_property
    def _names_no_program(self) -> bool:
        """Whether it does not say which program wrote it, as one of LibreOffice, where an empty result is a 0."""
        with olefile.OleFileIO(io.BytesIO(self._data)) as container:
            described = container.exists("\x05SummaryInformation")
            return described and not container.get_metadata().creating_application

    @cached_property
    def _calculated_by_excel(self) -> bool:
        """Whether it names the version of Excel that calculated it last, as Excel does since 2000."""
        return any(kind == _RECALCULATION and any(content[4:8]) for kind, content in self._globals)

    @property
    def used_range(self) -> tuple[int, int]:
        """Rows of all sheets, each up to its last cell, and the most columns, from A1."""
        all_rows = all_columns = 0
        for offset in self._offsets:
            rows = columns = 0
            for kind, content in _sheet_records(self._stream, offset):
                if kind in _CELLS and len(content) >= 6:
                    row, column, last = *struct.unpack_from("<HH", content), 0
                    if kind == _SEVERAL:
                        (last,) = struct.unpack_from("<H", content, len(content) - 2)
                    rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
            all_rows, all_columns = all_rows + rows, max(all_columns, columns)
        return all_rows, all_columns

    def marks(self, position: int) -> SheetMarks:
        """What a sheet says of its cells; `position` counts the sheets of every kind from 0, in their order.

        Raises ValueError for a sheet that is not there, or that does not go on to its end.
        """
        if position >= len(self._offsets):
            raise ValueError(f"it names {len(self._offsets)} sheets, and number {position + 1} is missing")
        patches: Patches = {}
        for row, column, cell in self._hidden_cells(self._offsets[position]):
            patches.setdefault(row, {})[column] = cell
        records = _sheet_records(self._stream, self._offsets[position])
        hidden, (struck, unseen) = xls_passed_over(records, self._struck_styles, xls_unseen_styles(self._globals))
        formats = formats_of(_sheet_records(self._stream, self._offsets[position]), self._styles)
        texts = places_of(_sheet_records(self._stream, self._offsets[position]), self._marked_texts, binary=False)
        others = [record for record in _sheet_records(self._stream, self._offsets[position]) if record[0] not in _CELLS]
        beside = texts_beside(others) if self._is_biff8 else {}
        return SheetMarks(
            patches,
            formats,
            struck=struck,
            hidden=hidden,
            beside=beside,
            texts=texts,
            hidden_columns=xls_hidden_columns(others),
            unseen=unseen,
        )

    def _hidden_cells(self, offset: int) -> Iterator[tuple[int, int, Cell]]:
        """Errors and formulas without a value, with row (from 1) and column (from 0)."""
        pending: tuple[int, int] | None = None
        stale = False
        for kind, content in _sheet_records(self._stream, offset):
            if kind == _STRING:
                pending = None
            elif kind == _UNCALCULATED:
                stale = True
            elif kind == _ERROR_OR_BOOLEAN and len(content) >= 8 and content[7]:
                yield *_place(content), ErrorCell(ERRORS.get(content[6], "#ERROR!"))
            elif kind == _FORMULA:
                if pending:
                    yield *pending, UncalculatedCell(UNREADABLE_FORMULA)
                pending = None
                cell = self._formula(content, stale)
                if cell is not None:
                    yield *_place(content), cell
                elif content[6] == _TEXT and content[12:14] == b"\xff\xff":
                    pending = _place(content)
        if pending:
            yield *pending, UncalculatedCell(UNREADABLE_FORMULA)

    def _formula(self, content: bytes, stale: bool) -> Cell | None:
        """An error, or a formula that holds no value of its own; None where it has one, or a text that follows."""
        if len(content) < 20:
            raise ValueError("a formula of the sheet is cut off")
        (flags,) = struct.unpack_from("<H", content, 14)
        doubtful = stale or bool(flags & _ON_LOAD)
        if content[12:14] != b"\xff\xff":
            (number,) = struct.unpack_from("<d", content, 6)
            nothing = number == 0 and (doubtful or self._names_no_program)
            return UncalculatedCell(UNREADABLE_FORMULA) if nothing else None
        if content[6] == _ERROR:
            return ErrorCell(ERRORS.get(content[8], "#ERROR!"))
        if content[6] == _EMPTY and (doubtful or not self._calculated_by_excel):
            return UncalculatedCell(UNREADABLE_FORMULA)  # xlwt writes this for every formula
        if content[6] == _BOOLEAN and doubtful and not content[8]:
            return UncalculatedCell(UNREADABLE_FORMULA)
        return None


def _workbook_stream(data: bytes) -> bytes:
    with olefile.OleFileIO(io.BytesIO(data)) as container:
        for name in ("Workbook", "Book"):
            if container.exists(name):
                return bytes(container.openstream(name).read())
    raise ValueError("it holds no stream of a workbook")


def _offset(content: bytes) -> int:
    if len(content) < 8:
        raise ValueError("the name of a sheet is cut off")
    (offset,) = struct.unpack_from("<I", content)
    return int(offset)


def _place(content: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", content)
    return row + 1, column


def _sheet_records(stream: bytes, offset: int) -> Iterator[Record]:
    """The records of a sheet itself, without those of the charts inside it."""
    depth = 0
    for kind, content in _records(stream, offset, nested=True):
        if kind == _BEGIN:
            depth += 1
        elif kind == _EOF:
            depth -= 1
        elif depth == 1:
            yield kind, content


def _records(stream: bytes, position: int, *, nested: bool = False) -> Iterator[Record]:
    """Kind and content of each record from a BOF to its EOF; the first EOF, unless `nested`."""
    depth, begun = 0, False
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        if not begun and kind != _BEGIN:
            raise ValueError("a stream of records does not begin as it should (BIFF 5 and 8 are read)")
        begun = True
        end = position + 4 + length
        if end > len(stream):
            break
        yield kind, stream[position + 4 : end]
        depth += (kind == _BEGIN) - (kind == _EOF)
        if kind == _EOF and (depth <= 0 or not nested):
            return
        position = end
    raise ValueError("a stream of records is cut off before its end")
