"""rules.md, Rows: totals over other rows never load; notes and labels are told from plans."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from layouts import GOOD, KINDS, SHORT, book, outcome, row, short, skipped
from reading import read

SUSPECTED = [
    "单一计划合计",
    "集合计划小计",
    "C1 汇总",
    "汇总",
    "Grand Total",
    "共计",
    "合计（2个计划）",
    "合计2户",
    "合计:3",
    "合计 12 个计划",
    "全部计划 总计",
    "(一)小计",
    "C1 Total",
    "Plans - subtotal",
    "grand total:",
    "集合计划平均",
    "本页合计",
    "合 计（元）",
    "各计划小計",
    "本年累计",
    "总额",
    "Sum",
    "C1 Totals",
    "单一计划合计*",
    "合计-C1",
    "Subtotal C1",
    "Total: 5",
    "合計（元）",
    "累计",
    "均值",
    "最大值",
    "环比",
    "其他",
    "全部计划",
    "单一计划",
    "共2个计划",
    "SUM",
    "Avg",
    "All",
    "Σ",
]
PLANS = ["合计划1", "C合计1号", "AVERAGEPLUS", "SUBTOTALX", "共计划", "小计划A", "汇总报告计划9号", "TOTALITY"]
LABELS = ["合计", " 小 计 ", "总计", "总和", "平均", "平均值", "Ｔｏｔａｌ", "SubTotal", "average"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", SUSPECTED)
def test_a_label_with_more_around_it_is_a_suspected_summary(
    label: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [HEADER, row(), row("P2"), row(label, scale=2000000)]
    result = read(book(tmp_path, rows, kind), domain)
    assert outcome(result) == [f"P1 {GOOD}", f"P2 {GOOD}", "C4 suspected_summary"]
    assert label.split()[0] in result.rejected[0].rejects[0].value


PLACES: dict[str, tuple[tuple[object, ...], str]] = {
    "汇总 in the first cell, nothing but the sum behind it": (("汇总", *(None,) * 5, 5000000), "A4"),
    "a label with a count in the first cell": (("合计2户", None, None, None, None, None, 5), "A4"),
    "a label with more before it in the company": (row("P9", company="C1小计"), "D4"),
    "a label alone in the company": (row("P9", company="合计"), "D4"),
    "a rollup label alone in the company": (row("P9", company="汇总"), "D4"),
    "in the first cell of a row with keys": (("单一计划合计", 11, "P9", "C1", 0.01, 1, 1), "A4"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cells", "place"), PLACES.values(), ids=PLACES.keys())
def test_where_such_a_label_is_looked_for(
    cells: tuple[object, ...], place: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, [HEADER, row(), row("P2"), cells], kind), domain)
    assert outcome(result) == [f"P1 {GOOD}", f"P2 {GOOD}", f"{place} suspected_summary"]


@pytest.mark.parametrize("plan", PLANS)
def test_a_code_that_only_holds_a_label_is_a_plan(plan: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(read(book(tmp_path, [HEADER, row(plan)]), domain)) == [f"{plan.upper()} {GOOD}"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", LABELS)
def test_a_label_alone_is_skipped(label: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [HEADER, row(), row(label)], kind), domain)
    assert (outcome(result), skipped(result)) == ([f"P1 {GOOD}"], {"summary": 1})


# --- notes -------------------------------------------------------------------------------------------------------

NOTES: dict[str, tuple[object, ...]] = {
    "注：": ("注：净值为月末数",),
    "备注：": ("备注：含税",),
    "one that might be a code": ("制表人：张三",),
    "in another column": (None, None, "数据来源：受托人"),
    "two texts": ("制表人：张三", None, "审核：李四"),
    "a number in a text": ("注1：本月规模为 5 亿元以上的计划单列",),
    "a source in English": ("Source: trustees",),
    "stars": ("* 本表由系统生成，如有疑问请联系",),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("header", [HEADER, SHORT])
@pytest.mark.parametrize("cells", NOTES.values(), ids=NOTES.keys())
def test_a_note_is_skipped_also_where_the_file_name_gives_the_period(
    cells: tuple[object, ...], header: tuple[str, ...], kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [header, row() if header is HEADER else short(), cells]
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), skipped(result)) == ([f"P1 {GOOD}"], {"note": 1})
    assert any(str(next(filter(None, cells))) in note for note in result.report.notes)
