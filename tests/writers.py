"""Workbooks in every format, written by this file or by well-known libraries: `write(format, rows, path)`."""

import csv
import io
import struct
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt

Rows = Sequence[Sequence[object]]
SHEET = "受托业绩"
ERROR_CODES = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}


def write_openpyxl(rows: Rows, path: Path) -> None:
    """xlsx by openpyxl (also xlsm, by its name)."""
    workbook = openpyxl.Workbook()
    workbook.active.title = SHEET
    for row in rows:
        workbook.active.append(list(row))
    for row in workbook.active.iter_rows():
        for cell in row:
            if cell.value in ERROR_CODES:
                cell.data_type = "e"
    workbook.save(path)


def write_xlsxwriter(rows: Rows, path: Path) -> None:
    """xlsx by XlsxWriter."""
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet(SHEET)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if str(value) in ERROR_CODES:
                sheet.write_formula(number, column, "=1/0", None, value)
            else:
                sheet.write(number, column, value)
    workbook.close()


def write_xls(rows: Rows, path: Path) -> None:
    """xls (BIFF8) by xlwt."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(SHEET)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if str(value) in ERROR_CODES:
                sheet.row(number).set_cell_error(column, ERROR_CODES[str(value)])
            elif value is not None:
                sheet.write(number, column, value)
    workbook.save(str(path))


def write_csv(rows: Rows, path: Path, encoding: str = "utf-8", delimiter: str = ",") -> None:
    """csv."""
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)
    path.write_bytes(target.getvalue().encode(encoding))


def write_ods(rows: Rows, path: Path) -> None:
    """ods: the smallest OpenDocument spreadsheet."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if str(value) in ERROR_CODES:
            return (
                '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    names += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{SHEET}">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)


def xlsb_record(kind: int, content: bytes = b"") -> bytes:
    """A record of an xlsb: kind, length and content (MS-XLSB 2.1.4)."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return head + length + bytes([size]) + content


def _xlsb_text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def write_xlsb(rows: Rows, path: Path) -> None:
    """xlsb: the smallest binary workbook."""
    data = b""
    for number, row in enumerate(rows):
        data += xlsb_record(0, struct.pack("<IIHBBIII", number, 0, 300, 0, 0, 1, 0, len(row)))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, int | float):
                data += xlsb_record(5, place + struct.pack("<d", value))
            elif str(value) in ERROR_CODES:
                data += xlsb_record(3, place + bytes([ERROR_CODES[str(value)]]))
            elif value is not None:
                data += xlsb_record(6, place + _xlsb_text(str(value)))
    width = max(map(len, rows), default=1)
    dimension = xlsb_record(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1))
    path.write_bytes(
        xlsb_package(xlsb_record(129) + dimension + xlsb_record(145) + data + xlsb_record(146) + xlsb_record(130))
    )


def xlsb_package(sheet: bytes) -> bytes:
    """The bytes of an xlsb of one sheet."""
    names = xlsb_record(156, struct.pack("<II", 0, 1) + _xlsb_text("rId1") + _xlsb_text(SHEET))
    workbook = xlsb_record(131) + xlsb_record(143) + names + xlsb_record(144) + xlsb_record(132)
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<?xml version="1.0"?><Types xmlns="{package}/content-types"><Default Extension="bin" '
            'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{relations}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", workbook)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return target.getvalue()


WRITERS: dict[str, tuple[str, Callable[[Rows, Path], None]]] = {
    "openpyxl": ("xlsx", write_openpyxl),
    "xlsxwriter": ("xlsx", write_xlsxwriter),
    "xlsm": ("xlsm", write_openpyxl),
    "xlsb": ("xlsb", write_xlsb),
    "xls": ("xls", write_xls),
    "ods": ("ods", write_ods),
    "csv": ("csv", write_csv),
}


def convert(path: Path, suffix: str, soffice: str) -> Path:
    """The workbook as LibreOffice writes it in another format."""
    folder = path.parent / "converted"
    profile = (path.parent / "profile").as_uri()
    command = [
        soffice,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        suffix,
        "--outdir",
        str(folder),
    ]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.{suffix}"
