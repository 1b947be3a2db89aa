"""Long suites, behind the marker `heavy`: `python -m pytest -m heavy`."""

import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors import ExitCode
from extract.settings import ROOT

pytestmark = [pytest.mark.heavy, pytest.mark.database]
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


def test_the_docs_page_opens_and_shows_the_lineage(loading: Checkout, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: the docs page was not opened")
    done = loading.run("--execute", "--build", "--data-dir", ROOT / "data")
    assert done.returncode == ExitCode.OK, done.stderr
    assert loading.dbt("docs", "generate", "--static").returncode == 0
    page = loading.root / "target" / "static_index.html"
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=20000", "--dump-dom",
        f"{page.as_uri()}#!/model/model.workdatahub.trustee_performance?g_v=1&g_i=%2Btrustee_performance%2B",
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False).stdout
    assert "What a plan of a trustee returned in a month" in dom
    assert "report_date" in dom
