"""Comments, text boxes and page headers of an xls, by their records."""

import struct

import pytest

from extract.workbook.xls_beside import texts_beside

Record = tuple[int, bytes]
COMMENT, BOX = 0x19, 0x06


def drawn(kind: int, number: int, *pieces: str) -> list[Record]:
    """An object with a text, which goes on from record to record, and the fonts of the text behind it."""
    length = sum(map(len, pieces))
    text = [(0x3C, b"\1" + piece.encode("utf-16-le")) for piece in pieces if not piece.isascii()]
    text += [(0x3C, b"\0" + piece.encode("latin-1")) for piece in pieces if piece.isascii()]
    told = (0x01B6, struct.pack("<HH6xHHI", 0, 0, length, 16, 0))
    return [(0x5D, struct.pack("<HHHHH", 0x15, 0x12, kind, number, 0)), (0xEC, b""), told, *text, (0x3C, bytes(16))]


def prompted(row: int, column: int, *texts: str) -> Record:
    """A data validation with its texts, a formula, and two ranges of cells."""
    spelled = [
        struct.pack("<HB", len(text), not text.isascii()) + text.encode("latin-1" if text.isascii() else "utf-16-le")
        for text in texts
    ]
    ranges = struct.pack("<HHHHHHHHH", 2, row, row + 9, column, column, 50, 50, 1, 1)
    return 0x01BE, b"".join([bytes(4), *spelled, struct.pack("<HH", 3, 0), b"\x1e\1\0", bytes(4), ranges])


def note(number: int, row: int, column: int) -> Record:
    """The place of a comment."""
    return 0x1C, struct.pack("<HHHHH", row, column, 0, number, 0)


@pytest.mark.parametrize(
    ("records", "texts"),
    [
        ([*drawn(COMMENT, 3, "单位：万元"), note(3, 0, 6)], {"comment on G1": "单位：万元"}),
        ([*drawn(COMMENT, 3, "张三:\n单位：", "CNY"), note(3, 0, 6)], {"comment on G1": "单位：CNY"}),
        ([*drawn(BOX, 4, "单位：万元"), *drawn(BOX, 5, "plain")], {"text box": "单位：万元\nplain"}),
        ([(0x14, b""), (0x15, struct.pack("<HB", 2, 0) + b"&P")], {}),
        ([(0x14, struct.pack("<HB", 7, 1) + "&L单位：万元".encode("utf-16-le"))],
         {"page header or footer": "\n\n单位：万元"}),
        ([prompted(0, 6, "\0", "\0", "单位：万元", "\0")], {"comment on G1": "单位：万元"}),
        ([prompted(9, 2, "标题", "错误", "CNY", "only")], {"comment on C10": "CNY"}),
        ([prompted(0, 6, "\0", "\0", "\0", "\0")], {}),
    ],
)  # fmt: skip
def test_texts_beside_the_cells(records: list[Record], texts: dict[str, str]) -> None:
    assert texts_beside(records) == texts
