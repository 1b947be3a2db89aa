"""Every exit code of design.md, through a real process; and messages that say what, where, and what to do.

One test of each exit code starts an interpreter of its own (`bare`); those of signals are in test_execute.
"""

import dataclasses
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from checkouts import change_code
from conftest import ROW, SECRET, Checkout, Database, WriteWorkbook, variables
from extract.database.connection import Target
from extract.errors.base import DataError, ExitCode, WorkDataHubError
from extract.errors.pages import error_kinds
from extract.errors.table import SheetNotFound
from extract.settings import ROOT
from small_project import write_small_project

pytestmark = pytest.mark.database

SAMPLES = ROOT / "data"


def test_0_done(checkout: Checkout) -> None:
    assert checkout.bare("--data-dir", SAMPLES).returncode == 0
    assert checkout.run("--help").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sheet", "Sheet9"), "has no sheet Sheet9"),
        (("--sheet", "3"), "has no sheet 3"),
        (("--data-dir", "data"), "no file under"),
    ],
)
def test_1_the_data_failed(checkout: Checkout, arguments: tuple[str, ...], message: str) -> None:
    more = () if "--data-dir" in arguments else ("--data-dir", str(SAMPLES))
    done = checkout.run(*arguments, *more)
    assert done.returncode == 1
    assert message in done.stderr
    assert "next:" in done.stderr


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_1_a_file_that_is_no_workbook(checkout: Checkout, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(content)
    done = checkout.bare("--file", path)
    assert done.returncode == 1
    assert "2024-11_受托业绩.xlsx cannot be read as a workbook" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--domain", "trustee"),
        ("--data-dir", "nowhere"),
        ("--file", "nowhere.xlsx"),
        ("--config", "nowhere.yml"),
        ("--max-files", "0"),
        ("--mode", "upsert"),
        ("--build",),
        ("--period", "2024-13"),
        ("--file", "x.xlsx", "--period", "202411"),
        ("--file", "x.xlsx", "--on-ambiguous", "newest"),
        ("--plan-dir", "run.py/below"),
        ("--unknown",),
        ("setupp",),
    ],
)
def test_2_usage(checkout: Checkout, arguments: tuple[str, ...]) -> None:
    done = checkout.run(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_2_a_variable_that_is_no_setting(checkout: Checkout) -> None:
    done = checkout.bare("--execute", "--data-dir", SAMPLES, WDH_DATABASE_HOST="db.example.org")
    assert done.returncode == 2
    assert "WDH_DATABASE__HOST" in done.stderr
    assert not (checkout.root / ".wdh").exists()


@pytest.mark.parametrize("uri", ["nonsense:secret-word@", "postgresql://user:secret-word@host", "host=h user=u"])
def test_2_a_uri_that_lacks_a_part(checkout: Checkout, uri: str) -> None:
    done = checkout.run("--execute", "--data-dir", SAMPLES, WDH_DATABASE__URI=uri)
    assert done.returncode == 2
    assert "WDH_DATABASE__URI" in done.stderr
    assert "secret-word" not in done.stderr


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"PASSWORD": SECRET + "-wrong"}, "the server rejects the login at loader@127.0.0.1"),
        ({"DB": "nowhere"}, "the database is missing at loader@127.0.0.1"),
        ({"PORT": "1"}, "no PostgreSQL server answers at loader@127.0.0.1:1/there"),
        ({}, "permission denied for database there"),
    ],
)
def test_3_the_database_refuses(strict_server: Target, checkout: Checkout, other: dict[str, str], message: str) -> None:
    import time

    started = time.monotonic()
    done = checkout.bare("--execute", "--data-dir", SAMPLES, **variables(strict_server, **other))
    assert done.returncode == 3
    assert message in done.stderr
    assert "next:" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert time.monotonic() - started < 10


def test_a_password_reaches_dbt_but_no_file(strict_server: Target, checkout: Checkout) -> None:
    where = strict_server.parameters
    uri = f"postgresql://loader:{SECRET}@127.0.0.1:{where['port']}/owned"
    for settings in (variables(strict_server, DB="owned"), {"WDH_DATABASE__URI": uri}):
        done = checkout.run("--execute", "--data-dir", SAMPLES, **settings)
        assert done.returncode == 0, done.stderr
        assert SECRET not in (checkout.root / "profiles.yml").read_text(encoding="utf-8")
        debug = Checkout(checkout.root, settings).dbt("debug", "--connection")
        assert debug.returncode == 0, debug.stdout
        assert SECRET not in done.stdout + done.stderr + debug.stdout


def test_4_another_run_holds_the_lock(loading: Checkout, database: Database) -> None:
    from extract.database.connection import LOCK_KEY

    holder = psycopg2.connect(**database.target.parameters)
    with holder.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
    done = loading.bare("--execute", "--data-dir", SAMPLES)
    holder.close()
    assert done.returncode == 4


def test_5_the_dbt_project_does_not_parse(loading: Checkout, database: Database) -> None:
    project = write_small_project(loading.root)
    (project / "models" / "later.sql").write_text("select {{ ref('nowhere') }}")
    done = loading.run("setup")
    assert done.returncode == 5
    assert "nowhere" in done.stderr


def test_70_a_bug(checkout: Checkout) -> None:
    broken = "\n\ndef check_directory(*_): 1 / 0\nwrite_plan = check_directory\n"
    change_code(checkout.root / "extract" / "plan" / "writing.py", broken)
    done = checkout.bare("--data-dir", SAMPLES)
    assert done.returncode == 70
    assert "this is a bug" in done.stderr


@pytest.mark.parametrize("flag", ["--debug", "--raise-on-error"])
def test_tracebacks_are_shown_on_demand(checkout: Checkout, flag: str) -> None:
    done = checkout.run("--data-dir", "nowhere", flag)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_errors_in_the_json_log(checkout: Checkout) -> None:
    import json

    done = checkout.run("--data-dir", "nowhere", "--log-format", "json")
    entry = json.loads(done.stderr.splitlines()[-1])
    assert (entry["level"], entry["step"]) == ("error", "data_directory_missing")
    assert entry["next_step"]


def test_errors_can_come_back_from_a_worker() -> None:
    import pickle

    error = SheetNotFound(file="f", sheet="s", sheets="a, b")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.message) == (SheetNotFound, error.message)


@pytest.mark.parametrize("kind", error_kinds(), ids=lambda kind: kind.__name__)
def test_every_error_has_texts_that_its_fields_fill(kind: type[WorkDataHubError]) -> None:
    fields = {field.name: 1 if field.name in ("limit", "seconds") else field.name for field in dataclasses.fields(kind)}
    error = kind(**fields)
    assert error.message
    assert error.next_step
    assert kind.exit_code in ExitCode
    assert issubclass(kind, DataError) == (kind.exit_code is ExitCode.DATA)


def test_the_command_works_as_a_module(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    command = [sys.executable, "-m", "run", "--file", str(write_workbook([ROW]))]
    done = subprocess.run(command, cwd=checkout.root, env=checkout.env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_codes_are_those_that_scripts_know() -> None:
    assert [code.value for code in ExitCode] == [0, 1, 2, 3, 4, 5, 70, 130, 143]
