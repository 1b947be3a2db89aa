"""rejects.xlsx is written in one language and read in every one: who mends it and who loads it may differ."""

from dataclasses import asdict
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from conftest import HEADER, NAME, ROW, Checkout, WriteWorkbook, plan_of
from extract.errors.base import ExitCode
from extract.table.sheet.mending_format import NAMES, own_columns

WORDS = ("Original separator", "原分隔符", "退回编号")
"""Columns of the data that are named like some of the format."""
ROWS = [
    *((*ROW[:2], f"G{number}", *ROW[3:], ";", ",", "keep") for number in range(3)),
    (*ROW[:2], "P1", *ROW[3:5], "x", 1, ";", ",", "keep"),
]


def rejects(checkout: Checkout, path: Path, language: str) -> Path:
    """The rejects workbook of a plan in a language."""
    done = checkout.run("--file", path, "--plan-dir", checkout.root / "plan", "--language", language)
    assert done.returncode == ExitCode.OK, done.stderr
    return checkout.root / "plan" / "rejects.xlsx"


def mend(sheet: Worksheet) -> None:
    sheet.cell(2, HEADER.index("净值") + 1).value = 1.25


def as_before(path: Path) -> None:
    """Name what is of the format as it was named before each language had its own names."""
    workbook = openpyxl.load_workbook(path)
    before = {new: asdict(NAMES["both"])[name] for name, new in asdict(NAMES["en"]).items()}
    for sheet in workbook:
        seen = {cell.value: cell for cell in sheet[1] if cell.value in before}  # the last ones: the data stands before
        for name, cell in seen.items():
            if name != "Original separator":
                cell.value = before[name]
    workbook.save(path)


@pytest.mark.parametrize(
    ("written", "read"),
    [("zh", "en"), ("en", "zh"), ("both", "zh"), pytest.param("both", "en", marks=pytest.mark.heavy)],
)
def test_who_reads_another_language_loads_it(
    checkout: Checkout, write_workbook: WriteWorkbook, written: str, read: str
) -> None:
    path = rejects(checkout, write_workbook(ROWS, header=(*HEADER, *WORDS)), "en" if written == "both" else written)
    if written == "both":
        as_before(path)
    workbook = openpyxl.load_workbook(path)
    summary, sheet = workbook.worksheets
    names = NAMES[written]
    assert summary.title == names.summary
    assert {names.mend_here, names.rejected_rows} <= {cell.value for cell in summary[1]}
    assert [cell.value for cell in sheet[1]] == [*HEADER, *WORDS, names.reasons, *names.always, names.month]
    mend(sheet)
    workbook.save(path)
    done = checkout.run("--file", path, "--plan-dir", checkout.root / "mended", "--language", read)
    assert done.returncode == ExitCode.OK, done.stderr
    assert [[row[1], *row[8:]] for row in plan_of(checkout.root / "mended")] == [["P1", NAME, "受托业绩", "5"]]


def test_a_workbook_is_none_of_rejects_by_its_columns(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    path = rejects(checkout, write_workbook(ROWS, header=(*HEADER, *WORDS)), "zh")
    workbook = openpyxl.load_workbook(path)
    mend(workbook.worksheets[1])
    workbook.worksheets[0].title = "退回记录"
    workbook.active = 1
    other = checkout.root / NAME
    workbook.save(other)
    done = checkout.run("--file", other, "--plan-dir", checkout.root / "other", "--sheet", "1")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[8] for row in plan_of(checkout.root / "other")] == [NAME]
    assert plan_of(checkout.root / "other")[0][10] == "2"


def test_of_columns_that_are_named_alike_those_of_the_format_count() -> None:
    en, zh = NAMES["en"], NAMES["zh"]
    data = [zh.reject_id, en.sheet, en.month, en.reasons, "收益率"]
    assert own_columns([*data, en.reasons, *en.always]) == (
        en, {en.reasons: 5, en.reject_id: 6, en.workbook: 7, en.sheet: 8, en.place: 9},
    )  # fmt: skip
    names, columns = own_columns([*data, *en.always, en.month]) or (zh, {})
    assert names == en
    assert columns == {en.reject_id: 5, en.workbook: 6, en.sheet: 7, en.place: 8, en.month: 9}
    assert own_columns(["收益率", zh.sheet, en.workbook]) is None
