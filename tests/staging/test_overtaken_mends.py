"""A mended reject replaces no figure of a workbook that was loaded after it was rejected, unless somebody says so."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database

BAD = [ROW, (*ROW[:2], "P2", *ROW[3:6], "about 3")]
COUNTING = """
    select fund_scale from staging.trustee_performance
    where plan_code = 'P2' and not withdrawn order by batch_id desc limit 1
"""


def load(checkout: Checkout, path: Path, *more: str) -> None:
    """Load one workbook."""
    done = checkout.run("--execute", "--file", path, *more)
    assert done.returncode == ExitCode.OK, done.stderr


def mend(path: Path, value: float) -> None:
    """Write a figure over the rejected one."""
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[1]["G2"] = value
    workbook.save(path)


@pytest.fixture
def rejects(loading: Checkout, write_workbook: WriteWorkbook) -> Path:
    """P1 is loaded, P2 rejected; rejects.xlsx has 4 for it."""
    load(loading, write_workbook(BAD, name="2024-11_受托业绩.xlsx"), "--plan-dir", "plan")
    mend(loading.root / "plan" / "rejects.xlsx", 4)
    return loading.root / "plan" / "rejects.xlsx"


def test_a_later_workbook_is_not_replaced_without_a_word(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, rejects: Path
) -> None:
    load(loading, write_workbook([(*BAD[1][:6], 7)], name="2024-11_受托业绩_修订.xlsx"))
    refused = loading.run("--execute", "--file", rejects)
    assert refused.returncode == ExitCode.DATA
    text = " ".join(refused.stderr.split())
    assert "1 mended rows would replace figures that were loaded after they were rejected" in text
    assert "2024-11-01 P2 C1: fund_scale is 7.00 since batch 2" in text
    assert "--accept mends_overtaken" in text
    assert database.query(COUNTING) == [(7,)]

    load(loading, rejects, "--accept", "mends_overtaken")
    assert database.query(COUNTING) == [(4,)]
    accepted = "select accepted from staging.load_batches order by batch_id desc limit 1"
    assert database.query(accepted) == [(["mends_overtaken"],)]


def test_the_same_figures_and_earlier_ones_are_no_matter(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, rejects: Path
) -> None:
    load(loading, write_workbook([(*BAD[1][:6], 4)], name="2024-11_受托业绩_修订.xlsx"))
    load(loading, rejects)
    mend(rejects, 5)  # mended anew
    load(loading, rejects)
    assert database.query(COUNTING) == [(5,)]


def test_what_an_undo_restored_counts_as_of_its_own_load(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    load(loading, write_workbook([(*BAD[1][:6], Decimal(1))], name="2024-11_受托业绩_首.xlsx"))
    load(loading, write_workbook(BAD, name="2024-11_受托业绩.xlsx"), "--plan-dir", "plan")
    load(loading, write_workbook([(*BAD[1][:6], 7)], name="2024-11_受托业绩_修订.xlsx"))
    assert loading.run("undo", "3").returncode == ExitCode.OK
    rejects = loading.root / "plan" / "rejects.xlsx"
    mend(rejects, 4)
    load(loading, rejects)
    assert loading.run("undo", "5").returncode == ExitCode.OK
    mend(rejects, 6)
    load(loading, rejects)
    assert database.query(COUNTING) == [(6,)]


def test_a_key_that_a_later_load_withdrew_does_not_come_back_without_a_word(
    loading: Checkout, write_workbook: WriteWorkbook
) -> None:
    first = [(*ROW[:2], f"P{number}", *ROW[3:]) for number in range(1, 8)]
    load(loading, write_workbook(first, name="2024-11_受托业绩_首.xlsx"))
    load(loading, write_workbook(BAD, name="2024-11_受托业绩.xlsx"), "--plan-dir", "plan")
    without = [first[0], *first[2:]]
    load(loading, write_workbook(without, name="2024-11_受托业绩_全.xlsx"), "--mode", "replace_period")
    mend(loading.root / "plan" / "rejects.xlsx", 4)
    refused = loading.run("--execute", "--file", loading.root / "plan" / "rejects.xlsx")
    assert refused.returncode == ExitCode.DATA
    assert "P2 C1 is withdrawn since batch 3" in " ".join(refused.stderr.split())
