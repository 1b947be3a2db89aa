"""rules.md, Numbers and Units: what a cell of a measure means."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from conftest import TODAY
from extract.domains.trustee_performance import TrusteePerformance
from extract.fields.base import FileContext
from extract.fields.numbers import PERCENT
from extract.workbook.cells import Cell, ErrorCell


def read(field: str, cell: Cell, units: dict[str, int] | None = None) -> Decimal | str | None:
    """The value that the model gives a cell, as text; the codes of the broken rules otherwise."""
    row: dict[str, Any] = {
        "report_date": [(2024.0, 11.0, "")],
        "plan_code": ["P1"],
        "company_code": ["C1"],
        "return_rate": [""],
        "net_asset_value": [""],
        "fund_scale": [""],
        "data_source": ["f"],
        "source_sheet": ["s"],
        "source_row": [2],
    }
    row[field] = [cell]
    try:
        chunk = TrusteePerformance.model_validate(row, context=FileContext(TODAY, units or {}))
    except ValidationError as error:
        return " ".join(problem.code for item in error.errors() for problem in item["ctx"]["problems"])
    value = getattr(chunk, field)[0]
    return value if value is None else str(value)


EMPTY = ("", " ", "\u3000", "-", "--", "—", "——", "/", "N/A", "NA", "na", "#N/A", "null", "None", "NaN", "无", "暂无",
         "不适用", "－", "Ｎ／Ａ", ErrorCell("#N/A"))  # fmt: skip


@pytest.mark.parametrize("field", ["return_rate", "net_asset_value", "fund_scale"])
@pytest.mark.parametrize("cell", EMPTY)
def test_empty_marks_are_null(field: str, cell: str) -> None:
    assert read(field, cell) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # plain numbers and zero
        (1000.0, "1000.00"),
        (1000, "1000.00"),
        (0.0, "0.00"),
        ("0", "0.00"),
        (-0.0, "0.00"),
        ("-0", "0.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("1.2E+08", "120000000.00"),
        ("1.2e-1", "0.12"),
        # NFKC, white space of every kind
        ("１２３４．５", "1234.50"),
        (" 1 234\u00a0567\u3000.\t5\n", "1234567.50"),
        ("12\u200b34", "1234.00"),
        # thousands separators
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567.00"),
        ("1，234", "1234.00"),
        ("1,23,4", "invalid_number"),
        ("1234,567", "invalid_number"),
        ("1.234,56", "invalid_number"),
        ("0,123", "invalid_number"),
        ("1,234.5,6", "invalid_number"),
        # currency signs
        ("¥1,234", "1234.00"),
        ("￥1234", "1234.00"),
        ("1234€", "1234.00"),
        ("$5", "5.00"),
        ("£5", "5.00"),
        ("5₽", "5.00"),
        ("¥5¥", "invalid_number"),
        ("¥", "invalid_number"),
        # signs
        ("+5", "5.00"),
        ("¥+5", "5.00"),
        ("+¥5", "5.00"),
        ("+-5", "invalid_number"),
        ("5-", "invalid_number"),
        # units of an amount
        ("3元", "3.00"),
        ("3千元", "3000.00"),
        ("1.5万", "15000.00"),
        ("1.5 万元", "15000.00"),
        ("2百万", "2000000.00"),
        ("2百万元", "2000000.00"),
        ("1.25亿", "125000000.00"),
        ("1.25亿元", "125000000.00"),
        ("¥3元", "3.00"),
        ("5%", "invalid_number"),
        ("5‰", "invalid_number"),
        ("3美元", "invalid_number"),
        ("3万万", "invalid_number"),
        # rounding half up, of the shortest decimal form
        (2.675, "2.68"),
        (1.005, "1.01"),
        (0.125, "0.13"),
        ("0.125", "0.13"),
        ("0.124999999999999999999999999999999999999999", "0.12"),
        (0.001, "0.00"),
        ("1E-400", "0.00"),
        # range and type
        (-0.01, "out_of_range"),
        (-0.001, "0.00"),
        ("-1", "out_of_range"),
        ("（1,234.00）", "out_of_range"),
        (9999999999999998.0, "9999999999999998.00"),
        (1e16, "out_of_range"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("9999999999999999.995", "out_of_range"),
        ("1E+400", "out_of_range"),
        # what is no number
        (True, "invalid_number"),
        (False, "invalid_number"),
        (float("inf"), "invalid_number"),
        (float("nan"), "invalid_number"),
        ("inf", "invalid_number"),
        ("Infinity", "invalid_number"),
        ("0x10", "invalid_number"),
        ("1_0", "invalid_number"),
        ("1.2.3", "invalid_number"),
        ("١٢", "invalid_number"),
        ("abc", "invalid_number"),
        ("(5", "invalid_number"),
        ("5)", "invalid_number"),
        ("()", "invalid_number"),
        ("1e99999", "invalid_number"),
        (ErrorCell("#DIV/0!"), "invalid_number"),
        (ErrorCell("#REF!"), "invalid_number"),
        (date(2024, 11, 30), "invalid_number"),
        (datetime(2024, 11, 30), "invalid_number"),
    ],
)
def test_fund_scale(cell: Cell, expected: str) -> None:
    assert read("fund_scale", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1.5, "1.5000"),
        ("1.5元", "1.5000"),
        (2.67545, "2.6755"),
        ("1.00005", "1.0001"),
        (0.0, "out_of_range"),
        ("0", "out_of_range"),
        (0.00004, "out_of_range"),
        (0.00005, "0.0001"),
        (-1.5, "out_of_range"),
        ("1.5万", "invalid_number"),
        ("1.5%", "invalid_number"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("99999999999999.99995", "out_of_range"),
        (1e14, "out_of_range"),
    ],
)
def test_net_asset_value(cell: Cell, expected: str) -> None:
    assert read("net_asset_value", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # a unit in the cell
        ("5.5%", "0.055000"),
        ("5.5％", "0.055000"),
        ("5.5 %", "0.055000"),
        ("5.5‰", "0.005500"),
        ("0%", "0.000000"),
        ("-0.6804%", "-0.006804"),
        ("−5%", "-0.050000"),
        ("－5%", "-0.050000"),
        ("(5%)", "-0.050000"),
        ("（5%）", "-0.050000"),
        ("(5)%", "-0.050000"),
        ("-(5%)", "invalid_number"),
        ("150%", "1.500000"),
        ("5,5%", "invalid_number"),
        ("5%%", "invalid_number"),
        ("5元", "invalid_number"),
        ("5万", "invalid_number"),
        # no unit: beyond 1 it is a percentage
        (0.055, "0.055000"),
        (-0.055, "-0.055000"),
        (1.0, "1.000000"),
        (-1.0, "-1.000000"),
        ("1", "1.000000"),
        (1.01, "0.010100"),
        (5.5, "0.055000"),
        ("5.5", "0.055000"),
        (-5.5, "-0.055000"),
        (0, "0.000000"),
        (-0.0, "0.000000"),
        (-0.0000001, "0.000000"),
        # rounding to six places
        (0.0123455, "0.012346"),
        (-0.0123455, "-0.012346"),
        (0.01234549, "0.012345"),
        ("1.23455%", "0.012346"),
        # range
        ("1000%", "10.000000"),
        ("1000.0001%", "out_of_range"),
        ("-100%", "-1.000000"),
        ("-100.1%", "out_of_range"),
        (1000.0, "10.000000"),
        (1001.0, "out_of_range"),
        (-100.5, "out_of_range"),
    ],
)
def test_return_rate(cell: Cell, expected: str) -> None:
    assert read("return_rate", cell) == expected


@pytest.mark.parametrize(
    ("cell", "power", "expected"),
    [
        (5.5, PERCENT, "0.055000"),
        (0.5, PERCENT, "0.005000"),
        ("0.5", PERCENT, "0.005000"),
        ("0.5%", PERCENT, "0.005000"),
        ("0.5‰", PERCENT, "0.000500"),
        (5.5, -3, "0.005500"),
        (1.5, 0, "1.500000"),
        (10.5, 0, "out_of_range"),
    ],
)
def test_unit_of_the_column_applies_to_plain_rates(cell: Cell, power: int, expected: str) -> None:
    assert read("return_rate", cell, {"return_rate": power}) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [(1.5, "15000.00"), ("1.5", "15000.00"), ("1.5元", "1.50"), ("1.5亿", "150000000.00")]
)
def test_unit_of_the_column_applies_to_plain_amounts(cell: Cell, expected: str) -> None:
    assert read("fund_scale", cell, {"fund_scale": 4}) == expected


def test_a_float_is_its_shortest_decimal() -> None:
    """The quick way and the careful way through decimals agree on floats of every kind."""
    for cents in range(0, 2_000_000, 997):
        for figure in (cents / 100, cents / 1000, cents * 1.1, cents / 3):
            expected = Decimal(repr(figure)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            assert read("fund_scale", figure) == str(expected), figure
