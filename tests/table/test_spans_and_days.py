"""rules.md, Where people state things elsewhere: spans, other figures and days that texts and groups name."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from conftest import HEADER, Extract
from extract.domains.registry import Domain
from extract.errors.table import ColumnAmbiguous, ColumnDoubtful, PeriodConflict
from layouts import GOOD, SHORT, Rows, Shown, book, formatted, outcome, row, short, warned
from reading import read

SPANS = [
    "今年以来", "全年", "本季度", "第四季度", "过去一年", "最近12个月", "一年期", "成立至今", "上半年", "年初",
    "年累", "前值", "QTD", "12M", "年度", "2023年", "同业平均", "沪深300", "考核", "超额", "投资组合", "费前",
    "预估", "复权", "T-1",
]  # fmt: skip


@pytest.mark.parametrize("group", SPANS)
def test_a_group_of_other_figures_takes_its_columns_out(group: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], group), (*(None,) * 4, *HEADER[4:]), row()]
    with pytest.raises((ColumnDoubtful, ColumnAmbiguous), match="E2"):
        read(formatted(tmp_path, rows, merges=["E1:G1"]), domain)
    both = [(*HEADER[:4], group, None, "本月"), (*(None,) * 4, "收益率", "规模", "收益率", "规模")]
    path = formatted(tmp_path, [*both, (*row()[:4], 0.5, 5, 0.0123, 7)], merges=["E1:F1", "G1:H1"])
    assert outcome(read(path, domain)) == ["P1 0.012300  7.00"]


@pytest.mark.parametrize("group", ["业绩", "本月", "11月", "基本情况", "受托业绩", "产品"])
def test_a_group_of_the_month_leaves_them(group: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], group), (*(None,) * 4, *HEADER[4:]), row()]
    assert outcome(read(formatted(tmp_path, rows, merges=["E1:G1"]), domain)) == [f"P1 {GOOD}"]


TITLES = [
    "今年以来业绩",
    "年初至11月",
    "1-11月受托业绩",
    "一至十一月",
    "四季度业绩",
    "2024年下半年",
    "模拟业绩",
    "2024年前11个月",
]


@pytest.mark.parametrize("title", [*TITLES, "净值为累计净值", "净值采用累计单位净值"])
def test_a_title_of_another_span_is_a_warning(title: str, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [(title,), SHORT, short()]), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], ["other_span"])


@pytest.mark.parametrize(
    "title",
    [
        "养老目标日期组合",
        "收益率未年化",
        "全年无休",
        "今年新设计划见附注",
        "每季度开放一次",
        "2024-11月",
        "累计净值另表",
        "自2023年以来由新受托人管理",
    ],
)
def test_what_is_no_span(title: str, tmp_path: Path, domain: Domain) -> None:
    assert warned(read(book(tmp_path, [(title,), SHORT, short()]), domain)) == []


@pytest.mark.parametrize(
    "note",
    [
        "注：规模较上月减少系支付待遇",
        "注：规模与上月末差异超过10%的计划已核对",
        "注：个别计划收益率低于同期业绩比较基准",
        "说明：收益率=（期末净值/期初净值-1）×100%",
        "注：收益率未经年化处理",
        "注：自2024年10月起规模含应收缴费",
    ],
)
def test_a_note_may_compare_the_figures_with_others(note: str, tmp_path: Path, domain: Domain) -> None:
    assert warned(read(book(tmp_path, [SHORT, short(), (note,)]), domain)) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (0, "较上月变动"),
        (2, "较上月变动"),
        (2, "较年初增减额"),
        (2, "较上月"),
        (2, "与上月相比"),
        (2, "比上年同期"),
        (2, "数据同上月"),
        (2, "注：收益率为年化"),
        (0, "收益率较上月增加"),
    ],
)
def test_a_change_is_no_figure_of_the_month(place: int, text: str, tmp_path: Path, domain: Domain) -> None:
    rows: list[tuple[object, ...]] = [SHORT, short()]
    rows.insert(place, (text,))
    assert warned(read(book(tmp_path, rows), domain)) == ["other_span"]


@pytest.mark.parametrize(
    "title",
    ["截至2024年10月29日", "2024/10/1", "Oct 29, 2024", "估值日：20241029", "截至10月30日", datetime(2024, 10, 1)],
)
def test_a_day_shortly_before_the_month_is_a_warning(title: object, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [(title,), SHORT, short()]), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], ["period_conflict"])
    assert "2024-10-" in result.report.warnings[0].detail


@pytest.mark.parametrize(
    "title",
    [
        "2024年12月5日",
        "2024年11月15日",
        "自2024年10月8日起",
        "成立于2024年9月2日",
        "2020年5月6日",
    ],
)
def test_another_day_is_none(title: str, tmp_path: Path, domain: Domain) -> None:
    assert warned(read(book(tmp_path, [(title,), SHORT, short()]), domain)) == []


@pytest.mark.parametrize(
    "title",
    [
        ("年度", 2024, "月份", 10),
        ("二O二四年十月",),
        ("2024-Oct",),
        (Shown(10, '0"月"'),),
        (Shown(10, '"2024年"0"月"'),),
    ],
)
def test_a_title_names_the_month_by_several_cells_or_its_format(
    title: tuple[object, ...], tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(PeriodConflict, match="1"):
        read(formatted(tmp_path, [title, SHORT, short()]), domain)


@pytest.mark.parametrize(("titles", "codes"), [(("2024年10月受托业绩",), ["period_conflict"]), (("2024年11月",), [])])
def test_where_the_name_gives_no_month_titles_are_held_against_the_rows(
    titles: tuple[str, ...], codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    rows: Rows = [titles, HEADER, row()]
    assert warned(read(book(tmp_path, rows, name="受托业绩"), domain)) == codes


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [("C1", "年化收益率", "other_span"), ("C2", "上月数", "other_span"), ("E2", "2024年10月数据", "period_conflict")],
)
def test_a_comment_that_names_another_time_is_a_warning(
    cell: str, text: str, code: str, tmp_path: Path, domain: Domain
) -> None:
    path = book(tmp_path, [SHORT, short()])
    workbook = openpyxl.load_workbook(path)
    workbook.active[cell].comment = Comment(text, "Li")
    workbook.save(path)
    result = read(path, domain)
    assert warned(result) == [code]
    assert f"comment on {cell}" in result.report.warnings[0].detail


def test_comments_on_a_plan_and_its_figure_say_nothing(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [SHORT, short()])
    workbook = openpyxl.load_workbook(path)
    for cell, text in (("A2", "原代码P9，2022年3月变更"), ("E2", "较上月增加系新增缴费")):
        workbook.active[cell].comment = Comment(text, "Li")
    workbook.save(path)
    assert warned(read(path, domain)) == []


def test_a_year_over_one_column_is_part_of_a_title(extract: Extract) -> None:
    result = extract([SHORT, short()], header=(None, None, "2024年", "11月"))
    assert outcome(result) == [f"P1 {GOOD}"]
