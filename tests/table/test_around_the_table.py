"""rules.md, Units and Rows: what stands around a table is applied to the columns it is about, and to no others.

Each of these was found by test_differential.py.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import HEADER, NAME, ROW, TODAY
from extract.domains.registry import Domain
from extract.errors.table import ColumnAmbiguous, PeriodConflict
from extract.files.discovery import named_files
from extract.table.reading import extract_file
from packages import Book, SheetOf, write_package

Merges = list[tuple[int, int, int, int]]
CODES = ("计划代码", "公司代码", "收益率", "规模")


def records(rows: Sequence[Sequence[object]], folder: Path, domain: Domain, merges: Merges | None = None) -> list[str]:
    """Plan, company and measures of the records of a sheet."""
    sheet = SheetOf(merges=merges or [])
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value is not None:
                sheet.put(row, column, value)
    path = folder / NAME
    path.write_bytes(write_package(Book([sheet])))
    (result,) = extract_file(named_files([path], folder, domain.config).files[0], domain, TODAY)
    return [",".join(line.split(",")[1:6]) for line in result.records.decode().splitlines()]


GROUPS = ("基本信息", None, None, None, "业绩", None, None, "缴费（万元）", None)


@pytest.mark.parametrize(
    ("rows", "merges"),
    [
        ([(*HEADER, "缴费(万元)"), (*ROW, 5)], []),
        ([(*HEADER, "缴费(单位：万元)"), (*ROW, 5)], []),
        ([GROUPS, (*HEADER, "当月", "累计"), (*ROW, 5, 6)], [(1, 1, 1, 4), (1, 5, 1, 7), (1, 8, 1, 9)]),
        ([(None,) * 7 + ("缴费（万元）",), (*HEADER, "当月", "累计"), (*ROW, 5, 6)], [(1, 8, 1, 9)]),
    ],
)
def test_a_unit_of_other_columns_is_theirs(
    rows: Sequence[Sequence[object]], merges: Merges, tmp_path: Path, domain: Domain
) -> None:
    assert records(rows, tmp_path, domain, merges) == ["P1,C1,0.010000,1.5000,1000.00"]


@pytest.mark.parametrize(
    "title",
    [
        ("单位", "万元"),
        ("单位：", None, "万元"),
        ("规模：万元",),
        ("以下金额以万元列示",),
        ("受托业绩（万元）",),
        ("单位（万元）",),
    ],
)
def test_statements_of_units_in_other_words(title: Sequence[object], tmp_path: Path, domain: Domain) -> None:
    assert records([title, HEADER, ROW], tmp_path, domain) == ["P1,C1,0.010000,1.5000,10000000.00"]


@pytest.mark.parametrize("between", [("基本信息", None, "业绩"), ("2024年11月（续）",)])
def test_a_title_or_group_between_a_statement_and_its_table(
    between: Sequence[object], tmp_path: Path, domain: Domain
) -> None:
    rows = [CODES, ("P1", "C1", 0.01, 7), ("单位：万元、‰",), between, CODES[::-1], (2, 7, "C1", "P2")]
    assert records(rows, tmp_path, domain) == ["P1,C1,0.010000,,7.00", "P2,C1,0.007000,,20000.00"]


def test_a_header_with_the_unit_of_another_column_begins_a_table(tmp_path: Path, domain: Domain) -> None:
    further = ("公司代码", "缴费(万元)", "规模", "计划代码")
    rows = [CODES, ("P1", "C1", 0.01, 7), further, ("C1", 5, 8, "P2")]
    assert records(rows, tmp_path, domain) == ["P1,C1,0.010000,,7.00", "P2,C1,,,8.00"]


def test_the_title_of_a_further_table_names_another_month(tmp_path: Path, domain: Domain) -> None:
    rows = [CODES, ("P1", "C1", 0.01, 7), ("2024年10月受托业绩",), CODES[::-1], (8, 0.02, "C1", "P2")]
    with pytest.raises(PeriodConflict, match="A3"):
        records(rows, tmp_path, domain)
    noted = [*rows[:2], ("注：自2023年3月起由新受托人管理",), *rows[3:]]
    assert records(noted, tmp_path, domain) == ["P1,C1,0.010000,,7.00", "P2,C1,0.020000,,8.00"]


def test_a_qualified_column_does_not_win_over_a_plain_one(tmp_path: Path, domain: Domain) -> None:
    rows = [(*CODES[:3], None, "收益率"), (None, None, "当期", "累计"), ("P1", "C1", 0.01, 0.5, 0.02)]
    with pytest.raises(ColumnAmbiguous):
        records(rows, tmp_path, domain, [(1, 3, 1, 4)])
