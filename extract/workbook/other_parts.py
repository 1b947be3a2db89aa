"""Excel errors in xls, xlsb and ods, which calamine shows as empty cells, and merged cells in ods.

Standards: MS-XLS 2.4.24 (BoolErr), 2.4.127 (Formula), 2.4.28 (BoundSheet8); MS-XLSB 2.4 (BrtCellError, BrtFmlaError,
BrtRowHdr, BrtBundleSh); OpenDocument 1.3 part 3, 9.1 (table cells).
"""

import io
import posixpath
import struct
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import olefile

from extract.workbook.cells import ErrorCell, Merge, Patches, SheetMarks
from extract.workbook.formats import Format

_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_BIFF_FORMULA, _BIFF_EOF, _BIFF_SHEET, _BIFF_BOOLERR = 0x0006, 0x000A, 0x0085, 0x0205
_XLSB_ROW, _XLSB_ERROR, _XLSB_FORMULA_ERROR, _XLSB_SHEET = 0, 3, 11, 156


def marks_of(data: bytes, kind: Format, sheet: str) -> SheetMarks:
    """What calamine does not tell about a sheet. Raises OSError, ValueError, struct.error."""
    patches: Patches = {}
    readers = {Format.XLS: _xls_errors, Format.XLSB: _xlsb_errors, Format.ODS: _ods_errors}
    for row, column, text in readers[kind](data, sheet):
        patches.setdefault(row, {})[column] = ErrorCell(text)
    return SheetMarks(patches, merges=ods_merges(data, sheet) if kind is Format.ODS else None)


def _error(code: int) -> str:
    return _CODES.get(code, "#ERROR!")


def _xls_errors(data: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    stream = _xls_stream(data)
    for offset, name in _xls_sheets(stream):
        if name != sheet:
            continue
        for kind, content in _biff_records(stream, offset):
            if kind == _BIFF_BOOLERR and len(content) >= 8 and content[7]:
                row, column = struct.unpack_from("<HH", content)
                yield row + 1, column, _error(content[6])
            elif kind == _BIFF_FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:
                row, column = struct.unpack_from("<HH", content)
                yield row + 1, column, _error(content[8])


def _xls_stream(data: bytes) -> bytes:
    """The stream of records; very old files are nothing but that stream."""
    if not olefile.isOleFile(data=data):
        return data
    with olefile.OleFileIO(io.BytesIO(data)) as container:
        for name in ("Workbook", "Book"):
            if container.exists(name):
                return bytes(container.openstream(name).read())
    return b""


def _xls_sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    for kind, content in _biff_records(stream, 0):
        if kind == _BIFF_SHEET:
            (offset,) = struct.unpack_from("<I", content)
            length, wide = content[6], content[7] & 1
            text = content[8 : 8 + length * (1 + wide)]
            yield offset, text.decode("utf-16-le" if wide else "latin-1")


def _biff_records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + length]
        if kind == _BIFF_EOF:
            return
        position += 4 + length


def _xlsb_errors(data: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _xlsb_part(archive, sheet)
        content = archive.read(part) if part else b""
    row = 0
    for kind, record in _xlsb_records(content):
        if kind == _XLSB_ROW:
            (row,) = struct.unpack_from("<I", record)
        elif kind in (_XLSB_ERROR, _XLSB_FORMULA_ERROR):
            (column,) = struct.unpack_from("<I", record)
            yield row + 1, column, _error(record[8])


def _xlsb_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    relations = ET.fromstring(archive.read("xl/_rels/workbook.bin.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for kind, record in _xlsb_records(archive.read("xl/workbook.bin")):
        if kind == _XLSB_SHEET:
            identity, position = _xlsb_text(record, 8)
            name, _ = _xlsb_text(record, position)
            if name == sheet:
                return posixpath.normpath(posixpath.join("/xl", targets.get(identity, ""))).lstrip("/")
    return None


def _xlsb_text(record: bytes, position: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", record, position)
    end = position + 4 + 2 * length
    return record[position + 4 : end].decode("utf-16-le"), end


def _xlsb_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(content):
        kind = content[position]
        position += 1
        if kind & 0x80 and position < len(content):
            kind = kind & 0x7F | (content[position] & 0x7F) << 7
            position += 1
        length = shift = 0
        while position < len(content):
            byte = content[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, content[position : position + length]
        position += length


def ods_merges(data: bytes, sheet: str) -> tuple[Merge, ...]:
    """The merged ranges of a sheet of an ods."""
    merges = []
    for row, column, cell in _ods_cells(data, sheet, b"-spanned="):
        rows, columns = (int(_attribute(cell, f"number-{name}-spanned") or 1) for name in ("rows", "columns"))
        if rows > 1 or columns > 1:
            merges.append(((row, column), (row + rows - 1, column + columns - 1)))
    return tuple(merges)


def _ods_errors(data: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    for row, column, cell in _ods_cells(data, sheet, b'value-type="error"'):
        if _attribute(cell, "value-type") == "error":
            text = "".join(cell.itertext()).strip()
            yield row, column, text if text.startswith("#") else "#ERROR!"


def _ods_cells(data: bytes, sheet: str, mark: bytes) -> Iterator[tuple[int, int, ET.Element]]:
    """Row (from 1), column (from 0) and element of every cell of a sheet; none where the content lacks `mark`."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    if mark not in content:
        return
    for table in ET.fromstring(content).iter():
        if _local(table.tag) == "table" and _attribute(table, "name") == sheet:
            row = 1
            for line in table.iter():
                if _local(line.tag) == "table-row":
                    column = 0
                    for cell in line:
                        yield row, column, cell
                        column += int(_attribute(cell, "number-columns-repeated") or 1)
                    row += int(_attribute(line, "number-rows-repeated") or 1)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ET.Element, name: str) -> str | None:
    """An attribute by its local name; where it stands twice, as value-type does, the one that says error."""
    values = [value for key, value in element.attrib.items() if _local(key) == name]
    return "error" if "error" in values else (values[0] if values else None)
