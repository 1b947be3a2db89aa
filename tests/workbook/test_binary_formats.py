"""rules.md, Units and codes: what number formats of xls and xlsb say is read as those of an xlsx are."""

import struct
from pathlib import Path

import pytest
import xlwt

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.workbook.xls_formats import styles_of
from extract.workbook.xlsb_formats import formats_of as xlsb_formats
from extract.workbook.xlsb_formats import styles_of as xlsb_styles
from layouts import GOOD, NAME, Rows, Shown, outcome, row
from reading import read

CASES: dict[str, tuple[str, tuple[object, ...], list[str]]] = {
    "literal 万元": ("规模", row(scale=Shown(100, '0.00"万元"')), [f"P1 {GOOD}"]),
    "a percentage": ("规模", row(rate=Shown(0.0123, "0.00%")), [f"P1 {GOOD}"]),
    "a literal %": ("规模", row(rate=Shown(0.05, '0.00"%"')), ["P1 0.000500 1.2345 1000000.00"]),
    "the scale of its unit": ("规模(万元)", row(scale=Shown(1000000, "0!.0,")), [f"P1 {GOOD}"]),
    "another scale": ("规模(万元)", row(scale=Shown(1000000, "0.0,")), ["G2 invalid_number"]),
    "zeros before a code": ("规模", row(Shown(123, "000000")), [f"000123 {GOOD}"]),
    "nothing": ("规模(万元)", row(scale=Shown(100, "#,##0.00")), [f"P1 {GOOD}"]),
}


def styled(folder: Path, rows: Rows) -> Path:
    """An xls with the number formats of its cells."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(writers.SHEET)
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, Shown):
                sheet.write(number, column, cell.value, xlwt.easyxf(num_format_str=cell.code))
            else:
                sheet.write(number, column, cell)
    path = folder / f"{NAME}.xls"
    workbook.save(str(path))
    return path


@pytest.mark.parametrize(("header", "cells", "gives"), CASES.values(), ids=CASES.keys())
def test_a_number_format_of_an_xls(
    header: str, cells: tuple[object, ...], gives: list[str], tmp_path: Path, domain: Domain
) -> None:
    assert outcome(read(styled(tmp_path, [(*HEADER[:6], header), cells]), domain)) == gives


def test_several_numbers_of_one_record_have_each_their_own_format(tmp_path: Path, domain: Domain) -> None:
    cells = row(rate=Shown(1, "0.00%"), value=Shown(2, "0.00"), scale=Shown(100, '0"万元"'))  # one MULRK of three
    assert outcome(read(styled(tmp_path, [HEADER, cells]), domain)) == ["P1 1.000000 2.0000 1000000.00"]


def test_the_formats_of_biff5_are_in_its_code_page() -> None:
    code = '0"万元"'.encode("cp936")
    records = [
        (0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 0)),
        (0x0042, struct.pack("<H", 936)),
        (0x041E, struct.pack("<HB", 164, len(code)) + code),
        (0x00E0, struct.pack("<HH", 0, 164)),
    ]
    assert {index: format.code for index, format in styles_of(records).items()} == {0: '0"万元"'}


def test_the_formats_of_an_xlsb() -> None:
    code = '0.00"万元"'
    styles = xlsb_styles([
        (44, struct.pack("<HI", 164, len(code)) + code.encode("utf-16-le")),
        (47, struct.pack("<HH", 0, 164)),  # a named style, no style of a cell
        (617, b""),
        (47, struct.pack("<HH", 0, 0)),
        (47, struct.pack("<HH", 0, 164)),
        (47, struct.pack("<HH", 0, 10)),
        (618, b""),
    ])  # fmt: skip
    assert {index: format.code for index, format in styles.items()} == {1: code, 2: "0.00%"}
    cells = [
        (0, struct.pack("<I", 4)),
        (5, struct.pack("<IId", 2, 1, 1.5)),
        (2, struct.pack("<III", 3, 2 | 1 << 24, 0)),
        (5, struct.pack("<IId", 4, 0, 1.5)),
    ]
    found = xlsb_formats(cells, styles)
    assert {column: list(rows) for column, rows in found.items()} == {2: [5], 3: [5]}
