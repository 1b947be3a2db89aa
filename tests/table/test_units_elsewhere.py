"""rules.md, Units: units above a table, in a row below its header, and behind the names in it."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.table import UnitConflict, UnitMisplaced, UnknownUnit
from layouts import KINDS, book, outcome, row, skipped, warned
from reading import read

AMOUNT = 35124.45
WAN = "P1 0.012300 1.2345 351244500.00"
YUAN = "P1 0.012300 1.2345 35124.45"

# --- above the table ---------------------------------------------------------------------------------------------

TITLES: dict[str, tuple[str, str, float]] = {
    "单位：万元": ("单位：万元", WAN, 0.0123),
    "another name of the unit": ("金额单位：人民币万元", WAN, 0.0123),
    "元 changes nothing": ("单位:元", YUAN, 0.0123),
    "white space": ("单 位 ： 万 元", WAN, 0.0123),
    "in brackets": ("（单位：万元）", WAN, 0.0123),
    "behind the title": ("受托管理业绩情况表（单位：人民币万元）", WAN, 0.0123),
    "a bracket in the title": ("受托管理业绩情况表（万元）", WAN, 0.0123),
    "a bare unit": ("人民币万元", WAN, 0.0123),
    "a currency before it": ("币种：人民币　单位：万元", WAN, 0.0123),
    "a unit of two fields": ("单位：万元、%", "P1 0.012300 1.2345 351244500.00", 1.23),
    "two units with a slash": ("单位：亿元/%", "P1 0.012300 1.2345 3512445000000.00", 1.23),
    "for one field": ("规模单位：万元", WAN, 0.0123),
    "for each field": ("规模单位：万元，收益率单位：%", WAN, 1.23),
    "a date before it": ("2024年11月30日    单位：万元", WAN, 0.0123),
    "thousands": ("计量单位：千元", "P1 0.012300 1.2345 35124450.00", 0.0123),
    "full width": ("单位：％、万元", WAN, 1.23),
    "in a sentence": ("本表金额单位为人民币万元", WAN, 0.0123),
    "English": ("Unit: 万元", WAN, 0.0123),
    "white space between two units": ("单位：万元  %", "P1 0.004000 1.2345 351244500.00", 0.4),
    "以 … 列示": ("除特别说明外，本表金额均以人民币万元列示。", WAN, 0.0123),
    "以 … 为单位": ("以下数据以万元为单位", WAN, 0.0123),
    "a field and its unit": ("规模：万元", WAN, 0.0123),
    "fields and their units": ("收益率：% 规模：万元", "P1 0.004000 1.2345 351244500.00", 0.4),
    "fields with brackets": ("规模（万元）；收益率（%）", "P1 0.004000 1.2345 351244500.00", 0.4),
    "an organisation": ("填报单位：某某养老保险股份有限公司", YUAN, 0.0123),
    "the unit value": ("单位净值为月末数", YUAN, 0.0123),
    "nothing of the kind": ("受托管理业绩情况表", YUAN, 0.0123),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("title", "loads", "rate"), TITLES.values(), ids=TITLES.keys())
def test_a_title_states_the_unit(
    title: str, loads: str, rate: float, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [("受托业绩",), (*(None,) * 6, title), HEADER, row(rate=rate, scale=AMOUNT)]
    result = read(book(tmp_path, rows, kind), domain)
    assert outcome(result) == [loads]
    stated = [note for note in result.report.notes if note.startswith("unit of 规模")]
    assert bool(stated) == (loads != YUAN or title == "单位:元")
    assert all(f"G2: {title}" in note for note in stated)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [("单位", None, "万元"), ("单位：", "万元"), (*(None,) * 5, "单位：", "万元")])
def test_a_label_and_its_unit_in_two_cells(
    cells: tuple[object, ...], kind: str, tmp_path: Path, domain: Domain
) -> None:
    assert outcome(read(book(tmp_path, [cells, HEADER, row(scale=AMOUNT)], kind), domain)) == [WAN]


OTHERS: dict[str, tuple[tuple[object, ...], tuple[str, ...], str]] = {
    "a column with its own unit": ((), ("缴费（万元）", "待遇(美元)"), YUAN),
    "a group with its own unit": ((*(None,) * 4, "业绩", None, None, "缴费情况（万元）"), ("本月", "累计"), YUAN),
    "a title in brackets over them": ((*(None,) * 7, "（万元）"), ("备注", "序号"), WAN),
    "a title over the keys": (("情况表（万元）", *(None,) * 7, "月报"), ("备注", "序号"), WAN),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("above", "names", "loads"), OTHERS.values(), ids=OTHERS.keys())
def test_the_unit_of_an_ignored_column_is_its_own(
    above: tuple[object, ...], names: tuple[str, ...], loads: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [*([above] if above else []), (*HEADER, *names), (*row(scale=AMOUNT), 7, 8)]
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), result.report.ignored_columns) == ([loads], names)


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_may_stand_in_the_header_row(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER, "单位：万元"), (*row(scale=AMOUNT), None)]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [WAN]


WRONG_TITLES: dict[str, tuple[tuple[str, ...], type[DataError], str]] = {
    "a foreign currency": (("单位：美元",), UnknownUnit, "G1"),
    "ten thousands of it": (("金额单位：万美元",), UnknownUnit, "G1"),
    "an unknown scale": (("单位：十万元",), UnknownUnit, "G1"),
    "a number": (("单位：10000元",), UnknownUnit, "G1"),
    "a unit beside a good one": (("单位：万元、份",), UnknownUnit, "G1"),
    "a unit that the field it names does not take": (("净值单位：万元",), UnknownUnit, "G1"),
    "two that differ": (("单位：万元", "单位：元"), UnitConflict, "G1.*G2"),
    "two in one text": (("单位：万元、元",), UnitConflict, "fund_scale"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("titles", "error", "place"), WRONG_TITLES.values(), ids=WRONG_TITLES.keys())
def test_a_title_that_cannot_be_applied_is_an_error(
    titles: tuple[str, ...], error: type[DataError], place: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [*((*(None,) * 6, title) for title in titles), HEADER, row()]
    with pytest.raises(error, match=place):
        read(book(tmp_path, rows, kind), domain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["单位：万元", "注：金额单位为万元", "（单位：亿元）"])
def test_a_unit_below_the_rows_is_an_error(text: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(UnitMisplaced, match="A3"):
        read(book(tmp_path, [HEADER, row(), (text,)], kind), domain)


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_below_the_rows_that_repeats_what_is_known_is_a_note(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [("单位：万元",), HEADER, row(scale=AMOUNT), ("注：金额单位为万元",)]
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), skipped(result)) == ([WAN], {"note": 1})


# --- a row of units ----------------------------------------------------------------------------------------------

UNIT_ROWS: dict[str, tuple[tuple[object, ...], str]] = {
    "bare": (("%", "元", "万元"), "P1 0.002300 1.2345 351244500.00"),
    "in brackets": (("(%)", "(元)", "(万元)"), "P1 0.002300 1.2345 351244500.00"),
    "in full-width brackets": (("（％）", "（元）", "（人民币万元）"), "P1 0.002300 1.2345 351244500.00"),
    "some only": ((None, None, "亿元"), "P1 0.230000 1.2345 3512445000000.00"),
    "dashes where there is none": (("‰", "-", "百万元"), "P1 0.000230 1.2345 35124450000.00"),
    "人民币 before each": (("%", "人民币元", "人民币千元"), "P1 0.002300 1.2345 35124450.00"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", [None, "单位", "-"])
@pytest.mark.parametrize(("units", "loads"), UNIT_ROWS.values(), ids=UNIT_ROWS.keys())
def test_a_row_of_units_below_the_header(
    units: tuple[object, ...], loads: str, label: str | None, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [HEADER, (label, None, None, None, *units), row(rate=0.23, scale=AMOUNT)]
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), skipped(result)) == ([loads], {"header": 1})
    assert any("G2" in note for note in result.report.notes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("units", [("%", "元", "万美元"), ("%", "万元", "万元"), ("元", "元", "元"), ("%", "%", "元")])
def test_a_row_with_a_unit_that_its_column_does_not_take_is_an_error(
    units: tuple[str, ...], kind: str, tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(UnknownUnit, match=r"[EFG]2"):
        read(book(tmp_path, [HEADER, (None,) * 4 + units, row()], kind), domain)


# --- in the header -----------------------------------------------------------------------------------------------

HEADERS: dict[str, tuple[tuple[str, str, str], str]] = {
    "behind a slash": (("收益率/%", "净值/元", "规模/万元"), "P1 0.055000 1.2345 1000000.00"),
    "marks and a colon": (("收益率*", "净值①", "规模：万元"), "P1 0.055000 1.2345 1000000.00"),
    "人民币": (("收益率（％）", "净值（人民币元）", "规模（人民币万元）"), "P1 0.055000 1.2345 1000000.00"),
    "a dash and a comma": (("收益率-%", "净值,元", "规模-亿元"), "P1 0.055000 1.2345 10000000000.00"),
    "a mark behind the bracket": (("收益率(%)*", "净值(元)※", "规模（万元）注1"), "P1 0.055000 1.2345 1000000.00"),
    "a mark before the bracket": (("收益率*(%)", "净值¹(元)", "规模#（万元）"), "P1 0.055000 1.2345 1000000.00"),
    "a line break": (("收益率\n（%）", "净值\n（元）", "规模\n（万元）"), "P1 0.055000 1.2345 1000000.00"),
    "no separator": (("收益率%", "净值元", "规模万元"), "P1 0.055000 1.2345 1000000.00"),
    "a label in the bracket": (
        ("收益率（单位：%）", "净值（单位：元）", "规模（单位：万元）"),
        "P1 0.055000 1.2345 1000000.00",
    ),
    "square and curly": (("收益率[%]", "净值【元】", "规模{千元}"), "P1 0.055000 1.2345 100000.00"),
    "a qualifier": (("本月收益率(%)", "净值", "期末规模(万元)"), "P1 0.055000 1.2345 1000000.00"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("names", "loads"), HEADERS.values(), ids=HEADERS.keys())
def test_a_unit_in_the_header(
    names: tuple[str, str, str], loads: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, [(*HEADER[:4], *names), row(rate=5.5, scale=100)], kind), domain)
    assert outcome(result) == [loads]
    assert result.report.ignored_columns == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["规模/美元", "规模：份", "规模（万美元）", "规模（单位：户）", "规模(USD)"])
def test_a_unit_in_the_header_that_is_none_of_the_field_is_an_error(
    name: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(UnknownUnit, match="G1"):
        read(book(tmp_path, [(*HEADER[:6], name), row()], kind), domain)


# --- their order -------------------------------------------------------------------------------------------------

ORDER: dict[str, tuple[str | None, str, str | None, int | None, object, str]] = {
    "the title alone": ("单位：亿元", "规模", None, None, 2, "200000000.00"),
    "the row of units over the title": ("单位：亿元", "规模", "万元", None, 2, "20000.00"),
    "the header over both": ("单位：亿元", "规模(千元)", "万元", None, 2, "2000.00"),
    "the configuration over all three": ("单位：亿元", "规模(千元)", "万元", 6, 2, "2000000.00"),
    "the cell over all": ("单位：亿元", "规模(千元)", "万元", 6, "2元", "2.00"),
    "the configuration over the title": ("单位：亿元", "规模", None, 0, 2, "2.00"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("title", "name", "unit", "configured", "cell", "loads"), ORDER.values(), ids=ORDER.keys())
def test_which_unit_wins(
    title: str | None,
    name: str,
    unit: str | None,
    configured: int | None,
    cell: object,
    loads: str,
    kind: str,
    tmp_path: Path,
    domain: Domain,
) -> None:
    rows = [(title,), (*HEADER[:6], name), *([(*(None,) * 6, unit)] if unit else []), row(scale=cell)]
    units = () if configured is None else (("fund_scale", configured),)
    result = read(book(tmp_path, rows, kind), Domain(domain.name, domain.config, units))
    assert outcome(result) == [f"P1 0.012300 1.2345 {loads}"]


def test_a_stated_unit_settles_a_column_of_large_shares(tmp_path: Path, domain: Domain) -> None:
    rows = [("单位：%",), HEADER, row(rate=0.5), row("P2", rate=12)]
    result = read(book(tmp_path, rows), domain)
    assert outcome(result) == ["P1 0.005000 1.2345 1000000.00", "P2 0.120000 1.2345 1000000.00"]
    assert warned(result) == []


# --- beside the cells ----------------------------------------------------------------------------------------------


def noted(folder: Path, cell: str, comment: str, printed: str = "") -> Path:
    """A workbook with a comment on a cell, and a text that is printed on its pages."""
    path = book(folder, [HEADER, row(scale=AMOUNT)])
    workbook = openpyxl.load_workbook(path)
    if comment:
        workbook.active[cell].comment = Comment(comment, "Li")
    workbook.active.oddHeader.right.text = printed or None
    workbook.save(path)
    return path


@pytest.mark.parametrize(
    ("cell", "comment", "loads"),
    [
        ("G1", "单位：万元", WAN),
        ("G1", "Li:\n单位：万元", WAN),
        ("G1", "万元", WAN),
        ("A1", "单位：万元", WAN),
        ("F1", "单位：元", YUAN),
        ("G1", "取自估值表", YUAN),
    ],
)
def test_a_comment_on_a_header_states_a_unit(
    cell: str, comment: str, loads: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(noted(tmp_path, cell, comment), domain)
    assert (outcome(result), warned(result)) == ([loads], [])
    assert any(f"comment on {cell}" in note for note in result.report.notes) == (comment != "取自估值表")


def test_a_comment_with_a_unit_that_the_field_does_not_take_is_an_error(tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(UnknownUnit, match="comment on G1"):
        read(noted(tmp_path, "G1", "单位：美元"), domain)


def test_a_unit_in_a_comment_on_a_figure_is_a_warning(tmp_path: Path, domain: Domain) -> None:
    result = read(noted(tmp_path, "G2", "单位：万元"), domain)
    assert (outcome(result), warned(result)) == ([YUAN], ["unit_not_read"])


@pytest.mark.parametrize(("printed", "loads"), [("单位：万元", WAN), ("打印日期 &D", YUAN)])
def test_a_page_header_states_a_unit(printed: str, loads: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(read(noted(tmp_path, "G1", "", printed), domain)) == [loads]
