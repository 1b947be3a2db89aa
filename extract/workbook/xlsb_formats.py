"""The number formats of the cells of an xlsb, as far as they say more than the digits they show.

Standard: MS-XLSB 2.4, the records BrtFmt, BrtXF, BrtBeginCellXFs, BrtCellRk, BrtCellReal, BrtCellSt,
BrtCellIsst, BrtFmlaString and BrtFmlaNum.
"""

import struct
from collections.abc import Iterable

from extract.workbook.number_formats import BUILT_IN, NumberFormat, number_format

_ROW = 0
_VALUES = frozenset((2, 5, 6, 7, 8, 9))
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618

Formats = dict[int, dict[int, NumberFormat]]
"""Column (from 0) to row (from 1) to the number format of a cell."""


def styles_of(records: Iterable[tuple[int, bytes]]) -> dict[int, NumberFormat]:
    """The cell styles whose number format says something, by index, from the records of the part with the styles."""
    codes, styles, inside = dict(BUILT_IN), [], False
    for kind, content in records:
        if kind == _FORMAT:
            number, length = struct.unpack_from("<HI", content)
            codes[number] = content[6 : 6 + 2 * length].decode("utf-16-le", "replace")
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            inside = kind == _BEGIN_STYLES
        elif kind == _STYLE and inside:
            styles.append(struct.unpack_from("<H", content, 2)[0])
    found = {index: number_format(codes[number]) for index, number in enumerate(styles) if codes.get(number)}
    return {index: format for index, format in found.items() if format.says_something}


def formats_of(records: Iterable[tuple[int, bytes]], styles: dict[int, NumberFormat]) -> Formats:
    """The formats of the numbers and texts of a sheet, from the records of its cell table."""
    found: Formats = {}
    row = 0
    for kind, content in records if styles else ():
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", content)
        elif kind in _VALUES:
            column, style = struct.unpack_from("<II", content)
            if format := styles.get(style & 0xFFFFFF):
                found.setdefault(column, {})[row + 1] = format
    return found
