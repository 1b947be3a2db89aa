"""Dagster through its own API, in a process of a checkout, against the PostgreSQL of the tests."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from checkouts import Checkout, Result
from conftest import ROW, WriteWorkbook
from databases import Database
from extract.errors.base import ExitCode
from extract.settings import ROOT
from small_project import write_small_project

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(
        find_spec("dagster_dbt") is None, reason="Dagster is not installed: pip install -e '.[dagster]'"
    ),
]
NOVEMBER = "2024-11_受托业绩报告.xlsx"
BATCHES = "select batch_id, plan_id from staging.load_batches order by 1"
Drive = Callable[..., dict[str, Any]]


@pytest.fixture
def book(checkout: Checkout, write_workbook: WriteWorkbook) -> Callable[..., Path]:
    """Writes a workbook into the data directory of the checkout."""

    def write(rows: object = (ROW,), name: str = NOVEMBER) -> Path:
        return write_workbook(rows, name=name, folder=checkout.root / "data")

    return write


@pytest.fixture
def small(loading: Checkout) -> Checkout:
    """A checkout with the small dbt project: what is asked here is not what dbt makes of the rows."""
    folder = write_small_project(loading.root)
    (folder / "models" / "landed.sql").write_text("select batch_id from {{ source('staging', 'load_batches') }}\n")
    return loading


def drive(checkout: Checkout, *arguments: str) -> dict[str, Any]:
    """What tests/orchestration/drive.py did."""
    done = checkout.finish([sys.executable, str(Path(__file__).with_name("drive.py")), *arguments])
    assert done.returncode == 0, done.stderr[-5000:]
    found: dict[str, Any] = json.loads((checkout.root / "outcome.json").read_text(encoding="utf-8"))
    return found


def jobs(checkout: Checkout, *arguments: str) -> Result:
    """The old command line."""
    program = (
        "import runpy, sys; sys.path.insert(0, '.'); runpy.run_module('orchestrate.dagster.jobs', run_name='__main__')"
    )
    script = checkout.root / "jobs.py"
    script.write_text(program)
    return checkout.finish([sys.executable, str(script), *arguments])


def staging(database: Database) -> list[tuple[object, ...]]:
    return database.query("select tablename from pg_tables where schemaname = 'staging'")


# --- the jobs ------------------------------------------------------------------------------------------------------


def test_a_job_only_plans_unless_it_is_told_to_load(small: Checkout, database: Database, book: Any) -> None:
    book()
    done = jobs(small)
    assert done.returncode == ExitCode.OK, done.stderr
    assert len(list((small.root / "plans").iterdir())) == 1
    assert staging(database) == []
    assert not (small.root / "profiles.yml").exists()


def test_a_load_loads_exactly_the_plan_of_the_step_before(small: Checkout, database: Database, book: Any) -> None:
    book()
    done = jobs(small, "--execute")
    assert done.returncode == ExitCode.OK, done.stderr
    (plan,) = (small.root / "plans").iterdir()
    assert database.query(BATCHES) == [(1, json.loads((plan / "plan.json").read_text())["id"])]
    assert database.query("select count(*) from marts.later") == [(2,)]
    assert database.query("select batch_id from marts.landed") == [(1,)]


def test_the_steps_run_in_processes_of_their_own_too(small: Checkout, database: Database, book: Any) -> None:
    book()
    found = drive(small, "multiprocess", json.dumps({"plan_only": False, "period": "202411"}))
    assert found["success"], found
    assert found["steps"] == ["write_plan", "apply_plan", "build_marts"]
    assert found["assets"]["staging/trustee_performance"] == "2024-11"
    assert len(database.query(BATCHES)) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--domain", "nowhere"], ExitCode.USAGE, "there is no domain nowhere"),
        (["--period", "202301"], ExitCode.DATA, "no file under"),
        (["--execute", "--period", "202411"], ExitCode.DATABASE, "next:"),
    ],
)
def test_exit_codes_are_those_of_run_py(
    small: Checkout, book: Any, arguments: list[str], code: ExitCode, told: str
) -> None:
    book()
    nowhere = Checkout(small.root, small.environment | {"WDH_DATABASE__PORT": "1"})
    done = jobs(nowhere, *arguments)
    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_what_steps_hand_on_is_json(small: Checkout, book: Any) -> None:
    book()
    jobs(small)
    (value,) = (small.root / ".wdh" / "dagster" / "storage").glob("*/write_plan/result.json")
    assert json.loads(value.read_text())["rows_loaded"] == 1


# --- assets and checks ---------------------------------------------------------------------------------------------


def test_a_month_is_planned_loaded_and_built(loading: Checkout, database: Database) -> None:
    name = "2025-01_受托业绩报告.xlsx"
    (loading.root / "data" / name).write_bytes((ROOT / "data" / name).read_bytes())
    owed = loading.root / "dbt_project" / "seeds" / "expected_submissions.csv"
    owed.write_text(owed.read_text() + "trustee_performance,CUPRUM,2025-02-01,2025-02-01,10,\n")
    found = drive(loading, "month", "2025-01")
    assert found["success"], found
    assert {"plans/trustee_performance", "staging/trustee_performance", "marts/published"} <= found["assets"].keys()
    checks = found["checks"]
    assert checks.pop("marts/submission_status expected_submissions") is False  # a warning
    assert all(checks.values())
    assert {
        "plans/trustee_performance accounting_identity",
        "plans/trustee_performance reject_ratio",
        "staging/trustee_performance accounting_identity",
        "intermediate/int_company_monthly_summary_next company_totals_equal_their_plans",
    } <= checks.keys()
    staged, mart = (
        database.query(f"select count(*) from {table}.trustee_performance") for table in ("staging", "marts")
    )
    assert staged == mart != [(0,)]


def test_a_materialisation_tells_what_it_is(small: Checkout, book: Any) -> None:
    book([ROW, (2024, 11, "P2", "C1", "x", 1, 1), *((2024, 11, f"P{n}", "C1", 0, 1, 1) for n in range(3, 40))])
    plan = drive(small, "plan", "2024-11")["metadata"]["plans/trustee_performance"]
    assert {"files", "rows_read", "rows_loaded", "rows_rejected", "rows_skipped", "table", "mode"} <= plan.keys()
    assert plan["workbooks"] == plan["rejects"] == "TableMetadataValue"
    assert plan["plan"] == plan["rejects.xlsx"] == "PathMetadataValue"


def test_a_plan_that_failed_fails_its_check_and_tells_the_remedy(
    small: Checkout, database: Database, book: Any
) -> None:
    book([ROW, *((2024, 11, f"P{number}", "C1", "x", 1, 1) for number in range(2, 9))])
    found = drive(small, "month", "2024-11")
    assert not found["success"]
    assert found["checks"]["plans/trustee_performance reject_ratio"] is False
    (failure,) = found["failures"]
    assert (failure["kind"], failure["exit_code"]) == ("too_many_rejects", ExitCode.DATA)
    assert failure["description"].endswith(f"next: {failure['next']}")
    assert staging(database) == []


def test_a_plan_that_was_changed_is_not_loaded(small: Checkout, database: Database, book: Any) -> None:
    book()
    assert drive(small, "plan", "2024-11")["success"]
    (plan,) = (small.root / "plans").iterdir()
    rows = plan / "trustee_performance.csv"
    rows.write_bytes(rows.read_bytes().replace(b"1000", b"9000"))
    found = drive(small, "landed", "2024-11")
    assert [failure["kind"] for failure in found["failures"]] == ["plan_changed"]
    assert staging(database) == []


# --- the sensor ----------------------------------------------------------------------------------------------------


def test_a_failed_workbook_is_tried_again_and_a_loaded_one_is_not(
    small: Checkout, database: Database, book: Any
) -> None:
    blocked = small.root / "plans"
    book()
    blocked.write_text("in the way of every plan")
    failed = drive(small, "tick", "--run")
    assert failed["requests"] == ["2024-11"]
    assert not failed["runs"][0]["success"]
    blocked.unlink()
    again = drive(small, "tick", "--run")
    assert (again["requests"], again["loaded"]) == (["2024-11"], [])
    assert again["runs"][0]["success"], again
    after = drive(small, "tick")
    assert (after["requests"], after["loaded"]) == ([], ["trustee_performance/2024-11"])
    assert after["skipped"] == "all 1 months with workbooks are loaded"
    assert len(database.query(BATCHES)) == 1


def test_a_changed_workbook_is_asked_for(small: Checkout, book: Any) -> None:
    book()
    drive(small, "tick", "--run")
    book([ROW, (2024, 11, "P2", "C1", 0, 1, 1)])
    assert drive(small, "tick")["requests"] == ["2024-11"]


def test_the_oldest_month_comes_first_and_one_at_a_time(small: Checkout, book: Any) -> None:
    for month in (12, 10):
        book([(2024, month, *ROW[2:])], name=f"2024-{month}_受托业绩报告.xlsx")
    assert drive(small, "tick")["requests"] == ["2024-10"]


def test_on_the_tenth_the_month_before_is_loaded(small: Checkout, database: Database, book: Any) -> None:
    book()
    found = drive(small, "schedule", "2024-12-10", "--run")
    assert found["requests"] == ["2024-11"]
    assert found["runs"][0]["success"], found
    assert len(database.query(BATCHES)) == 1


def _two_versions(folder: Path, book: Any) -> None:
    book()
    book([ROW, ROW], name="2024-11_受托业绩报告_更正.xlsx")
    book([ROW, ROW], name="2024-11_受托业绩报告_V2.xlsx")


def _two_months(folder: Path, book: Any) -> None:
    book(name="2024年10月-11月受托业绩.xlsx")


def _password(folder: Path, book: Any) -> None:
    import msoffcrypto

    path = book()
    plain = path.read_bytes()
    with path.open("r+b") as source, (folder / "locked").open("wb") as target:
        msoffcrypto.OfficeFile(source).encrypt("a password", target)
    assert plain != (folder / "locked").read_bytes()
    (folder / "locked").replace(path)


def _approval(folder: Path, book: Any) -> None:
    book()
    config = folder.parent / "config" / "data_sources.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("    max_removed_ratio:", "    require_approval: true\n    max_removed_ratio:"))


def _next_year(folder: Path, book: Any) -> None:
    book([(2099, 1, *ROW[2:])], name="2099-01_受托业绩报告.xlsx")


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (_two_versions, "2024-11 waits, ambiguous: "),
        (_two_months, "2024-10 waits, ambiguous: "),
        (_password, "2024-11 waits, protected: "),
        (_approval, "2024-11 waits, awaiting approval: "),
        (_next_year, "2099-01 waits, the month has not begun"),
    ],
)
def test_the_sensor_says_why_it_waits(small: Checkout, book: Any, prepare: Any, told: str) -> None:
    prepare(small.root / "data", book)
    found = drive(small, "tick")
    assert found["requests"] == []
    assert told in found["skipped"]
