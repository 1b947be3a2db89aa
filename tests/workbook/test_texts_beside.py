"""rules.md, Units: what stands over a sheet in no cell states units and months too: text boxes, prompts of cells."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.table import PeriodConflict
from extract.table.results import FileResult
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
