"""The samples and the story on a Citus coordinator: what they give is what one PostgreSQL gives.

`WDH_TEST_CITUS_URI` names a database of a coordinator with workers that is there for these tests: its schemas are
dropped. The user is a superuser who needs no password.
"""

import os
from collections.abc import Iterator

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

from conftest import Database, Make, Templates
from extract.database.connection import Target, connect
from extract.modes import INTERMEDIATE, MARTS, STAGING

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
    turn = connect(target)  # tests of other processes of pytest wait for the one database
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
