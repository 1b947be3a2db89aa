"""Number formats that stand elsewhere or say more than digits: alternatives, conditions, texts, hidden figures."""

from contextlib import nullcontext
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookUnreadable
from extract.table.records.results import FileResult
from hostile import good, package, rows_of, worksheet
from layouts import NAME, outcome, warned
from reading import read

PERCENT = '<numFmt numFmtId="164" formatCode="0.00%"/>'
STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
ALTERNATIVES = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
ROWS = rows_of([(*HEADER[:4], "收益率(%)", *HEADER[5:]), *good(2)])
PLAIN = "P1 0.000100 1.5000 1000.00"


def loaded(folder: Path, domain: Domain, cell: str, styles: str, behind: str = "") -> FileResult:
    """What becomes of a sheet in which a cell is another one."""
    place = cell.split('"')[1]
    start = ROWS.index(f'<c r="{place}"')
    rows = ROWS[:start] + cell + ROWS[ROWS.index("</c>", start) + 4 :]
    path = folder / f"{NAME}.xlsx"
    path.write_bytes(package(worksheet(rows, behind), styles=styles))
    return read(path, domain)


def own(code: str) -> str:
    """Styles of which the second has a format."""
    return f'<numFmts count="1"><numFmt numFmtId="164" formatCode={quoteattr(code)}/></numFmts>{STYLES}'


def test_formats_among_alternatives_count(tmp_path: Path, domain: Domain) -> None:
    choices = "".join(f"<mc:{kind}>{PERCENT}</mc:{kind}>" for kind in ('Choice Requires="x16r2"', "Fallback"))
    choices = choices.replace('</mc:Choice Requires="x16r2">', "</mc:Choice>")
    formats = f"<numFmts><mc:AlternateContent {ALTERNATIVES}>{choices}</mc:AlternateContent></numFmts>"
    result = loaded(tmp_path, domain, '<c r="E2" s="1"><v>0.055</v></c>', formats + STYLES)
    assert outcome(result) == ["P0 0.055000 1.5000 1000.00", PLAIN]


@pytest.mark.parametrize("style", [1, 2, 7, 10, 123])
def test_a_style_or_a_format_that_is_missing_is_an_error(style: int, tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(WorkbookUnreadable, match=f"the style {style}, whose number format is missing"):
        loaded(tmp_path, domain, f'<c r="E2" s="{style}"><v>0.055</v></c>', STYLES)


@pytest.mark.parametrize(("parent", "refused"), [(10, True), (0, False)])
def test_a_style_that_leaves_its_format_to_its_parent(
    parent: int, refused: bool, tmp_path: Path, domain: Domain
) -> None:
    styles = (
        f'<cellStyleXfs><xf numFmtId="{parent}"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf xfId="0"/></cellXfs>'
    )
    with pytest.raises(WorkbookUnreadable, match="the style 1") if refused else nullcontext():
        loaded(tmp_path, domain, '<c r="E2" s="1"><v>0.055</v></c>', styles)


def test_a_format_that_a_condition_applies_is_told(tmp_path: Path, domain: Domain) -> None:
    rule = '<cfRule type="cellIs" dxfId="0" priority="1" operator="lessThan"><formula>1</formula></cfRule>'
    behind = f'<conditionalFormatting sqref="E2:E3">{rule}</conditionalFormatting>'
    for code, codes in (("0.00%", ["shown_otherwise"]), ("0.00", [])):
        styles = f'{own("0.00")}<dxfs><dxf><numFmt numFmtId="165" formatCode="{code}"/></dxf></dxfs>'
        assert warned(loaded(tmp_path, domain, '<c r="E2"><v>0.01</v></c>', styles, behind)) == codes


@pytest.mark.parametrize("code", [";;;", "0.00;;", '"-"', ";;", '[<0]"-";0.00%'])
def test_a_figure_that_its_format_hides_is_rejected(code: str, tmp_path: Path, domain: Domain) -> None:
    result = loaded(tmp_path, domain, '<c r="E2" s="1"><v>-0.0987</v></c>', own(code))
    assert outcome(result) == [PLAIN, "E2 invalid_number"]


@pytest.mark.parametrize("code", ['0.00%;-0.00%;"-"', '[=0]"-";0.00%', "0.00%;-0.00%;", ";;;"])
def test_a_zero_may_be_hidden(code: str, tmp_path: Path, domain: Domain) -> None:
    result = loaded(tmp_path, domain, '<c r="E2" s="1"><v>0</v></c>', own(code))
    assert outcome(result) == ["P0 0.000000 1.5000 1000.00", PLAIN]


def test_a_unit_behind_an_exponent_counts(tmp_path: Path, domain: Domain) -> None:
    result = loaded(tmp_path, domain, '<c r="G2" s="1"><v>35124.45</v></c>', own('0.00E+00"万元"'))
    assert outcome(result)[0] == "P0 0.000100 1.5000 351244500.00"


@pytest.mark.parametrize(
    ("code", "cell", "loads"),
    [
        ('"99JH"@', '<c r="C2" s="1" t="str"><v>0012</v></c>', "99JH0012 0.000100 1.5000 1000.00"),
        ('0;0;0;"99JH"@', '<c r="C2" s="1" t="str"><v>0012</v></c>', "99JH0012 0.000100 1.5000 1000.00"),
        ('"99JH"@', '<c r="C2" s="1"><v>12</v></c>', "12 0.000100 1.5000 1000.00"),
        ('0.00;@"万元"', '<c r="G2" s="1" t="str"><v>5</v></c>', "P0 0.000100 1.5000 50000.00"),
        ('@"%"', '<c r="E2" s="1" t="str"><v>5.5</v></c>', "P0 0.055000 1.5000 1000.00"),
        ("0;0;0;", '<c r="C2" s="1" t="str"><v>P0</v></c>', f"P0{PLAIN[2:]}"),
        ("yyyy;@", '<c r="C2" s="1" t="str"><v>P0</v></c>', f"P0{PLAIN[2:]}"),
    ],
)
def test_a_text_is_what_its_format_shows(code: str, cell: str, loads: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(loaded(tmp_path, domain, cell, own(code)))[0] == loads
