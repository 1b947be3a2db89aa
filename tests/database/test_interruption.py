"""SIGINT and SIGTERM, through real processes: exit code, message, nothing left on the server, the next run works."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

import small_project
from conftest import Checkout, Database
from extract.database import connection
from extract.database.connection import Target
from extract.errors.base import ExitCode
from extract.settings import ROOT
from failing import SLEEPING_COPY, at_commit, wait_until, wait_until_ended, write_large_book

pytestmark = [pytest.mark.database, pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")]
EXECUTE = ("--execute", "--reload", "--data-dir", str(ROOT / "data"))
SIGNALS = [
    (signal.SIGINT, ExitCode.INTERRUPTED, "interrupted: "),
    (signal.SIGTERM, ExitCode.TERMINATED, "terminated: "),
]
both_signals = pytest.mark.parametrize(("number", "code", "word"), SIGNALS, ids=["SIGINT", "SIGTERM"])
one_signal = pytest.mark.parametrize(
    ("number", "code", "word"),
    [SIGNALS[0], pytest.param(*SIGNALS[1], marks=pytest.mark.heavy)],
    ids=["SIGINT", "SIGTERM"],
)

OURS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
WAITING = f"select pid {OURS} and query like 'COPY%' and wait_event_type = 'Lock'"
SLEEPING = f"select pid {OURS} and wait_event = 'PgSleep'"
LEFT = f"select query {OURS} and application_name <> 'the holder'"


def interrupt(
    checkout: Checkout, database: Database, arguments: tuple[str, ...], when: str, number: signal.Signals
) -> tuple[int, str]:
    """Start a load, send the signal once the query `when` gives rows; its exit code and stderr."""
    running = checkout.start(*EXECUTE, *arguments)
    try:
        wait_until(lambda: database.query(when) or running.poll() is not None, "the load never came so far")
        assert running.poll() is None, running.communicate()
        running.send_signal(number)
        wait_until(lambda: database.query(LEFT) == [], f"{number.name} left a query on the server", seconds=10)
        stdout, stderr = running.communicate(timeout=30)
        assert "Traceback" not in stdout
    finally:
        running.kill()
        running.communicate()
    return running.returncode, stderr


@both_signals
def test_a_copy_that_waits_for_a_lock(
    loading: Checkout, database: Database, number: signal.Signals, code: ExitCode, word: str
) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    holder = psycopg2.connect(**database.target.parameters, application_name="the holder")
    try:
        with holder.cursor() as cursor:
            cursor.execute("lock table staging.trustee_performance in exclusive mode")
        settings = Checkout(loading.root, loading.environment | {"WDH_DATABASE__LOCK_TIMEOUT": "60"})
        ended, stderr = interrupt(settings, database, (), WAITING, number)
    finally:
        holder.close()
    assert (ended, stderr) == (code, f"\n{word}the transaction was rolled back, and nothing of it is in the database\n")
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    assert database.query("select count(*) from staging.load_batches") == [(2,)]


@pytest.mark.parametrize("size", ["small", pytest.param("large", marks=pytest.mark.heavy)])
@both_signals
def test_a_copy_that_runs(
    loading: Checkout, database: Database, tmp_path: Path, number: signal.Signals, code: ExitCode, word: str, size: str
) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    database.query(SLEEPING_COPY)
    more = ("--max-files", "3") if size == "small" else ("--file", str(write_large_book(tmp_path)))
    before = database.query("select count(*) from staging.trustee_performance")
    ended, stderr = interrupt(loading, database, more, SLEEPING, number)
    assert ended == code, stderr
    assert f"{word}the transaction was rolled back" in stderr
    assert "Traceback" not in stderr
    assert database.query("select count(*) from staging.trustee_performance") == before
    database.query("drop trigger sleeping on staging.trustee_performance")
    assert loading.run(*EXECUTE).returncode == ExitCode.OK


@one_signal
def test_a_commit_is_awaited(
    loading: Checkout, database: Database, number: signal.Signals, code: ExitCode, word: str
) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    database.query(at_commit("perform pg_sleep(2)"))
    ended, stderr = interrupt(loading, database, (), SLEEPING, number)
    assert ended == code
    assert f"{word}the transaction had been committed: `python run.py history` lists it" in stderr
    assert database.query("select count(*) from staging.load_batches") == [(2,)]


@both_signals
def test_a_build(loading: Checkout, database: Database, number: signal.Signals, code: ExitCode, word: str) -> None:
    project = small_project.write_small_project(loading.root)
    (project / "models" / "sleeper.sql").write_text("select pg_sleep(60)::text as slept from {{ ref('base') }}\n")
    ended, stderr = interrupt(loading, database, ("--build",), SLEEPING, number)
    assert ended == code
    assert f"{word}the staged rows are committed" in stderr
    assert "Traceback" not in stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
@both_signals
def test_reading_workbooks_ends_its_workers(
    checkout: Checkout, number: signal.Signals, code: ExitCode, word: str
) -> None:
    import psutil

    running = checkout.start("--data-dir", str(ROOT / "data"), "--max-files", "24", "--workers", "2")
    parent, workers = psutil.Process(running.pid), []
    while not workers and running.poll() is None:
        workers = parent.children()
    running.send_signal(number)
    _, stderr = running.communicate(timeout=30)
    assert running.returncode == code, stderr
    assert word in stderr
    assert workers, "the run ended before its workers were seen"
    wait_until_ended(workers)


def test_a_worker_ends_by_sigterm_and_forgets_the_descriptor_of_its_parent() -> None:
    script = """
import os, signal, socket, time
from extract.interruption import cancelling, forget_signals, raise_on_sigterm
raise_on_sigterm()
cancelled = []
with cancelling(lambda: cancelled.append(1)):
    child = os.fork()
    if child == 0:
        forget_signals()
        if signal.set_wakeup_fd(-1) != -1:
            os._exit(1)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    time.sleep(0.5)
print(os.WTERMSIG(status), len(cancelled))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == [str(int(signal.SIGTERM)), "0"], done.stderr


def test_an_ignored_sigterm_stays_ignored() -> None:
    script = """
import os, signal
from extract.interruption import raise_on_sigterm
signal.signal(signal.SIGTERM, signal.SIG_IGN)
raise_on_sigterm()
os.kill(os.getpid(), signal.SIGTERM)
print("alive")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == "alive\n", done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_destructor_is_not_lost(number: signal.Signals) -> None:
    script = f"""
import os, time
from extract.interruption import raise_on_sigterm
raise_on_sigterm()
class Dropping:
    def __del__(self):
        os.kill(os.getpid(), {int(number)})
        len("the exception comes here")
try:
    Dropping()
    print("dropped")
    time.sleep(30)
except KeyboardInterrupt as error:
    print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    raised = "KeyboardInterrupt" if number is signal.SIGINT else "Terminated"
    assert (done.stdout.split(), done.stderr) == (["dropped", raised], "")


def test_a_signal_while_the_driver_connects_is_not_lost(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(**parameters: str) -> object:
        with suppress(KeyboardInterrupt):  # in C the driver prints an exception of the handler and forgets it
            signal.raise_signal(signal.SIGINT)
        return opened(**parameters)

    opened = psycopg2.connect
    monkeypatch.setattr("psycopg2.connect", connect)
    with pytest.raises(KeyboardInterrupt):
        connection.connect(server)
