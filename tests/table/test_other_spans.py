"""rules.md, report_date and Where people state things elsewhere: texts that name another month, or another span."""

from datetime import date

import pytest

from conftest import HEADER, ROW, Extract
from extract.errors.table import ColumnDoubtful, ColumnMissing, PeriodConflict
from extract.table.statements.titles import months_in
from reading import records

SHORT, SHORT_ROW = HEADER[2:], ROW[2:]
PLAIN = "2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("二〇二四年十月", "2024-10"),
        ("二零二四年十二月受托业绩", "2024-12"),
        ("2024年第三季度", "2024-07 2024-08 2024-09"),
        ("2024Q3", "2024-07 2024-08 2024-09"),
        ("October 2024", "2024-10"),
        ("As of Oct 31, 2024", "2024-10"),
        ("As of Oct 15, 2024", ""),
        ("10月受托业绩表", "2024-10"),
        ("年份：2024 月份：10", "2024-10"),
        ("制表日期：2024年12月31日", ""),
        ("打印时间 2024-12-31", ""),
        ("报送日期：2024-12-31", ""),
        ("近12月", ""),
        ("12月报送", ""),
        ("12月5日", ""),
        ("2024年11月1日至2024年11月30日", "2024-11"),
        ("2024年10月1日至11月30日", "2024-10 2024-11"),
    ],
)
def test_months_that_a_text_names(text: str, months: str) -> None:
    assert " ".join(f"{month:%Y-%m}" for month in months_in(text, date(2024, 11, 1)).months) == months


@pytest.mark.parametrize(
    "title", [("10月受托业绩",), (None, 2024, "年", 10, "月"), ("二〇二四年十月",), ("2024年三季度",), ("Oct 2024",)]
)
def test_another_month_in_a_title_is_an_error(extract: Extract, title: tuple[object, ...]) -> None:
    with pytest.raises(PeriodConflict):
        extract([SHORT, SHORT_ROW], header=title)


@pytest.mark.parametrize("sheet", ["2024年10月", "202410", "10月"])
def test_another_month_in_the_name_of_the_sheet_is_an_error(extract: Extract, sheet: str) -> None:
    with pytest.raises(PeriodConflict, match="name of the sheet"):
        extract([SHORT_ROW], header=SHORT, sheet=sheet)
    result = extract([ROW], sheet=sheet)  # beside period columns
    assert [warning.code for warning in result.report.warnings] == ["period_conflict"]


def test_another_month_over_a_header_that_repeats_is_an_error(extract: Extract) -> None:
    with pytest.raises(PeriodConflict):
        extract([SHORT_ROW, ("2024年10月",), SHORT, ("P2", *SHORT_ROW[1:])], header=SHORT)


def test_another_month_below_the_rows_is_a_warning(extract: Extract) -> None:
    result = extract([SHORT_ROW, ("数据截至2024年10月31日",)], header=SHORT)
    assert records(result) == [PLAIN]
    assert [warning.code for warning in result.report.warnings] == ["period_conflict"]


@pytest.mark.parametrize(
    "group", ["上月", "本年累计", "10月", "2024年10月", "年化", "业绩比较基准", "2024年1-11月", "YTD"]
)
def test_a_group_of_another_span_leaves_its_columns_in_doubt(extract: Extract, group: str) -> None:
    upper = ("年", "月", "计划代码", "公司代码", group, "净值", "规模")
    lower = (None, None, None, None, "收益率", None, None)
    with pytest.raises(ColumnDoubtful, match="E2"):
        extract([lower, ROW], header=upper)


@pytest.mark.parametrize(("other", "own"), [("2024年10月", "2024年11月"), ("本年累计", "本月"), ("上月", "11月")])
def test_of_two_groups_the_one_of_the_month_is_read(extract: Extract, other: str, own: str) -> None:
    upper = ("年", "月", "计划代码", "公司代码", other, own, "规模")
    lower = (None, None, None, None, "收益率", "收益率", None)
    result = extract([lower, (*ROW[:4], 0.9, 0.01, 1000)], header=upper)
    assert records(result) == ["2024-11-01,P1,C1,0.010000,,1000.00,true"]


@pytest.mark.parametrize(
    "title", ["受托业绩（本年累计）", "收益率为年化收益率", "2024年1-11月受托业绩", "2024年第四季度"]
)
def test_another_span_in_a_title_is_a_warning(extract: Extract, title: str) -> None:
    result = extract([SHORT, SHORT_ROW], header=(title,))
    assert records(result) == [PLAIN]
    assert [warning.code for warning in result.report.warnings] == ["other_span"]


@pytest.mark.parametrize("title", ["累计净值另表", "2024年度受托业绩", "2024年11月", "本月收益率"])
def test_what_names_no_other_span(extract: Extract, title: str) -> None:
    assert extract([SHORT, SHORT_ROW], header=(title,)).report.warnings == ()


@pytest.mark.parametrize(
    "header",
    [
        ("计划代码", "计划名称", "规模", "净值", "收益率"),
        ("Plan", "Company", "NAV", "Return", "AUM"),
        ("计划", "公司", "净值", "收益", "资产"),
    ],
)
def test_a_header_between_the_rows_that_is_not_understood_is_an_error(
    extract: Extract, header: tuple[str, ...]
) -> None:
    rows = [SHORT_ROW, header, ("Q1", "C2", 0.5, 1.1, 5)]
    with pytest.raises(ColumnMissing, match="row 3"):
        extract(rows, header=SHORT)


def test_right_below_the_header_it_only_says_it_again(extract: Extract) -> None:
    result = extract([("Plan", "Company", "Return", "NAV", "AUM"), SHORT_ROW], header=SHORT)
    assert records(result) == [PLAIN]
    assert result.report.rows_skipped["header"] == 1


def test_a_row_without_any_figure_is_rejected_as_before(extract: Extract) -> None:
    rows = [SHORT_ROW, ("P2", "C1", "停牌", "停牌", "停牌"), ("P3", "C1", 0.01, 1.5, 1000)]
    assert extract(rows, header=SHORT).report.rows_rejected == 1
