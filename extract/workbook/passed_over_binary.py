"""What a look at an xls or xlsb tells of its cells and their values do not: hidden rows and columns, struck fonts.

Standard: MS-XLS 2.4.53 (ColInfo), 2.4.122 (Font), 2.4.221 (Row) and 2.4.353 (XF); MS-XLSB 2.4, the records BrtColInfo,
BrtFont, BrtXF and BrtRowHdr.
"""

import struct
from collections.abc import Iterable, Sequence

_XLS_FONT, _XLS_STYLE, _XLS_ROW, _XLS_SEVERAL = 0x0031, 0x00E0, 0x0208, 0x00BD
_XLS_CELLS = frozenset((0x0006, 0x0203, 0x0204, 0x0205, 0x027E, _XLS_SEVERAL, 0x00FD, 0x00D6))
"""The records of cells that hold something."""
_XLS_NO_FONT = 4
"""The number that no font of an xls has: the fifth one has the number 5."""
_XLS_HIDDEN, _XLS_COLUMNS = 0x20, 0x007D
_ROW, _FONT, _STYLE, _BEGIN_STYLES, _END_STYLES = 0, 43, 47, 617, 618
_CELLS = frozenset((*range(2, 12), 62))
_HIDDEN, _COLUMNS = 0x10, 60
_STRUCK = 0x08

Records = Iterable[tuple[int, bytes]]
Cells = dict[int, list[int]]
"""Row (from 1) to the columns (from 0) of cells."""
Found = tuple[frozenset[int], list[Cells]]
"""The rows (from 1) that the sheet does not show, and the cells of each set of styles."""


def xls_fonts(records: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
    """The fonts of an xls by their numbers, from the records of the workbook itself; None for the number of none."""
    fonts: list[bytes | None] = [content for kind, content in records if kind == _XLS_FONT]
    return [*fonts[:_XLS_NO_FONT], None, *fonts[_XLS_NO_FONT:]]


def xls_struck_styles(records: Sequence[tuple[int, bytes]]) -> frozenset[int]:
    """The cell styles of an xls whose font is struck out, from the records of the workbook itself."""
    styles = [struct.unpack_from("<H", content)[0] for kind, content in records if kind == _XLS_STYLE]
    return _struck(styles, [font is not None and _has(font, 2, _STRUCK) for font in xls_fonts(records)])


def xls_passed_over(records: Records, *styles: frozenset[int]) -> Found:
    """What the records of a sheet of an xls tell, with sets of styles such as those that are struck out."""
    hidden: set[int] = set()
    cells: list[Cells] = [{} for _ in styles]
    told = frozenset().union(*styles)
    for kind, content in records:
        if kind == _XLS_ROW and _has(content, 12, _XLS_HIDDEN):
            hidden.add(struct.unpack_from("<H", content)[0] + 1)
        elif told and kind in _XLS_CELLS:
            row, first = struct.unpack_from("<HH", content)
            places = range(4, len(content) - 2, 6) if kind == _XLS_SEVERAL else (4,)
            for column, place in enumerate(places, start=first):
                if (style := struct.unpack_from("<H", content, place)[0]) in told:
                    _note(cells, styles, style, row + 1, column)
    return frozenset(hidden), cells


def xls_hidden_columns(records: Records) -> tuple[tuple[int, int], ...]:
    """The first and the last column (from 0) of each span that a sheet of an xls does not show."""
    spans = [struct.unpack_from("<HHHHH", content) for kind, content in records
             if kind == _XLS_COLUMNS and len(content) >= 10]  # fmt: skip
    return tuple((first, last) for first, last, width, _, flags in spans if flags & 1 or not width)


def xlsb_hidden_columns(records: Records) -> tuple[tuple[int, int], ...]:
    """The same of an xlsb, from the records of the part of a sheet."""
    spans = [struct.unpack_from("<IIIIH", content) for kind, content in records if kind == _COLUMNS]
    return tuple((first, last) for first, last, width, _, flags in spans if flags & 1 or not width)


def xlsb_struck_styles(records: Records) -> frozenset[int]:
    """The cell styles of an xlsb whose font is struck out, from the records of the part with the styles."""
    fonts: list[bool] = []
    styles: list[int] = []
    inside = False
    for kind, content in records:
        if kind == _FONT:
            fonts.append(_has(content, 2, _STRUCK))
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            inside = kind == _BEGIN_STYLES
        elif kind == _STYLE and inside:
            styles.append(struct.unpack_from("<H", content, 4)[0])
    return _struck(styles, fonts)


def xlsb_passed_over(records: Records, *styles: frozenset[int]) -> Found:
    """What the records of the cell table of an xlsb tell, with sets of styles such as those that are struck out."""
    hidden: set[int] = set()
    cells: list[Cells] = [{} for _ in styles]
    told = frozenset().union(*styles)
    row = 0
    for kind, content in records:
        if kind == _ROW:
            row = struct.unpack_from("<I", content)[0] + 1
            if _has(content, 11, _HIDDEN):
                hidden.add(row)
        elif told and kind in _CELLS:
            column, style = struct.unpack_from("<II", content)
            if style & 0xFFFFFF in told:
                _note(cells, styles, style & 0xFFFFFF, row, column)
    return frozenset(hidden), cells


def _note(cells: Sequence[Cells], styles: Sequence[frozenset[int]], style: int, row: int, column: int) -> None:
    for found, wanted in zip(cells, styles, strict=True):
        if style in wanted:
            found.setdefault(row, []).append(column)


def _has(content: bytes, position: int, flag: int) -> bool:
    return bool(struct.unpack_from("<B", content, position)[0] & flag)


def _struck(styles: Sequence[int], fonts: Sequence[bool]) -> frozenset[int]:
    return frozenset(index for index, font in enumerate(styles) if font < len(fonts) and fonts[font])
