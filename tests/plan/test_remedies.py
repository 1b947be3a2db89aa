"""What to do about a reject says what to write, in both languages."""

import re
from collections.abc import Iterator

import openpyxl
import pytest

from conftest import ROW, Checkout, WriteWorkbook
from extract.errors.base import ExitCode
from extract.plan.remedies import remedy
from extract.table.sheet.mending_format import NAMES
from extract.wording import use_language


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything is said in one of the languages."""
    use_language(request.param)
    yield request.param
    use_language("en")


@pytest.mark.parametrize(
    ("code", "value", "reason", "written"),
    [
        ("invalid_number", "约5%", "约5% cannot be read as a number", ("5%", "0.05")),
        ("invalid_number", "约 1,234.5 万元", "约 1,234.5 万元 cannot be read as a number", ("1,234.5 万元",)),
        ("invalid_number", "5%~6%", "5%~6% cannot be read as a number", ("5%", "0.05", "1234.56")),
        ("invalid_number", "5,5%", "5,5% cannot be read as a number", ("5%", "0.05", "1234.56")),
        ("invalid_number", "#DIV/0!", "#DIV/0! is an error of Excel", ("1234.56",)),
        ("invalid_number", "3%", "3% bears the unit %, which this column does not take (it takes 元 万)", ("元 万",)),
        ("invalid_number", "1.5", "1.5 is no whole number", ("12",)),
        ("invalid_number", "1,231", "1,231 may have a decimal comma or one of thousands: say by", ("1234.56",)),
        ("invalid_code", "1.5", "1.5 is a number with a sign or a fraction, no code", ("000123",)),
        ("invalid_date", "x", "x is no date", ("2024-11-30",)),
        ("invalid_period", "2024.1", "the number 2024.1 can be read in more than one way", ("2024-11",)),
        ("invalid_period", "13", "13 is no month: write a number from 1 to 12", ("12",)),
        ("invalid_period", "2099", "the year 2099 is not between 2000 and 2024", ("2024",)),
        ("future_period", "2099-01", "2099-01 is later than the current month 2024-12", ("2024-11",)),
        ("invalid_choice", "z", "z is none of a, b", ("a, b",)),
        ("out_of_range", "99", "99 is not between -1 and 10", ("-1", "10")),
    ],
)  # fmt: skip
def test_it_says_what_to_write(language: str, code: str, value: str, reason: str, written: tuple[str, ...]) -> None:
    told = remedy(code, "列", value, reason)
    assert "列" in told
    assert all(text in told for text in written), told
    assert bool(re.search("[a-z]{3,} [a-z]+|[A-Z][a-z]+ ", told)) == (language == "en")


@pytest.mark.parametrize("code", ["uncalculated_formula", "mark_not_kept", "period_conflict", "invalid_text"])
@pytest.mark.usefixtures("language")
def test_no_rule_is_told_by_its_name_alone(code: str) -> None:
    assert remedy(code, "列", "x", "a reason") != remedy("no_such_rule", "列", "x", "a reason")


@pytest.mark.parametrize("chosen", ["en", "zh"])
def test_the_limits_and_units_of_a_field_are_in_the_workbook(
    checkout: Checkout, write_workbook: WriteWorkbook, chosen: str
) -> None:
    good = [(*ROW[:2], f"G{number}", *ROW[3:]) for number in range(9)]
    wrong = [(*ROW[:4], "约5%", 1.5, 1), (*ROW[:2], "P2", "C1", 0.1, -5, 1), (*ROW[:2], "P3", "C1", 0.1, 1.5, "3%")]
    done = checkout.run(
        "--file", write_workbook([*good, *wrong]), "--plan-dir", checkout.root / "plan", "--language", chosen
    )
    assert done.returncode == ExitCode.OK, done.stderr
    sheet = openpyxl.load_workbook(checkout.root / "plan" / "rejects.xlsx").worksheets[1]
    names = [cell.value for cell in sheet[1]]
    told = [row[names.index(NAMES[chosen].reasons)].value.split("→")[1] for row in sheet.iter_rows(min_row=2)]
    for text, written in zip(told, (("5%", "0.05"), ("0.0001",), ("元 千元 万 万元",)), strict=True):
        assert all(part in text for part in written), text
