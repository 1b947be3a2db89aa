"""What a look at an xlsx tells of its cells and their values do not: hidden rows, struck fonts, comments, text boxes.

Standard: ECMA-376 part 1, 18.3.1.32 (dataValidation), 18.3.1.46 (headerFooter), 18.3.1.73 (row), 18.4.10 (strike),
18.7.3 (comment), 18.8.10 (cellXfs).
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, column_index
from extract.workbook.drawings import COMMENT, PRINTED, drawn_texts
from extract.workbook.package import Package, parsed
from extract.workbook.spelling import MAIN, holds

_PRINTED = re.compile(rb"<(?:odd|even|first)(?:Header|Footer)[^<>]*>([^<]*)</")
_AUTHOR = re.compile(r"^[^\n:：]{1,40}[:：]\s*\n")
"""What Excel writes in front of a comment."""
_CODES = re.compile(r'&(?:[LCRPNDTAFZGBIUESXY]|K[0-9A-F+-]{1,6}|[0-9]{1,3}|"[^"]*")')
"""What in a page header is no text: its sections, page numbers, dates, fonts."""
_PROMPT = re.compile(rb"<dataValidation\s[^<>]*>")
_HIDDEN = re.compile(rb'<row [^<>]*\b(?:hidden="(?:1|true)"|ht="0")[^<>]*>')
_COLUMN = re.compile(rb"<col\s[^<>]*>")
_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')


def texts_beside(package: Package, sheet: str, part: bytes) -> dict[str, str]:
    """Texts of a sheet that stand in no cell, by their places: comments, prompts, text boxes, headers of its pages."""
    found: dict[str, str] = {}
    end = max(part.rfind(b"</sheetData"), 0)
    for tag in _PROMPT.findall(part, end):
        prompt = ET.fromstring(tag.rstrip(b"/>") + b"/>")
        if text := prompt.get("prompt"):
            found[f"{COMMENT}{re.split('[ :]', prompt.get('sqref', '?'))[0]}"] = text[:LONGEST_TEXT]
    for name in [item.target for item in package.relationships(sheet) if item.kind == "comments"]:
        for comment in parsed(package.read(name)).iter():
            if comment.tag.rpartition("}")[2] == "comment":
                text = "".join(item.text or "" for item in comment.iter() if item.tag.rpartition("}")[2] == "t")
                found[f"{COMMENT}{comment.get('ref', '?')}"] = said_in_comment(text)
    found |= drawn_texts(package, sheet)
    for printed in _PRINTED.findall(part, end):
        text = ET.fromstring(b"<t>" + printed + b"</t>").text or ""
        found[PRINTED] = found.get(PRINTED, "") + printed_text(text)
    return found


def printed_text(text: str) -> str:
    """What a page header or footer says, without the codes in it, behind a line break."""
    return "\n" + _CODES.sub("\n", text)[:LONGEST_TEXT]


def said_in_comment(text: str) -> str:
    """The text of a comment without the author that Excel writes in front of it."""
    return _AUTHOR.sub("", text[:LONGEST_TEXT])


def hidden_rows(part: bytes) -> frozenset[int]:
    """The numbers of the rows of a part in the usual spelling that the sheet does not show."""
    if not holds(part, b' hidden="', b"h") and not holds(part, b' ht="0"', b"h"):
        return frozenset()
    numbers = (_NUMBER.search(tag) for tag in _HIDDEN.findall(part))
    return frozenset(int(number[1]) for number in numbers if number)


def hidden_columns(part: bytes) -> tuple[tuple[int, int], ...]:
    """The first and the last column (from 0) of each span of a part that the sheet does not show."""
    tags = [
        ET.fromstring(tag.rstrip(b"/>") + b"/>") for tag in _COLUMN.findall(part, 0, max(part.find(b"<sheetData"), 0))
    ]
    hidden = [tag for tag in tags if tag.get("hidden") in ("1", "true") or tag.get("width") == "0"]
    return tuple((int(tag.get("min", "1")) - 1, int(tag.get("max", "1")) - 1) for tag in hidden)


def struck_cells(part: bytes, styles: ET.Element) -> dict[int, list[int]]:
    """Row to the columns of the cells that hold something in a font that is struck out."""
    fonts = [
        (mark := font.find(f"{{{MAIN}}}strike")) is not None and mark.get("val") not in ("0", "false")
        for font in styles.iterfind(f"{{{MAIN}}}fonts/{{{MAIN}}}font")
    ]
    if not any(fonts):
        return {}
    used = [int(style.get("fontId", "0")) for style in styles.iterfind(f"{{{MAIN}}}cellXfs/{{{MAIN}}}xf")]
    return cells_in_styles(part, [index for index, font in enumerate(used) if font < len(fonts) and fonts[font]])


def cells_in_styles(part: bytes, styles: Sequence[int]) -> dict[int, list[int]]:
    """Row to the columns of the cells of some styles that hold something."""
    found: dict[int, list[int]] = {}
    if styles:
        named = "|".join(map(str, styles)).encode()
        pattern = rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: t="[A-Za-z]+")? s="(?:' + named + rb')"[^<>]*[^/<>]>'
        for letters, row in re.findall(pattern, part):
            found.setdefault(int(row), []).append(column_index(letters.decode()))
    return found
