"""Texts over a sheet of an xls that stand in no cell: comments, prompts, text boxes, headers and footers of its pages.

Standard: MS-XLS 2.4.92 (Dv), 2.4.136 (Header), 2.4.124 (Footer), 2.4.179 (Note), 2.4.181 (Obj), 2.4.329 (TxO).
"""

import struct
from collections.abc import Iterable

from extract.workbook.cells import address
from extract.workbook.drawings import COMMENT, PRINTED, TEXT_BOX
from extract.workbook.passed_over import printed_text, said_in_comment

_HEADER, _FOOTER, _NOTE, _MORE, _OBJECT, _TEXT = 0x0014, 0x0015, 0x001C, 0x003C, 0x005D, 0x01B6
_PROMPT, _PROMPT_TEXTS = 0x01BE, 4
_KIND_OF_NOTE = 0x19
_WIDE = 1

Records = Iterable[tuple[int, bytes]]


def texts_beside(records: Records) -> dict[str, str]:
    """The texts by their places, from the records of a sheet."""
    found: dict[str, str] = {}
    notes: dict[int, str] = {}
    number, is_note, left, text = 0, False, 0, ""
    for kind, content in records:
        if kind in (_HEADER, _FOOTER) and len(content) > 3:
            if (printed := printed_text(_characters(content[2:]))).strip():
                found[PRINTED] = found.get(PRINTED, "") + printed
        elif kind == _PROMPT:
            place, prompt = _prompted(content)
            found |= {f"{COMMENT}{place}": prompt} if prompt.strip("\0") else {}
        elif kind == _OBJECT:
            object_kind, number = struct.unpack_from("<HH", content, 4)
            is_note = object_kind == _KIND_OF_NOTE
        elif kind == _TEXT:
            (left,), text = struct.unpack_from("<H", content, 10), ""
        elif kind == _MORE and left:  # the text of the object; its fonts stand in one more, behind it
            text += _characters(content)[: left - len(text)]
            if len(text) == left:
                left = 0
                if is_note:
                    notes[number] = said_in_comment(text)
                elif text.strip():
                    found[TEXT_BOX] = f"{found[TEXT_BOX]}\n{text}" if TEXT_BOX in found else text
        elif kind == _NOTE:
            row, column, _, number = struct.unpack_from("<HHHH", content)
            found[f"{COMMENT}{address(row + 1, column)}"] = notes.get(number, "")
    return found


def _characters(content: bytes) -> str:
    """Characters behind a byte that tells how wide they are."""
    return content[1:].decode("utf-16-le" if content[:1] and content[0] & _WIDE else "latin-1", "replace")


def _prompted(content: bytes) -> tuple[str, str]:
    """The first cell of a data validation, and its prompt: four texts, two formulas, and the cells."""
    position, texts = 4, []
    for _ in range(_PROMPT_TEXTS):
        length, flags = struct.unpack_from("<HB", content, position)
        size = 1 + length * (2 if flags & _WIDE else 1)
        texts.append(_characters(content[position + 2 : position + 2 + size]))
        position += 2 + size
    for _ in range(2):
        position += 4 + struct.unpack_from("<H", content, position)[0]
    row, _, column = struct.unpack_from("<HHH", content, position + 2)
    return address(row + 1, column), texts[2]
