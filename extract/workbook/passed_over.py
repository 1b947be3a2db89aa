"""What a look at an xlsx tells of its cells and their values do not: hidden rows, and fonts that are struck out.

Standard: ECMA-376 part 1, 18.3.1.73 (row), 18.4.10 (strike), 18.8.10 (cellXfs).
"""

import re
from xml.etree import ElementTree as ET

from extract.workbook.cells import column_index
from extract.workbook.spelling import MAIN, holds

_HIDDEN = re.compile(rb'<row [^<>]*\bhidden="(?:1|true)"[^<>]*>')
_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')


def hidden_rows(part: bytes) -> frozenset[int]:
    """The numbers of the rows of a part in the usual spelling that the sheet does not show."""
    if not holds(part, b' hidden="', b"h"):
        return frozenset()
    numbers = (_NUMBER.search(tag) for tag in _HIDDEN.findall(part))
    return frozenset(int(number[1]) for number in numbers if number)


def struck_cells(part: bytes, styles: ET.Element) -> dict[int, list[int]]:
    """Row to the columns of the cells that hold something in a font that is struck out."""
    fonts = [
        (mark := font.find(f"{{{MAIN}}}strike")) is not None and mark.get("val") not in ("0", "false")
        for font in styles.iterfind(f"{{{MAIN}}}fonts/{{{MAIN}}}font")
    ]
    if not any(fonts):
        return {}
    used = [int(style.get("fontId", "0")) for style in styles.iterfind(f"{{{MAIN}}}cellXfs/{{{MAIN}}}xf")]
    wanted = [f"{index}".encode() for index, font in enumerate(used) if font < len(fonts) and fonts[font]]
    found: dict[int, list[int]] = {}
    if wanted:
        pattern = (
            rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: t="[A-Za-z]+")? s="(?:' + b"|".join(wanted) + rb')"[^<>]*[^/<>]>'
        )
        for letters, row in re.findall(pattern, part):
            found.setdefault(int(row), []).append(column_index(letters.decode()))
    return found
