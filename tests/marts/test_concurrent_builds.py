"""Builds beside loads and other builds: each sees one horizon, nothing is lost, and who comes too late is told."""

import json
import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkouts import Process
from conftest import Checkout, Database, WriteWorkbook
from databases import Make, Templates, held
from extract.database.connection import BUILD_KEY
from extract.errors.base import ExitCode
from extract.settings import ROOT
from failing import wait_until
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

OF_NO_BATCH = {"stg_waivers"}
"""Decisions of people, which come without a batch; one step of a build reads them, once."""
STAGING_MODELS = [
    path for path in sorted((ROOT / "dbt_project/models/staging").rglob("stg_*.sql")) if path.stem not in OF_NO_BATCH
]
BUILD = ("run",)
KEYS = "report_date::text, plan_code, return_rate::text, batch_id"
PAUSED = "select 1 from pg_locks where not granted and relation = '{}'::regclass"


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[tuple[Checkout, Database]]:
    """All samples, loaded and built."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)
        config = checkout.root / "config/data_sources.yml"
        config.write_text(config.read_text("utf-8").replace("max_removed_ratio: 0.2", "max_removed_ratio: 1"), "utf-8")
        yield Checkout(checkout.root, database.environment), database


def load(
    checkout: Checkout, write_workbook: WriteWorkbook, number: int, *plans: str, mode: str = "delete_insert"
) -> None:
    """Load a workbook of 2023-01 with a return of its own for each plan."""
    rows = [(2023, 1, plan, "C1", f"0.0{number:02}", 1.5, 1000) for plan in plans]
    path = write_workbook(rows, name=f"2023-01_受托业绩_v{number}.xlsx")
    done = checkout.run("--execute", "--file", path, "--mode", mode, "-q")
    assert done.returncode == ExitCode.OK, done.stderr


def start(checkout: Checkout, *arguments: str) -> Process:
    """Start dbt beside the test."""
    command = [sys.executable, str(Path(sys.executable).with_name("dbt")), *arguments]
    return checkout._start(command, checkout.env())


def assert_ended_well(build: Process) -> None:
    """A build beside another one is done, or says why it is not."""
    output, _ = build.communicate(timeout=120)
    assert build.returncode == 0 or "build overtaken" in output, output


def assert_whole(database: Database) -> None:
    """Mart and history are what a replay of staging gives."""
    latest = (
        "select distinct on (report_date, plan_code, company_code) * from staging.trustee_performance"
        " order by report_date, plan_code, company_code, batch_id desc, file_id desc, source_row desc"
    )
    expected = database.query(f"select {KEYS} from ({latest}) as latest where not withdrawn order by 1, 2")
    assert database.query(f"select {KEYS} from marts.trustee_performance order by 1, 2") == expected
    current = f"select {KEYS} from marts.trustee_performance_history where is_current order by 1, 2"
    assert database.query(current) == expected


def test_a_load_that_commits_during_a_build_waits_for_the_next_one(
    warehouse: tuple[Checkout, Database], write_workbook: WriteWorkbook
) -> None:
    checkout, database = warehouse
    load(checkout, write_workbook, 1, "A", "B", "C")
    with held(database, "lock table marts.trustee_performance in share mode"):
        building = start(checkout, "build", "--exclude-resource-type", "unit_test")
        wait_until(
            lambda: database.query(PAUSED.format("marts.trustee_performance")), "the build never came to its mart"
        )
        load(checkout, write_workbook, 2, "B", mode="replace_period")
    assert building.wait(120) == 0, building.communicate()
    seen = (
        "select plan_code, return_rate::text, batch_id from marts.trustee_performance where report_date = '2023-01-01'"
    )
    assert database.query(f"{seen} order by 1") == [(plan, "0.001000", 2) for plan in "ABC"]
    assert database.query("select max(batch_id) from marts.load_audit") == [(2,)]
    assert checkout.dbt(*BUILD).returncode == 0
    assert database.query(seen) == [("B", "0.002000", 3)]
    assert_whole(database)


@pytest.mark.heavy
def test_of_two_builds_at_once_nothing_is_lost(
    warehouse: tuple[Checkout, Database], write_workbook: WriteWorkbook
) -> None:
    checkout, database = warehouse
    load(checkout, write_workbook, 1, "A", "B", "C")
    with held(database, "lock table marts.trustee_performance_history in share mode"):
        earlier = start(checkout, *BUILD)
        paused = PAUSED.format("marts.trustee_performance_history")
        wait_until(lambda: database.query(paused), "the build never came to the history")
        later = start(checkout, *BUILD)
        waits = "select 1 from pg_stat_activity where query like '%begin_build%' and wait_event_type = 'Lock'"
        wait_until(lambda: database.query(waits), "the later build never began")
        load(checkout, write_workbook, 2, "A", "B", "C", "D")
    for build in (earlier, later):
        assert_ended_well(build)
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)
    assert database.query("select max(batch_id) from marts.trustee_performance") == [(3,)]


@pytest.mark.heavy
def test_a_model_refuses_the_horizon_of_another_build(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    with held(database, "lock table staging.trustee_performance in access exclusive mode"):
        building = start(checkout, *BUILD)
        paused = "select 1 from pg_locks where not granted and relation = 'staging.trustee_performance'::regclass"
        wait_until(lambda: database.query(paused), "the build never came to the rows of staging")
        change = "update intermediate.build_horizon set invocation_id = 'another', began_at = '2026-01-02'"
        another = threading.Thread(target=database.query, args=(change,))  # it waits for the model that is being made
        another.start()
        waits = "select 1 from pg_stat_activity where query like 'update%build_horizon%' and wait_event_type = 'Lock'"
        wait_until(lambda: database.query(waits), "the later build never began")
    another.join()
    output, _ = building.communicate(timeout=120)
    assert building.returncode == 1
    assert "build overtaken: another build began at 2026-01-02" in output
    assert "nothing is lost" in output
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)


@pytest.mark.heavy
def test_beside_a_build_of_run_py_others_are_refused_by_name(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    before = database.query("select * from intermediate.build_horizon")
    with held(database, f"select pg_advisory_xact_lock({BUILD_KEY})") as pid:
        plain = checkout.dbt(*BUILD)
        assert plain.returncode != 0
        assert f"build locked: server process {pid} (other run," in plain.stdout
        ours = checkout.run("undo", "1", "--build", "-q")
        assert ours.returncode == ExitCode.LOCKED
        assert f"server process {pid} (other run," in " ".join(ours.stderr.split())
        assert checkout.run("setup").returncode == ExitCode.LOCKED
        assert database.query("select * from intermediate.build_horizon") == before
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)


@pytest.mark.heavy
def test_who_only_reads_is_not_in_the_way(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    marts = database.query("select oid::regclass::text from pg_class where relnamespace = 'marts'::regnamespace"
                           " and relkind in ('r', 'v')")  # fmt: skip
    assert len(marts) == len(list((ROOT / "dbt_project/models/marts").glob("*.sql")))
    with held(database, "; ".join(f"select * from {mart} limit 1" for (mart,) in marts)):
        done = checkout.run("undo", "1", "--build", "-q", WDH_DATABASE__LOCK_TIMEOUT="1")
        assert done.returncode == ExitCode.OK, done.stderr
        assert checkout.dbt("run", "--full-refresh").returncode == 0
    assert_whole(database)


@pytest.mark.heavy
def test_who_writes_a_mart_is_named(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    with held(database, "lock table marts.load_audit in row exclusive mode") as pid:
        done = checkout.run("undo", "1", "--build", "-q", WDH_DATABASE__LOCK_TIMEOUT="1")
        plain = Checkout(checkout.root, checkout.environment | {"WDH_DATABASE__LOCK_TIMEOUT": "1"}).dbt(*BUILD)
    assert done.returncode == ExitCode.LOCKED, done.stderr
    said = " ".join(done.stderr.split())
    assert "(for load_audit)" in said
    assert f"server process {pid} (other run, user" in said
    assert plain.returncode == 1
    assert f"marts.load_audit is held by server process {pid} (other run," in plain.stdout
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)


@pytest.mark.heavy
def test_a_retry_publishes_nothing_that_was_not_tested_with_the_rest(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    model = checkout.root / "dbt_project/models/marts/load_audit.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(f"{text}where 1 / 0 = 1\n", encoding="utf-8")
    assert checkout.dbt(*BUILD).returncode == 1
    model.write_text(text, encoding="utf-8")
    retried = checkout.dbt("retry")
    assert retried.returncode == 1
    assert "not audited" in retried.stdout
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)


@pytest.mark.parametrize("path", STAGING_MODELS, ids=lambda path: path.stem)
def test_every_staging_view_stops_at_the_horizon(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("where {{ up_to_horizon() }}") == 1


PLACES = [
    "marts.trustee_performance", "marts.trustee_performance_history", "marts.plan_monthly_performance",
    "marts.published", "intermediate.int_trustee_performance_next", "intermediate.int_trustee_performance_history_next",
    "intermediate.int_plan_returns", "intermediate.int_company_monthly_summary_next",
]  # fmt: skip
MARTS = {
    "plan_monthly_performance": "1, 2, 3", "company_monthly_summary": "1, 2", "trustee_performance": "1, 2, 3",
    "trustee_performance_history": "1, 2, 3, 4, 5", "trustee_performance_restatements": "1, 2, 3, 4, 5, 6",
    "load_audit": "2",
}  # fmt: skip


def changed(chance: random.Random, checkout: Checkout, write_workbook: WriteWorkbook, number: int) -> None:
    """One thing of chance that people do to staging while a build stands still."""
    match chance.choice(["load", "load", "replace", "undo", "prune"]):
        case "undo":
            history = checkout.run("history", "--json", "--limit", "1")
            (newest,) = json.loads(history.stdout)
            assert checkout.run("undo", str(newest["batch_id"]), "-q").returncode in (ExitCode.OK, ExitCode.DATA)
        case "prune":
            done = checkout.run("prune", "--keep-batches", "2", "--execute", "-q")
            assert done.returncode == ExitCode.OK, done.stderr
        case kind:
            plans = chance.sample("ABCDEF", chance.randint(1, 5))
            load(
                checkout,
                write_workbook,
                number,
                *plans,
                mode="replace_period" if kind == "replace" else "delete_insert",
            )


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """What the marts hold, but for times."""
    return {name: database.query(f"select * from marts.{name} order by {order}") for name, order in MARTS.items()}


def interleaved(seed: int, checkout: Checkout, database: Database, write_workbook: WriteWorkbook) -> None:
    """Changes and builds in an order of chance, builds stopped at tables of chance; the last build makes all whole."""
    chance = random.Random(seed)
    number, running = 10 + 10 * (seed % 8), list[Process]()
    for _ in range(chance.randint(2, 3)):
        table = chance.choice(PLACES)
        with held(database, f"lock table {table} in share mode"):
            running += [start(checkout, *BUILD) for _ in range(chance.randint(1, 2))]
            wait_until(lambda: database.query(PAUSED.format(table)), f"no build came to {table}")  # noqa: B023
            number += 1
            changed(chance, checkout, write_workbook, number)
    for build in running:
        assert_ended_well(build)
    assert checkout.dbt(*BUILD).returncode == 0
    assert_whole(database)
    increments = contents(database)
    assert checkout.dbt(*BUILD, "--full-refresh").returncode == 0
    assert contents(database) == increments


@pytest.mark.heavy
def test_interleavings_of_chance(
    warehouse: tuple[Checkout, Database], write_workbook: WriteWorkbook, pytestconfig: pytest.Config
) -> None:
    for seed in range(pytestconfig.getoption("faults")):
        interleaved(seed, *warehouse, write_workbook)
