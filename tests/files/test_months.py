"""The month in a file name: days, ranges and second months beside it; and which of them --period takes."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_discovery import RULES, names, put

from extract.config import Select
from extract.domains.registry import Domain
from extract.errors.files import NoFilesFound, PeriodAmbiguous
from extract.files.discovery import Wish, discover, named_files
from extract.files.months import months_in_name
from extract.files.sources import SourceFile
from extract.files.versions import OnAmbiguous, parse_period_range


def told(name: str, pattern: str) -> str:
    """The months of a name as one text."""
    return " ".join(f"{month:%Y-%m}" for month in months_in_name(name, re.compile(pattern, re.IGNORECASE)))


@pytest.mark.parametrize(
    ("stem", "month"),
    [
        ("受托业绩_导出20241205_2024年11月_07b", "2024-11"),
        ("受托业绩_2024-12-05_2024年11月", "2024-11"),
        ("2024.12.05导出_受托业绩_2024.11", "2024-11"),
        ("受托业绩_20241205T101112_2024-11", "2024-11"),
        ("20241205103000_受托业绩_202411", "2024-11"),
        ("受托业绩_202411_20241205103000", "2024-11"),
        ("受托业绩_2024年12月5日_2024年11月", "2024-11"),
        ("导出12月5日_受托业绩_2024年11月", "2024-11"),
        ("受托业绩_2024-1205_24年11月", "2024-11"),
        ("20241200001_受托业绩_2024年11月", "2024-11"),
        ("2024年11月受托业绩_20231101_20241201", "2024-11"),
        ("2024年11月_2024-11_受托业绩_11月", "2024-11"),
        ("20241101-20241130_受托业绩", "2024-11"),
        ("20241130_受托业绩", "2024-11"),
        ("受托业绩_20241205103000", "2024-12"),
        ("99JH00000123_受托业绩_2024年11月", "2024-11"),
        ("99JH20241201_受托业绩_2024年11月", "2024-11"),
        ("2024-11_受托业绩_99JH00202312", "2024-11"),
        ("99JH20241201_受托业绩", ""),
        ("2024-11_受托业绩_V2", "2024-11"),
        ("2024-11_受托业绩_V202412", "2024-11"),
        ("202411-2_受托业绩", "2024-11"),
        ("2024-11_受托业绩(2)", "2024-11"),
        ("2024-11_受托业绩_修订", "2024-11"),
        ("2024年度受托业绩_2024年11月", "2024-11"),
        ("2024年第四季度受托业绩", ""),
    ],
)
def test_one_month(domain: Domain, stem: str, month: str) -> None:
    assert told(f"{stem}.xlsx", domain.config.pattern) == month


@pytest.mark.parametrize(
    ("stem", "months"),
    [
        ("2024年10月-11月受托业绩", "2024-10 2024-11"),
        ("2024年10-11月受托业绩", "2024-10 2024-11"),
        ("2024年10月和11月受托业绩", "2024-10 2024-11"),
        ("2024年9、10、11月受托业绩", "2024-09 2024-10 2024-11"),
        ("202410-202411受托业绩", "2024-10 2024-11"),
        ("202410-11受托业绩", "2024-10 2024-11"),
        ("202410_202411_受托业绩", "2024-10 2024-11"),
        ("2024-10至2024-12受托业绩", "2024-10 2024-11 2024-12"),
        ("2024-10-2024-12受托业绩", "2024-10 2024-11 2024-12"),
        ("2024.10～2024.11受托业绩", "2024-10 2024-11"),
        ("2024-10-12月受托业绩", "2024-10 2024-11 2024-12"),
        ("2024年11月至2025年1月受托业绩", "2024-11 2024-12 2025-01"),
        ("2024年11月至次年1月受托业绩", "2024-11 2024-12 2025-01"),
        ("2024年11月受托业绩（补10月）", "2024-10 2024-11"),
        ("2024年十一月受托业绩_202410", "2024-10 2024-11"),
        ("２０２４年１０月受托业绩_202411", "2024-10 2024-11"),
        ("24年10月受托业绩_24年11月", "2024-10 2024-11"),
        ("2024年12月-2024年11月受托业绩", "2024-11 2024-12"),
        ("2024年4季度受托业绩", "2024-10 2024-11 2024-12"),
        ("2024年第四季度_2024年12月受托业绩", "2024-10 2024-11 2024-12"),
        ("2024Q4_202412受托业绩", "2024-10 2024-11 2024-12"),
        ("2024年3个月受托业绩", "2024-01 2024-02 2024-03"),
        ("2024年10月1日-11月30日受托业绩", "2024-10 2024-11"),
        ("20241001-20241130受托业绩", "2024-10 2024-11"),
        ("导出20250105_受托业绩_12月", "2024-12 2025-01"),
    ],
)
def test_several_months(domain: Domain, stem: str, months: str) -> None:
    assert told(f"{stem}.xlsx", domain.config.pattern) == months


@pytest.mark.parametrize(
    ("pattern", "name", "months"),
    [
        (r"^(?=.*管理费)(?P<year>20\d{2})-(?P<month>\d{2}).*\.xlsx$", "2024-12-05_管理费_2024年11月.xlsx", "2024-11"),
        (r"(?P<month>\d{2})\.(?P<year>20\d{2})_管理费", "11.2024_管理费.xlsx", "2024-11"),
        (r"(?P<month>\d{2})\.(?P<year>20\d{2})_管理费", "11.2024_管理费_2024年10月.xlsx", "2024-10 2024-11"),
        (r"管理费(?:_(?P<year>20\d{2})(?P<month>\d{2}))?", "管理费.xlsx", ""),
        (r"管理费(?:_(?P<year>20\d{2})(?P<month>\d{2}))?", "管理费_202411.xlsx", "2024-11"),
        (r"管理费_(?P<year>20\d{2})(?P<month>\d{2})?", "管理费_2024.xlsx", ""),
        (r"管理费_(?P<year>20\d{2})(?P<month>\d{2})", "管理费_202413.xlsx", ""),
    ],
)
def test_the_pattern_says_where_a_period_stands(pattern: str, name: str, months: str) -> None:
    assert told(name, pattern) == months


def found(folder: Path, domain: Domain, period: str | None = None, **wish: object) -> list[SourceFile]:
    """What discovery takes."""
    periods = parse_period_range(period) if period else None
    return list(discover(folder, domain.config, RULES, replace(Wish(periods=periods), **wish)).files)


BOTH = "2024年10月-11月受托业绩.xlsx"


def test_a_name_with_several_months_is_an_error_that_names_them(tmp_path: Path, domain: Domain) -> None:
    path = put(tmp_path, BOTH)
    put(tmp_path, "2024-11_受托业绩.xlsx")
    for attempt in (
        lambda: found(tmp_path, domain),
        lambda: found(tmp_path, domain, "202410:202411"),
        lambda: found(tmp_path, domain, on_ambiguous=OnAmbiguous.NEWEST),
        lambda: named_files([path], tmp_path, domain.config),
        lambda: named_files([path], tmp_path, domain.config, parse_period_range("202401:202412")),
    ):
        with pytest.raises(PeriodAmbiguous) as caught:
            attempt()
        assert caught.value.message == f"the name of {BOTH} holds more than one month: 2024-10 and 2024-11"
        assert "--period" in caught.value.next_step
        assert caught.value.code() == "period_ambiguous"


def test_period_takes_one_of_several_months(tmp_path: Path, domain: Domain) -> None:
    path = put(tmp_path, BOTH)
    for text, month in (("202410", 10), ("202411", 11), ("202401:202410", 10)):
        taken = named_files([path], tmp_path, domain.config, parse_period_range(text)).files
        assert tuple(replace(file, named=True) for file in found(tmp_path, domain, text)) == taken
        assert [(source.period, source.months) for source in taken] == [(date(2024, month, 1), ())]


def test_several_months_outside_period_are_passed_over(tmp_path: Path, domain: Domain) -> None:
    path = put(tmp_path, BOTH)
    other = put(tmp_path, "2024-09_受托业绩.xlsx")
    september = parse_period_range("202409")
    for result in (
        discover(tmp_path, domain.config, RULES, Wish(periods=september)),
        named_files([path, other], tmp_path, domain.config, september),
    ):
        assert names(result) == [other.name]
        reasons = [item.reason for item in result.passed_over]
        assert reasons == ["its months 2024-10 and 2024-11 are not within --period"]
    with pytest.raises(NoFilesFound, match="not within --period"):
        named_files([path], tmp_path, domain.config, september)


def test_several_months_that_max_files_leaves_out_do_not_matter(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, BOTH)
    put(tmp_path, "2024-12_受托业绩.xlsx")
    assert [source.data_source for source in found(tmp_path, domain)] == ["2024-12_受托业绩.xlsx"]
    with pytest.raises(PeriodAmbiguous):
        found(tmp_path, domain, max_files=2)
    everything = domain.config.model_copy(update={"select": Select.ALL})
    with pytest.raises(PeriodAmbiguous):
        discover(tmp_path, everything, RULES, Wish())


def test_the_folder_of_several_months(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, f"202410/{BOTH}")
    config = domain.config.model_copy(update={"base_path": "{YYYYMM}"})
    with pytest.raises(PeriodAmbiguous):
        discover(tmp_path, config, RULES, Wish())
    (tmp_path / "202410").rename(tmp_path / "202412")
    with pytest.raises(NoFilesFound, match="its folder another period"):
        discover(tmp_path, config, RULES, Wish())


@pytest.mark.parametrize("text", ["2024-13", "202400", "0000-01", "2024-11:2024-13", "2024-11:0000-00", "november"])
def test_what_is_no_period_is_said_in_our_words(text: str) -> None:
    with pytest.raises(ValueError, match="is no period: write 2024-11"):
        parse_period_range(text)
