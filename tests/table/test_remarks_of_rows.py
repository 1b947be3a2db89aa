"""rules.md, Where people state things elsewhere: what rows say of themselves in columns that are not read."""

from pathlib import Path

import pytest

from conftest import HEADER, Extract
from extract.domains.registry import Domain
from extract.errors.base import DataError
from layouts import GOOD, SHORT, book, outcome, row, short, warned
from reading import read

OTHERS = (*row("P2"), None), (*row("P3"), "")
BOTH = [f"P2 {GOOD}", f"P3 {GOOD}"]


def beside(extract: Extract, header: str, cell: object) -> tuple[list[str], list[str]]:
    """What became of three rows, of which the first has a cell in a column that is not read, and the warnings."""
    result = extract([(*row(), cell), *OTHERS], header=(*HEADER, header))
    return outcome(result), warned(result)


@pytest.mark.parametrize("text", ["合计", "合 计", "C1合计", "单一计划小计", "加权平均", "合計", "平均"])
@pytest.mark.parametrize("header", ["计划名称", "产品简称", "组合"])
def test_a_name_of_a_total_rejects_its_row(extract: Extract, header: str, text: str) -> None:
    assert beside(extract, header, text) == ([*BOTH, "H2 suspected_summary"], [])


@pytest.mark.parametrize(
    ("header", "text"), [("备注", "以上数据含子计划合计"), ("计划名称", "合计划"), ("备注", "汇总报送")]
)
def test_a_remark_that_speaks_of_totals_does_not(extract: Extract, header: str, text: str) -> None:
    assert beside(extract, header, text) == ([f"P1 {GOOD}", *BOTH], [])


@pytest.mark.parametrize(
    "text", ["本年累计", "近一年", "上月", "年化收益率", "YTD", "今年以来", "上年同期数", "1-11月", "12M", "累計"]
)
def test_a_row_of_another_span_is_rejected(extract: Extract, text: str) -> None:
    assert beside(extract, "口径", text) == ([*BOTH, "H2 invalid_period"], [])


@pytest.mark.parametrize(
    "text",
    [
        "当月",
        "本月",
        "正式",
        "新设计划",
        "2023年5月成立",
        "较上月下降因支付待遇",
        "本月缴费300万元",
        "万家计划",
        "含港股通、美元债",
    ],
)
def test_other_remarks_say_nothing(extract: Extract, text: str) -> None:
    assert beside(extract, "备注", text) == ([f"P1 {GOOD}", *BOTH], [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("单位：万元", "unit_not_read"),
        ("万元", "unit_not_read"),
        ("规模为亿元", "unit_not_read"),
        ("收益率为百分数", "unit_not_read"),
        ("收益率为年化收益率", "other_span"),
        ("数据沿用上月", "other_span"),
        ("收益率为预期收益率", "other_span"),
        ("净值为复权净值", "other_span"),
        ("收益率按费前", "other_span"),
        ("業績為累計", "other_span"),
        ("净值为2024年10月数据", "period_conflict"),
        ("10月末净值", "period_conflict"),
        ("10月", "period_conflict"),
        ("示例", "row_marked"),
        ("样例，请删除", "row_marked"),
        ("作废", "row_marked"),
        ("预估", "row_marked"),
    ],
)
def test_a_remark_on_the_figures_of_its_row_is_a_warning(extract: Extract, text: str, code: str) -> None:
    result = extract([(*row(), text), *OTHERS], header=(*HEADER, "备注"))
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", *BOTH], [code])
    assert "H2" in result.report.warnings[0].detail


@pytest.mark.parametrize("text", ["万", "亿", "bp", "美元", "USD", "百万"])
def test_a_unit_in_a_column_without_a_header_is_an_error(extract: Extract, text: str) -> None:
    with pytest.raises(DataError, match="H2"):
        extract([(*row(), text), *OTHERS])


@pytest.mark.parametrize("text", ["元", "户", "x", "↑"])
def test_another_text_there_is_none(extract: Extract, text: str) -> None:
    assert outcome(extract([(*row(), text), *OTHERS])) == [f"P1 {GOOD}", *BOTH]


@pytest.mark.parametrize(
    ("header", "cell"),
    [("原币", "USD"), ("货币代码", "USD"), ("币种名称", "美元"), ("单位（金额）", "万元"), ("量级", "万")],
)
def test_a_column_of_units_by_another_name(extract: Extract, header: str, cell: str) -> None:
    assert beside(extract, header, cell) == ([*BOTH, "H2 unit_of_row"], [])


MONTHS = [
    "截止日期",
    "估值日",
    "基准日",
    "净值日",
    "统计月",
    "账期",
    "数据时间",
    "日期（截止）",
    "会计年月",
    "As of",
    "年月(必填)",
]


@pytest.mark.parametrize("header", MONTHS)
def test_a_column_of_months_by_another_name(header: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT, header), (*short(), "2024-10-31"), (*short("P2"), "2024-11-30"), (*short("P3"), None)]
    assert outcome(read(book(tmp_path, rows), domain)) == [*BOTH, "F2 period_conflict"]


@pytest.mark.parametrize("header", ["成立日期", "报送日期", "到期日", "备案时间", "首次缴费日期"])
def test_other_days_of_a_plan_are_none(header: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT, header), (*short(), "2020-10-31"), (*short("P2"), "2024-12-05"), (*short("P3"), None)]
    assert outcome(read(book(tmp_path, rows), domain)) == [f"P1 {GOOD}", *BOTH]


@pytest.mark.parametrize("header", ["成立时间", "移交时间", "起始运作年月"])
def test_a_month_in_words_under_another_header_is_none(header: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT, header), (*short(), "2020年5月"), (*short("P2"), "10月")]
    result = read(book(tmp_path, rows), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], [])


@pytest.mark.parametrize("cell", ["2030-12-31", "2021-06-30"])
def test_a_month_years_away_is_that_of_a_contract(cell: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT, "截止日期"), (*short(), cell), (*short("P2"), cell)]
    assert outcome(read(book(tmp_path, rows), domain)) == [f"P1 {GOOD}", f"P2 {GOOD}"]


@pytest.mark.parametrize(
    "name", ["万元户计划", "美元债计划", "国民目标收益计划", "同期限匹配计划", "总计划", "Total Return"]
)
def test_the_name_of_a_plan_states_nothing(extract: Extract, name: str) -> None:
    assert beside(extract, "计划名称", name) == ([f"P1 {GOOD}", *BOTH], [])


@pytest.mark.parametrize(
    ("header", "cell"),
    [("期限", "一年期"), ("考核期间", "近三年"), ("披露频率", "季报"), ("数据类型", "年报"), ("估值时点", "期初")],
)
def test_a_span_that_a_plan_has_says_nothing(extract: Extract, header: str, cell: str) -> None:
    assert beside(extract, header, cell) == ([f"P1 {GOOD}", *BOTH], [])
