"""`dbt build --empty` on a filled warehouse: it takes nothing that the next build does not bring."""

import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database
ROWS = [(2024, 11, f"P{number}", "C1", 0.01, 1.5, 1000) for number in range(6)]


def counts(database: Database) -> dict[str, object]:
    """The number of rows of every table and view of the project."""
    relations = database.query(
        "select format('%I.%I', relnamespace::regnamespace, relname) from pg_class"
        " where relnamespace::regnamespace::text in ('intermediate', 'marts') and relkind in ('r', 'v')"
    )
    return {str(name): database.query(f"select count(*) from {name}")[0][0] for (name,) in relations}


def kinds(database: Database, kind: str) -> set[str]:
    """The relations of a kind of pg_class."""
    found = database.query(
        "select format('%I.%I', relnamespace::regnamespace, relname) from pg_class"
        f" where relnamespace::regnamespace::text in ('intermediate', 'marts') and relkind = '{kind}'"
    )
    return {str(name) for (name,) in found}


@pytest.mark.heavy
def test_views_and_marts_stay_whole_and_a_plain_build_goes_on(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    write_workbook(ROWS, folder=loading.root / "data")
    assert loading.run("--execute").returncode == ExitCode.OK
    assert loading.dbt("build").returncode == 0
    corrected = write_workbook(ROWS[1:], name="2024-11_受托业绩_修订.xlsx")
    changed = loading.run("--execute", "--file", corrected, "--mode", "replace_period")
    assert changed.returncode == ExitCode.OK, changed.stderr
    mart = database.query("select * from marts.trustee_performance order by plan_code")
    views = kinds(database, "v")
    before = counts(database)
    assert len(mart) == 6

    emptied = loading.dbt("build", "--empty")
    assert emptied.returncode == 0, emptied.stdout
    after = counts(database)
    assert {name: after[name] for name in views} == {name: before[name] for name in views}
    assert database.query("select * from marts.trustee_performance order by plan_code") == mart
    assert after["marts.trustee_performance_history"] == 6
    assert after["marts.plan_monthly_performance"] == 6

    assert loading.dbt("build").returncode == 0
    assert database.query("select count(*) from marts.trustee_performance") == [(5,)]
    assert database.query("select count(*) from marts.plan_monthly_performance") == [(5,)]
    assert database.query("select count(*) from marts.trustee_performance_history where withdrawn") == [(1,)]
