"""rules.md, Where people state things elsewhere: columns that are not read, merged figures, marks of absence."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER, ROW, Extract, WriteWorkbook
from extract.domains.registry import Domain
from extract.errors.table import UnitMisplaced
from layouts import SHORT, book, outcome, short, warned
from reading import cells, read, records

LINE = "2024,11,{},C1,0.01,1.5,1000"
GOOD = [(2024, 11, f"P{number}", "C1", 0.01, 1.5, 1000) for number in range(1, 4)]


@pytest.mark.parametrize("header", ["单位", "计量单位", "币种", "货币", "Currency"])
@pytest.mark.parametrize("unit", ["万元", "亿元", "美元", "USD", "港币", "萬元"])
def test_a_row_that_names_another_unit_is_rejected(extract: Extract, header: str, unit: str) -> None:
    rows = [(*row, "元") for row in GOOD]
    rows[1] = (*GOOD[1], unit)
    result = extract(rows, header=(*HEADER, header))
    assert (result.report.rows_loaded, cells(result)) == (2, [("H3", "unit_of_row")])


@pytest.mark.parametrize("unit", ["元", "人民币", "CNY", "人民币元", "某某养老", "个", ""])
def test_a_row_that_names_no_other_unit_loads(extract: Extract, unit: str) -> None:
    assert extract([(*ROW, unit)], header=(*HEADER, "单位")).report.rows_loaded == 1


def test_a_statement_right_of_the_rows_counts(extract: Extract) -> None:
    with pytest.raises(UnitMisplaced, match="I2"):
        extract([(*ROW, None, "单位：万元"), *GOOD[1:]])
    assert extract([(*ROW, None, "单位：元"), *GOOD[1:]]).report.rows_loaded == 3


@pytest.mark.parametrize("line", ["2024,11,P9,C1,0.01,1.5,1,000.00", "2024,11,P9,C1,0.01,1.5,1000,5"])
def test_a_csv_row_of_too_many_cells_is_rejected(line: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    lines = [",".join(HEADER), LINE.format("P1"), line, f"{LINE.format('P2')},,"]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = read(path, domain)
    assert (result.report.rows_loaded, cells(result)) == (2, [("H3", "too_many_cells")])


@pytest.mark.parametrize(
    ("tail", "loaded"),
    [
        ("1,000,000", 0),
        ("1,050.25,", 0),
        ("-12,000,", 0),
        ("1000,000,", 1),
        ("1,50,", 1),
        ("1,100,", 1),
        ("12.5,001,", 1),
    ],
)
def test_a_figure_that_its_commas_parted_is_rejected(tail: str, loaded: int, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    lines = [",".join((*HEADER, "备注", "说明")), f"2024,11,P1,C1,0.01,1.5,{tail}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = read(path, domain)
    assert (result.report.rows_loaded, cells(result)) == (loaded, [("H2", "too_many_cells")] * (1 - loaded))


def test_a_code_behind_a_figure_is_none_of_its_digits(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_text("年,月,规模,计划代码,公司代码,收益率,净值\n2024,11,12,001,C1,0.01,1.5", encoding="utf-8")
    assert read(path, domain).report.rows_loaded == 1


def test_a_figure_merged_over_several_rows_is_a_warning(write_workbook: WriteWorkbook, domain: Domain) -> None:
    path = write_workbook(GOOD)
    workbook = openpyxl.load_workbook(path)
    workbook.active.merge_cells("G2:G3")
    workbook.save(path)
    result = read(path, domain)
    assert records(result)[1] == "2024-11-01,P2,C1,0.010000,1.5000,,true"
    (warning,) = result.report.warnings
    assert (warning.code, "G2:G3" in warning.detail) == ("measure_merged", True)


@pytest.mark.parametrize("code", ["NULL", "null", "NaN", "None", r"\N", "(null)", "同上", "—", "--"])
def test_what_an_export_writes_for_nothing_is_no_code(extract: Extract, code: str) -> None:
    rows = [*GOOD, (*ROW[:2], code, *ROW[3:])]
    assert cells(extract(rows)) == [("C5", "missing")]


@pytest.mark.parametrize(
    "period", ["2024年11月至12月", "2024年11月-2024年12月", "2024年11月-12", "2024年11月累计", "2024年11月初至12月末"]
)
def test_a_period_of_several_months_is_rejected(extract: Extract, period: str) -> None:
    rows = [("2024年11月", *row[2:]) for row in GOOD]
    rows[1] = (period, *GOOD[1][2:])
    assert cells(extract(rows, header=("报告期", *HEADER[2:]))) == [("A3", "invalid_period")]


@pytest.mark.parametrize(
    "period", ["2024年11月1日至11月30日", "2024年11月报告", "2024年11月-第2版", "2024年11月(11月末)"]
)
def test_other_text_behind_a_period_is_allowed(extract: Extract, period: str) -> None:
    result = extract([(period, *ROW[2:])], header=("报告期", *HEADER[2:]))
    assert result.report.rows_loaded == 1


@pytest.mark.parametrize("header", ["日期", "年月", "数据日期", "Date"])
@pytest.mark.parametrize("cell", ["2024-10", "2024年10月", "20241031", 202410, date(2024, 10, 31), "10月"])
def test_a_row_of_another_month_than_the_name_in_a_column_that_is_not_read_is_rejected(
    extract: Extract, header: str, cell: object
) -> None:
    rows = [("2024-11", *GOOD[0][2:]), (cell, *GOOD[1][2:]), ("", *GOOD[2][2:])]
    result = extract(rows, header=(header, *HEADER[2:]))
    assert (result.report.rows_loaded, cells(result)) == (2, [("A3", "period_conflict")])


def test_such_a_column_says_nothing_beside_columns_of_the_month(extract: Extract) -> None:
    assert extract([(*ROW, "2024-12-05")], header=(*HEADER, "日期")).report.rows_loaded == 1


@pytest.mark.parametrize("form", ["*{}", "{}：", "1.{}", "(2){}", "３、{}"])
def test_what_forms_write_around_a_header_means_nothing(extract: Extract, form: str) -> None:
    result = extract([ROW], header=tuple(form.format(name) for name in HEADER))
    assert records(result) == ["2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"]


@pytest.mark.parametrize("code", ["合计数量", "汇总行", "去年同期", "占比"])
def test_what_begins_as_a_total_or_names_a_ratio_is_no_code(extract: Extract, code: str) -> None:
    result = extract([*GOOD, (2024, 11, code, "C1", 0.01, 1.5, 3000)])
    assert (result.report.rows_loaded, cells(result)) == (3, [("C5", "suspected_summary")])


@pytest.mark.parametrize("header", ["截止日", "截止日期", "截至日"])
@pytest.mark.parametrize(
    ("days", "rejected", "codes"),
    [
        (("2024-11-30", "2014-11-30", "2024-11-30"), ["F3 period_conflict"], []),
        (("2020-11-30", "2020-11-30"), [], ["period_conflict"]),
        (("2034-11-30", "2034-11-30"), [], ["period_conflict"]),
        (("2027-12-31", "2027-12-31"), [], []),
        (("2020-11-30", "2019-12-31"), [], []),
        (("2024-11-30", "2027-12-31", "2028-06-30"), [], []),
    ],
)
def test_a_day_years_away_may_be_that_of_the_figures(
    header: str, days: tuple[str, ...], rejected: list[str], codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    rows = [(*SHORT, header), *((*short(f"P{number}"), day) for number, day in enumerate(days))]
    result = read(book(tmp_path, rows), domain)
    assert ([line for line in outcome(result) if "conflict" in line], warned(result)) == (rejected, codes)
    assert all("F2 (" in warning.detail for warning in result.report.warnings)
