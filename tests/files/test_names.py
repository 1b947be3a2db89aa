"""Periods in the names of files that were not made for us: words, quarters, halves, years, or none at all."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from test_discovery import RULES, names, put

from conftest import Checkout
from extract.config import Select
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.errors.files import NoFilesFound
from extract.files.discovery import Discovered, Wish, discover
from extract.files.names import Names
from extract.files.versions import parse_period_range

WORDS = {"en": 1, "fe": 2, "ma": 3, "december": 12, "mai": 5}


def read(name: str, pattern: str, *, last: bool = True) -> str:
    """The month of a name, or what is said of it."""
    found = Names(re.compile(pattern, re.IGNORECASE), WORDS, last).read(name)
    return " ".join(map(str, found.months)) or str(found.problem)


BY_WORD = r"^FP-1360-(?P<month>[a-z]{2,8}?)\s?(?P<year>20\d\d)\.xls$"
QUARTER = r"^funds (?P<year>20\d\d).?Q?(?P<quarter>\d|[IV]+)"
HALF = r"^funds (?P<year>\d\d|\d{4}) H(?P<half>\d)"
QUARTER_IN_CHINESE = r"^基金(?P<year>20\d\d)年第(?P<quarter>[一二三四])季度"
HALF_IN_CHINESE = r"^基金(?P<year>20\d\d)年(?P<half>[上下])半年"
YEAR = r"^funds (?P<year>\d+)"
ENDS = ["2024-03-01", "2024-06-01", "2024-09-01", "2024-12-01"]


@pytest.mark.parametrize(
    ("name", "pattern", "month"),
    [
        ("FP-1360-en2025.XLS", BY_WORD, "2025-01-01"),
        ("FP-1360-December 2023.xls", BY_WORD, "2023-12-01"),
        ("funds 2024-Q3.xlsx", QUARTER, "2024-09-01"),
        *(
            (f"funds 2024 {number}.xlsx", QUARTER, month)
            for number, month in zip(["I", "II", "III", "IV"], ENDS, strict=True)
        ),
        *(
            (f"基金2024年第{number}季度.xlsx", QUARTER_IN_CHINESE, month)
            for number, month in zip("一二三四", ENDS, strict=True)
        ),
        *(
            (f"基金2024年{number}半年.xlsx", HALF_IN_CHINESE, month)
            for number, month in zip("上下", ENDS[1::2], strict=True)
        ),
        ("funds 24 H1.xlsx", HALF, "2024-06-01"),
        ("funds 1998.xlsx", YEAR, "1998-12-01"),
        ("RFR_20250131.xlsx", r"^RFR_(?P<year>\d{4})(?P<month>\d\d)\d\d", "2025-01-01"),
    ],
)
def test_a_period_in_words_and_spans(name: str, pattern: str, month: str) -> None:
    assert read(name, pattern) == month


def test_which_month_stands_for_a_span() -> None:
    assert read("funds 2024-Q3.xlsx", QUARTER, last=False) == "2024-07-01"
    assert read("funds 24 H2.xlsx", HALF, last=False) == "2024-07-01"
    assert read("funds 2024.xlsx", YEAR, last=False) == "2024-01-01"


@pytest.mark.parametrize(
    ("name", "pattern", "said"),
    [
        ("FP-1360-xy2025.xls", BY_WORD, "year 2025, month xy"),
        ("2024-13.xlsx", r"(?P<year>\d{4})-(?P<month>\d\d)", "year 2024, month 13"),
        ("2024.xlsx", r"(?P<year>\d{4})(?:-(?P<month>\d\d))?", "year 2024, no month"),
        ("2024.xlsx", r"(?P<year>\d{4})-?(?P<month>\d*)", "year 2024, no month"),
        ("xlsx", r"(?P<year>\d*)(?P<month>\d*)", "no year, no month"),
        ("abcd12", r"(?P<year>.{4})(?P<month>.{2})", "year abcd, month 12"),
        ("funds 2024-Q9.xlsx", QUARTER, "year 2024, quarter 9"),
        ("funds 24 H3.xlsx", HALF, "year 24, half 3"),
        ("funds 123.xlsx", YEAR, "year 123"),
        ("funds.xlsx", r"funds ?(?P<year>\d+)?", "no year"),
    ],
)
def test_a_name_that_matches_without_a_valid_period_says_so(name: str, pattern: str, said: str) -> None:
    assert read(name, pattern) == f"its name matches the pattern of the domain but gives no valid period ({said})"


Find = Callable[..., Discovered]


@pytest.fixture
def find(tmp_path: Path, domain: Domain) -> Find:
    """Discovers with another pattern and choice."""

    def run(pattern: str, select: Select = Select.ALL, wish: Wish | None = None) -> Discovered:
        config = domain.config.model_copy(update={"pattern": pattern, "select": select})
        return discover(tmp_path, config, RULES, wish or Wish())

    return run


def test_files_of_no_period_are_no_rivals(tmp_path: Path, find: Find) -> None:
    for name in ("a_funds.xlsx", "b_funds.xlsx", "other.xlsx"):
        put(tmp_path, name)
    found = find("funds")
    assert names(found) == ["a_funds.xlsx", "b_funds.xlsx"]
    assert [source.period for source in found.files] == [None, None]
    assert [(item.path, item.reason) for item in found.passed_over] == [
        ("other.xlsx", "its name does not match the pattern of the domain")
    ]
    assert len(find("funds", Select.LATEST_BY_YEAR_MONTH).files) == 1


def test_a_file_of_no_period_is_not_one_that_period_chooses(tmp_path: Path, find: Find) -> None:
    put(tmp_path, "funds.xlsx")
    with pytest.raises(NoFilesFound, match="names no period for --period to choose"):
        find("funds", wish=Wish(periods=parse_period_range("202411")))


def test_a_quarter_is_chosen_by_its_month(tmp_path: Path, find: Find) -> None:
    for name in ("funds 2024-Q3.xlsx", "funds 2024-Q4.xlsx"):
        put(tmp_path, name)
    found = find(QUARTER, wish=Wish(periods=parse_period_range("202409")))
    assert [(source.data_source, source.period) for source in found.files] == [("funds 2024-Q3.xlsx", date(2024, 9, 1))]


def test_a_pattern_with_an_optional_group_ends_as_usual(checkout: Checkout, tmp_path: Path) -> None:
    path = checkout.root / "config" / "data_sources.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [
        r"    pattern: '^report_?(?P<year>20\d\d)?-?(?P<month>\d\d)?.*'" if line.startswith("    pattern:") else line
        for line in lines
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    for name in ("report.xlsx", "report_2024.xlsx"):
        put(tmp_path, f"books/{name}")
    done = checkout.run("--data-dir", tmp_path / "books")
    assert done.returncode == ExitCode.DATA
    assert "no year, no month" in done.stderr.replace("\n", " ")
    assert done.returncode == checkout.run("--file", tmp_path / "books" / "report.xlsx").returncode
