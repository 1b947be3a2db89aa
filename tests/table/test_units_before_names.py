"""rules.md, Units: a unit before the name of a measure, an amount beside its share, a unit per share."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.table import ColumnAmbiguous, ColumnDoubtful, UnknownUnit
from layouts import SHORT, formatted, outcome, row, short
from reading import read


def headed(folder: Path, domain: Domain, column: int, header: str) -> list[str]:
    """What loads under a header in the place of a usual one."""
    rows = [(*HEADER[:column], header, *HEADER[column + 1 :]), row()]
    return outcome(read(formatted(folder, rows), domain))


@pytest.mark.parametrize(
    ("column", "header", "loads"),
    [
        (6, "(万元)规模", "0.012300 1.2345 10000000000.00"),
        (6, "（万元）期末资产规模", "0.012300 1.2345 10000000000.00"),
        (6, "【万元】规模*", "0.012300 1.2345 10000000000.00"),
        (6, "万元规模", "0.012300 1.2345 10000000000.00"),
        (6, "人民币万元规模", "0.012300 1.2345 10000000000.00"),
        (6, "规模金额(万元)", "0.012300 1.2345 10000000000.00"),
        (6, "1.(元)规模", "0.012300 1.2345 1000000.00"),
        (4, "%收益率", "0.000123 1.2345 1000000.00"),
        (4, "(%)当期收益率", "0.000123 1.2345 1000000.00"),
        (4, "百分比收益率", "0.000123 1.2345 1000000.00"),
        (5, "元净值", "0.012300 1.2345 1000000.00"),
        (5, "(元/份)单位净值", "0.012300 1.2345 1000000.00"),
    ],
)
def test_a_unit_may_stand_before_a_name(column: int, header: str, loads: str, tmp_path: Path, domain: Domain) -> None:
    assert headed(tmp_path, domain, column, header) == [f"P1 {loads}"]


@pytest.mark.parametrize(
    ("column", "header", "error"),
    [
        (6, "(美元)规模", UnknownUnit),
        (6, "(%)规模", UnknownUnit),
        (6, "万美元规模", ColumnDoubtful),
        (6, "(万元)规模(亿元)", ColumnDoubtful),
        (6, "(本月)规模", ColumnDoubtful),
        (4, "(万元)收益率", UnknownUnit),
        (5, "万元净值", UnknownUnit),
        (6, "规模(元/份)", UnknownUnit),
        (6, "规模（万元/份）", UnknownUnit),
        (6, "规模/元/份", UnknownUnit),
    ],
)
def test_a_unit_that_is_none_of_the_field_is_an_error(
    column: int, header: str, error: type[DataError], tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(error):
        headed(tmp_path, domain, column, header)


@pytest.mark.parametrize("title", ["单位：元/份、万元", "单位：万元、元/份", "单位：万元，净值：元/份"])
def test_a_unit_per_share_is_that_of_the_price_alone(title: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(read(formatted(tmp_path, [(title,), HEADER, row()]), domain)) == [
        "P1 0.012300 1.2345 10000000000.00"
    ]


def test_a_size_per_share_in_a_title_is_an_error(tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(UnknownUnit, match="A1"):
        read(formatted(tmp_path, [("规模单位：元/份",), HEADER, row()]), domain)


@pytest.mark.parametrize(
    ("group", "below", "loads"),
    [
        ("规模", ("金额", "占比"), "1000000.00"),
        ("规模", ("金额(万元)", "占比(%)"), "10000000000.00"),
        ("规模(万元)", ("金额", "占比"), "10000000000.00"),
        ("期末资产规模", ("金额（亿元）", "排名"), "100000000000000.00"),
    ],
)
def test_an_amount_beside_its_share(
    group: str, below: tuple[str, str], loads: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [(*SHORT[:4], group, None), (*(None,) * 4, *below), (*short(), 0.5)]
    result = read(formatted(tmp_path, rows, merges=["E1:F1"]), domain)
    assert outcome(result) == [f"P1 0.012300 1.2345 {loads}"]


def test_two_amounts_under_one_group_are_ambiguous(tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT[:4], "规模", None), (*(None,) * 4, "金额", "期末"), (*short(), 5)]
    with pytest.raises(ColumnAmbiguous, match="E2 规模 金额 and F2 规模 期末"):
        read(formatted(tmp_path, rows, merges=["E1:F1"]), domain)


@pytest.mark.parametrize("group", ["管理规模", "规摸", "上月规模"])
def test_a_group_that_resembles_a_measure_is_doubtful(group: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*SHORT[:4], group, None), (*(None,) * 4, "金额", "占比"), (*short(), 0.5)]
    with pytest.raises(ColumnDoubtful, match="E2"):
        read(formatted(tmp_path, rows, merges=["E1:F1"]), domain)
    rows = [(*SHORT, group, None), (*(None,) * 5, "金额", "占比"), (*short(), 7, 0.5)]
    assert outcome(read(formatted(tmp_path, rows, merges=["F1:G1"]), domain)) == ["P1 0.012300 1.2345 1000000.00"]
