"""rules.md, Units and headers: a number nobody labelled and a header nobody knew are told, or refused."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.table import AmbiguousUnit, ColumnDoubtful, ColumnMissing, HeaderNotFound, UnitUnclear
from extract.table.reading import ReadOptions
from layouts import GOOD, KINDS, Shown, book, formatted, outcome, row, warned
from reading import read

# --- numbers -----------------------------------------------------------------------------------------------------

COLUMNS: dict[str, tuple[list[object], list[str]]] = {
    "half beyond ten percent": ([0.11, 0.05], ["unit_unclear"]),
    "a third beyond it": ([0.11, 0.05, 0.02], []),
    "percentages below one": ([0.5, 0.82, 0.31, 0.07], ["unit_unclear"]),
    "percentages above one": ([5.5, 3.2], ["unit_unclear"]),
    "negative ones": ([-0.4, -0.3, 0.01], ["unit_unclear"]),
    "just ten percent": ([0.1, -0.1], []),
    "fractions and one percentage": ([0.01, 0.02, 0.03, 12.5], ["ambiguous_unit"]),
    "as many of each": ([0.01, 12.5], ["ambiguous_unit", "unit_unclear"]),
    "texts with their unit": (["11%", "15%"], []),
    "one that has its unit": ([0.5, 0.6, "11%"], ["units_mixed"]),
    "none at all": ([None, "-"], []),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cells", "codes"), COLUMNS.values(), ids=COLUMNS.keys())
def test_returns_without_a_unit_that_may_be_percentages_are_told(
    cells: list[object], codes: list[str], kind: str, tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [HEADER, *(row(f"P{number}", rate=cell) for number, cell in enumerate(cells))], kind)
    result = read(path, domain)
    assert (warned(result), len(outcome(result))) == (codes, len(cells))
    failure = read(path, domain, require_units=True).failure
    errors = {"ambiguous_unit": AmbiguousUnit, "unit_unclear": UnitUnclear}
    assert type(failure) is (errors.get(codes[0], type(None)) if codes else type(None))


@pytest.mark.parametrize(
    ("unit", "units"), [("收益率(%)", ()), ("收益率", (("return_rate", 0),)), ("收益率", (("return_rate", -2),))]
)
def test_a_stated_unit_is_never_unclear(
    unit: str, units: tuple[tuple[str, int], ...], tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [(*HEADER[:4], unit, *HEADER[5:]), row(rate=0.5), row("P2", rate=0.9)])
    assert warned(read(path, Domain(domain.name, domain.config, units), require_units=True)) == []


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ([0.0123, 0.0456, -0.01], ["unit_doubtful"]),
        ([0.0123, 0.0456], []),
        ([0.0123, 0.0456, 1.2], []),
        ([Shown(0.0123, "0.00%")] * 3, []),
        (["0.01%", "0.02%", "0.03%"], []),
    ],
)
def test_percentages_of_less_than_a_thousandth_are_told(
    cells: list[object], codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    rows = [(*HEADER[:4], "收益率(%)", *HEADER[5:]), *(row(f"P{at}", rate=cell) for at, cell in enumerate(cells))]
    assert warned(read(formatted(tmp_path, rows), domain)) == codes


def test_a_percentage_by_format_is_stated(tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(rate=Shown(0.5, "0.00%")), row("P2", rate=Shown(0.8, "0%"))]
    assert warned(read(formatted(tmp_path, rows), domain, require_units=True)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("common", "rare", "word"), [(0.01, 12.5, "percentage"), (1.25, 0.4, "fraction")])
def test_the_first_cells_of_the_rarer_kind_are_named(
    common: float, rare: float, word: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rates = [common] * 288
    for position in (100, 200, 201, 250):
        rates[position] = rare
    rows = [HEADER, *(row(f"P{number}", rate=rate) for number, rate in enumerate(rates))]
    warning = next(item for item in read(book(tmp_path, rows, kind), domain).report.warnings)
    assert warning.code == "ambiguous_unit"
    assert f"the first {word}s: E102 {rare}, E202 {rare}, E203 {rare})" in warning.detail
    assert "E252" not in warning.detail


def test_warnings_kept_with_rows_are_counted_with_their_first_cells(tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, *(row(f"P{number}", rate="60%") for number in range(7)), row("Q", value=5, scale=4)]
    remarks = read(book(tmp_path, rows), domain).report.remarks
    assert [(remark.code, remark.rows, remark.first) for remark in remarks] == [
        ("high_return", 7, ("E2", "E3", "E4", "E5", "E6")),
        ("scale_below_nav", 1, ("G9",)),
    ]


# --- headers -----------------------------------------------------------------------------------------------------

DOUBTFUL: dict[str, tuple[int, str, str]] = {
    "more behind the name": (6, "规模_旧", "fund_scale"),
    "a qualifier that is none of the field": (4, "收益率 本年", "return_rate"),
    "more before the name": (4, "年化收益率", "return_rate"),
    "a part of the name": (4, "收益", "return_rate"),
    "one character another": (4, "受益率", "return_rate"),
    "one character more": (4, "收益益率", "return_rate"),
    "one character less": (6, "期末资规模", "fund_scale"),
    "homophones": (4, "收溢率", "return_rate"),
    "homophones with another tone": (4, "收益绿", "return_rate"),
    "homophones of two characters": (5, "静值", "net_asset_value"),
    "homophones in front": (6, "归模", "fund_scale"),
    "a letter in English": (4, "return_rat", "return_rate"),
    "a letter too many": (6, "fund_scales", "fund_scale"),
    "a unit behind it": (4, "收溢率(%)", "return_rate"),
    "a mark behind it": (4, "收溢率*", "return_rate"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("column", "name", "field"), DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_an_unknown_header_near_one_whose_column_is_missing_is_an_error(
    column: int, name: str, field: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [(*HEADER[:column], name, *HEADER[column + 1 :]), row()], kind)
    with pytest.raises(ColumnDoubtful, match=f"{'ABCDEFG'[column]}1: is .* the column of {field}") as raised:
        read(path, domain)
    assert "--accept column_doubtful" in raised.value.next_step
    accepted = read(path, domain, ReadOptions(accepted=frozenset({"column_doubtful"})))
    assert accepted.report.ignored_columns == (name,)
    assert accepted.report.missing_columns == (field,)


UNLIKE = ["备注", "排名", "同比", "名称", "托管人", "投资组合数", "费率", "增长", "缴费", "规则", "profit", "市场"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_resembles_nothing_is_ignored_and_named(kind: str, tmp_path: Path, domain: Domain) -> None:
    cells = (2024, 11, "P1", "C1", *(1,) * len(UNLIKE))
    result = read(book(tmp_path, [(*HEADER[:4], *UNLIKE), cells], kind), domain)
    assert (outcome(result), result.report.ignored_columns) == (["P1   "], tuple(UNLIKE))


@pytest.mark.parametrize("name", ["收溢率", "收益率排名", "规模_旧", "静值"])
def test_a_header_near_one_whose_column_is_there_is_ignored(name: str, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [(*HEADER, name), (*row(), 9)]), domain)
    assert (outcome(result), result.report.ignored_columns) == ([f"P1 {GOOD}"], (name,))


def test_an_alias_settles_it(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [(*HEADER[:4], "收溢率", *HEADER[5:]), row()])
    assert outcome(read(path, domain, aliases={"return_rate": ("收溢率",)})) == [f"P1 {GOOD}"]


# --- no header ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_header_names_the_missing_key_columns_and_the_nearest_cells(
    kind: str, tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [("名称", "收益", "规模大小", "x"), ("a", 1, 2, 3)], kind)
    with pytest.raises(HeaderNotFound) as raised:
        read(path, domain)
    message = raised.value.message
    for word in ("plan_code (计划代码 / 计划号", "company_code (公司代码", "收益 for 收益率", "规模大小 for 规模"):
        assert word in message


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_without_its_keys_names_them_and_what_was_found(kind: str, tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(ColumnMissing, match=r"no column for company_code.*Found: A 年, B 月, C 计划代码, D 受托人, E"):
        read(book(tmp_path, [(*HEADER[:3], "受托人", *HEADER[4:]), row()], kind), domain)
