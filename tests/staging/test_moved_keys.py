"""A plan that was compared with the mart loads only while what it showed still holds."""

import json
from pathlib import Path

import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database

MART = """
    create schema marts;
    create table marts.trustee_performance as select * from staging.trustee_performance;
    create table marts.published as select max(batch_id) as batch_id from staging.load_batches;
"""
"""What a build makes, as far as a comparison reads it."""


@pytest.fixture
def compared(loading: Checkout, database: Database, write_workbook: WriteWorkbook) -> Path:
    """P1 and P2 are loaded; a plan of P1, P2 and P3 was compared with the mart."""
    first = write_workbook([ROW, (*ROW[:2], "P2", *ROW[3:])], name="2024-11_受托业绩.xlsx")
    assert loading.run("--execute", "--file", first).returncode == ExitCode.OK
    database.query(MART)
    rows = [(*ROW[:2], plan, *ROW[3:6], size) for plan, size in (("P1", 1000), ("P2", 7), ("P3", 8))]
    book = write_workbook(rows, name="2024-11_受托业绩_修订.xlsx")
    made = loading.run("--file", book, "--diff", "--plan-dir", "plan")
    assert made.returncode == ExitCode.OK, made.stderr
    return loading.root / "plan"


def load(checkout: Checkout, write: WriteWorkbook, plan: str, rate: float, size: object) -> None:
    """Load one plan's month."""
    book = write([(*ROW[:2], plan, ROW[3], rate, ROW[5], size)], name="2024-11_受托业绩_补.xlsx")
    done = checkout.run("--execute", "--file", book)
    assert done.returncode == ExitCode.OK, done.stderr


@pytest.mark.parametrize("plan", ["P1", *(pytest.param(plan, marks=pytest.mark.heavy) for plan in ("P2", "P3"))])
def test_a_key_that_a_later_batch_changed_is_named(
    loading: Checkout, write_workbook: WriteWorkbook, compared: Path, plan: str
) -> None:
    load(loading, write_workbook, plan, 0.07, 1000)
    refused = loading.run("apply", compared)
    assert refused.returncode == ExitCode.DATA
    text = " ".join(refused.stderr.split())
    assert f"2024-11-01 {plan} C1: return_rate is 0.070000" in text
    assert "since batch 2" in text

    accepted = loading.run("apply", compared, "--accept", "moved_keys")
    assert accepted.returncode == ExitCode.OK, accepted.stderr


def test_keys_of_others_and_the_same_values_are_no_matter(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, compared: Path
) -> None:
    load(loading, write_workbook, "P9", 0.07, 1000)
    load(loading, write_workbook, "P1", 0.01, 1000)  # as it was
    load(loading, write_workbook, "P2", 0.01, 7)  # as the plan has it
    done = loading.run("apply", compared)
    assert done.returncode == ExitCode.OK, done.stderr
    assert database.query("select accepted from staging.load_batches where batch_id = 5") == [([],)]


def test_a_comparison_with_marts_that_lack_loads_says_so(
    loading: Checkout, write_workbook: WriteWorkbook, compared: Path
) -> None:
    assert json.loads((compared / "plan.json").read_text("utf-8"))["diff"]["batches_not_built"] == 0
    load(loading, write_workbook, "P1", 0.07, 1000)
    again = loading.run("apply", compared, "--diff")
    assert again.returncode == ExitCode.OK, again.stderr
    assert "marts.trustee_performance lacks 1 later loads: run `dbt build`, then compare again" in again.stdout
    assert json.loads((compared / "plan.json").read_text("utf-8"))["diff"]["batches_not_built"] == 1


def test_compared_again_it_loads(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, compared: Path
) -> None:
    load(loading, write_workbook, "P1", 0.07, 1000)
    database.query("drop schema marts cascade;" + MART)
    database.query("delete from marts.trustee_performance where batch_id = 1 and plan_code = 'P1'")
    assert loading.run("apply", compared, "--diff").returncode == ExitCode.OK
    done = loading.run("apply", compared)
    assert done.returncode == ExitCode.OK, done.stderr
