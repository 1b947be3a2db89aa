"""What a setup does about locks, signals, and a database that goes away: it says so, and leaves nothing running."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from test_setup import relations, report

import small_project
from checkouts import Process
from conftest import Checkout, Database
from extract.errors.base import ExitCode
from failing import wait_until

SLEEPS = "select pg_sleep(60)::text as asset_code from {{ ref('assets') }}\n"
RUNNING = (
    "select pid from pg_stat_activity"
    " where query like '%pg_sleep(60)%' and state = 'active'"
    " and pid <> pg_backend_pid() and datname = current_database()"
)
OURS = (
    "select count(*) from pg_stat_activity where application_name like 'workdatahub%' and datname = current_database()"
)


@pytest.fixture
def project(loading: Checkout) -> Path:
    """The directory of a small dbt project in the checkout of the test."""
    return small_project.write_small_project(loading.root)


@pytest.fixture
def sleeping(loading: Checkout, database: Database, project: Path) -> Iterator[Process]:
    """A setup whose foundation sleeps in the server."""
    (project / "models" / "base" / "base.sql").write_text(SLEEPS)
    with started(loading) as process:
        wait_until(lambda: database.query(RUNNING), "the model never ran")
        yield process


@contextmanager
def started(checkout: Checkout, *arguments: str) -> Iterator[Process]:
    """A setup in a process of its own."""
    process = checkout.start("setup", *arguments)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def reader(database: Database, table: str) -> Iterator[psycopg2.extensions.connection]:
    """Someone who read a table and forgot to end the transaction."""
    connection = psycopg2.connect(**database.target.parameters, application_name="forgetful")
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"select * from {table}")
        yield connection
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, ExitCode.INTERRUPTED, "interrupted"), (signal.SIGTERM, ExitCode.TERMINATED, "terminated")],
)
def test_a_signal(
    loading: Checkout,
    database: Database,
    sleeping: Process,
    number: signal.Signals,
    code: ExitCode,
    word: str,
) -> None:
    sleeping.send_signal(number)
    wait_until(lambda: not database.query(RUNNING), "the query is still there", 5)
    _, errors = sleeping.communicate(timeout=20)
    assert sleeping.returncode == code, errors
    assert word in errors
    assert "python run.py setup" in errors
    wait_until(lambda: database.query(OURS) == [(0,)], "sessions are left", 5)
    run = report(loading)
    assert run["outcome"] == "interrupted"
    assert run["steps"][-1]["status"] == "interrupted"
    assert {node["name"] for node in run["nodes"]} >= {"owners", "assets"}


@pytest.mark.heavy
def test_a_second_setup_and_one_that_is_killed(
    loading: Checkout, database: Database, project: Path, sleeping: Process
) -> None:
    second = loading.run("setup")
    assert second.returncode == ExitCode.LOCKED
    holder = database.query("select pid from pg_locks where locktype = 'advisory' and granted")[0][0]
    assert f"server process {holder}" in second.stderr
    assert f"workdatahub setup pid {sleeping.pid}" in second.stderr
    assert f"user {database.target.parameters['user']}" in second.stderr
    assert "started 20" in second.stderr
    assert database.query(RUNNING)  # the first one goes on
    sleeping.kill()
    sleeping.wait()
    assert report(loading)["outcome"] == "failed"  # the second one
    killed = loading.run("report", sorted(path.name for path in (loading.root / ".wdh" / "runs").iterdir())[0])
    assert "did not finish" in killed.stdout
    database.query("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%'"
                   " and pid <> pg_backend_pid()")  # fmt: skip
    (project / "models" / "base" / "base.sql").write_text(small_project.FILES["models/base/base.sql"])
    wait_until(lambda: database.query("select 1 from pg_locks where locktype = 'advisory'") == [], "lock stays", 10)
    assert loading.run("setup").returncode == ExitCode.OK


@pytest.mark.heavy
def test_of_many_at_once_exactly_one_runs(loading: Checkout, database: Database, project: Path) -> None:
    (project / "models" / "base" / "base.sql").write_text(SLEEPS)
    processes = [loading.start("setup") for _ in range(20)]
    try:
        wait_until(lambda: sum(process.poll() is None for process in processes) == 1, "not one is left", 180)
        codes = [process.poll() for process in processes]
        assert codes.count(ExitCode.LOCKED) == 19
        wait_until(lambda: database.query(RUNNING), "the one that is left does not build")
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.heavy
@pytest.mark.parametrize("search_path", [False, True])
def test_a_reader_in_the_way(built: Checkout, ready: Database, search_path: bool) -> None:
    if search_path:
        path = built.root / "profiles.yml"
        text = "\n".join(path.read_text().splitlines()[1:])
        path.write_text(text.replace("search_path: pg_catalog, pg_temp", "search_path: marts, public"))
    with reader(ready, "marts.owners") as connection:
        begun = time.monotonic()
        done = built.run("setup", "--lock-timeout", "2")
        assert time.monotonic() - begun < 60
        assert done.returncode == ExitCode.LOCKED, done.stderr
        assert f"server process {connection.info.backend_pid}" in done.stderr
        assert "forgetful" in done.stderr
        assert "idle in transaction for" in done.stderr
        assert "owners" in done.stderr
    assert built.run("setup").returncode == ExitCode.OK


@pytest.mark.heavy
def test_a_reader_who_leaves_in_time(built: Checkout, ready: Database) -> None:
    waits = (
        "select 1 from pg_locks inner join pg_stat_activity using (pid)"
        " where not granted and application_name like 'workdatahub%'"
    )
    with reader(ready, "marts.owners") as connection, started(built, "--lock-timeout", "60") as process:
        wait_until(lambda: ready.query(waits), "it never waited")
        time.sleep(1.5)  # so that the wait is worth telling
        connection.rollback()
        out, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.OK, errors
    assert "Waited" in out
    assert report(built)["waited_for_locks"] >= 1


def test_a_session_that_is_ended(loading: Checkout, database: Database, sleeping: Process) -> None:
    ((pid,),) = database.query(RUNNING)
    database.query(f"select pg_terminate_backend({pid})")
    _, errors = sleeping.communicate(timeout=60)
    assert sleeping.returncode == ExitCode.DATABASE, errors
    assert "was lost during" in errors
    assert "python run.py setup" in errors
    assert report(loading)["outcome"] == "failed"


@pytest.mark.heavy
def test_the_session_of_the_lock_is_ended(loading: Checkout, database: Database, sleeping: Process) -> None:
    database.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted")
    wait_until(lambda: not database.query(RUNNING), "dbt went on without the lock", 10)
    _, errors = sleeping.communicate(timeout=60)
    assert sleeping.returncode == ExitCode.DATABASE, errors
    assert "was lost during" in errors
    assert "later" not in relations(database)
