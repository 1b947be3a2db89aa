"""rules.md, report_date: the month of a file name, of titles above the table, and of its rows."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.files import PeriodAmbiguous
from extract.errors.table import PeriodConflict
from extract.table.reading import ReadOptions
from layouts import GOOD, KINDS, SHORT, book, outcome, row, short, warned
from reading import read

# --- names -------------------------------------------------------------------------------------------------------

NAMES: dict[str, tuple[str, str]] = {
    "a day of export before the month": ("受托业绩_导出20241205_2024年11月", "2024-11"),
    "a day of export behind it": ("2024年11月受托业绩（20241205导出）", "2024-11"),
    "a day with dashes": ("受托业绩 2024-12-05 导出 2024年11月", "2024-11"),
    "a version with a date": ("2024-11_受托业绩_v2_20241210", "2024-11"),
    "a time": ("2024-11_受托业绩_20241205T093000", "2024-11"),
    "the month twice": ("2024-11_受托业绩_2024年11月", "2024-11"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "month"), NAMES.values(), ids=NAMES.keys())
def test_a_day_beside_a_month_is_no_period(name: str, month: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [SHORT, short()], kind, name), domain)
    assert outcome(result) == [f"P1 {GOOD}"]
    assert result.records.decode()[:7] == month


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    ["2024年10月-11月受托业绩", "受托业绩_2024-10_2024-11", "2024年第四季度受托业绩202411", "受托业绩202410至202411"],
)
def test_two_months_in_a_name_are_an_error_that_names_both(
    name: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(PeriodAmbiguous, match=r"2024-10.*2024-1[12]") as raised:
        read(book(tmp_path, [SHORT, short()], kind, name), domain)
    assert "--period" in raised.value.next_step


# --- titles ------------------------------------------------------------------------------------------------------

OTHER = [
    "Nov-24",
    "30.11.2024",
    "11/30/2024",
    "11/2024",
    "民国113年11月",
    "十一月",
    "月份：11",
    "受托业绩月报（2024年11月）",
    "2024年11月受托业绩",
    "报告期：2024-11",
    "截至2024年11月30日",
    "202411",
    "２０２４年１１月",
]
SAME = [
    "Dec-24",
    "31.12.2024",
    "12/31/2024",
    "12/2024",
    "2024M12",
    "民国113年12月",
    "十二月",
    "月份：12",
    "受托业绩月报（2024年12月）",
    "截至2024年12月31日",
    "制表日期：2025年1月8日",
    "2024年度受托业绩",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", OTHER)
def test_a_title_that_names_another_month_than_the_file_is_an_error(
    title: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(PeriodConflict, match=r"A1.*2024-11.*2024-12"):
        read(book(tmp_path, [(title,), SHORT, short()], kind, "2024-12_受托业绩"), domain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", OTHER)
def test_beside_period_columns_it_is_a_warning(title: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [(title,), HEADER, row(month=12)], kind, "2024-12_受托业绩"), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], ["period_conflict"])
    assert "A1" in result.report.warnings[0].detail


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", SAME)
def test_a_title_that_names_the_same_month_or_a_day_of_printing_is_none(
    title: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, [(title,), SHORT, short()], kind, "2024-12_受托业绩"), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], [])


# --- rows of another month ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_another_month_than_the_name_is_rejected(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(), row("P2", month=10), row("P3", month=12), row("P4"), row("P5")]
    path = book(tmp_path, rows, kind)
    result = read(path, domain)
    loaded = [f"P1 {GOOD}", f"P4 {GOOD}", f"P5 {GOOD}"]
    assert outcome(result) == [*loaded, "A3 period_mismatch", "A4 period_mismatch"]
    assert result.report.months == {"2024-11": 3}
    many = {"2024-10": 1, "2024-11": 3, "2024-12": 1}
    assert read(path, domain, periods_per_file="many").report.months == many
    accepted = read(path, domain, ReadOptions(accepted=frozenset({"period_mismatch"})))
    assert (accepted.report.months, accepted.rejected) == (many, ())


PERIODS = ["2024-10", "2024年10月", "20241031", "2024/10/31", "2024年10月报告"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", PERIODS)
def test_also_where_one_column_holds_the_period(period: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [("报告期", *SHORT), ("2024-11", *short()), (period, *short("P2"))]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [f"P1 {GOOD}", "A3 period_mismatch"]


def test_a_name_without_a_month_lets_rows_of_any_month_load(tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [HEADER, row(), row("P2", month=10)], name="受托业绩"), domain)
    assert result.report.months == {"2024-10": 1, "2024-11": 1}
