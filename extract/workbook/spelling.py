"""One spelling for the parts of a workbook: UTF-8, no prefixes, comments, CDATA or processing instructions.

XML lets a cell be written in many ways, and a quick reader knows few of them. A part in the usual spelling stays as it
is; any other goes through a real XML parser once and is written anew, so that what reads it afterwards sees one way.
Standard: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.73 (row); XML 1.0.
"""

import re
from enum import Enum
from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, address, column_index
from extract.workbook.package import parsed
from extract.workbook.runs import show_marked_runs

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_ALTERNATIVES = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROOT = re.compile(
    rb"""(?:<\?xml version=["']1\.[0-9]["'](?: encoding=["'][uU][tT][fF]-8["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])? ?\?>)?\s*<[A-Za-z]+(?P<attributes>\s[^<>]*)?>"""
)
_BEHIND_LETTERS = (
    rb'[0-9]{1,7}+"(?: s="[0-9]++")?+(?: t="[A-Za-z]++")?+(?: s="[0-9]++")?+(?: [cv]m="[0-9]++")*+ ?+/?+>)'
)
_ODD_CELL = re.compile(rb'<c(?! r="[A-Z]{1,3}+' + _BEHIND_LETTERS)
"""A cell in another than the usual spelling: the place, then style and type in either order."""
_ODD_OR_WIDE_CELL = re.compile(rb'<c(?! r="[A-Z]' + _BEHIND_LETTERS)
_CELL_TAGS = re.compile(rb"<c[>/\s]")
_PREFIX = re.compile(rb"xmlns:([^\s=]+)")
_LIKENESS = re.compile(rb"<[^<>\s:/]+:(?:sheets?|workbookPr|calcPr|numFmts?|cellXfs|xf)[\s/>]")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_KEPT = ("r", "s", "t")
_DEEPEST = 60
_SPACED_VALUE = re.compile(rb"<v>[ \n\r\t]")
_ERRORS = frozenset((b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"))
_ERROR_VALUE = re.compile(rb'<c [^<>]*t="e"[^<>]*>(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?<v>([^<]*)</v>')
_ROW = re.compile(rb'<row [^<>]*?\br="([0-9]{1,7})"')
_PLACE = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_COMMA = re.compile(rb"<v>[-+]?[0-9]*,[0-9,.]*</v>")
_VALUE_OF_TEXT = re.compile(rb'<c [^<>]*t="inlineStr"[^<>]*><v>')
_LOOKED_THROUGH = 2**21
"""Bytes up to which the cells of a part are compared: no program writes a cell twice, and many cells take time."""
_HEAD = 200
"""Bytes at the beginning of a part in which white space says nothing about its cells."""


def is_usual(part: bytes) -> bool:
    """Whether a part is UTF-8 with the main namespace as its default, and holds its elements and plain text only.

    Character references make a part unusual, since some readers leave them in attributes as they are.
    """
    root = _ROOT.match(part)
    if not root:
        return False
    attributes = root["attributes"] or b""
    declared = attributes.count(b"xmlns=") == 1 and f'xmlns="{MAIN}"'.encode() in attributes
    usual = declared and attributes.count(MAIN.encode()) == 1 and _holds_no_other_kind(part, root.end())
    unread = _has_marked_runs(part) or _has_newer_errors(part) or _has_extended_cells(part)
    return usual and not unread and not _holds_likenesses(part)


def _has_extended_cells(part: bytes) -> bool:
    """Whether an extension stands among the cells: one within a cell is known to few readers."""
    start, end = part.find(b"<sheetData"), part.rfind(b"</sheetData")
    first = part.find(b"x", start, end) if 0 <= start < end else -1  # as in `holds`
    return first >= 0 and part.find(b"<extLst", first - 2, end) >= 0


def _has_newer_errors(part: bytes) -> bool:
    """Whether it holds an error of Excel that not every reader knows, such as #SPILL!."""
    if part.find(b"#") < 0 or b"<sheetData" not in part:
        return False
    return any(error not in _ERRORS for error in _ERROR_VALUE.findall(part))


def _has_marked_runs(part: bytes) -> bool:
    """Whether single characters of its texts are struck out, raised or lowered."""
    if b"<sst" not in part[: _HEAD * 5] and b"<sheetData" not in part:
        return False  # the fonts of styles are whole cells'
    return holds(part, b"<strike", b"k") or holds(part, b"<vertAlign", b"l")


def _holds_likenesses(part: bytes) -> bool:
    """Whether elements of other namespaces stand where a reader that goes by local names may take them for ours."""
    if b"<sheetData" in part or b"<sst" in part:
        end = part.rfind(b"</sheetData")  # behind the cells, extensions are usual
        head = part[:4096] if end > 0 else part  # prefixes are declared at the root, or behind the cells
        prefixes = set(_PREFIX.findall(head))
        return any(part.find(b"<" + prefix + b":", 0, end if end > 0 else len(part)) >= 0 for prefix in prefixes)
    return _LIKENESS.search(part) is not None or (b"<numFmts" in part and b":AlternateContent" in part)


def _has_spaced_values(part: bytes) -> bool:
    """Whether a value stands in its element with white space around it: a number that some readers take for a text."""
    spaces = [space for space in (b" ", b"\n", b"\r", b"\t") if part.find(space, _HEAD) >= 0]
    ended = any(re.search(space + b"</v>", part) for space in spaces)  # on so many bytes faster than `in`
    return ended or (bool(spaces) and _SPACED_VALUE.search(part) is not None)


def _holds_no_other_kind(part: bytes, start: int) -> bool:
    """Whether no comment, CDATA, processing instruction or further declaration of a namespace stands behind `start`."""
    for rare, mark in ((b"!", b"<!"), (b"?", b"<?"), (b"&", b"&#")):  # a single character is found many times as fast
        if part.find(rare, start) >= 0 and part.find(mark, start) >= 0:
            return False
    if not holds(part, b"xmlns", b"x", start):
        return True
    return all(part.find(text, start) < 0 for text in (b'xmlns="', b"xmlns='", MAIN.encode()))


def holds(part: bytes, mark: bytes, rare: bytes, start: int = 0) -> bool:
    """Whether a mark stands behind `start`. `rare` is a character of it that cells seldom have, so found far faster."""
    cells = max(part.find(b"<sheetData", start), start)
    if part.find(mark, start, cells + len(mark)) >= 0:
        return True
    first = part.find(rare, cells)
    return first >= 0 and part.find(mark, max(first - len(mark), cells)) >= 0


class Columns(Enum):
    """How far the cells of a part go: to column Z at most, or perhaps beyond it."""

    NARROW = "narrow"
    WIDE = "wide"


def usual_columns(part: bytes) -> Columns | None:
    """How far the cells of a usual part whose values stand bare go; None unless it is one."""
    return None if _has_spaced_values(part) else cell_columns(part)


def cell_columns(part: bytes) -> Columns | None:
    """How far the cells of a part go; None unless every cell names its place first, as nearly all programs do.

    No cell is passed over by a pattern for such cells.
    """
    start, end = part.find(b"<sheetData"), part.rfind(b"</sheetData")
    if start < 0 or end < 0:
        return None if _CELL_TAGS.search(part) else Columns.NARROW
    if part.count(b"<c ", 0, start) or part.count(b"<c ", end):
        return None
    if not _ODD_OR_WIDE_CELL.search(part, start, end):
        return Columns.NARROW
    return None if _ODD_CELL.search(part, start, end) else Columns.WIDE


def refuse_twins(part: bytes) -> None:
    """Raise ValueError where two rows of a part have one number, or two cells one place: one of them would be lost."""
    rows = _ROW.findall(part)
    if len(set(rows)) < len(rows):
        raise ValueError("two rows of a sheet have one number")
    cells = _PLACE.findall(part) if len(part) < _LOOKED_THROUGH else []
    if len(set(cells)) < len(cells):
        raise ValueError("two cells of a sheet have one place")


def refuse_odd_values(part: bytes) -> None:
    """Raise ValueError for a value that readers take for another one or for none.

    A number with a comma is one of XML no more, and whether it is one of decimals nobody can tell.
    """
    if holds(part, b"inlineStr", b"l") and _VALUE_OF_TEXT.search(part):
        raise ValueError("a cell of a sheet says that it holds a text (inlineStr), and holds a value")
    start = part.find(b"<sheetData")
    for found in _COMMA.finditer(part, start) if part.find(b",", start) >= 0 else ():
        if b' t="' not in part[part.rfind(b"<c ", start, found.start()) : found.start()].partition(b">")[0]:
            raise ValueError(f"a number of a sheet is written {found[0][3:-4].decode()[:20]}, with a comma")


def holds_long_text(part: bytes) -> bool:
    """Whether a text in a part may be longer than one that Excel holds: a look every so many bytes tells quickly.

    A cell or a shared text that long lies between two beginnings of such, farther apart than that.
    """
    mark = b"<si" if b"<sst" in part[: _HEAD * 5] else b"<c"
    position, end = part.find(mark), max(part.rfind(b"</sheetData"), 0) or len(part)
    while 0 <= position < end - LONGEST_TEXT:
        position = part.rfind(mark, position + 1, position + LONGEST_TEXT)
    return position < 0 and mark in part


def respelled(part: bytes) -> bytes:
    """The same part in the usual spelling. Raises ParseError, or ValueError for a document type declaration."""
    root = parsed(part)
    _plain(root, 0)
    root.set("xmlns", MAIN)
    root.set("xmlns:r", _RELATIONS)
    if root.tag == "worksheet":
        _place_cells(root)
    show_marked_runs(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + content


def _plain(element: ET.Element, depth: int) -> None:
    """Take prefixes off, and elements and attributes of other namespaces out."""
    if depth > _DEEPEST:
        raise ValueError(f"a part of it is nested deeper than {_DEEPEST} elements")
    element.tag = element.tag.rpartition("}")[2]
    for name, value in list(element.attrib.items()):
        space, _, local = name.rpartition("}")
        if space:
            del element.attrib[name]
            if space.endswith("/XML/1998/namespace") or (local == "id" and space.endswith("relationships")):
                element.set(f"{'xml' if 'XML' in space else 'r'}:{local}", value)
    for child in _chosen(element):
        if child.tag.startswith((f"{{{MAIN}}}", f"{{{_STRICT}}}")):
            _plain(child, depth + 1)
        else:
            element.remove(child)


def _chosen(element: ET.Element) -> list[ET.Element]:
    """The children of an element, of alternatives (part 3, 10.2) those for programs that know the standard alone."""
    for child in [child for child in element if child.tag == f"{{{_ALTERNATIVES}}}AlternateContent"]:
        place = list(element).index(child)
        element[place : place + 1] = list(child[-1]) if len(child) else []
    return list(element)


def _place_cells(sheet: ET.Element) -> None:
    """Give every row its number and every cell its place, in the order of the usual spelling."""
    number = 0
    for row in sheet.iterfind("sheetData/row"):
        number = int(row.get("r") or number + 1)
        row.set("r", str(number))
        column = -1
        for cell in row.iterfind("c"):
            column += 1
            if place := cell.get("r"):
                match = _REFERENCE.fullmatch(place.strip())
                if not match:
                    raise ValueError(f"a cell has the place {place}, which is none")
                column = column_index(match[1].upper())
                place = f"{match[1].upper()}{int(match[2])}"
            kept = {name: cell.get(name, "").strip() for name in _KEPT if cell.get(name)}
            kept["r"] = place or address(number, column)
            for extension in cell.findall("extLst"):
                cell.remove(extension)
            value = cell.find("v")
            if cell.get("t") == "e" and value is not None and (value.text or "").strip().encode() not in _ERRORS:
                value.text = "#VALUE!"
            if value is not None and value.text and cell.get("t") != "str":
                value.text = value.text.strip()
            cell.attrib.clear()
            cell.attrib.update({name: kept[name] for name in _KEPT if name in kept})
