"""rules.md, Rows: what becomes of each row of a workbook, and the account of the file."""

import csv
import io
import json
from collections.abc import Sequence

import pytest

from conftest import HEADER, ROW, Extract
from extract.errors.table import ColumnAmbiguous, ColumnMissing, HeaderNotFound, TooManyRejects, UnknownUnit
from extract.table.records.results import FileResult

BLANK = (None,) * 7


def with_cell(index: int, value: object) -> tuple[object, ...]:
    """The good row with one other cell."""
    return (*ROW[:index], value, *ROW[index + 1 :])


def skipped(result: FileResult) -> dict[str, int]:
    """The reasons that skipped a row."""
    return {reason: count for reason, count in result.report.rows_skipped.items() if count}


def codes(result: FileResult) -> list[tuple[str, str]]:
    """Cell and code of every reject."""
    return [(reject.cell, reject.code) for row in result.rejected for reject in row.rejects]


def records(result: FileResult) -> list[list[str]]:
    """The CSV records, up to the measures."""
    return [record[:6] for record in all_fields(result)]


def all_fields(result: FileResult) -> list[list[str]]:
    """The CSV records, whole."""
    return list(csv.reader(io.StringIO(result.records.decode(), newline="")))


def test_a_good_row_becomes_a_record(extract: Extract) -> None:
    result = extract([ROW])
    assert result.records.decode() == (
        "2024-11-01,P1,C1,0.010000,1.5000,1000.00,true,[],2024-11_受托业绩报告.xlsx,受托业绩,2\n"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (BLANK, "blank"),
        ((" ", "\u3000", *BLANK[2:]), "blank"),
        (HEADER, "header"),
        (tuple(f" {text} " for text in HEADER), "header"),
        (("合计", *ROW[1:]), "summary"),
        ((" 合 计 ", *BLANK[1:]), "summary"),
        (("Ｔｏｔａｌ", *BLANK[1:6], 5), "summary"),
        (("SubTotal", *ROW[1:]), "summary"),
        ((None, None, "小计", None, 0.1, None, 5), "summary"),
        (with_cell(2, "平均值"), "summary"),
        ((None, "总计", None, None, None, None, 1), "summary"),
        (("注：净值为月末数", *BLANK[1:]), "note"),
        ((None, None, "制表人：张三", *BLANK[3:]), "note"),
        ((None, None, None, None, None, None, "数据来源"), "note"),
        ((None, None, "Prepared by: Li", None, "Date: Dec 5, 2024", None, None), "note"),
    ],
)
def test_rows_that_are_skipped(extract: Extract, row: Sequence[object], reason: str) -> None:
    result = extract([ROW, row, with_cell(2, "P2")])
    assert skipped(result) == {reason: 1}
    assert (result.report.rows_read, result.report.rows_loaded) == (3, 2)


def test_a_header_word_alone_makes_no_header_row(extract: Extract) -> None:
    assert extract([with_cell(2, "计划代码")]).report.rows_loaded == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((None, None, "P9", *BLANK[3:]), "missing"),  # one cell only, but a valid value of its column
        ((None, None, None, None, None, None, 5), "missing"),  # one cell only, and no text
        (("#REF!", *BLANK[1:]), "invalid_period"),  # an error is no note
    ],
)
def test_a_lone_cell_that_is_no_note_is_rejected(extract: Extract, row: Sequence[object], code: str) -> None:
    result = extract([ROW, with_cell(2, "P2"), row])
    assert result.report.rows_rejected == 1
    assert code in [found for _, found in codes(result)]


def test_the_text_of_a_note_is_in_the_plan(extract: Extract) -> None:
    result = extract([ROW, ("注：x", *BLANK[1:])])
    assert result.report.notes == ("A3: 注：x",)


def test_blank_rows_below_the_last_row_do_not_count(extract: Extract) -> None:
    result = extract([ROW, BLANK, with_cell(2, "P2"), BLANK, (" ", *BLANK[1:])])
    assert (result.report.rows_read, skipped(result)) == (3, {"blank": 1})


def test_every_broken_rule_of_a_row_is_reported_where_it_stands(extract: Extract) -> None:
    result = extract([ROW, with_cell(2, "P2"), (2024, 13, None, 1.5, "x", 0, -1)])
    assert codes(result) == [
        ("B4", "invalid_period"),
        ("C4", "missing"),
        ("D4", "invalid_code"),
        ("E4", "invalid_number"),
        ("F4", "out_of_range"),
        ("G4", "out_of_range"),
    ]
    first, *_, last = result.rejected[0].rejects
    assert (first.column, first.value, first.source_row, first.source_sheet) == ("月", "13", 4, "受托业绩")
    assert (last.column, last.value) == ("规模", "-1")
    assert result.rejected[0].row == {
        "年": "2024",
        "月": "13",
        "公司代码": "1.5",
        "收益率": "x",
        "净值": "0",
        "规模": "-1",
    }


def test_a_reject_of_several_columns_names_the_first_in_the_sheet(extract: Extract) -> None:
    header = ("计划代码", "公司代码", "报告期", "月", "年")
    result = extract([("P1", "C1", "2024-11", 10, 2024), ("P2", "C1", "2024-11", 11, 2024)], header=header)
    assert codes(result) == [("C2", "period_conflict")]


def test_the_same_key_with_the_same_values_is_a_duplicate(extract: Extract) -> None:
    result = extract([ROW, ("24年", "11月", "p-1", "c1", "1%", "1.50", "1,000"), with_cell(2, "P2")])
    assert (skipped(result), result.report.rows_loaded, result.rejected) == ({"duplicate": 1}, 2, ())


def test_the_same_key_with_other_values_rejects_every_row_of_the_key(extract: Extract) -> None:
    rows = [ROW, with_cell(2, "P2"), with_cell(2, "P3"), with_cell(4, 0.02), ROW]
    result = extract(rows)
    assert codes(result) == [(f"A{row}", "conflicting_duplicate") for row in (2, 5, 6)]
    assert "row 5, 6" in result.rejected[0].rejects[0].reason
    assert [record[1] for record in records(result)] == ["P2", "P3"]
    assert len(result.records.splitlines()) == result.report.rows_loaded == 2


def test_rejected_rows_take_no_part_in_the_comparison_of_keys(extract: Extract) -> None:
    result = extract([ROW, with_cell(4, "x"), with_cell(2, "P2")])
    assert codes(result) == [("E3", "invalid_number")]
    assert result.report.rows_loaded == 2


@pytest.mark.parametrize("size", [10, 3500])
def test_keys_are_compared_across_chunks(extract: Extract, size: int) -> None:
    rows = [with_cell(2, f"P{number}") for number in range(size)]
    result = extract([*rows, with_cell(2, "P0"), (*ROW[:2], "P1", *ROW[3:6], 7)])
    report = result.report
    assert (report.rows_loaded, report.rows_rejected, skipped(result)) == (size - 1, 2, {"duplicate": 1})
    assert report.rows_read == report.rows_loaded + report.rows_rejected + report.skipped


def test_half_of_the_rows_may_be_rejected_and_no_more(extract: Extract) -> None:
    good, bad = [ROW, with_cell(2, "P2")], [with_cell(2, None), with_cell(2, "a/b")]
    assert extract([*good, *bad]).failure is None
    failed = extract([*good, *bad, with_cell(2, "c/d"), BLANK, ("合计", *ROW[1:])])
    assert isinstance(failed.failure, TooManyRejects)
    assert (failed.failure.rejected, failed.failure.rows) == (3, 5)


@pytest.mark.parametrize("rows", [[], [("合计", *BLANK[1:])], [("注：x", *BLANK[1:]), BLANK]])
def test_a_file_without_a_data_row_loads_nothing_and_warns(extract: Extract, rows: list[tuple[object, ...]]) -> None:
    result = extract(rows)
    assert [warning.code for warning in result.report.warnings] == ["no_rows"]
    assert (result.records, result.failure) == (b"", None)


def test_warnings_are_kept_with_the_row(extract: Extract) -> None:
    rows = [with_cell(4, "50%"), (*ROW[:2], "P2", "C1", "-50.1%", 1.5, 1), (2015, 1, "P3", "C1", None, 2, None)]
    rows.append((*ROW[:2], "P4", "C1", None, 1.5, 1.5))
    result = extract(rows, name="受托业绩.xlsx")  # no month in the name: rows of any month
    found = [[item["code"] for item in json.loads(record[7])] for record in all_fields(result)]
    assert found == [[], ["high_return", "scale_below_nav"], ["old_period"], []]


def test_a_row_without_any_measure_is_loaded(extract: Extract) -> None:
    result = extract([(*ROW[:4], None, "-", "N/A")])
    assert result.records.decode().startswith("2024-11-01,P1,C1,,,,false,[],")


def test_a_column_that_mixes_fractions_and_percentages_is_named(extract: Extract) -> None:
    rows = [with_cell(4, 5.5), (*ROW[:2], "P2", *ROW[3:]), (*ROW[:2], "P3", "C1", "0.02", 1, 2), with_cell(2, "a/b")]
    result = extract(rows)
    (warning,) = result.report.warnings
    assert warning.code == "ambiguous_unit"
    assert "2 up to 1" in warning.detail
    assert "1 beyond 1" in warning.detail
    assert [record[3] for record in records(result)] == ["0.055000", "0.010000", "0.020000"]


def test_a_column_of_one_kind_is_not_ambiguous(extract: Extract) -> None:
    result = extract([with_cell(4, 5.5), (*ROW[:2], "P2", "C1", 3.5, 1, 2)])
    assert [warning.code for warning in result.report.warnings] == ["unit_unclear"]
    assert extract([ROW, (*ROW[:2], "P2", "C1", "5.5%", 1, 2)]).report.warnings == ()


HEADERS = {
    "report_date": ["报告期", "报告日期", "月度", "期间", "report_period", "Report_Date"],
    "plan_code": ["计划代码", "计划号", "年金计划号", "PLAN_CODE", "计划代码（必填）", " 计划\n代码 "],
    "company_code": ["公司代码", "受托人代码", "company_code"],
    "return_rate": ["收益率", "当期收益率", "return_rate", "收益率(%)", "收益率（％）", "收益率(‰)", "收益率[%]"],
    "net_asset_value": ["净值", "单位净值", "net_asset_value", "NAV", "净值(元)"],
    "fund_scale": [
        "规模",
        "资产规模",
        "期末资产规模",
        "fund_scale",
        "规模(万元)",
        "规模（亿元）",
        "期末资产规模(百万)",
    ],
}


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in HEADERS.items() for text in texts])
def test_accepted_headers(extract: Extract, field: str, text: str) -> None:
    standard = [texts[0] for texts in HEADERS.values()]
    header = [text if name == field else known for name, known in zip(HEADERS, standard, strict=True)]
    result = extract([("2024-11", "P1", "C1", 0.5, 1.5, 2)], header=header)
    assert result.report.rows_loaded == 1
    assert result.report.ignored_columns == ()


@pytest.mark.parametrize(("year", "month"), [("年", "月"), ("年份", "月份"), ("year", "MONTH"), ("Ｙｅａｒ", "月")])
def test_headers_of_year_and_month(extract: Extract, year: str, month: str) -> None:
    assert extract([ROW], header=(year, month, *HEADER[2:])).report.rows_loaded == 1


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("收益率(%)", 0.5, "0.005000"),
        ("收益率(%)", "0.5", "0.005000"),
        ("收益率(‰)", 5, "0.005000"),
        ("收益率(%)", "0.5‰", "0.000500"),
        ("收益率", 0.5, "0.500000"),
    ],
)
def test_the_unit_in_the_header_applies_to_plain_numbers(
    extract: Extract, header: str, cell: object, expected: str
) -> None:
    result = extract([with_cell(4, cell)], header=(*HEADER[:4], header, *HEADER[5:]))
    assert records(result)[0][3] == expected


def test_configuration_wins_over_the_header_and_the_cell_over_both(extract: Extract) -> None:
    header = (*HEADER[:6], "规模(万元)")
    rows = [with_cell(6, 3), (*ROW[:2], "P2", *ROW[3:6], "3元"), (*ROW[:2], "P3", *ROW[3:6], "3")]
    assert [record[5] for record in records(extract(rows, header=header))] == ["30000.00", "3.00", "30000.00"]
    configured = extract(rows, header=header, units={"fund_scale": 8})
    assert [record[5] for record in records(configured)] == ["300000000.00", "3.00", "300000000.00"]


@pytest.mark.parametrize(
    ("position", "header", "cell"),
    [
        (6, "规模(美元)", "G1"),
        (5, "净值(万元)", "F1"),
        (5, "净值(%)", "F1"),
        (4, "收益率(元)", "E1"),
        (6, "规模(万元)(期末)", "G1"),
    ],
)
def test_a_bracket_that_is_no_unit_of_the_field_is_an_error(
    extract: Extract, position: int, header: str, cell: str
) -> None:
    columns = [header if index == position else text for index, text in enumerate(HEADER)]
    with pytest.raises(UnknownUnit, match=cell):
        extract([ROW], header=columns)


def test_two_headers_of_one_field_are_an_error_that_names_both_cells(extract: Extract) -> None:
    with pytest.raises(ColumnAmbiguous, match="F1 净值 and H1 单位净值"):
        extract([(*ROW, 2)], header=(*HEADER, "单位净值"))


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (("年", "月", "公司代码", "收益率"), "plan_code"),
        (("年", "月", "计划代码", "收益率"), "company_code"),
        (("年", "计划代码", "公司代码"), "月"),
        (("收益率", "净值", "规模"), "plan_code .*; company_code"),
    ],
)
def test_a_missing_key_column_is_an_error(extract: Extract, header: Sequence[str], missing: str) -> None:
    with pytest.raises(ColumnMissing, match=missing):
        extract([ROW], header=header)


def test_a_sheet_without_period_columns_takes_the_period_from_the_file_name(extract: Extract) -> None:
    result = extract([("P1", "C1", 0.01)], header=("计划代码", "公司代码", "收益率"))
    assert records(result)[0][0] == "2024-11-01"
    assert "2024-11" in result.report.notes[0]


def test_without_period_columns_and_period_in_the_name_a_column_is_missing(extract: Extract) -> None:
    with pytest.raises(ColumnMissing, match="report_date"):
        extract([("P1", "C1")], header=("计划代码", "公司代码"), name="受托业绩.xlsx")


def test_optional_columns_may_lack(extract: Extract) -> None:
    result = extract([(2024, 11, "P1", "C1")], header=HEADER[:4])
    assert records(result) == [["2024-11-01", "P1", "C1", "", "", ""]]


def test_extra_columns_are_ignored_and_named(extract: Extract) -> None:
    result = extract([(*ROW, "x", "y", "z")], header=(*HEADER, "备注", None, "收益率排名"))
    assert result.report.ignored_columns == ("备注", "收益率排名", "(no header, column I)")
    assert result.report.rows_loaded == 1


def test_positions_are_those_of_excel_with_leading_empty_rows_and_columns(extract: Extract) -> None:
    header = (None, None, *HEADER)
    rows = [(), header, (None, None, *ROW), (None, None, *with_cell(2, "P2")), (None, None, *with_cell(4, "x"))]
    result = extract(rows, header=None)
    assert result.report.header_row == 2
    assert codes(result) == [("G5", "invalid_number")]
    assert result.records.decode().splitlines()[0].endswith(",3")


def test_error_cells_never_look_empty(extract: Extract) -> None:
    rows = [
        with_cell(4, "#DIV/0!"),
        with_cell(2, "#REF!"),
        with_cell(5, "#N/A"),
        with_cell(2, "P4"),
        with_cell(2, "P5"),
    ]
    result = extract(rows)
    assert codes(result) == [("E2", "invalid_number"), ("C3", "invalid_code")]
    assert records(result)[0] == ["2024-11-01", "P1", "C1", "0.010000", "", "1000.00"]


def test_an_empty_sheet_has_no_header(extract: Extract) -> None:
    with pytest.raises(HeaderNotFound):
        extract([], header=None)


def test_a_source_name_with_comma_and_quote_survives_in_csv(extract: Extract) -> None:
    (record,) = all_fields(extract([ROW], name='2024-11_受托业绩,"a".xlsx', sheet='a,"b'))
    assert record[-3:] == ['2024-11_受托业绩,"a".xlsx', 'a,"b', "2"]
