"""What calamine does not tell about an xlsx sheet, read straight from the parts of the file: Excel error cells.

Standard: ECMA-376 part 1, 18.3.1.4 (c), 18.18.11 (cell type `e`).
"""

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree as ET

from extract.fields import Cell, ErrorCell

ErrorCells = dict[int, dict[int, Cell]]
"""Excel row number (from 1) to column index (from 0) to the error that stands there."""

_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+)([0-9]+)["'][^>]*(?<!/)>"""
    rb"""(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)</""",
    re.DOTALL,
)
_ERROR_MARKS = (b't="e"', b"t='e'")
_SHEET_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def error_cells(data: bytes, sheet: str) -> ErrorCells:
    """The error cells of a sheet. Empty for formats other than xlsx and xlsm."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _sheet_part(archive, sheet)
            xml = archive.read(part) if part else b""
    except (zipfile.BadZipFile, KeyError):
        return {}
    found: ErrorCells = {}
    if any(mark in xml for mark in _ERROR_MARKS):
        for letters, row, text in _ERROR.findall(xml):
            found.setdefault(int(row), {})[_column_index(letters)] = ErrorCell(text.decode("utf-8", "replace"))
    return found


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part that holds a worksheet; None where the archive is no xlsx."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in workbook.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(_SHEET_ID, ""), "")
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return None


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1
