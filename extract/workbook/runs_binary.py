"""Texts of an xls or xlsb of which single characters are struck out, raised or lowered, written as `runs` writes them.

Standard: MS-XLS 2.4.122 (Font), 2.4.265 (SST), 2.5.293 (XLUnicodeRichExtendedString); MS-XLSB 2.4, the records BrtFont,
BrtSSTItem and BrtCellRString.
"""

import struct
from collections.abc import Callable, Iterable, Sequence

from extract.workbook.passed_over_binary import Records, xls_fonts
from extract.workbook.runs import raised, struck

_XLS_TEXTS, _XLS_MORE, _XLS_TEXT = 0x00FC, 0x003C, 0x00FD
_FONT, _ITEM, _ROW, _TEXT = 43, 19, 0, 7
_STRUCK = 0x08
_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08

Marks = dict[int, Callable[[str], str]]
"""The number of a font to what it makes of a text, for those that strike out, raise or lower."""
Texts = dict[int, str]
"""The number of a shared text to how it is written, for those of which such fonts show a part."""
Run = tuple[int, int]
"""The first character that a font shows, and the number of the font."""


def xls_marked_texts(records: Sequence[tuple[int, bytes]]) -> Texts:
    """The marked texts of an xls, from the records of the workbook itself."""
    marks = _marks(xls_fonts(records), 8)
    parts: list[bytes] = []
    for kind, content in records if marks else ():
        if kind == _XLS_TEXTS or (kind == _XLS_MORE and parts):
            parts.append(content)
        elif parts:
            break
    return _written(_XlsTexts(parts).read(), marks) if parts else {}


def xlsb_marks(records: Records) -> Marks:
    """The fonts of an xlsb that mark, from the records of the part with the styles."""
    return _marks([content for kind, content in records if kind == _FONT], 6)


def xlsb_marked_texts(records: Records, marks: Marks) -> Texts:
    """The marked texts of an xlsb, from the records of the part with the shared texts."""
    return _written((_rich(content, 0) for kind, content in records if kind == _ITEM), marks)


def xlsb_marked(record: bytes, marks: Marks) -> str | None:
    """The text of a cell of an xlsb that holds its runs itself, where they are marked."""
    return _written([_rich(record, 8)], marks).get(0)


def places_of(records: Records, texts: Texts, *, binary: bool) -> dict[int, dict[int, str]]:
    """Row (from 1) to column (from 0) to marked text, from the records of a sheet; `binary`: of an xlsb."""
    found: dict[int, dict[int, str]] = {}
    row = 0
    for kind, content in records if texts else ():
        if binary and kind == _ROW:
            (row,) = struct.unpack_from("<I", content)
        elif kind == (_TEXT if binary else _XLS_TEXT):
            if binary:
                column, _, index = struct.unpack_from("<III", content)
            else:
                row, column, _, index = struct.unpack_from("<HHHI", content)
            if index in texts:
                found.setdefault(row + 1, {})[column] = texts[index]
    return found


def _marks(fonts: Sequence[bytes | None], position: int) -> Marks:
    """`position` is that of the field that raises or lowers."""
    found: Marks = {}
    for number, font in enumerate(fonts):
        if font and font[2] & _STRUCK:
            found[number] = struck
        elif font and struct.unpack_from("<H", font, position)[0] in (1, 2):
            found[number] = raised
    return found


def _written(texts: Iterable[tuple[str, Sequence[Run]]], marks: Marks) -> Texts:
    found: Texts = {}
    for index, (text, runs) in enumerate(texts):
        if any(font in marks for _, font in runs):
            ends = [start for start, _ in runs[1:]] + [len(text)]
            parts = [text[: runs[0][0]]]
            for (start, font), end in zip(runs, ends, strict=True):
                parts.append(marks.get(font, str)(text[start:end]))
            found[index] = "".join(parts)
    return found


def _rich(content: bytes, position: int) -> tuple[str, list[Run]]:
    """A RichStr of an xlsb: flags, text, runs."""
    flags, length = struct.unpack_from("<BI", content, position)
    end = position + 5 + 2 * length
    runs: list[Run] = []
    if flags & 1:
        (count,) = struct.unpack_from("<I", content, end)
        runs = [struct.unpack_from("<HH", content, end + 4 + 4 * number) for number in range(count)]
    return content[position + 5 : end].decode("utf-16-le", "replace"), runs


class _XlsTexts:
    """The shared texts of an xls, whose records go on in others where one is full."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts, self._part, self._position = parts, 0, 8
        (self._count,) = struct.unpack_from("<I", parts[0], 4)

    def read(self) -> Iterable[tuple[str, Sequence[Run]]]:
        """Each text with its runs."""
        for _ in range(self._count):
            length, flags = struct.unpack("<HB", self._take(3))
            (runs,) = struct.unpack("<H", self._take(2)) if flags & _RICH else (0,)
            (more,) = struct.unpack("<I", self._take(4)) if flags & _EXTENDED else (0,)
            text = self._characters(length, wide=bool(flags & _WIDE))
            yield text, [struct.unpack("<HH", self._take(4)) for _ in range(runs)]
            self._take(more)

    def _take(self, count: int) -> bytes:
        found = b""
        while True:
            piece = self._parts[self._part][self._position : self._position + count - len(found)]
            found, self._position = found + piece, self._position + len(piece)
            if len(found) == count:
                return found
            self._next()

    def _characters(self, count: int, *, wide: bool) -> str:
        """Characters; where they go on in another record, its first byte tells how wide they are there."""
        text = ""
        while True:
            size = 2 if wide else 1
            part = self._parts[self._part]
            end = min(self._position + (count - len(text)) * size, len(part))
            text += part[self._position : end].decode("utf-16-le" if wide else "latin-1", "replace")
            self._position = end
            if len(text) >= count:
                return text
            self._next()
            wide, self._position = bool(self._parts[self._part][0] & _WIDE), 1

    def _next(self) -> None:
        if self._part + 1 >= len(self._parts):
            raise ValueError("the shared texts of the workbook are cut off")
        self._part, self._position = self._part + 1, 0
