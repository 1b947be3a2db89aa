"""Long suites, behind the marker `heavy`: `python -m pytest -m heavy`."""

import random
import subprocess
import time

import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors import ExitCode

pytestmark = pytest.mark.heavy
ROWS = 5000
KILLS = 12


def test_a_load_killed_at_any_moment_is_whole_or_absent(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    data = loading.root / "data"
    for month in (1, 2, 3, 4):
        rows = [(2024, month, f"P{number}", "C1", 0.01, 1.5, number) for number in range(ROWS)]
        write_workbook(rows, name=f"2024-{month:02d}_受托业绩.xlsx", folder=data)
    command = ("--execute", "--max-files", "4", "-q")
    started = time.perf_counter()
    assert loading.run(*command).returncode == ExitCode.OK
    duration = time.perf_counter() - started
    chance = random.Random(20261120)
    for _ in range(KILLS):
        running = subprocess.Popen(loading.command(*command), env=loading.env())
        time.sleep(chance.uniform(0.3, 1.0) * duration)
        running.kill()
        running.wait(30)
        deadline = time.monotonic() + 30
        while database.query("select count(*) from pg_stat_activity where application_name like 'workdatahub%'") != [
            (0,)
        ]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        batches = database.query("select batch_id, rows from staging.load_batches order by 1")
        landed = database.query("select batch_id, count(*) from staging.trustee_performance group by 1 order by 1")
        assert landed == batches
        assert {rows for _, rows in batches} == {4 * ROWS}
    assert loading.run(*command).returncode == ExitCode.OK
