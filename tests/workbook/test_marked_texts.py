"""Figures and codes with footnote marks, struck-out characters and hidden rows: rejected, or told, never read along."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookUnreadable
from extract.workbook.passed_over_binary import xlsb_passed_over, xlsb_struck_styles
from layouts import GOOD, KINDS, NAME, book, outcome, respell, row, warned
from reading import read

OTHER = f"P2 {GOOD}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("figure", ["100000¹", "100000①", "1000⒈", "1₂"])
def test_a_footnote_mark_is_no_digit_of_a_figure(figure: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(scale=figure), row("P2")]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [OTHER, "G2 invalid_number"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", ["P001¹", "P001①", "P001ª", "P001注1"])
def test_a_footnote_mark_is_no_part_of_a_code(code: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(code), row("P2")]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [OTHER, "C2 invalid_code"]


def changed(folder: Path, change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None]) -> Path:
    """A workbook of two rows that is changed before it is written."""
    workbook = openpyxl.Workbook()
    for cells in (HEADER, row(), row("P2")):
        workbook.active.append(cells)
    change(workbook.active)
    path = folder / f"{NAME}.xlsx"
    workbook.save(path)
    return path


def rich(*parts: tuple[str, InlineFont | None]) -> CellRichText:
    """A text in several fonts."""
    return CellRichText(*(TextBlock(font, text) if font else text for text, font in parts))


RAISED, STRUCK = InlineFont(vertAlign="superscript"), InlineFont(strike=True)


@pytest.mark.parametrize("text", [rich(("100000", None), ("1", RAISED)), rich(("500", STRUCK), ("1000000", None))])
def test_a_figure_with_raised_or_struck_characters_is_rejected(
    text: CellRichText, tmp_path: Path, domain: Domain
) -> None:
    path = changed(tmp_path, lambda sheet: setattr(sheet["G2"], "value", text))
    assert outcome(read(path, domain)) == [OTHER, "G2 invalid_number"]


def test_a_raised_footnote_mark_behind_a_header_is_taken_off(tmp_path: Path, domain: Domain) -> None:
    path = changed(tmp_path, lambda sheet: setattr(sheet["G1"], "value", rich(("规模", None), ("1", RAISED))))
    assert outcome(read(path, domain)) == [f"P1 {GOOD}", OTHER]


def test_shared_texts_with_raised_characters_are_seen_too(tmp_path: Path, domain: Domain) -> None:
    run = b'<si><r><t>10000</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>'
    path = changed(tmp_path, lambda sheet: setattr(sheet["G2"], "value", "raised"))
    respell(path, lambda parts: {name: part.replace(b"<si><t>raised</t></si>", run) for name, part in parts.items()})
    assert outcome(read(path, domain)) == [OTHER, "G2 invalid_number"]


def hidden(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Hide the second row."""
    sheet.row_dimensions[3].hidden = True


def struck(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Strike out two cells of it."""
    sheet["C3"].font = sheet["E3"].font = Font(strike=True)


@pytest.mark.parametrize(("change", "code", "place"), [(hidden, "rows_hidden", "3"), (struck, "struck_out", "C3, E3")])
def test_rows_that_a_person_takes_out_by_their_look_are_told(
    change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None],
    code: str,
    place: str,
    tmp_path: Path,
    domain: Domain,
) -> None:
    result = read(changed(tmp_path, change), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", OTHER], [code])
    assert place in result.report.warnings[0].detail


@pytest.mark.parametrize(("code", "place"), [("rows_hidden", "3"), ("struck_out", "C3, G3")])
def test_those_of_an_xls_are_told_too(code: str, place: str, tmp_path: Path, domain: Domain) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(writers.SHEET)
    others = [workbook.add_sheet(f"S{number}") for number in range(6)]
    for number, other in enumerate(others):  # so that there are fonts behind the fourth, which no file has
        other.write(9, 9, None, xlwt.easyxf(f"font: height {200 + number}"))
    plain, struck = xlwt.easyxf("font: height 211"), xlwt.easyxf("font: struck_out true, height 212")
    for number, cells in enumerate([HEADER, row(), row("P2")]):
        for column, cell in enumerate(cells):
            marked = code == "struck_out" and (number, column) in ((2, 2), (2, 6))
            sheet.write(number, column, cell, struck if marked else plain)
    sheet.row(2).hidden = code == "rows_hidden"
    path = tmp_path / f"{NAME}.xls"
    workbook.save(str(path))
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", OTHER], [code])
    assert place in result.report.warnings[0].detail


def test_a_hidden_row_of_an_xlsb_is_told(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(), row("P2")], "xlsb")
    shown, hidden = (
        writers.xlsb_record(0, struct.pack("<IIHBBIII", 2, 0, 300, 0, flags, 1, 0, len(HEADER))) for flags in (0, 0x10)
    )
    respell(path, lambda parts: {name: part.replace(shown, hidden) for name, part in parts.items()})
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", OTHER], ["rows_hidden"])
    assert "rows 3 " in result.report.warnings[0].detail


def test_struck_cells_of_an_xlsb_are_found() -> None:
    font = [(43, struct.pack("<HH", 220, flags)) for flags in (0, 0x08)]
    styles = [(617, b""), *((47, struct.pack("<HHH", 0, 0, number)) for number in (0, 1)), (618, b"")]
    struck = xlsb_struck_styles([*font, (47, struct.pack("<HHH", 0, 0, 1)), *styles])
    assert struck == {1}
    cells = [(0, struct.pack("<IIHBB", 4, 0, 300, 0, 0)), (5, struct.pack("<IId", 2, 1, 1.5)),
             (1, struct.pack("<II", 3, 1)),
             (7, struct.pack("<III", 6, 1, 0)), (5, struct.pack("<IId", 7, 0, 1.5))]  # fmt: skip
    assert xlsb_passed_over(cells, struck) == (frozenset(), [{5: [2, 6]}])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cells", "code"), [({"scale": "100\n200"}, "G2 invalid_number"), ({"plan": "P1\nP3"}, "C2 invalid_code")]
)
def test_two_lines_are_no_value(cells: dict[str, str], code: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(**cells), row("P2")]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [OTHER, code]


OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
STYLES = (
    f'<office:automatic-styles xmlns:style="{OFFICE}:style:1.0"><style:style style:name="T1" style:family="text">'
    "<style:text-properties {}/></style:style></office:automatic-styles><office:body>"
)


@pytest.mark.parametrize("mark", ['style:text-line-through-style="solid"', 'style:text-position="super 58%"'])
def test_marked_spans_of_an_ods_are_seen(mark: str, tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(scale="1000"), row("P2")], "ods")

    def marked(parts: dict[str, bytes]) -> dict[str, bytes]:
        content = parts["content.xml"].replace(b"<office:body>", STYLES.format(mark).encode())
        span = b'<text:p>100<text:span text:style-name="T1">0</text:span></text:p>'
        return {**parts, "content.xml": content.replace(b"<text:p>1000</text:p>", span)}

    assert outcome(read(respell(path, marked), domain)) == [OTHER, "G2 invalid_number"]


@pytest.mark.parametrize("line", ["solid", "none"])
def test_struck_cells_of_an_ods_are_told(line: str, tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(scale="1000"), row("P2")], "ods")
    style = STYLES.format(f'style:text-line-through-style="{line}"').replace('"text"', '"table-cell"')

    def strike(parts: dict[str, bytes]) -> dict[str, bytes]:
        content = parts["content.xml"].replace(b"<office:body>", style.encode())
        before, cell, after = content.partition(b"<text:p>1000</text:p>")
        before = before[: before.rindex(b">")] + b' table:style-name="T1">'
        return {**parts, "content.xml": before + cell + after}

    result = read(respell(path, strike), domain)
    assert outcome(result) == ["P1 0.012300 1.2345 1000.00", OTHER]
    assert [warning.detail.split(" ")[0] for warning in result.report.warnings] == ["G2"] * (line == "solid")


@pytest.mark.parametrize("visibility", ["collapse", "filter"])
def test_hidden_rows_of_an_ods_are_told(visibility: str, tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(), row("P2")], "ods")

    def hide(parts: dict[str, bytes]) -> dict[str, bytes]:
        before, _, last = parts["content.xml"].rpartition(b"<table:table-row>")
        tag = f'<table:table-row table:visibility="{visibility}">'.encode()
        return {**parts, "content.xml": before + tag + last}

    result = read(respell(path, hide), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", OTHER], ["rows_hidden"])


@pytest.mark.parametrize("error", [b"#SPILL!", b"#CALC!", b"#GETTING_DATA"])
def test_an_error_of_a_newer_excel_rejects_its_row_and_not_the_file(
    error: bytes, tmp_path: Path, domain: Domain
) -> None:
    path = changed(tmp_path, lambda sheet: setattr(sheet["G2"], "value", "#REF!"))
    respell(path, lambda parts: {name: part.replace(b"#REF!", error) for name, part in parts.items()})
    assert outcome(read(path, domain)) == [OTHER, "G2 invalid_number"]


def test_two_rows_of_one_number_are_an_error_of_the_file(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(), row("P2")])
    respell(
        path,
        lambda parts: {
            name: re.sub(rb'(<c r="[A-G])3"', rb'\g<1>2"', part.replace(b'<row r="3"', b'<row r="2"'))
            for name, part in parts.items()
        },
    )
    with pytest.raises(WorkbookUnreadable, match="two rows of a sheet have one number"):
        read(path, domain)
