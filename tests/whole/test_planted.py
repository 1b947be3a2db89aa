"""Functions and operators that others plant in the schema public run in no session of ours, and in none of dbt."""

from pathlib import Path

import psycopg2
import pytest

from conftest import ROW, Checkout, Database, Make, Templates, WriteWorkbook
from extract.database.connection import Target
from extract.errors.base import ExitCode
from extract.settings import ROOT
from shadows import plant
from small_project import write_small_project

pytestmark = pytest.mark.database

MARTS = """
    set search_path = pg_catalog;
    create schema marts;
    create table marts.trustee_performance as select * from staging.trustee_performance;
    create table marts.trustee_performance_history as
    select *, true as is_current, processed_at as valid_from, processed_at as valid_to from staging.trustee_performance;
"""


def succeeded(checkout: Checkout, *arguments: str | Path) -> None:
    """Run a command, which must succeed."""
    done = checkout.run(*arguments)
    assert done.returncode == ExitCode.OK, (arguments, done.stdout, done.stderr)


@pytest.fixture
def planted(database: Database, administered: Database) -> Database:
    """A database in which whoever runs a statement of his own runs what others planted."""
    plant(administered)
    for statement in ("select format('%s', 'x')", "select 'a'::varchar = 'b'::varchar", "select to_regclass('x')"):
        with pytest.raises(psycopg2.errors.RaiseException, match="planted"):
            database.query(statement)
    return database


def test_no_command_on_staging_runs_what_others_planted(
    planted: Database, loading: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    keys = [(*ROW[:2], f"P{number}", *ROW[3:]) for number in range(6)]
    first = write_workbook(keys, folder=tmp_path / "first")
    second = write_workbook([(*keys[0][:6], 7), *keys[1:5]])
    succeeded(loading, "--execute", "--file", first)
    planted.query(MARTS)
    succeeded(loading, "--diff", "--file", second, "--mode", "replace_period", "--plan-dir", tmp_path / "plan")
    succeeded(loading, "apply", tmp_path / "plan")
    assert planted.query("select count(*) from staging.load_batches where withdrawn operator(pg_catalog.=) 1") == [(1,)]
    succeeded(loading, "undo", "2")
    succeeded(loading, "history")
    succeeded(loading, "repair", "history", "--yes")
    succeeded(loading, "prune", "--keep-batches", "1", "--execute")


@pytest.mark.heavy
def test_no_command_on_the_marts_runs_what_others_planted(planted: Database, loading: Checkout) -> None:
    write_small_project(loading.root)
    for command in (("setup",), ("setup", "--reset"), ("status",), ("report",), ("docs", "--no-serve")):
        succeeded(loading, *command)
    for dbt in (loading.dbt("build"), loading.dbt("source", "freshness")):
        assert dbt.returncode == 0, dbt.stdout
    succeeded(loading, "reset", "--yes", "--include-staging")


@pytest.mark.heavy
def test_no_build_of_the_project_runs_what_others_planted(
    templates: Templates, server: Target, all_samples: Make, checkout: Checkout
) -> None:
    """Neither by run.py nor by a plain `dbt build`, from nothing and as an increment, with the unit tests too."""
    for filled in templates.copy(all_samples):
        plant(Database(Target({**server.parameters, "dbname": filled.target.parameters["dbname"]})))
        loading = Checkout(checkout.root, filled.environment)
        succeeded(loading, "--execute", "--build", "--reload", "--data-dir", ROOT / "data", "--max-files", "1")
        for arguments in ((), ("--full-refresh",), ("--empty",)):
            built = loading.dbt("build", *arguments)
            assert built.returncode == 0, built.stdout
        assert loading.dbt("test", "--select", "test_type:unit").returncode == 0
