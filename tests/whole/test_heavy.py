"""Long suites, behind the marker `heavy`: `python -m pytest -m heavy`."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.database.embedded import start_embedded
from extract.errors.base import ExitCode

pytestmark = [pytest.mark.heavy, pytest.mark.database]
ROWS = 20_000


Mart = list[tuple[object, ...]]
MART = "select report_date, plan_code, company_code, fund_scale, data_source, source_row from marts.trustee_performance"
COMMAND = ("--execute", "--reload", "--max-files", "4", "-q")


@dataclass
class Stage:
    """A checkout with four large workbooks, how long its load takes, and the mart of a run that nothing disturbed."""

    checkout: Checkout
    query: Callable[[str], list[tuple[object, ...]]]
    seconds: float
    mart: Mart

    def check(self) -> None:
        """Staging holds each batch whole or not at all."""
        batches = self.query("select batch_id, rows from staging.load_batches order by 1")
        landed = self.query("select batch_id, count(*) from staging.trustee_performance group by 1 order by 1")
        assert landed == batches
        assert {rows for _, rows in batches} <= {4 * ROWS}

    def trim(self) -> None:
        """Forget all but the newest batch, so that the table does not grow with every fault."""
        for table in ("trustee_performance", "source_files", "load_batches"):
            self.query(f"delete from staging.{table} where batch_id < (select max(batch_id) from staging.load_batches)")

    def finish(self) -> None:
        """The run after a fault works unaided."""
        done = self.checkout.run(*COMMAND)
        assert done.returncode == ExitCode.OK, done.stderr
        self.check()
        self.trim()

    def check_mart(self) -> None:
        """The mart is that of the undisturbed run. The history goes: staging lacks what `trim` took from it."""
        self.query("truncate marts.trustee_performance_history, intermediate.int_trustee_performance_history_next")
        built = self.checkout.dbt("build", "--full-refresh")
        assert built.returncode == 0, built.stdout
        assert sorted(self.query(MART)) == self.mart


def stage_of(checkout: Checkout, query: Callable[[str], list[tuple[object, ...]]], write: WriteWorkbook) -> Stage:
    """Write the workbooks, load and build them once."""
    for month in (1, 2, 3, 4):
        rows = [(2024, month, f"P{number}", "C1", 0.01, 1.5, number) for number in range(ROWS)]
        write(rows, name=f"2024-{month:02d}_受托业绩.xlsx", folder=checkout.root / "data")
    assert checkout.run(*COMMAND).returncode == ExitCode.OK
    started = time.perf_counter()
    assert checkout.run(*COMMAND).returncode == ExitCode.OK
    seconds = time.perf_counter() - started
    assert checkout.dbt("build").returncode == 0
    stage = Stage(checkout, query, seconds, sorted(query(MART)))
    assert len(stage.mart) == 4 * ROWS
    stage.trim()
    return stage


def test_a_load_killed_at_any_moment_is_whole_or_absent(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, request: pytest.FixtureRequest
) -> None:
    stage = stage_of(loading, database.query, write_workbook)
    chance = random.Random(20261120)
    ends = []
    for _ in range(request.config.getoption("--faults")):
        running = loading.start(*COMMAND)
        with suppress(subprocess.TimeoutExpired):
            running.wait(chance.uniform(0.1, 1.0) * stage.seconds)
        running.kill()
        ends.append(running.wait(30))
        deadline = time.monotonic() + 60
        sessions = "select count(*) from pg_stat_activity where application_name like 'workdatahub%'"
        while database.query(sessions) != [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        stage.check()
        stage.finish()
    assert -signal.SIGKILL in ends
    stage.check_mart()


def test_a_server_killed_at_any_moment_leaves_a_load_whole_or_absent(
    checkout: Checkout, write_workbook: WriteWorkbook, request: pytest.FixtureRequest
) -> None:
    def query(statement: str) -> list[tuple[object, ...]]:
        return Database(start_embedded(checkout.root)).query(statement)

    lock = checkout.root / ".wdh" / "postgres" / "postmaster.pid"
    try:
        stage = stage_of(checkout, query, write_workbook)
        chance = random.Random(20261120)
        for _ in range(max(1, request.config.getoption("--faults") // 5)):
            postmaster = int(lock.read_text().splitlines()[0])
            running = checkout.start(*COMMAND)
            with suppress(subprocess.TimeoutExpired):
                running.wait(chance.uniform(0.3, 1.0) * stage.seconds)
            os.kill(postmaster, signal.SIGKILL)
            _, stderr = running.communicate(timeout=120)
            # a load that had not come to the server yet starts it again
            assert running.returncode in (ExitCode.OK, ExitCode.DATABASE), stderr
            assert "Traceback" not in stderr
            started = checkout.run("history")  # a process of its own starts the server, as it would for a user
            assert started.returncode == ExitCode.OK, started.stderr
            stage.check()
            stage.finish()
        stage.check_mart()
    finally:
        if lock.exists():
            os.kill(int(lock.read_text().splitlines()[0]), signal.SIGINT)
