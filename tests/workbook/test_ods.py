"""An ods as LibreOffice, Excel and older programs write it: values, errors, formulas, number formats, positions."""

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookProtected, WorkbookTooLarge, WorkbookUnreadable
from extract.limits import Limits
from extract.table.reading import ReadOptions
from extract.workbook.cells import Cell, ErrorCell, FormattedNumber
from extract.workbook.opening import open_workbook
from reading import by_address, cells, opened, read, records

NAMES = ("office", "table", "text", "style", "datastyle", "drawing", "svg-compatible")
NAMESPACES = " ".join(
    f'xmlns:{ {"datastyle": "number"}.get(name, name) }="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in NAMES
)
NAMESPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
GOOD_CELL = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'


def write_ods(
    path: Path, rows: str, automatic: str = "", common: str | None = None, sheet: str = "受托业绩", before: str = ""
) -> Path:
    """An ods of one sheet from the XML of its rows, of its automatic styles, and of those of styles.xml."""
    writers.write_ods([], path)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    content = (
        f"{head}<office:document-content {NAMESPACES}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f'<office:body><office:spreadsheet>{before}<table:table table:name="{sheet}">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {"content.xml": content.encode()}
    if common is not None:
        styles = f"<office:styles>{common}</office:styles>"
        parts["styles.xml"] = f"{head}<office:document-styles {NAMESPACES}>{styles}</office:document-styles>".encode()
    replace(path, parts)
    return path


def replace(path: Path, parts: dict[str, bytes]) -> None:
    """Replace parts of a package, or add them."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()} | parts
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def row(*items: str, attributes: str = "") -> str:
    """A row of cells."""
    return f"<table:table-row{attributes}>{''.join(items)}</table:table-row>"


def cell(attributes: str = "", text: str | None = None) -> str:
    """A cell from its attributes and the text that it shows."""
    shown = "" if text is None else f"<text:p>{text}</text:p>"
    return f"<table:table-cell {attributes}>{shown}</table:table-cell>"


def typed(text: str) -> str:
    """A cell in which somebody typed a text."""
    return cell('office:value-type="string"', text)


def number(value: object, text: str | None = None, style: str | None = None) -> str:
    """A cell that holds a number."""
    named = f'table:style-name="{style}" ' if style else ""
    return cell(f'{named}office:value-type="float" office:value="{value}"', text)


def record(rate: str = number(0.01), value: str = number(1.5), scale: str = number(1000), plan: str = "") -> str:
    """A row of the domain's table."""
    return row(number(2024), number(11), plan or typed("P1"), typed("C1"), rate, value, scale)


TITLES = row(*map(typed, HEADER))
FORMULA = 'table:formula="of:=1/0" '


# --- errors ------------------------------------------------------------------------------------------------------

ERRORS = {
    "LibreOffice": cell(
        FORMULA + 'office:value-type="string" office:string-value="" calcext:value-type="error"', "#DIV/0!"
    ),
    "LibreOffice, of its own": cell(
        FORMULA + 'office:value-type="string" office:string-value="" calcext:value-type="error"', "Err:502"
    ),
    "Excel": cell(FORMULA + 'office:value-type="float" office:value="0"', "#DIV/0!"),
    "Excel, without formula": cell('office:value-type="float" office:value="0"', "#REF!"),
    "a percentage": cell(FORMULA + 'office:value-type="percentage" office:value="0"', "#VALUE!"),
    "OpenOffice": cell('table:formula="oooc:=1/0" office:value-type="float" office:value="0"', "Err:503"),
    "in Chinese": cell(FORMULA + 'office:value-type="float" office:value="0"', "错误:502"),
    "a text result": cell(FORMULA + 'office:value-type="string"', "#NAME?"),
    "an attribute of its own": cell(FORMULA + 'office:value-type="error"', "#NUM!"),
    "another text": cell('office:value-type="string" calcext:value-type="error"', "5"),
    "without text": cell('office:value-type="string" calcext:value-type="error"'),
    "no number": cell('office:value-type="float" office:value="NaN"'),
    "beyond every number": cell('office:value-type="float" office:value="1e999"'),
    "in parts": cell(FORMULA + 'office:value-type="float" office:value="0"', "<text:span>#DIV</text:span>/0!"),
    "a newer one": cell(FORMULA + 'office:value-type="float" office:value="0"', "#SPILL!"),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
def test_an_error_is_rejected(error: str, tmp_path: Path, domain: Domain) -> None:
    path = write_ods(tmp_path / "2024-11_受托业绩.ods", TITLES + record() + record(rate=error, plan=typed("P2")))
    result = read(path, domain)
    assert (len(records(result)), cells(result)) == (1, [("E3", "invalid_number")])


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("lines", [1, 2])
def test_an_error_that_stands_for_several_cells(columns: int, lines: int, tmp_path: Path) -> None:
    error = ERRORS["Excel"].replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{columns}"')
    rows = row(GOOD_CELL, error, GOOD_CELL, attributes=f' table:number-rows-repeated="{lines}"')
    found = by_address(opened(write_ods(tmp_path / "x.ods", rows)))
    expected = [[1.0, *["#DIV/0!"] * columns, 1.0]] * lines
    assert found == {f"{'ABCDE'[c]}{r + 1}": value for r, line in enumerate(expected) for c, value in enumerate(line)}
    assert isinstance(found["B1"], ErrorCell)


@pytest.mark.parametrize("text", ["#DIV/0!", "Err:502", "#N/A"])
def test_a_text_that_looks_like_an_error_stays_a_text(text: str, tmp_path: Path) -> None:
    found = by_address(opened(write_ods(tmp_path / "x.ods", row(typed(text)))))
    assert found == {"A1": text}
    assert type(found["A1"]) is str


# --- formulas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        cell('table:formula="of:=[.A1]*2"'),
        cell('table:formula="of:=[.A1]*2" office:value-type="float"'),
        cell('table:formula="of:=[.A1]*2" office:value-type="string"'),
        cell('table:formula="of:=[.A1]*2" office:value-type="date"'),
        cell('table:formula="of:=[.A1]*2" office:value-type="boolean"'),
        cell('table:formula="of:=[.A1]*2" office:value-type="string"', "=[.A1]*2"),
        cell('table:formula="msoxl:=[.A1]*2"', ""),
        cell('table:formula="[.A1]*2" table:number-columns-repeated="1"'),
    ],
)
@pytest.mark.parametrize("column", ["C", "E", "G"])
def test_a_formula_without_a_value_is_rejected(formula: str, column: str, tmp_path: Path, domain: Domain) -> None:
    name = {"C": "plan", "E": "rate", "G": "scale"}[column]
    path = write_ods(tmp_path / "2024-11_受托业绩.ods", TITLES + record() + record(**{name: formula}))
    result = read(path, domain)
    assert (len(records(result)), cells(result)) == (1, [(f"{column}3", "uncalculated_formula")])
    assert result.rejected[0].rejects[0].value == "=[.A1]*2"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (cell('table:formula="of:=1" office:value-type="float" office:value="0"', "0"), 0.0),
        (cell('table:formula="of:=1" office:value-type="string"', "P1"), "P1"),
        (cell('table:formula="of:=1" office:value-type="string" office:string-value="P1"'), "P1"),
        (cell('table:formula="of:=1" office:value-type="date" office:date-value="2024-11-30"'), date(2024, 11, 30)),
        (cell('table:formula="of:=1" office:value-type="boolean" office:boolean-value="false"'), False),
    ],
)
def test_a_formula_with_a_value_is_its_value(result: str, expected: Cell, tmp_path: Path) -> None:
    assert by_address(opened(write_ods(tmp_path / "x.ods", row(result)))) == {"A1": expected}


@pytest.mark.parametrize("empty", ['office:value-type="string" office:string-value=""', 'office:value-type="string"'])
def test_a_formula_that_gives_an_empty_text_is_empty(empty: str, tmp_path: Path) -> None:
    rows = row(cell(f'table:formula="of:=&quot;&quot;" {empty}', ""), GOOD_CELL)
    assert by_address(opened(write_ods(tmp_path / "x.ods", rows))) == {"B1": 1.0}


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (cell('office:value-type="date" office:date-value="2024-11-30"', "30.11.24"), date(2024, 11, 30)),
        (cell('office:value-type="date" office:date-value="2024-11-30T12:30:00"'), datetime(2024, 11, 30, 12, 30)),
        (cell('office:value-type="time" office:time-value="PT12H30M05S"'), time(12, 30, 5)),
        (cell('office:value-type="boolean" office:boolean-value="true"', "WAHR"), True),
        (cell('office:value-type="currency" office:currency="CNY" office:value="1.5"', "￥1.50"), 1.5),
        (cell("", "P1"), "P1"),
        (typed("a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d"), "a  b\tc\nd"),
        (typed("规模<text:span>(万元)</text:span>"), "规模(万元)"),
        (cell('office:value-type="string"', "a</text:p><text:p>b"), "a\nb"),
        (cell('office:value-type="string"', "<![CDATA[a&b]]>"), "a&b"),
        (cell('office:value-type="string"', "a<!-- no -->b"), "ab"),
        ('<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation>'
         "<text:p>P1</text:p></table:table-cell>", "P1"),
        ('<table:covered-table-cell office:value-type="string"><text:p>P1</text:p></table:covered-table-cell>', "P1"),
    ],
)  # fmt: skip
def test_values(item: str, expected: Cell, tmp_path: Path) -> None:
    assert by_address(opened(write_ods(tmp_path / "x.ods", row(item)))) == {"A1": expected}


def test_a_number_that_is_none_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreadable, match="1_000"):
        opened(write_ods(tmp_path / "x.ods", row(number("1_000"))))


# --- number formats ----------------------------------------------------------------------------------------------


def styled(kind: str, content: str, name: str = "ce1") -> str:
    """A cell style with a data style of a kind."""
    return (
        f'<number:{kind}-style style:name="N-{name}">{content}</number:{kind}-style>'
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="N-{name}"/>'
    )


PLACES = '<number:number number:decimal-places="2" number:min-integer-digits="1"/>'
GROUPED = '<number:number number:decimal-places="2" number:min-integer-digits="1" number:grouping="true"/>'
ZEROS = '<number:number number:decimal-places="0" number:min-integer-digits="{}"/>'
TEN_THOUSANDS = (
    '<number:number number:decimal-places="0" number:min-integer-digits="1" number:display-factor="1000">'
    '<number:embedded-text number:position="1">.</number:embedded-text></number:number>'
)

FORMATS = {
    "0.00%": (styled("percentage", f"{PLACES}<number:text>%</number:text>"), "0.00%"),
    "a percentage without a sign": (styled("percentage", PLACES), "0.00%"),
    "率 before a percentage": (
        styled("percentage", f"<number:text>率</number:text>{PLACES}<number:text>%</number:text>"),
        '"率"0.00%',
    ),
    "a literal %": (styled("number", f"{PLACES}<number:text>%</number:text>"), '0.00"%"'),
    "万元": (styled("number", f"{GROUPED}<number:text>万元</number:text>"), '#,##0.00"万元"'),
    "a scale": (
        styled("number", f"{TEN_THOUSANDS}<number:text>万</number:text>"),
        '#"."0,"万"',
    ),
    "zeros": (styled("number", ZEROS.format(6)), "000000"),
    "a prefix": (styled("number", f"<number:text>99JH</number:text>{ZEROS.format(8)}"), '"99JH"00000000'),
    "a quote": (styled("number", f'{ZEROS.format(1)}<number:text>"</number:text>'), '0\\"'),
}


@pytest.mark.parametrize(("styles", "code"), FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("where", ["cell", "row", "column", "parent", "default"])
def test_the_format_of_a_number(styles: str, code: str, where: str, tmp_path: Path) -> None:
    line, automatic, common, before = row(number(0.25, style="ce1")), styles, None, ""
    if where == "row":
        line = row(number(0.25), attributes=' table:default-cell-style-name="ce1"')
    elif where == "column":
        line = row(number(0.25))
        before = '<table:table-column table:default-cell-style-name="ce1"/>'
    elif where == "parent":
        automatic, common = "", styles
        automatic = '<style:style style:name="x" style:family="table-cell" style:parent-style-name="ce1"/>'
        line = row(number(0.25, style="x"))
    elif where == "default":
        automatic = ""
        common = styles.replace('style:name="ce1"', "").replace("style:style", "style:default-style")
        line = row(number(0.25))
    found = by_address(opened(write_ods(tmp_path / "x.ods", before + line, automatic, common)))["A1"]
    assert isinstance(found, FormattedNumber)
    assert (float(found), found.format.code) == (0.25, code)


def test_a_style_chooses_another_by_the_number(tmp_path: Path) -> None:
    negative = '<style:map style:condition="value()&gt;=0" style:apply-style-name="N-plus"/>'
    automatic = styled("number", f"{PLACES}<number:text>万元</number:text>", "plus")
    automatic += styled(
        "number", f"<number:text>-</number:text>{PLACES}<number:text>元</number:text>{negative}", "both"
    )
    line = row(number(1, style="both"), number(-1, style="both"))
    found = by_address(opened(write_ods(tmp_path / "x.ods", line, automatic)))
    codes = [found[name].format.code for name in ("A1", "B1")]  # type: ignore[union-attr]
    assert codes == ['0.00"万元"', '"-"0.00"元";"-"0.00"元"']


MINUS = f"<number:text>-</number:text>{PLACES}"
RED = (
    '<style:text-properties xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" fo:color="#ff0000"/>'
)


@pytest.mark.parametrize(
    ("positive", "negative", "rate", "rejected", "codes"),
    [
        (PLACES, MINUS, -0.05, [], []),
        (PLACES, PLACES, -0.05, [], ["shown_otherwise"]),
        (PLACES, RED + PLACES, -0.05, [], []),
        (MINUS, PLACES, 0.05, ["E2"], []),
        (MINUS, MINUS, -0.05, [], []),
    ],
)
def test_a_sign_that_a_style_does_not_show(
    positive: str, negative: str, rate: float, rejected: list[str], codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    chosen = '<style:map style:condition="value()&gt;=0" style:apply-style-name="N-plus"/>'
    automatic = styled("number", positive, "plus") + styled("number", negative + chosen)
    rows = record(number(rate, style="ce1")) + record(number(0.01), plan=typed("P2"))
    result = read(write_ods(tmp_path / "2024-11_受托业绩.ods", TITLES + rows, automatic), domain)
    assert ([at for at, _ in cells(result)], [warning.code for warning in result.report.warnings]) == (rejected, codes)


def test_the_columns_of_a_repeated_cell_have_their_own_formats(tmp_path: Path) -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="2"/><table:table-column-group><table:table-column '
        'table:default-cell-style-name="ce1"/></table:table-column-group>'
    )
    line = row(number(5).replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="4"'))
    automatic = styled("percentage", PLACES)
    sheet = opened(write_ods(tmp_path / "x.ods", columns + line, automatic))
    shown = {place: cell.format.percent for place, cell in by_address(sheet).items() if type(cell) is FormattedNumber}
    assert shown == {"C1": True}
    assert sheet.marks.formats_known


def test_a_cell_that_is_a_percentage(tmp_path: Path) -> None:
    item = cell('office:value-type="percentage" office:value="1.5"', "150%")
    assert by_address(opened(write_ods(tmp_path / "x.ods", row(item))))["A1"].format.percent  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "text", "code"),
    [
        ("35124.45", "35,124.45万元", '0.00"万元"'),
        ("35124.45", "35.124,45 万元", '0.00" 万元"'),
        ("0.24", "0.24%", '0.00"%"'),
        ("0.24", "24%", "0%"),
        ("123", "000123", "000000"),
        ("123", "99JH00000123", '"99JH"00000000'),
        ("35124", "3.5万", '0!.0,"万"'),
        ("1234567890", "12亿", '0!.00,,"亿"'),
        ("-3", "-3.00万元", '"-"0.00"万元"'),
        ("0", "无", '"无"'),
    ],
)
def test_a_text_beside_the_number_counts_where_no_style_tells(value: str, text: str, code: str, tmp_path: Path) -> None:
    found = by_address(opened(write_ods(tmp_path / "x.ods", row(number(value, text)))))["A1"]
    assert isinstance(found, FormattedNumber)
    assert (float(found), found.format.code) == (float(value), code)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1234.5", "1,234.50"), ("1234.5", "1.234,50"), ("5", "￥5.00"), ("-5", "(5)"), ("120000000", "1.2E+08"),
     ("0", "-"), ("5", ""), ("5", "7"), ("45626", "2024-11-30"), ("0.5", "0.5")],
)  # fmt: skip
def test_a_text_that_says_nothing_beside_the_number(value: str, text: str, tmp_path: Path) -> None:
    found = by_address(opened(write_ods(tmp_path / "x.ods", row(number(value, text)))))
    assert found == {"A1": float(value)}
    assert type(found["A1"]) is float


def test_a_text_that_shows_another_number_in_a_unit_is_rejected(tmp_path: Path, domain: Domain) -> None:
    rows = TITLES + record() + record(scale=number(5, "7.25万元"), plan=typed("P2"))
    assert cells(read(write_ods(tmp_path / "2024-11_受托业绩.ods", rows), domain)) == [("G3", "invalid_number")]


def test_a_style_that_is_missing_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreadable, match="the style ce9"):
        opened(write_ods(tmp_path / "x.ods", row(number(5, style="ce9"))))
    assert by_address(opened(write_ods(tmp_path / "x.ods", row(number(5, "5", "ce9"))))) == {"A1": 5.0}


def test_units_and_codes_of_number_formats_load_as_shown(tmp_path: Path, domain: Domain) -> None:
    automatic = "".join(
        styled(kind, content, name)
        for name, kind, content in (
            ("wan", "number", f"{GROUPED}<number:text>万元</number:text>"),
            ("percent", "number", f"{PLACES}<number:text>%</number:text>"),
            ("zeros", "number", ZEROS.format(6)),
            ("prefix", "number", f"<number:text>99JH</number:text>{ZEROS.format(8)}"),
        )
    )
    rows = [
        record(number(0.24, style="percent"), scale=number(35124.45, style="wan"), plan=number(123, style="zeros")),
        record(number(0.24, "0.24%"), scale=number(35124.45, "35,124.45万元"), plan=number(123, "99JH00000123")),
        record(cell('office:value-type="percentage" office:value="0.055"'), plan=number(7, style="prefix")),
    ]
    result = read(write_ods(tmp_path / "2024-11_受托业绩.ods", TITLES + "".join(rows), automatic), domain)
    assert records(result) == [
        "2024-11-01,000123,C1,0.002400,1.5000,351244500.00,true",
        "2024-11-01,99JH00000123,C1,0.002400,1.5000,351244500.00,true",
        "2024-11-01,99JH00000007,C1,0.055000,1.5000,1000.00,true",
    ]
    assert [warning.code for warning in result.report.warnings] == ["units_mixed"]


# --- positions ---------------------------------------------------------------------------------------------------


def test_rows_in_groups_and_headers_count(tmp_path: Path) -> None:
    line, gap = row(GOOD_CELL), row(attributes=' table:number-rows-repeated="3"')
    rows = (
        f"<table:table-header-rows>{line}</table:table-header-rows><table:table-row-group>{line}"
        f"<table:table-row-group>{line}</table:table-row-group></table:table-row-group><table:table-rows>{line}"
        f"</table:table-rows>{gap}{line}"
    )
    found = by_address(opened(write_ods(tmp_path / "x.ods", rows)))
    assert list(found) == ["A1", "A2", "A3", "A4", "A8"]


def test_other_tables_are_no_rows_of_the_sheet(tmp_path: Path) -> None:
    inner = '<table:table table:name="chart"><table:table-row><table:table-cell/></table:table-row></table:table>'
    shapes = f"<table:shapes><drawing:frame><drawing:object>{inner}</drawing:object></drawing:frame></table:shapes>"
    path = write_ods(tmp_path / "x.ods", shapes + row(GOOD_CELL) + row(f"<table:table-cell>{inner}</table:table-cell>"))
    workbook = open_workbook(path.read_bytes(), path.name, None, Limits())
    assert [sheet.name for sheet in workbook.sheets] == ["受托业绩"]
    assert by_address(opened(path)) == {"A1": 1.0}


RUNS = st.tuples(st.sampled_from(["", "a", "5", "5%"]), st.integers(1, 3))
LINES = st.tuples(st.lists(RUNS, max_size=4), st.integers(1, 3))


@given(st.lists(LINES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_positions_agree_with_an_independent_reader(lines: list[tuple[list[tuple[str, int]], int]]) -> None:
    import tempfile

    def item(value: str, repeated: int) -> str:
        made = {
            "": cell(),
            "a": typed("a"),
            "5": number(5),
            "5%": cell('office:value-type="percentage" office:value="5"'),
        }
        return made[value].replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{repeated}"')

    rows = "".join(
        row(*(item(*run) for run in runs), attributes=f' table:number-rows-repeated="{count}"') for runs, count in lines
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write_ods(Path(folder) / "x.ods", rows)
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        left = sheet.start[1] if sheet.start else 0
        other = [["", *[""] * (left - 1)] * bool(left) + line for line in sheet.iter_rows()]
        mine = [line for _, line in opened(path).rows()]
    assert mine == other


def test_merges(tmp_path: Path) -> None:
    merged = GOOD_CELL.replace("<table:table-cell", '<table:table-cell table:number-rows-spanned="2"')
    huge = GOOD_CELL.replace("<table:table-cell", '<table:table-cell table:number-columns-spanned="900000000"')
    rows = row(cell('table:number-columns-repeated="2"'), merged, huge) + row(GOOD_CELL, "<table:covered-table-cell/>")
    assert opened(write_ods(tmp_path / "x.ods", rows)).merges == (((1, 2), (2, 2)), ((1, 3), (1, 3)))


# --- packages ----------------------------------------------------------------------------------------------------

SPELLINGS = {
    "other prefixes": lambda xml: re.sub(rb"([< /])table:", rb"\1t:", xml).replace(b"xmlns:table=", b"xmlns:t="),
    "a default namespace": lambda xml: xml.replace(b"<text:", b"<").replace(b"</text:", b"</").replace(
        b"xmlns:text=", b"xmlns="),
    "UTF-16": lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "white space": lambda xml: xml.replace(b"<table:table-", b"\n  <table:table-"),
    "comments": lambda xml: xml.replace(b"<table:table-", b"<!-- x --><table:table-"),
    "instructions": lambda xml: xml.replace(b"<table:table-", b"<?x y?><table:table-"),
}  # fmt: skip


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_of_the_content(spell: object, tmp_path: Path, domain: Domain) -> None:
    rows = TITLES + record() + record(rate=ERRORS["Excel"], plan=typed("P2"))
    path = write_ods(tmp_path / "2024-11_受托业绩.ods", rows)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    replace(path, {"content.xml": spell(content)})  # type: ignore[operator]
    result = read(path, domain)
    assert records(result) == ["2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"]
    assert cells(result) == [("E3", "invalid_number")]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"content.xml": b"<!DOCTYPE x><x/>"}, "document type"),
        ({"content.xml": "<!DOCTYPE x><x/>".encode("utf-16")}, "document type"),
        ({"content.xml": b"<office:document-content"}, "unbound|token|closed"),
        ({"styles.xml": b"no XML"}, "syntax"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "no spreadsheet"),
    ],
)
def test_a_broken_package(parts: dict[str, bytes], problem: str, tmp_path: Path) -> None:
    path = write_ods(tmp_path / "x.ods", row(GOOD_CELL))
    replace(path, parts)
    with pytest.raises(WorkbookUnreadable, match=problem):
        opened(path)


def test_two_sheets_of_one_name(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "x.ods", row(GOOD_CELL), before='<table:table table:name="受托业绩"/>')
    with pytest.raises(WorkbookUnreadable, match="two sheets"):
        opened(path)


def test_an_encrypted_ods(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "x.ods", row(GOOD_CELL))
    replace(path, {"META-INF/manifest.xml": b"<m><encryption-data/></m>"})
    with pytest.raises(WorkbookProtected):
        opened(path)


@pytest.mark.parametrize("count", ["0", "-1", "x", "1e3", "12345678901234567890"])
def test_a_count_that_is_none(count: str, tmp_path: Path) -> None:
    rows = row(GOOD_CELL, attributes=f' table:number-rows-repeated="{count}"')
    with pytest.raises(WorkbookUnreadable, match="no count"):
        opened(write_ods(tmp_path / "x.ods", rows))


@pytest.mark.parametrize("axis", ["rows", "columns"])
def test_repetitions_are_limited(axis: str, tmp_path: Path, domain: Domain) -> None:
    item = GOOD_CELL.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="900000000"')
    repeated = row(item) if axis == "columns" else row(GOOD_CELL, attributes=' table:number-rows-repeated="900000000"')
    with pytest.raises(WorkbookTooLarge, match=r"limits\.cells"):
        opened(write_ods(tmp_path / "x.ods", repeated))
    empty = row(attributes=' table:number-rows-repeated="900000000"')
    path = write_ods(tmp_path / "2024-11_受托业绩.ods", TITLES + record() + empty)
    assert read(path, domain, ReadOptions(limits=Limits(cells=100))).report.rows_loaded == 1
