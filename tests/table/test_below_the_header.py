"""rules.md, Where people state things elsewhere: what may stand between a header and its rows, and in its brackets."""

import pytest

from conftest import HEADER, ROW, Extract
from extract.errors.table import UnknownUnit
from reading import records

PLAIN = "2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"
BOTH = "2024-11-01,P1,C1,0.000100,1.5000,10000000.00,true"
UNITS = (None, None, None, None, "%", "元", "万元")
BLANK = (None,) * 7


@pytest.mark.parametrize(
    "numbers",
    [
        (1, 2, 3, 4, 5, 6, 7),
        ("1", "2", "3", "4", "5", "6", "7"),
        ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"),
        ("①", "②", "③", "④", "⑤", "⑥", "⑦"),
        ("A", "B", "C", "D", "E", "F", "G=F*E"),
        ("甲", "乙", "丙", "丁", 1, 2, "3=1×2"),
        ("栏次", None, None, 1, 2, 3, 4),
    ],
)
def test_a_row_that_numbers_the_columns_is_part_of_the_header(extract: Extract, numbers: tuple[object, ...]) -> None:
    result = extract([numbers, ROW])
    assert records(result) == [PLAIN]
    assert result.report.rows_skipped["header"] == 1


def test_a_row_of_data_that_is_not_in_order_numbers_nothing(extract: Extract) -> None:
    assert extract([(2024, 11, 1, 2, 0.03, 4, 5)]).report.rows_loaded == 1


@pytest.mark.parametrize(
    "rows",
    [
        [BLANK, UNITS, ROW],
        [UNITS, (1, 2, 3, 4, 5, 6, 7), ROW],
        [(1, 2, 3, 4, 5, 6, 7), UNITS, ROW],
        [UNITS, BLANK, ROW],
    ],
)
def test_units_and_numbers_in_any_order(extract: Extract, rows: list[tuple[object, ...]]) -> None:
    result = extract(rows)
    assert records(result) == [BOTH]
    assert result.report.rows_read == len(rows)


def test_a_statement_in_a_row_of_titles_is_for_the_table(extract: Extract) -> None:
    titles = ("单位：万元", None, None, None, None, "金额单位：万元", None)
    result = extract([HEADER, ROW], header=titles)
    assert records(result) == ["2024-11-01,P1,C1,0.010000,1.5000,10000000.00,true"]


@pytest.mark.parametrize("header", ["收益率（本月）", "收益率(%，本月)", "收益率（年化）"])
def test_a_bracket_behind_a_measure_holds_a_unit_and_no_word(extract: Extract, header: str) -> None:
    with pytest.raises(UnknownUnit):
        extract([ROW], header=(*HEADER[:4], header, *HEADER[5:]))
