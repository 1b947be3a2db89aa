"""The samples and the story on a Citus coordinator: what they give is what one PostgreSQL gives.

`WDH_TEST_CITUS_URI` names a database of a coordinator with workers that is there for these tests: its schemas are
dropped. The user is a superuser who needs no password.
"""

import os
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn
from test_story import (  # noqa: F401  # collected here too, on the database of this module
    crowd,
    story,
    test_a_clock_that_jumped_back_leaves_times_in_order,
    test_a_correction_is_compared_replaced_built_and_undone,
    test_an_undo_leaves_keys_that_a_later_batch_restated,
    test_eight_loads_at_once,
    test_history_is_one_document_whatever_the_names,
    test_prune_says_what_the_history_lacks,
    test_prune_then_undo_then_full_refresh,
    test_replace_period_refuses_to_remove_too_much_and_lists_the_keys,
    three_months,
)

from checkouts import Checkout
from conftest import NAME, ROW, Database, Make, Templates, WriteWorkbook
from extract.database.connection import Target, connect
from extract.errors.base import ExitCode
from extract.modes import INTERMEDIATE, MARTS, STAGING
from extract.settings import ROOT, Timeouts

URI = os.environ.get("WDH_TEST_CITUS_URI")
pytestmark = [
    pytest.mark.database,
    pytest.mark.heavy,
    pytest.mark.skipif(URI is None, reason="WDH_TEST_CITUS_URI names no coordinator"),
]


@pytest.fixture
def database() -> Iterator[Database]:
    """The database of the coordinator, empty before and after."""
    assert URI is not None
    target = Target({"port": "5432", **parse_dsn(URI)})
    database = Database(target)
    patient = Timeouts(statement=3600, lock=3600)  # tests of other processes of pytest wait for the one database
    turn = connect(Target(target.parameters, timeouts=patient))
    turn.autocommit = True
    try:
        turn.cursor().execute("select pg_advisory_lock(1)")
        there = "select nspname from pg_namespace where nspname in ('staging', 'intermediate', 'marts')"
        assert database.query(there) == [], "the database of WDH_TEST_CITUS_URI is in use"
        try:
            yield database
        finally:
            for schema in (MARTS, INTERMEDIATE, STAGING):
                database.query(f"drop schema if exists {schema} cascade")
    finally:
        turn.close()


@pytest.fixture
def told(database: Database, three_months: Make) -> Database:  # noqa: F811
    """The database of a test, with the three months."""
    three_months(database)
    return database


LOADER, APPROVER = "workdatahub_loader", "workdatahub_approver"
TRANSFORMER, READER = "workdatahub_transformer", "workdatahub_reader"
MAINTENANCE = "wdh_maintenance"
ROLES = (LOADER, APPROVER, TRANSFORMER, READER, "workdatahub_staging")
LOGINS = "select rolname::text, rolcanlogin from pg_roles where rolname like 'workdatahub%' order by 1"


@pytest.fixture
def roles(database: Database) -> Iterator[Database]:
    """The database with the roles of config/roles.sql, which all servers of the cluster have until the end."""
    assert database.query(LOGINS) == [], "the cluster has the roles already"
    try:
        for _ in range(2):  # it may be run again
            database.query((ROOT / "config" / "roles.sql").read_text(encoding="utf-8"))
        database.query(f"create role {MAINTENANCE} login in role {LOADER}, {READER}")
        yield database
    finally:
        database.query(f"drop role if exists {MAINTENANCE}")
        for schema in (MARTS, INTERMEDIATE, STAGING):
            database.query(f"drop schema if exists {schema} cascade")
        ((name,),) = database.query("select quote_ident(current_database())")
        for role in ROLES:
            database.query(f"revoke all on database {name} from {role}; drop role {role}")


def _marts(database: Database) -> dict[object, list[tuple[object, ...]]]:
    """The rows of every mart, without the times of loads."""
    columns = database.query(
        "select table_name, string_agg(format('%I::text', column_name), ', ' order by ordinal_position)"
        " from information_schema.columns where table_schema = 'marts' and data_type <> 'timestamp with time zone'"
        " and table_name <> 'published' group by table_name"
    )
    return {table: sorted(database.query(f"select {names} from marts.{table}"), key=str) for table, names in columns}


def test_the_samples_give_the_same_marts(database: Database, templates: Templates, all_samples: Make) -> None:
    all_samples(database)
    for plain in templates.copy(all_samples):
        assert _marts(database) == _marts(plain)
    spread = dict(database.query("select table_name::text, citus_table_type from citus_tables order by 1"))
    for table in ("staging.trustee_performance", "marts.trustee_performance", "marts.trustee_performance_history"):
        assert spread[table] == "distributed"
    assert spread["staging.load_batches"] == spread["staging.source_files"] == "reference"


def test_each_role_does_its_part(roles: Database, checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    """The commands of docs/security.md, each as its role; the rights hold on every worker."""
    (checkout.root / "profiles.yml").write_bytes((ROOT / "profiles.yml.example").read_bytes())

    def role(user: str) -> Database:
        return Database(Target({**roles.target.parameters, "user": user}))

    def run(user: str, *arguments: str) -> None:
        done = Checkout(checkout.root, role(user).environment).run(*arguments)
        assert done.returncode == ExitCode.OK, done.stderr

    def build() -> None:
        built = Checkout(checkout.root, role(TRANSFORMER).environment).build()
        assert built.returncode == 0, built.stdout

    run(roles.target.parameters["user"], "setup", "--staging")
    assert roles.query(LOGINS) == sorted((name, name in ROLES[:-1]) for name in ROLES)
    many = [(2024, 11, f"Q{number}", "C1", 0.1, 1.1, 1) for number in range(9)]
    for value in (1000, 1001, 1002):
        rows = [(*ROW[:6], value), *many, (2024, 11, "P9", "C1", "x", None, None)]
        write_workbook(rows, name=NAME, folder=checkout.root / "data")
        run(LOADER, "--execute")
    build()
    reader = role(READER)
    value_of_one = "select fund_scale::text from marts.trustee_performance where plan_code = 'P1'"
    assert reader.query(value_of_one) == [("1002.00",)]
    assert reader.query("select count(*) from marts.trustee_performance_history") == [(30,)]
    run(MAINTENANCE, "prune", "--keep-batches", "1", "--execute")
    assert reader.query("select count(*) from marts.trustee_performance_history") == [(30,)]
    assert roles.query("select count(*) from staging.trustee_performance") == [(20,)]

    ((reject,),) = roles.query("select max(reject_id) from staging.rejected_rows")
    run(APPROVER, "waive", str(reject), "--reason", "a test")
    assert roles.query("select database_user from staging.waivers") == [(APPROVER,)]
    run(LOADER, "undo", "3")
    build()
    assert reader.query(value_of_one) == [("1001.00",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        role(LOADER).query("delete from staging.source_files")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        reader.query("select count(*) from staging.trustee_performance")
