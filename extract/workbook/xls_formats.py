"""The number formats of the cells of an xls, as far as they say more than the digits they show.

Standard: MS-XLS 2.4.42 (CodePage), 2.4.126 (Format), 2.4.353 (XF), and the records MulRk, Number, RK, Formula,
LabelSst, Label and RString.
"""

import struct
from collections.abc import Iterable

from extract.workbook.number_formats import BUILT_IN, NumberFormat, number_format

_BEGIN, _CODE_PAGE, _FORMAT, _STYLE = 0x0809, 0x0042, 0x041E, 0x00E0
_SEVERAL = 0x00BD
_VALUES = frozenset((0x0203, 0x027E, 0x0006, _SEVERAL, 0x00FD, 0x0204, 0x00D6))
_BIFF8 = 0x0600
_WIDE = 1
"""The flag of a text whose characters take two bytes each."""

Formats = dict[int, dict[int, NumberFormat]]
"""Column (from 0) to row (from 1) to the number format of a cell."""


def styles_of(records: Iterable[tuple[int, bytes]]) -> dict[int, NumberFormat]:
    """The cell styles whose number format says something, by index, from the records of the workbook itself."""
    codes, styles = dict(BUILT_IN), []
    is_biff8, encoding = True, "cp1252"
    for kind, content in records:
        if kind == _BEGIN:
            is_biff8 = struct.unpack_from("<H", content)[0] >= _BIFF8
        elif kind == _CODE_PAGE:
            encoding = f"cp{struct.unpack_from('<H', content)[0]}"
        elif kind == _FORMAT:
            (number,) = struct.unpack_from("<H", content)
            codes[number] = _wide_text(content) if is_biff8 else _text(content, encoding)
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<H", content, 2)[0])
    found = {index: number_format(codes[number]) for index, number in enumerate(styles) if codes.get(number)}
    return {index: format for index, format in found.items() if format.says_something}


def formats_of(records: Iterable[tuple[int, bytes]], styles: dict[int, NumberFormat]) -> Formats:
    """The formats of the numbers and texts of a sheet, from its records."""
    found: Formats = {}
    for kind, content in records if styles else ():
        if kind not in _VALUES or len(content) < 6:
            continue
        row, first = struct.unpack_from("<HH", content)
        places = range(4, len(content) - 2, 6) if kind == _SEVERAL else (4,)
        for column, place in enumerate(places, start=first):
            if format := styles.get(struct.unpack_from("<H", content, place)[0]):
                found.setdefault(column, {})[row + 1] = format
    return found


def _wide_text(content: bytes) -> str:
    length, flags = struct.unpack_from("<HB", content, 2)
    return (
        content[5 : 5 + 2 * length].decode("utf-16-le", "replace")
        if flags & _WIDE
        else (content[5 : 5 + length].decode("latin-1"))
    )


def _text(content: bytes, encoding: str) -> str:
    try:
        return content[3 : 3 + content[2]].decode(encoding, "replace")
    except LookupError:  # a code page that nobody knows
        return content[3 : 3 + content[2]].decode("cp1252", "replace")
