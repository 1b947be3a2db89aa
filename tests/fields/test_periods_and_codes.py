"""rules.md, report_date, plan_code and company_code."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from conftest import TODAY
from extract.domains.trustee_performance import TrusteePerformance
from extract.fields.base import FileContext
from extract.workbook.cells import Cell, ErrorCell

FIELDS = {field.name: field.type for field in TrusteePerformance.cell_fields()}


class Info:
    """What a field type asks of Pydantic."""

    field_name = None
    context = FileContext(TODAY)


def read(field: str, value: Any) -> str:
    """The value of a cell (of the year, month and period cells), or the codes of the broken rules."""
    try:
        return str(FIELDS[field].read(value, Info()))
    except PydanticCustomError as error:
        return " ".join(problem.code for problem in error.context["problems"])


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2024, "2024-11-01"),
        (2024.0, "2024-11-01"),
        ("2024", "2024-11-01"),
        ("2024年", "2024-11-01"),
        ("２０２４", "2024-11-01"),
        ("２０２４年", "2024-11-01"),
        (" 2024 ", "2024-11-01"),
        ("24", "2024-11-01"),
        ("24年", "2024-11-01"),
        ("00", "2000-11-01"),
        (2000, "2000-11-01"),
        (2026, "2026-11-01"),
        (1999, "invalid_period"),
        (2027, "invalid_period"),
        (2024.5, "invalid_period"),
        ("2024.0", "invalid_period"),
        ("二〇二四", "invalid_period"),
        (5, "invalid_period"),
        (-2024, "invalid_period"),
        (True, "invalid_period"),
        (datetime(2024, 11, 1), "invalid_period"),
        (ErrorCell("#REF!"), "invalid_period"),
        ("", "missing"),
        ("#N/A", "missing"),
        (ErrorCell("#N/A"), "missing"),
    ],
)
def test_year(year: Cell, expected: str) -> None:
    assert read("report_date", (year, 11.0, "")) == expected


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (11, "2024-11-01"),
        (11.0, "2024-11-01"),
        ("11", "2024-11-01"),
        ("01", "2024-01-01"),
        ("1", "2024-01-01"),
        ("11月", "2024-11-01"),
        ("1月", "2024-01-01"),
        ("１１", "2024-11-01"),
        ("１１月", "2024-11-01"),
        (12, "2024-12-01"),
        (13, "invalid_period"),
        (0, "invalid_period"),
        ("-1", "invalid_period"),
        (-1, "invalid_period"),
        ("十一", "invalid_period"),
        (1.5, "invalid_period"),
        (True, "invalid_period"),
        ("", "missing"),
    ],
)
def test_month(month: Cell, expected: str) -> None:
    assert read("report_date", (2024.0, month, "")) == expected


@pytest.mark.parametrize(
    "period",
    [
        "2024年11月",
        "24年11月",
        "2024年11月30日",
        "2024-11",
        "2024-11-30",
        "2024-11-30 00:00:00",
        "2024/11",
        "2024/11/30",
        "2024.11",
        "2024.11.30",
        "202411",
        "20241130",
        "２０２４年１１月",
        "２０２４－１１",
        "２０２４１１",
        " 2024 年 11 月 ",
        202411,
        202411.0,
        20241130,
        20241130.0,
        date(2024, 11, 30),
        datetime(2024, 11, 30, 12, 0),
        "2024年11月报告",
        "2024年11月（修订）",
        "2024-11-5",
        "2024-11-30T00:00:00",
    ],
)
def test_period_of_november(period: Cell) -> None:
    assert read("report_date", ("", "", period)) == "2024-11-01"


@pytest.mark.parametrize("period", ["2024-1", "2024/1/5", "2024.1", "2024年1月", "24年1月5日", "2024-1-5 00:00:00"])
def test_period_of_january(period: Cell) -> None:
    assert read("report_date", ("", "", period)) == "2024-01-01"


@pytest.mark.parametrize(
    "period",
    [
        2024.11,
        2024.1,
        45597,
        45597.0,
        "45597",
        "11月2024",
        "2024年第四季度",
        "202413",
        202413,
        "202400",
        "2024-02-30",
        "2024年2月30日",
        "2024-13",
        "2024",
        2024,
        "24-11",
        "1999-11",
        "2027-11",
        date(1999, 11, 1),
        "2024-11/30",
        "2024--11",
        "11/2024",
        "Nov 2024",
        True,
        time(1, 2),
        timedelta(days=1),
        ErrorCell("#VALUE!"),
        "-",
        "20241301",
        float("inf"),
        "2024年",
        24.11,
    ],
)
def test_invalid_period(period: Cell) -> None:
    assert read("report_date", ("", "", period)) == "invalid_period"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((2024.0, 11.0, "2024-11"), "2024-11-01"),
        ((2024.0, "", "2024-11"), "2024-11-01"),
        (("", 11.0, "2024-11"), "2024-11-01"),
        ((2024.0, 11.0, ""), "2024-11-01"),
        ((2024.0, 11.0, "#N/A"), "2024-11-01"),
        ((2024.0, 10.0, "2024-11"), "period_conflict"),
        ((2023.0, "", "2024-11"), "period_conflict"),
        (("", 10.0, "2024-11"), "period_conflict"),
        ((2024.0, 11.0, "soon"), "invalid_period"),
        ((1999.0, 13.0, "soon"), "invalid_period invalid_period invalid_period"),
        (("", "", ""), "missing"),
        ((2024.0, "", ""), "missing"),
    ],
)
def test_year_month_and_period_columns_together(cells: tuple[Cell, Cell, Cell], expected: str) -> None:
    assert read("report_date", cells) == expected


def test_a_month_after_the_current_one_is_future() -> None:
    assert read("report_date", (2026.0, 12.0, "")) == "future_period"
    assert read("report_date", (2026.0, 11.0, "")) == "2026-11-01"
    assert read("report_date", ("", "", "2026-12")) == "future_period"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("090164", "090164"),
        (90164.0, "90164"),
        (90164, "90164"),
        (512065202.0, "512065202"),
        ("51-206520-2", "512065202"),
        ("capital_a", "CAPITALA"),
        (" Ab c\u30001 ", "ABC1"),
        ("ＡＢ１２", "AB12"),
        ("计划一", "计划一"),
        ("план", "ПЛАН"),
        ("A.1", "A.1"),
        ("NA", "NA"),
        ("x" * 50, "X" * 50),
        ("x" * 51, "invalid_code"),
        ("x-" * 50, "X" * 50),
        ("A/1", "invalid_code"),
        ("A:1", "invalid_code"),
        ("注：x", "invalid_code"),
        (1.5, "invalid_code"),
        (-5.0, "invalid_code"),
        (True, "invalid_code"),
        (float("nan"), "invalid_code"),
        (float("inf"), "invalid_code"),
        (1e60, "invalid_code"),
        (date(2024, 3, 1), "invalid_code"),
        (ErrorCell("#REF!"), "invalid_code"),
        (ErrorCell("#N/A"), "missing"),
        ("", "missing"),
        (" ", "missing"),
        ("-", "missing"),
        ("--", "missing"),
        ("_", "missing"),
        ("N/A", "missing"),
        ("n/a", "missing"),
        ("#N/A", "missing"),
        ("无", "missing"),
        ("暂无", "missing"),
    ],
)
def test_plan_code(cell: Cell, expected: str) -> None:
    assert read("plan_code", cell) == expected


def test_company_code_has_at_most_20_characters() -> None:
    assert read("company_code", "C" * 20) == "C" * 20
    assert read("company_code", "C" * 21) == "invalid_code"
    assert read("company_code", 1e20) == "invalid_code"
