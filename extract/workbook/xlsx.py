"""What calamine does not tell about an xlsx sheet, read straight from the parts of the file.

Excel errors, formulas that were never calculated, cells formatted as percentages, and the used range.
Standard: ECMA-376 part 1, 18.3.1.4 (c), 18.18.11 (cell types), 18.8.30 (numFmt), 18.8.10 (cellXfs).
"""

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from extract.workbook.cells import Cell, ErrorCell, UncalculatedCell, column_letter

Patches = dict[int, dict[int, Cell]]
"""Excel row number (from 1) to column index (from 0) to the cell that stands there."""

Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range: (row from 1, column from 0) each."""

_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*\bt=["']e["'][^>]*[^/>]|[^>]*\bt=["']e["'])>(.*?)</(?:\w+:)?c>""", re.DOTALL
)
_FORMULA_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>\s*(<(?:\w+:)?f\b.*?)</(?:\w+:)?c>", re.DOTALL)
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*?)(/?)>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ROW_NUMBER = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_STYLE = re.compile(rb"""\bs=["']([0-9]+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")
_FORMULA_TEXT = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)</")
_EMPTY_TEXT = re.compile(rb"""\bt=["']str["']""")
_ERROR_MARKS = (b't="e"', b"t='e'")
_FORMULA_MARKS = (b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")
_PERCENT_FORMATS = (9, 10)
_LITERAL = re.compile(r'"[^"]*"|[\\_*!].|\[[^\]]*\]')
_RELATION_ID = re.compile(r"\{http://[^}]*relationships\}id")


@dataclass(frozen=True)
class SheetParts:
    """One worksheet part. `patches` holds the cells that calamine shows as empty although they are not."""

    xml: bytes = b""
    patches: Patches = field(default_factory=dict)
    percent_styles: frozenset[bytes] = frozenset()

    def percent_cells(self, column: int) -> frozenset[int]:
        """Row numbers of the cells of a column that are formatted as percentages."""
        if not self.percent_styles:
            return frozenset()
        found = re.findall(rb'<c r="' + column_letter(column).encode() + rb'([0-9]+)" s="([0-9]+)"', self.xml)
        if found:  # the order in which all common programs write the attributes
            return frozenset(int(row) for row, style in found if style in self.percent_styles)
        styled = ((row, index, _STYLE.search(attributes)) for row, index, attributes, _ in _walk(self.xml))
        return frozenset(
            row for row, index, style in styled if index == column and style and style[1] in self.percent_styles
        )

    def used_range(self) -> tuple[int, int]:
        """Rows and columns up to the last cell in the part, from A1; at least as much as the reader will hold."""
        last = re.search(rb'<(?:\w+:)?row\b[^>]*?\br="([0-9]+)"', self.xml[max(self.xml.rfind(b"row "), 1) - 1 - 16 :])
        rows = int(last[1]) if last else 0
        wide = max(set(re.findall(rb'\br="([A-Z]{2,3})[0-9]', self.xml)), key=_column_index, default=b"Z")
        return rows, _column_index(wide) + 1

    def filled_range(self) -> tuple[int, int]:
        """Rows and columns up to the last cell that holds something; slower than `used_range`."""
        rows = columns = 0
        for row, index, _, content in _walk(self.xml):
            if content:
                rows, columns = max(rows, row), max(columns, index + 1)
        return rows, columns


def read_parts(data: bytes, sheet: str) -> SheetParts:
    """The parts of one sheet. Raises KeyError, ValueError or ParseError where the package is broken."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _sheet_part(archive, sheet)
        if part is None:
            return SheetParts()
        xml = archive.read(part)
        return SheetParts(xml, _patches(xml), _percent_styles(archive))


def _patches(xml: bytes) -> Patches:
    """Excel errors and formulas without a value."""
    suspects: list[tuple[int, int, bytes]] = []
    marks = (_ERROR_MARKS, _ERROR_CELL), (_FORMULA_MARKS, _FORMULA_CELL)
    patterns = [pattern for group, pattern in marks if any(mark in xml for mark in group)]
    if patterns and not _REFERENCE.search(xml):  # cells that name no position stand one after the other
        suspects = [(row, index, attributes + b">" + content) for row, index, attributes, content in _walk(xml)]
    else:
        for pattern in patterns:
            for attributes, content in pattern.findall(xml):
                if reference := _REFERENCE.search(attributes):
                    place = int(reference[2]), _column_index(reference[1])
                    suspects.append((*place, attributes + b">" + content))
    patches: Patches = {}
    for row, index, element in suspects:
        if cell := _hidden_cell(element):
            patches.setdefault(row, {})[index] = cell
    return patches


def _hidden_cell(element: bytes) -> Cell | None:
    """The cell that calamine would show as empty: an Excel error, or a formula without a value."""
    attributes, _, content = element.partition(b">")
    value = _VALUE.search(content)
    if value:
        return ErrorCell(_text(value[1])) if any(mark in attributes for mark in _ERROR_MARKS) else None
    formula = _FORMULA_TEXT.search(content)
    if not any(mark in content for mark in _FORMULA_MARKS) or _EMPTY_TEXT.search(attributes):
        return None
    return UncalculatedCell("=" + (_text(formula[1]) if formula else ""))


def _text(escaped: bytes) -> str:
    return html.unescape(escaped.decode("utf-8", "replace"))


def _walk(xml: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Row number, column index, attributes and content of every cell; positions that are not named are counted."""
    row = index = -1
    number = 0
    for match in _TOKEN.finditer(xml):
        if match[1] == b"row":
            named = _ROW_NUMBER.search(match[2])
            number, index = (int(named[1]) if named else number + 1), -1
            continue
        reference = _REFERENCE.search(match[2])
        index = _column_index(reference[1]) if reference else index + 1
        row = int(reference[2]) if reference else number
        end = None if match[3] else _CELL_END.search(xml, match.end())
        yield row, index, match[2], xml[match.end() : end.start()] if end else b""


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """Indexes of the cell formats that show a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    root = ET.fromstring(archive.read("xl/styles.xml"))
    codes = {}
    percent = []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            codes[element.get("numFmtId", "")] = element.get("formatCode", "")
        elif tag == "cellXfs":
            identities = [child.get("numFmtId", "0") for child in element]
            percent = [str(index).encode() for index, identity in enumerate(identities) if _is_percent(identity, codes)]
    return frozenset(percent)


def _is_percent(identity: str, codes: dict[str, str]) -> bool:
    if identity in codes:
        return "%" in _LITERAL.sub("", codes[identity])
    return identity.isdecimal() and int(identity) in _PERCENT_FORMATS


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part that holds a worksheet; None where the archive is no xlsx or lacks the sheet."""
    names = {name.lower(): name for name in archive.namelist()}
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return None
    workbook = ET.fromstring(archive.read(names["xl/workbook.xml"]))
    relations = ET.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in workbook.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            identity = next((value for key, value in element.attrib.items() if _RELATION_ID.fullmatch(key)), "")
            path = posixpath.normpath(posixpath.join("/xl", targets.get(identity, ""))).lstrip("/")
            return names.get(path.lower())
    return None


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1
