"""rules.md, Rows and headers: labels in the place of codes, rows that head sections, and headers of three rows."""

from pathlib import Path

import pytest

from conftest import HEADER, Extract
from extract.domains.registry import Domain
from layouts import GOOD, SHORT, Rows, book, formatted, outcome, row, short, skipped, warned
from reading import read


@pytest.mark.parametrize("label", ["待定", "总", "企业年金计划", "较上月变动", "考核指标"])
def test_a_code_of_words_among_others_is_a_warning(extract: Extract, label: str) -> None:
    result = extract([row(), row("P2"), row(label)])
    assert (result.report.rows_loaded, warned(result)) == (3, ["code_unlike"])
    assert label in result.report.warnings[0].detail


@pytest.mark.parametrize("label", ["基准", "业绩比较基准", "沪深300", "目标收益率", "示例", "样例"])
def test_a_benchmark_and_an_example_are_no_plans(extract: Extract, label: str) -> None:
    assert outcome(extract([row(), row("P2"), row(label)])) == [f"P1 {GOOD}", f"P2 {GOOD}", "C4 suspected_summary"]


def test_where_most_codes_are_words_they_are_codes(extract: Extract) -> None:
    assert warned(extract([row("甲计划"), row("乙计划"), row("P3"), row("丙计划")])) == []


SECTIONS = [
    ("今年以来", "other_span"),
    ("上年同期", "other_span"),
    ("10月", "period_conflict"),
    ("2024年10月", "period_conflict"),
    ("以下为美元计划", "unit_not_read"),
]


@pytest.mark.parametrize(("text", "code"), SECTIONS)
def test_a_row_that_heads_others_of_another_kind_is_a_warning(
    text: str, code: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, [SHORT, short(), (text,), short("P2")]), domain)
    assert (outcome(result), skipped(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], {"note": 1})
    assert warned(result) == [code]
    assert "A3" in result.report.warnings[0].detail


@pytest.mark.parametrize("order", [("本月", "本年累计"), ("本年累计", "本月")])
def test_a_header_of_three_rows(order: tuple[str, str], tmp_path: Path, domain: Domain) -> None:
    figures = {"本月": (0.0123, 1000000), "本年累计": (0.08, 5)}
    rows: Rows = [
        ("计划代码", "公司代码", "业绩"),
        (None, None, order[0], None, order[1], None),
        (None, None, "收益率", "规模", "收益率", "规模"),
        ("P1", "C1", *figures[order[0]], *figures[order[1]]),
    ]
    merges = ["A1:A3", "B1:B3", "C1:F1", "C2:D2", "E2:F2"]
    result = read(formatted(tmp_path, rows, merges=merges), domain)
    assert (outcome(result), result.report.header_row) == (["P1 0.012300  1000000.00"], 3)


@pytest.mark.parametrize(
    "months", [("2024年9月", "2024年10月", "2024年11月"), (202409, 202410, 202411), ("9月", "10月", "11月")]
)
def test_a_table_without_a_column_of_any_measure_is_a_warning(
    months: tuple[object, ...], tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, [(*SHORT[:2], *months), ("P1", "C1", 0.01, 0.02, 0.03)]), domain)
    assert (outcome(result), warned(result)) == (["P1   "], ["column_missing"])


@pytest.mark.parametrize(
    "text", ["YTD", " 年化", "（本年）", "上月", "（今年以来）", "Q4", "同期", " 近一年", "（四季度）", "较年初"]
)
def test_a_period_of_another_span_is_rejected(extract: Extract, text: str) -> None:
    rows = [(f"2024年11月{text}", *row()[2:]), ("2024年11月", *row("P2")[2:])]
    assert outcome(extract(rows, header=("报告期", *HEADER[2:]))) == [f"P2 {GOOD}", "A2 invalid_period"]
