"""Texts over a sheet of an xlsb that stand in no cell: comments, prompts, drawings, headers and footers of its pages.

Standard: MS-XLSB 2.4, the records BrtBeginComment, BrtCommentText, BrtDVal and BrtBeginHeaderFooter; drawings are XML.
"""

import struct
from collections.abc import Callable, Iterable, Iterator

from extract.workbook.cells import LONGEST_TEXT, address
from extract.workbook.drawings import COMMENT, PRINTED, drawn_texts
from extract.workbook.package import Package
from extract.workbook.passed_over import printed_text, said_in_comment

_PROMPT, _PAGES, _COMMENT, _SAID = 64, 479, 635, 637
_END_OF_CELLS = b"\x92\x01\x00"
"""The record BrtEndSheetData: behind it a sheet says what is beside its cells."""
_NOTHING = 0xFFFFFFFF
_PRINTED_TEXTS, _PROMPT_TEXTS = 6, 4

Records = Iterable[tuple[int, bytes]]
Reader = Callable[[bytes], Records]


def texts_beside(package: Package, sheet: str, part: bytes, records_of: Reader) -> dict[str, str]:
    """The texts by their places. `records_of` gives the records of a part, or of what is left of one."""
    found: dict[str, str] = {}
    for kind, content in records_of(part[max(part.rfind(_END_OF_CELLS), 0) :]):
        if kind == _PROMPT:
            (ranges,) = struct.unpack_from("<I", content, 4)
            row, _, column = struct.unpack_from("<III", content, 8)
            *_, prompt = _texts(content, 8 + 16 * ranges, _PROMPT_TEXTS)
            if prompt:
                found[f"{COMMENT}{address(row + 1, column)}"] = prompt
        elif kind == _PAGES:
            printed = "".join(map(printed_text, filter(None, _texts(content, 2, _PRINTED_TEXTS))))
            found |= {PRINTED: printed} if printed.strip() else {}
    for name in [item.target for item in package.relationships(sheet) if item.kind == "comments"]:
        place = ""
        for kind, content in records_of(package.read(name)):
            if kind == _COMMENT:
                row, _, column = struct.unpack_from("<III", content, 4)
                place = f"{COMMENT}{address(row + 1, column)}"
            elif kind == _SAID:
                found[place] = said_in_comment(next(_texts(content, 1, 1)))
    return found | drawn_texts(package, sheet)


def _texts(content: bytes, position: int, count: int) -> Iterator[str]:
    """Some texts one behind the other, each with its length before it."""
    for _ in range(count):
        (length,) = struct.unpack_from("<I", content, position)
        length = 0 if length == _NOTHING else length
        position += 4
        yield content[position : position + 2 * length].decode("utf-16-le", "replace")[:LONGEST_TEXT]
        position += 2 * length
