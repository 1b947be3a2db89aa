"""rules.md, Units: what stands over a sheet in no cell states units and months too: text boxes, prompts of cells."""

import struct
from pathlib import Path

import openpyxl
import openpyxl.chart
import pytest

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.table import PeriodConflict
from extract.table.records.results import FileResult
from hostile import good, package, rows_of, worksheet
from layouts import NAME, SHORT, book, outcome, respell, row, warned
from reading import read

_OFFICE = "http://schemas.openxmlformats.org"
_RELATION = (
    f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/drawing" Target="../drawings/d.xml"/></Relationships>'
)


def boxed(
    folder: Path, domain: Domain, *paragraphs: str, header: tuple[object, ...] = HEADER, row: int = 0
) -> FileResult:
    """A sheet with a text box over it."""
    texts = "".join(
        f"<a:p><a:r><a:t>{text[:2]}</a:t></a:r><a:r><a:t>{text[2:]}</a:t></a:r></a:p>" for text in paragraphs
    )
    drawing = (
        f'<xdr:wsDr xmlns:xdr="{_OFFICE}/drawingml/2006/spreadsheetDrawing" xmlns:a="{_OFFICE}/drawingml/2006/main">'
        f"<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:row>{row}</xdr:row></xdr:from><xdr:sp><xdr:txBody>{texts}</xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
    )
    path = folder / f"{NAME}.xlsx"
    path.write_bytes(package(rows_of([header, good(1)[0][-len(header) :]])))
    added = {"xl/drawings/d.xml": drawing.encode(), "xl/worksheets/_rels/sheet1.xml.rels": _RELATION.encode()}
    return read(respell(path, lambda parts: parts | added), domain)


@pytest.mark.parametrize(
    ("paragraphs", "loads"),
    [
        (("单位：万元",), "P0 0.010000 1.5000 10000000.00"),
        (("受托业绩表", "单位：万元、%"), "P0 0.000100 1.5000 10000000.00"),
        (("受托业绩表", "2024年11月"), "P0 0.010000 1.5000 1000.00"),
    ],
)
def test_a_text_box_states_units(paragraphs: tuple[str, ...], loads: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(boxed(tmp_path, domain, *paragraphs)) == [loads]


def test_a_text_box_below_the_header_is_of_something_else(tmp_path: Path, domain: Domain) -> None:
    result = boxed(tmp_path, domain, "2024年10月", "单位：万元", header=SHORT, row=5)
    assert (outcome(result), warned(result)) == (["P0 0.010000 1.5000 1000.00"], ["unit_not_read"])
    assert "text box at B6" in result.report.warnings[0].detail


def test_a_text_box_that_names_another_month_is_an_error(tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(PeriodConflict, match="text box at B1"):
        boxed(tmp_path, domain, "2024年10月受托业绩", header=SHORT)


def test_a_text_box_that_names_a_span_is_a_warning(tmp_path: Path, domain: Domain) -> None:
    assert warned(boxed(tmp_path, domain, "2024年1-11月", header=SHORT)) == ["other_span"]


@pytest.mark.parametrize("formula", ['"单位："&amp;其他!A1', "其他!A1"])
def test_a_title_that_nobody_calculated_is_a_warning(formula: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.xlsx"
    for value, codes in (("", ["title_not_calculated"]), ("<v>单位：万元</v>", [])):
        title = f'<row r="1"><c r="A1" t="str"><f>{formula}</f>{value}</c></row>'
        path.write_bytes(package(title + rows_of([HEADER, *good(1)], 3)))
        result = read(path, domain)
        assert (outcome(result), warned(result)) == ([f"P0 0.010000 1.5000 1000{'0000' * (not codes)}.00"], codes)


def test_a_line_of_signs_over_a_table_is_no_formula(tmp_path: Path, domain: Domain) -> None:
    assert warned(read(book(tmp_path, [("=====受托业绩=====",), HEADER, row()], "csv"), domain)) == []


def test_the_prompt_of_a_cell_is_as_a_comment_on_it(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.xlsx"
    for cells, unit, loads, codes in (
        ("G1", "万元", "10000000.00", []),
        ("G2:G99 G200", "万元", "1000.00", ["unit_not_read"]),
        ("G2", "元", "1000.00", []),
    ):
        prompt = f'<dataValidations><dataValidation sqref="{cells}" prompt="单位：{unit}"/></dataValidations>'
        path.write_bytes(package(worksheet(rows_of([HEADER, *good(1)]), prompt)))
        result = read(path, domain)
        assert (outcome(result), warned(result)) == ([f"P0 0.010000 1.5000 {loads}"], codes)


def charted(folder: Path, header: tuple[object, ...], title: str, axis: str = "") -> Path:
    """A workbook with a chart of its sizes."""
    path = book(folder, [header, *good(2)])
    workbook = openpyxl.load_workbook(path)
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(workbook.active, min_col=7, min_row=1, max_row=3), titles_from_data=True)
    chart.title, chart.y_axis.title = title, axis or None
    workbook.active.add_chart(chart, "J3")
    workbook.save(path)
    return path


@pytest.mark.parametrize(
    ("unit", "title", "axis", "codes"),
    [
        ("", "规模（万元）", "", ["unit_not_read"]),
        ("", "各计划规模", "单位：亿元", ["unit_not_read"]),
        ("", "规模", "RMB mio", ["unit_not_read"]),
        ("(万元)", "规模（万元）", "", []),
        ("", "规模（元）", "", []),
        ("", "各计划收益率", "收益率(%)", []),
        ("", "户数（户）", "", []),
        ("", "2024年10月规模", "", []),
    ],
)
def test_the_title_of_a_chart_states_no_unit(
    unit: str, title: str, axis: str, codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    result = read(charted(tmp_path, (*HEADER[:6], f"规模{unit}"), title, axis), domain)
    assert (result.report.rows_loaded, warned(result)) == (2, codes)
    assert f"P0 0.010000 1.5000 1000{'0000' if unit else ''}.00" in outcome(result)
    assert all("chart at J3" in warning.detail for warning in result.report.warnings)


@pytest.mark.parametrize("left", [b"<broken", None])
def test_a_chart_that_cannot_be_read_says_nothing(left: bytes | None, tmp_path: Path, domain: Domain) -> None:
    path = charted(tmp_path, HEADER, "规模（万元）")
    charts = {"xl/charts/chart1.xml": left} if left else {}

    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        return {name: part for name, part in parts.items() if "charts/chart" not in name} | charts

    result = read(respell(path, change), domain)
    assert (result.report.rows_loaded, warned(result)) == (2, [])


def test_a_chart_with_an_axis_that_divides_is_about_that_axis(tmp_path: Path, domain: Domain) -> None:
    path = charted(tmp_path, HEADER, "规模（万元）")
    units = b'<dispUnits><builtInUnit val="tenThousands"/></dispUnits></valAx>'
    respell(path, lambda parts: {name: part.replace(b"</valAx>", units) for name, part in parts.items()})
    assert warned(read(path, domain)) == []


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "style", "table", "text")
)


def paged(folder: Path, domain: Domain, line: str, master: str = "Default") -> FileResult:
    """An ods whose pages are printed with a line."""
    path = book(folder, [HEADER, *good(1)], "ods")
    fields = "<text:sheet-name>单位：亿元</text:sheet-name> <text:page-number>1</text:page-number>"
    styles = (
        f"<office:document-styles {_SPACES}><office:master-styles>"
        f'<style:master-page style:name="{master}"><style:header><text:p>{line}{fields}</text:p></style:header>'
        '<style:footer style:display="false"><text:p>单位：亿元</text:p></style:footer></style:master-page>'
        "</office:master-styles></office:document-styles>"
    )
    return read(respell(path, lambda parts: parts | {"styles.xml": styles.encode()}), domain)


@pytest.mark.parametrize(
    ("line", "master", "loads"),
    [
        ("单位：万元", "Default", "10000000.00"),
        ("受托业绩 单位：<text:span>万元</text:span>", "Default", "10000000.00"),
        ("受托业绩", "Default", "1000.00"),
        ("单位：万元", "Other", "1000.00"),
    ],
)
def test_the_page_header_of_an_ods_states_units(
    line: str, master: str, loads: str, tmp_path: Path, domain: Domain
) -> None:
    assert outcome(paged(tmp_path, domain, line, master)) == [f"P0 0.010000 1.5000 {loads}"]


def test_the_page_header_of_an_ods_names_a_month(tmp_path: Path, domain: Domain) -> None:
    assert warned(paged(tmp_path, domain, "2024年10月")) == ["period_conflict"]


@pytest.mark.parametrize(("row", "loads", "codes"), [(1, "10000000.00", []), (2, "1000.00", ["unit_not_read"])])
def test_the_prompt_of_an_ods(row: int, loads: str, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, *good(2)], "ods")
    prompt = (
        '<office:spreadsheet><table:content-validations><table:content-validation table:name="v1">'
        '<table:help-message table:display="true"><text:p>单位：万元</text:p></table:help-message>'
        "</table:content-validation></table:content-validations>"
    )

    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        lines = parts["content.xml"].decode().replace("<office:spreadsheet>", prompt).split("<table:table-row>")
        for number in range(row, len(lines)):
            before, cell, behind = lines[number].rpartition("<table:table-cell ")
            lines[number] = f'{before}{cell}table:content-validation-name="v1" {behind}'
        return parts | {"content.xml": "<table:table-row>".join(lines).encode()}

    result = read(respell(path, change), domain)
    assert (outcome(result)[0], warned(result)) == (f"P0 0.010000 1.5000 {loads}", codes)


def wide(text: str) -> bytes:
    """A text of an xlsb."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


_NO_TEXT = struct.pack("<I", 0xFFFFFFFF)
_PAGES = writers.xlsb_record(479, bytes(2) + wide("&L单位：万元&P") + _NO_TEXT * 5)


def _prompt(row: int) -> bytes:
    cells = struct.pack("<IIIII", 1, row, row + 9, 6, 6)
    return writers.xlsb_record(64, bytes(4) + cells + _NO_TEXT * 3 + wide("单位：万元") + bytes(8))


@pytest.mark.parametrize(
    ("behind", "loads", "codes"),
    [(_PAGES, "10000000.00", []), (_prompt(0), "10000000.00", []), (_prompt(1), "1000.00", ["unit_not_read"])],
)
def test_texts_behind_the_cells_of_an_xlsb(
    behind: bytes, loads: str, codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    path, end = book(tmp_path, [HEADER, *good(1)], "xlsb"), writers.xlsb_record(146)
    respell(path, lambda parts: {name: part.replace(end, end + behind) for name, part in parts.items()})
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P0 0.010000 1.5000 {loads}"], codes)


@pytest.mark.parametrize(("row", "loads", "codes"), [(0, "10000000.00", []), (1, "1000.00", ["unit_not_read"])])
def test_the_comment_of_an_xlsb(row: int, loads: str, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, *good(1)], "xlsb")
    comment = writers.xlsb_record(635, struct.pack("<IIIII", 0, row, row, 6, 6) + bytes(16))
    comment += writers.xlsb_record(637, b"\0" + wide("张三:\n单位：万元"))
    link = _RELATION.replace("../drawings/d.xml", "../comments1.bin").replace("/drawing", "/comments")

    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        sheet = next(name for name in parts if "worksheets/sheet" in name)
        folder, _, name = sheet.rpartition("/")
        return parts | {f"{folder}/_rels/{name}.rels": link.encode(), "xl/comments1.bin": comment}

    result = read(respell(path, change), domain)
    assert (outcome(result), warned(result)) == ([f"P0 0.010000 1.5000 {loads}"], codes)
