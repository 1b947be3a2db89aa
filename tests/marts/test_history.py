"""The history: what breaks it is found by the tests of dbt, and `repair history` mends it without losing a version."""

from collections.abc import Iterator

import psycopg2
import pytest

from checkouts import Result
from conftest import Checkout, Database, copy_checkout, write_book
from databases import Make, Templates
from extract.database.connection import LOCK_KEY
from extract.errors.base import ExitCode
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

HISTORY = "marts.trustee_performance_history"
TESTS = (
    "trustee_performance_versions_follow_one_another",
    "trustee_performance_current_versions_equal_the_mart",
    "trustee_performance_equals_latest_versions",
)
VERSIONS = f"select * from {HISTORY} order by report_date, plan_code, company_code, batch_id, file_id"
REPAIR = ("repair", "history")
Warehouse = tuple[Checkout, Database]


def build(checkout: Checkout, *arguments: str) -> Result:
    """Build the mart and its history, without their tests."""
    return checkout.dbt("run", *arguments)


@pytest.fixture(scope="module")
def three_versions(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database in which five plans have three versions, that of C ends withdrawn, and the first are pruned."""

    def make(database: Database) -> None:
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("history")), database.environment)
        for number, plans in enumerate(("ABCDE", "ABCDE", "ABDE")):
            rows = [(2024, 11, plan, "C1", 0.01, 1.5, 1000 * (number + 1) + ord(plan)) for plan in plans]
            book = write_book(rows, checkout.root / f"{number}" / "2024-11_受托业绩.xlsx")
            mode = ("--mode", "replace_period") if number == 2 else ()
            done = checkout.run("--execute", "--file", book, *mode)
            assert done.returncode == ExitCode.OK, done.stderr
            if number == 1:
                assert checkout.dbt("seed").returncode == 0  # which `dbt run` does not do
            if number:
                assert build(checkout).returncode == 0
        done = checkout.run("prune", "--keep-batches", "1", "--execute")
        assert "Removed 5 of 15 rows" in done.stdout

    return make


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, three_versions: Make) -> Iterator[Warehouse]:
    """That database for one test."""
    for database in templates.copy(three_versions):
        write_profile(database.target, checkout.root)  # as the load did, elsewhere
        yield Checkout(checkout.root, database.environment), database


def found(warehouse: Warehouse, test: str) -> list[tuple[object, ...]]:
    """What a test of dbt finds, by plan and batch; it fails where there is anything."""
    checkout, database = warehouse
    done = checkout.dbt("test", "--select", test)
    assert test in done.stdout
    kept = database.query(f"select to_regclass('intermediate.{test}')::text") != [(None,)]
    rows = database.query(f"select plan_code, batch_id from intermediate.{test} order by 1, 2") if kept else []
    assert (done.returncode == 0) == (rows == []), done.stdout
    return rows


BREAKS = {
    "two versions of a key are current": (
        f"update {HISTORY} set is_current = true, valid_to = null where plan_code = 'A' and batch_id = 2",
        {TESTS[0]: [("A", 2), ("A", 3)], TESTS[1]: [("A", 2)]},
        "is_current true -> false, valid_to null -> ",
    ),
    "a version ends elsewhere than the next one begins": (
        f"update {HISTORY} set valid_to = valid_to + interval '1 s' where plan_code = 'B' and batch_id = 1",
        {TESTS[0]: [("B", 1)], TESTS[1]: []},
        "valid_to 2",
    ),
    "a current version has another figure than the mart": (
        f"update {HISTORY} set fund_scale = 5 where plan_code = 'A' and is_current",
        {TESTS[0]: [], TESTS[1]: [("A", 3), ("A", 3)]},
        "fund_scale 5.00 -> 3065.00",
    ),
    "a version is lost": (
        f"delete from {HISTORY} where plan_code = 'B' and batch_id = 3",
        {TESTS[0]: [("B", 2)], TESTS[1]: [("B", 3)]},
        "C1, batch 3, file 3: missing",
    ),
    "a withdrawn version is current": (
        f"update {HISTORY} set is_current = true where plan_code = 'C' and batch_id = 3",
        {TESTS[0]: [("C", 3)], TESTS[1]: []},
        "is_current true -> false",
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("statement", "wrong", "shown"),
    [
        pytest.param(*broken, id=name, marks=pytest.mark.heavy if number else ())
        for number, (name, broken) in enumerate(BREAKS.items())
    ],
)
def test_a_broken_history_is_found_shown_and_mended(
    warehouse: Warehouse, statement: str, wrong: dict[str, list[tuple[object, ...]]], shown: str
) -> None:
    checkout, database = warehouse
    whole = database.query(VERSIONS)
    database.query(statement)
    broken = database.query(VERSIONS)
    assert broken != whole
    assert {test: found(warehouse, test) for test in wrong} == wrong

    dry = checkout.run(*REPAIR)
    assert dry.returncode == ExitCode.OK, dry.stderr
    assert "Would repair marts.trustee_performance_history (15 versions, 5 of them in staging no more)" in dry.stdout
    assert shown in dry.stdout
    assert "python run.py repair history --yes" in dry.stdout
    assert database.query(VERSIONS) == broken

    done = checkout.run(*REPAIR, "--yes")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "Repaired marts.trustee_performance_history" in done.stdout
    assert shown in done.stdout
    assert database.query(VERSIONS) == whole
    assert {test: found(warehouse, test) for test in wrong} == {test: [] for test in wrong}

    again = checkout.run(*REPAIR, "--yes")
    assert again.returncode == ExitCode.OK, again.stderr
    assert "There is nothing to repair in marts.trustee_performance_history" in again.stdout


@pytest.mark.heavy
def test_what_two_overlapping_builds_left_is_mended(warehouse: Warehouse) -> None:
    """The later one of them had read its rows before the batch that the other one built."""
    checkout, database = warehouse
    whole = database.query(VERSIONS)
    database.query(
        f"update {HISTORY} set is_current = true, valid_to = null where plan_code = 'A' and batch_id = 2;"
        " update marts.trustee_performance as mart"
        " set batch_id = old.batch_id, file_id = old.file_id, fund_scale = old.fund_scale"
        f" from {HISTORY} as old where (mart.plan_code, old.plan_code, old.batch_id) = ('A', 'A', 2)"
    )
    assert build(checkout).returncode == 0  # no later build mends it
    lost = {TESTS[0]: [("A", 2), ("A", 3)], TESTS[1]: [("A", 3)], TESTS[2]: [("A", 2), ("A", 3)]}
    assert {test: found(warehouse, test) for test in TESTS} == lost
    done = checkout.run(*REPAIR, "--yes")
    assert "1 changed (is_current 1, valid_to 1)" in done.stdout
    assert "1 keys of marts.trustee_performance have another version" in done.stdout
    assert database.query(VERSIONS) == whole
    assert build(checkout, "--full-refresh").returncode == 0
    assert {test: found(warehouse, test) for test in TESTS} == {test: [] for test in TESTS}
    assert "another version" not in checkout.run(*REPAIR).stdout


@pytest.mark.heavy
def test_two_swapped_plans_are_found(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    database.query(
        "update marts.trustee_performance as one set fund_scale = other.fund_scale"
        " from marts.trustee_performance as other where (one.plan_code, other.plan_code) in (('A', 'B'), ('B', 'A'))"
    )
    for test in TESTS[1:]:
        assert found(warehouse, test) == [("A", 3), ("A", 3), ("B", 3), ("B", 3)]
    shown = checkout.run(*REPAIR)
    assert "There is nothing to repair in marts.trustee_performance_history" in shown.stdout
    assert "2 keys of marts.trustee_performance have another version than is current in its history" in shown.stdout


@pytest.mark.heavy
def test_a_batch_that_no_build_has_seen_is_left_to_it(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    whole = database.query(VERSIONS)
    book = write_book([(2024, 11, "A", "C1", 0.01, 1.5, 7)], checkout.root / "2024-11_受托业绩.xlsx")
    assert checkout.run("--execute", "--file", book).returncode == ExitCode.OK
    assert "There is nothing to repair" in checkout.run(*REPAIR, "--yes").stdout
    assert database.query(VERSIONS) == whole
    assert build(checkout).returncode == 0
    assert len(database.query(VERSIONS)) == len(whole) + 1
    assert {test: found(warehouse, test) for test in TESTS} == {test: [] for test in TESTS}


@pytest.mark.parametrize(
    "holds",
    [
        pytest.param(f"select pg_advisory_xact_lock({LOCK_KEY})", id="a load"),
        pytest.param(f"lock table {HISTORY} in row exclusive mode", id="a build", marks=pytest.mark.heavy),
    ],
)
@pytest.mark.heavy
def test_no_load_and_no_build_runs_beside_it(warehouse: Warehouse, holds: str) -> None:
    checkout, database = warehouse
    database.query(f"update {HISTORY} set is_current = false")
    broken = database.query(VERSIONS)
    holder = psycopg2.connect(**database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute(holds)
        shown = checkout.run(*REPAIR)
        refused = checkout.run(*REPAIR, "--yes", WDH_DATABASE__LOCK_TIMEOUT="0.3")
    finally:
        holder.close()
    assert shown.returncode == ExitCode.OK, shown.stderr
    assert "4 changed (is_current 4)" in shown.stdout
    assert refused.returncode == ExitCode.LOCKED, refused.stderr
    assert database.query(VERSIONS) == broken


def test_without_a_history_there_is_nothing_to_make_again(loading: Checkout) -> None:
    done = loading.run(*REPAIR)
    assert done.returncode == ExitCode.DATA
    assert "marts.trustee_performance_history does not exist" in done.stderr
