"""A month of a company that jumps against its month before fails `dbt build` by name; an explanation silences it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Checkout, Database, WriteWorkbook
from databases import Make, Templates
from extract.errors.base import ExitCode
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

COMPANY = "512065202"
JUMPS = ("--select", "+companies_do_not_jump", "+companies_change_gradually", "+explanations_explain_a_jump")
JUMPED = "select measure, report_date::text from intermediate.companies_do_not_jump"
Warehouse = tuple[Checkout, Database]


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[Warehouse]:
    """All samples, loaded and built, for one test."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)  # as the load did, elsewhere
        yield Checkout(checkout.root, database.environment), database


def restated(database: Database, write_workbook: WriteWorkbook, month: str, returns: str, sizes: str) -> Path:
    """A workbook of the month of COMPANY in which SQL expressions of its returns and sizes stand in their places."""
    rows = database.query(
        f"select extract(year from report_date)::int, extract(month from report_date)::int, plan_code, company_code,"
        f" round(({returns}) * 100, 4) || '%', null, round({sizes}, 2)::text from marts.trustee_performance"
        f" where company_code = '{COMPANY}' and report_date = '{month}-01'"
    )
    assert len(rows) > 20
    return write_workbook(rows, name=f"{month}_受托业绩_修订.xlsx")


def load(checkout: Checkout, path: Path) -> None:
    """Load a workbook."""
    done = checkout.run("--execute", "--file", path)
    assert done.returncode == ExitCode.OK, done.stderr


def undo(checkout: Checkout, database: Database) -> None:
    """Take the last batch out again."""
    ((batch,),) = database.query("select max(batch_id) from staging.load_batches")
    assert checkout.run("undo", str(batch)).returncode == ExitCode.OK


def test_the_samples_do_not_jump_and_their_returns_warn(warehouse: Warehouse) -> None:
    _, database = warehouse
    largest = database.query(
        "select measure, max(factor)::text from intermediate.int_company_jumps group by 1 order by 1"
    )
    assert largest == [("fund_scale", "1.3141"), ("plans", "1.2273"), ("return_rate", "13.4074")]
    kept = "select to_regclass('intermediate.companies_do_not_jump')::text"
    assert database.query(kept) == [(None,)]  # failing rows are kept only where there are any
    warned = database.query("select measure, count(*) from intermediate.companies_change_gradually group by 1")
    assert warned == [("return_rate", 52)]


def test_a_plan_tells_the_same_figures_before_anything_loads(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    done = checkout.run("--diff", "--plan-dir", "plan", "--data-dir", ROOT / "data", "--max-files", "24")
    assert done.returncode == ExitCode.OK, done.stderr
    companies = json.loads((checkout.root / "plan" / "plan.json").read_bytes())["diff"]["month_before"]["companies"]
    planned = {
        (item["period"], item["company"], measure, figure["factor"])
        for item in companies
        for measure, figure in (item["measures"] | {"plans": item["keys"]}).items()
        if item["keys"]["old"] and measure != "net_asset_value"
    }
    built = database.query(
        "select to_char(report_date, 'YYYY-MM'), company_code, measure, factor::text"
        " from intermediate.int_company_jumps"
    )
    assert len(built) == 1104
    assert planned == set(built)


@pytest.mark.heavy
@pytest.mark.parametrize("power", [10_000, "0.0001"])
def test_a_restated_size_fails_by_name_and_an_explanation_silences_one_month(
    warehouse: Warehouse, write_workbook: WriteWorkbook, power: object
) -> None:
    checkout, database = warehouse
    load(checkout, restated(database, write_workbook, "2024-03", "return_rate", f"fund_scale * {power}"))
    built = checkout.dbt("build", *JUMPS)
    assert built.returncode == 1
    assert "Failure in test companies_do_not_jump" in built.stdout
    jumped = database.query(f"{JUMPED} where company_code = '{COMPANY}' and factor between 9000 and 11000 order by 2")
    assert jumped == [("fund_scale", "2024-03-01"), ("fund_scale", "2024-04-01")]
    assert database.query("select count(*) from intermediate.companies_do_not_jump") == [(2,)]

    seed = checkout.root / "dbt_project" / "seeds" / "explained_jumps.csv"
    header = seed.read_text(encoding="utf-8")
    seed.write_text(f"{header}{COMPANY},2024-03-01,fund_scale,another unit\n{COMPANY},2024-07-01,plans,no jump\n")
    built = checkout.dbt("build", *JUMPS)
    assert built.returncode == 1
    assert database.query(JUMPED) == [("fund_scale", "2024-04-01")]
    assert database.query("select measure from intermediate.explanations_explain_a_jump") == [("plans",)]

    seed.write_text(header, encoding="utf-8")
    undo(checkout, database)
    built = checkout.dbt("build")
    assert built.returncode == 0, built.stdout


@pytest.mark.parametrize(
    ("month", "power"),
    [
        ("2024-03", 100),
        pytest.param("2025-12", 100, marks=pytest.mark.heavy),
        pytest.param("2024-03", "0.01", marks=pytest.mark.heavy),
        pytest.param("2025-12", "0.01", marks=pytest.mark.heavy),
    ],
)
def test_restated_returns_fail_by_name(
    warehouse: Warehouse, write_workbook: WriteWorkbook, month: str, power: object
) -> None:
    checkout, database = warehouse
    load(checkout, restated(database, write_workbook, month, f"return_rate * {power}", "fund_scale"))
    built = checkout.dbt("build", *JUMPS)
    assert built.returncode == 1
    assert "Failure in test companies_do_not_jump" in built.stdout
    assert {measure for measure, _ in database.query(JUMPED)} == {"return_rate"}
    assert database.query("select distinct company_code from intermediate.companies_do_not_jump") == [(COMPANY,)]
