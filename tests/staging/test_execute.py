"""--execute: what staging holds afterwards, the ledger, the lock, append, and crashes."""

import json
import os
import pwd
import signal
import socket
import time
from pathlib import Path

import psycopg2
import pytest
import yaml

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.database.connection import LOCK_KEY
from extract.errors.base import ExitCode
from extract.settings import ROOT
from failing import wait_until, wait_until_ended

pytestmark = pytest.mark.database

SAMPLES = ROOT / "data"


def test_a_load_is_in_staging_with_batch_file_sheet_and_row(
    loading: Checkout, database: Database, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    path = write_workbook([ROW, (*ROW[:2], "00P2", "C1", None, "x", None), (*ROW[:2], "0123", *ROW[3:])])
    done = loading.run("--execute", "--file", path, LOGNAME="boss", USER="boss", LNAME="boss", USERNAME="boss")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "batch 1, 2 rows" in done.stdout
    who = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
    assert database.query("select loaded_by, database_user = session_user from staging.load_batches") == [(who, True)]
    assert database.query("select batch_id, domain, mode, files, rows, rejects from staging.load_batches") == [
        (1, "trustee_performance", "delete_insert", 1, 2, 1)
    ]
    (ledger,) = database.query(
        "select path, length(sha256), size, period::text, sheet, header_row, rows_read, rows_loaded, rows_rejected,"
        " rows_skipped from staging.source_files"
    )
    assert ledger == (str(path), 64, path.stat().st_size, "2024-11-01", "受托业绩", 1, 3, 2, 1, 0)
    assert database.query(
        "select batch_id, file_id, plan_code, return_rate::text, fund_scale::text, validation_warnings, data_source,"
        " source_row from staging.trustee_performance order by source_row"
    ) == [
        (1, 1, "P1", "0.010000", "1000.00", [], path.name, 2),
        (1, 1, "0123", "0.010000", "1000.00", [], path.name, 4),
    ]
    ((row, errors),) = database.query("select row, errors from staging.rejected_rows")
    assert row["计划代码"] == "00P2"
    assert [(error["cell"], error["code"]) for error in errors] == [("F3", "invalid_number")]


def test_the_plan_and_staging_hold_the_same_bytes(loading: Checkout, database: Database, tmp_path: Path) -> None:
    done = loading.run("--execute", "--data-dir", SAMPLES, "--max-files", "3", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    planned = (tmp_path / "plan" / "trustee_performance.csv").read_text(encoding="utf-8")
    columns = planned.splitlines()[0]
    connection = psycopg2.connect(**database.target.parameters)
    exported = tmp_path / "exported.csv"
    with connection, connection.cursor() as cursor, exported.open("w", encoding="utf-8", newline="") as target:
        query = f"copy (select {columns} from staging.trustee_performance order by ctid) to stdout csv header"
        cursor.copy_expert(query, target)
    connection.close()
    assert exported.read_text(encoding="utf-8") == planned.replace(",true,[]", ",t,[]")


def test_loaded_content_is_skipped_and_reload_appends_a_batch(loading: Checkout, database: Database) -> None:
    assert loading.run("--execute", "--data-dir", SAMPLES).returncode == ExitCode.OK
    again = loading.run("--execute", "--data-dir", SAMPLES)
    assert again.returncode == ExitCode.OK, again.stderr
    assert "Skipped:  2025-12_受托业绩报告.xlsx: loaded already in batch 1" in again.stdout
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    assert loading.run("--execute", "--data-dir", SAMPLES, "--reload").returncode == ExitCode.OK
    assert database.query("select batch_id, count(*) from staging.trustee_performance group by 1 order by 1") == [
        (1, 329),
        (2, 329),
    ]


def test_append_refuses_keys_that_exist_before_it_writes(loading: Checkout, database: Database) -> None:
    append = ("--execute", "--data-dir", SAMPLES, "--mode", "append")
    assert loading.run(*append).returncode == ExitCode.OK
    refused = loading.run(*append, "--max-files", "2")
    assert refused.returncode == ExitCode.DATA
    assert "329 keys" in refused.stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    assert loading.run("--execute", "--mode", "append", "--file", next(SAMPLES.glob("2024-01*"))).returncode == 0
    assert database.query("select count(*) from staging.trustee_performance") == [(329 + 291,)]


def test_a_failed_file_fails_the_run_and_nothing_is_loaded(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    good = write_workbook([ROW])
    bad = write_workbook([(*ROW[:2], "P2", None, 1, 1, 1)], name="2024-12_受托业绩.xlsx")
    done = loading.run("--execute", "--file", good, "--file", bad)
    assert done.returncode == ExitCode.DATA
    assert "max_reject_ratio" in done.stderr
    assert database.query("select to_regnamespace('staging')") == [(None,)]
    assert len(list((loading.root / "plans").iterdir())) == 1


def test_a_staging_table_with_other_columns_stops_the_load(loading: Checkout, database: Database) -> None:
    assert loading.run("--execute", "--data-dir", SAMPLES).returncode == ExitCode.OK
    database.query("alter table staging.trustee_performance alter column fund_scale type numeric(20,3)")
    done = loading.run("--execute", "--data-dir", SAMPLES)
    assert done.returncode == ExitCode.DATABASE
    assert "fund_scale is numeric(20,3), the model has numeric(18,2)" in done.stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]


def test_a_second_load_names_the_holder_of_the_lock(loading: Checkout, database: Database) -> None:
    holder = psycopg2.connect(**database.target.parameters, application_name="other run")
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s), pg_backend_pid()", (LOCK_KEY,))
            ((_, pid),) = cursor.fetchall()
        done = loading.run("--execute", "--data-dir", SAMPLES)
        assert done.returncode == ExitCode.LOCKED
        user = database.target.parameters["user"]
        assert f"server process {pid} (other run, {user}), started 20" in " ".join(done.stderr.split())
        waiting = loading.start("--execute", "--data-dir", SAMPLES, "--lock-timeout", "60", "-q")
        time.sleep(1.5)
        assert waiting.poll() is None
        holder.rollback()
        assert waiting.wait(60) == ExitCode.OK
    finally:
        holder.close()


def test_a_load_that_is_killed_leaves_nothing_and_the_next_one_works(loading: Checkout, database: Database) -> None:
    assert loading.run("--execute", "--data-dir", SAMPLES).returncode == ExitCode.OK
    before = database.query("select count(*), max(batch_id) from staging.trustee_performance")
    blocker = psycopg2.connect(**database.target.parameters)
    try:
        with blocker.cursor() as cursor:  # the load stops at its COPY into this table, in the middle of its transaction
            cursor.execute("lock table staging.trustee_performance in exclusive mode")
        running = loading.start("--execute", "--data-dir", SAMPLES, "--reload", "-q")
        waiting = (
            "select 1 from pg_stat_activity where query like 'COPY%' and wait_event_type = 'Lock'"
            " and datname = current_database()"
        )
        wait_until(lambda: database.query(waiting), "the load never came to its COPY")
        running.kill()
        assert running.wait(30) == -signal.SIGKILL
    finally:
        blocker.close()
    assert database.query("select count(*), max(batch_id) from staging.trustee_performance") == before
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    assert loading.run("--execute", "--data-dir", SAMPLES, "--reload").returncode == ExitCode.OK
    assert database.query("select count(*) from staging.load_batches") == [(2,)]


def test_workers_end_with_a_killed_parent(loading: Checkout, tmp_path: Path) -> None:
    import psutil

    running = loading.start("--data-dir", SAMPLES, "--max-files", "24", "--workers", "2", "-q")
    parent, workers = psutil.Process(running.pid), []
    while not workers and running.poll() is None:
        workers = parent.children()
    running.kill()
    running.wait(30)
    assert workers, "the run ended before its workers were seen"
    wait_until_ended(workers)


def test_logs_of_a_load_have_table_mode_and_batch(loading: Checkout) -> None:
    done = loading.run("--execute", "--data-dir", SAMPLES, "--log-format", "json", "-q", "-v")
    assert done.stderr == ""
    done = loading.run("--execute", "--data-dir", SAMPLES, "--reload", "--log-format", "json")
    steps = {entry["step"]: entry for entry in map(json.loads, done.stderr.splitlines())}
    assert steps["copied"]["table"] == "staging.trustee_performance"
    assert (steps["loaded"]["mode"], steps["loaded"]["batch_id"]) == ("delete_insert", 2)


def test_the_profile_is_rewritten_only_while_it_bears_our_mark(loading: Checkout, database: Database) -> None:
    profile = loading.root / "profiles.yml"
    assert loading.run("--execute", "--data-dir", SAMPLES).returncode == ExitCode.OK
    output = yaml.safe_load(profile.read_text(encoding="utf-8"))["workdatahub"]["outputs"]["server"]
    assert output["dbname"] == database.target.parameters["dbname"]
    profile.write_text("mine: true\n", encoding="utf-8")
    done = loading.run("--execute", "--data-dir", SAMPLES)
    assert profile.read_text(encoding="utf-8") == "mine: true\n"
    assert "profiles.yml is your own" in done.stdout


def test_every_load_prints_its_database_without_the_password(loading: Checkout, database: Database) -> None:
    secret = "s3cret-word"
    done = loading.run("--execute", "--data-dir", SAMPLES, WDH_DATABASE__PASSWORD=secret)
    assert f"/{database.target.parameters['dbname']}" in done.stdout
    assert secret not in done.stdout + done.stderr + (loading.root / "profiles.yml").read_text(encoding="utf-8")


def test_a_uri_wins_over_the_other_variables(loading: Checkout, database: Database) -> None:
    where = database.target.parameters
    uri = f"postgresql://{where['user']}@/{where['dbname']}?host={where['host']}&port={where['port']}"
    done = loading.run("--execute", "--data-dir", SAMPLES, WDH_DATABASE__URI=uri, WDH_DATABASE__DB="elsewhere")
    assert done.returncode == ExitCode.OK, done.stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX processes")
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, ExitCode.INTERRUPTED, "interrupted"), (signal.SIGTERM, ExitCode.TERMINATED, "terminated")],
)
def test_an_interrupted_load_has_its_exit_code_and_leaves_nothing(
    loading: Checkout, database: Database, number: signal.Signals, code: ExitCode, word: str
) -> None:
    holder = psycopg2.connect(**database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        running = loading.start_bare("--execute", "--data-dir", SAMPLES, "--lock-timeout", "60", "-q")
        asking = (
            "select 1 from pg_stat_activity where query like 'SELECT pg_try_advisory%' and datname = current_database()"
            " and state = 'idle in transaction'"
        )
        wait_until(lambda: database.query(asking), "the load never came to the lock")
        running.send_signal(number)
        _, stderr = running.communicate(timeout=30)
    finally:
        holder.close()
    assert running.returncode == code
    assert word in stderr
    assert database.query("select to_regnamespace('staging')") == [(None,)]
