"""Figures in the colour of their background are read, and the run says so: white on white, black on black."""

import struct
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.workbook.colours import xlsb_unseen_styles
from layouts import GOOD, NAME, book, outcome, respell, row, warned
from reading import read

WHITE, BLACK, BLUE = "FFFFFFFF", "FF000000", "FF0000FF"
COLOURS: dict[str, tuple[Color | None, Color | None, list[str]]] = {
    "white on nothing": (Color(rgb=WHITE), None, ["cells_unseen"]),
    "the white of the theme on nothing": (Color(theme=0), None, ["cells_unseen"]),
    "nearly white": (Color(rgb="FFFDFDFD"), None, ["cells_unseen"]),
    "an indexed white": (Color(indexed=9), None, ["cells_unseen"]),
    "white on white": (Color(rgb=WHITE), Color(rgb=WHITE), ["cells_unseen"]),
    "the theme on white": (Color(theme=0), Color(rgb="00FFFFFF"), ["cells_unseen"]),
    "nothing on black": (None, Color(rgb=BLACK), ["cells_unseen"]),
    "blue on blue": (Color(rgb=BLUE), Color(rgb=BLUE), ["cells_unseen"]),
    "an accent on itself": (Color(theme=4, tint=0.4), Color(theme=4, tint=0.4), ["cells_unseen"]),
    "an accent on a lighter one": (Color(theme=4), Color(theme=4, tint=0.4), []),
    "white on blue": (Color(rgb=WHITE), Color(rgb=BLUE), []),
    "black on white": (Color(theme=1), Color(theme=0), []),
    "grey": (Color(rgb="FFBFBFBF"), None, []),
    "nothing": (None, None, []),
}


@pytest.mark.parametrize(("text", "back", "codes"), COLOURS.values(), ids=COLOURS.keys())
def test_the_colours_of_a_figure(
    text: Color | None, back: Color | None, codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [HEADER, row(), row("P2")])
    workbook = openpyxl.load_workbook(path)
    for cell in (workbook.active["G1"], workbook.active["C2"], workbook.active["G3"]):
        cell.font = Font(color=text) if text else Font()
        cell.fill = PatternFill("solid", fgColor=back) if back else PatternFill()
    workbook.save(path)
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], codes)
    assert all(warning.detail.startswith("G3 are in the colour") for warning in result.report.warnings)


def test_a_number_format_that_is_white(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row()])
    workbook = openpyxl.load_workbook(path)
    workbook.active["E2"].number_format = "[White]0.0000"
    workbook.save(path)
    assert warned(read(path, domain)) == ["cells_unseen"]


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("font: colour white", ["cells_unseen"]),
        ("font: colour blue; pattern: pattern solid, fore_colour blue", ["cells_unseen"]),
        ("font: colour white; pattern: pattern solid, fore_colour blue", []),
        ("font: bold on", []),
    ],
)
def test_the_colours_of_an_xls(style: str, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.xls"
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(writers.SHEET)
    for number, cells in enumerate([HEADER, row(), row("P2")]):
        for index, cell in enumerate(cells):
            sheet.write(number, index, cell, xlwt.easyxf(style if (number, index) == (2, 5) else ""))
    workbook.save(str(path))
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], codes)
    assert all(warning.detail.startswith("F3") for warning in result.report.warnings)


@pytest.mark.parametrize(
    ("text", "back", "parent", "codes"),
    [
        ("#ffffff", "", "", ["cells_unseen"]),
        ("#ffffff", "transparent", "", ["cells_unseen"]),
        ("#0000ff", "#0000ff", "", ["cells_unseen"]),
        ("", "#000000", "", ["cells_unseen"]),
        ("#ffffff", "#0000ff", "", []),
        ("#ffffff", "", "Accent", []),
        ("#000000", "", "", []),
    ],
)
def test_the_colours_of_an_ods(
    text: str, back: str, parent: str, codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [HEADER, row()], "ods")
    fo = 'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" fo:'
    family = f' style:parent-style-name="{parent}"' if parent else ""
    styles = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
        f'<style:style style:name="Accent" style:family="table-cell"/>'
        f'<style:style style:name="seen" style:family="table-cell"{family}>'
        + (f'<style:text-properties {fo}color="{text}"/>' if text else "")
        + (f'<style:table-cell-properties {fo}background-color="{back}"/>' if back else "")
        + "</style:style></office:automatic-styles><office:body>"
    )

    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        content = parts["content.xml"].decode().replace("<office:body>", styles)
        head, cell, tail = content.rpartition("<table:table-cell ")
        return parts | {"content.xml": f'{head}{cell}table:style-name="seen" {tail}'.encode()}

    result = read(respell(path, change), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], codes)


def _colour(kind: int, index: int = 0, rgb: bytes = bytes(3), tint: int = 0) -> bytes:
    """A BrtColor of an xlsb."""
    return struct.pack("<BBh", kind << 1 | 1, index, tint) + rgb + b"\xff"


@pytest.mark.parametrize(
    ("font", "pattern", "fill", "unseen"),
    [
        (_colour(2, rgb=b"\xff" * 3), 0, _colour(0), True),
        (_colour(3, 0), 0, _colour(0), True),
        (_colour(1, 9), 1, _colour(2, rgb=b"\xff" * 3), True),
        (_colour(3, 4), 1, _colour(3, 4), True),
        (_colour(3, 4), 1, _colour(3, 4, tint=999), False),
        (_colour(2, rgb=b"\xff" * 3), 1, _colour(2, rgb=b"\0\0\xff"), False),
        (_colour(0), 0, _colour(0), False),
        (_colour(0), 1, _colour(0), False),
    ],
)
def test_the_colours_of_an_xlsb(font: bytes, pattern: int, fill: bytes, unseen: bool) -> None:
    records = [
        (43, bytes(12) + font),
        (45, struct.pack("<I", pattern) + fill + bytes(8)),
        (47, struct.pack("<HHHH", 0, 0, 9, 9)),
        (617, b""),
        (47, struct.pack("<HHHH", 0, 0, 9, 9)),
        (47, struct.pack("<HHHH", 0, 0, 0, 0)),
        (618, b""),
    ]
    assert xlsb_unseen_styles(records) == ({1} if unseen else set())
