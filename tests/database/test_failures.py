"""What fails around a load: connections, locks, timeouts, commits, servers, disks, and files that change."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from checkouts import Process
from conftest import ROW, TODAY, Checkout, Database, WriteWorkbook, make_database, variables
from extract.config import load_data_sources
from extract.database.connection import CONNECT_TIMEOUT, RETRY_DELAYS, Target, connect, transaction
from extract.domains.registry import Domain
from extract.errors.base import DataError, ExitCode
from extract.errors.database import DatabaseUnreachable, LoginRejected, TableLocked
from extract.errors.workbook import WorkbookChanged
from extract.files.discovery import named_files
from extract.files.sources import SourceFile
from extract.settings import ROOT, Timeouts
from extract.table.reading import extract_file
from failing import (
    SLEEPING_COPY,
    OwnServer,
    Proxy,
    at_commit,
    hang_up,
    never_answer,
    over_tcp,
    own_server,
    reset,
    small_files,
    starting_up,
    wait_until,
    write_large_book,
)
from servers import Clusters

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(sys.platform == "win32", reason="needs Unix sockets and signals"),
]
EXECUTE = ("--execute", "--reload", "--data-dir", str(ROOT / "data"), "--log-format", "json")


@pytest.fixture(scope="module")
def module_server(programs: Path, clusters: Clusters) -> Iterator[OwnServer]:
    """The server of this module, which the tests kill and starve."""
    import tempfile

    with (
        tempfile.TemporaryDirectory(prefix="workdatahub-tests-", ignore_cleanup_errors=True) as name,
        own_server(Path(name), programs, clusters) as server,
    ):
        yield server


@pytest.fixture
def own(module_server: OwnServer) -> OwnServer:
    """The server of this module, running."""
    if not module_server.answers():
        module_server.start()
    return module_server


@pytest.fixture
def own_database(own: OwnServer) -> Iterator[Database]:
    """An empty database on the server of this module."""
    yield from make_database(own.target)


def steps(stderr: str, name: str) -> list[dict[str, str]]:
    """The entries of one step in the JSON log."""
    entries = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry["step"] == name]


def read_until(process: Process, step: str) -> dict[str, str]:
    """Read the JSON log of a running process up to the first entry of a step."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := steps(line, step):
            return found[0]
    raise AssertionError(f"the process ended without {step}")


def finish(process: Process) -> tuple[int, str]:
    """Exit code and stderr of a command that runs beside the test."""
    _, stderr = process.communicate(timeout=90)
    return process.returncode, stderr


def loads(database: Database) -> object:
    """Number of committed loads; 0 where there is no staging."""
    if database.query("select to_regclass('staging.load_batches')") == [(None,)]:
        return 0
    return database.query("select count(*) from staging.load_batches")[0][0]


# --- connecting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [reset, hang_up])
def test_a_connection_that_breaks_is_tried_again(
    checkout: Checkout, database: Database, failure: Callable[..., None]
) -> None:
    with Proxy(database.target, failure, failures=2) as proxy:
        done = checkout.run(*EXECUTE, **over_tcp(database, proxy.port, WDH_DATABASE__SSLMODE="disable"))
    assert done.returncode == ExitCode.OK, done.stderr
    retried = steps(done.stderr, "connection_retried")
    assert [entry["attempt"] for entry in retried] == [1, 2]
    assert all("connection" in entry["reason"] for entry in retried)
    assert loads(database) == 1


@pytest.mark.heavy
def test_after_the_last_attempt_the_error_says_how_often_was_tried(database: Database) -> None:
    with Proxy(database.target, reset, failures=float("inf")) as proxy:
        where = {**database.target.parameters, "host": "127.0.0.1", "port": str(proxy.port), "sslmode": "disable"}
        with pytest.raises(DatabaseUnreachable, match=f"tried {len(RETRY_DELAYS) + 1} times"):
            connect(Target(where))
    assert proxy.accepted == len(RETRY_DELAYS) + 1


@pytest.mark.heavy
def test_a_host_that_never_answers_is_asked_once(checkout: Checkout, database: Database) -> None:
    with Proxy(database.target, never_answer, failures=float("inf")) as proxy:
        started = time.monotonic()
        done = checkout.run(*EXECUTE, **over_tcp(database, proxy.port))
        seconds = time.monotonic() - started
    assert done.returncode == ExitCode.DATABASE
    assert "timeout expired" in done.stderr
    assert proxy.accepted == 1
    assert seconds < 2 * CONNECT_TIMEOUT + 2


@pytest.mark.parametrize("other", [{"PASSWORD": "wrong"}, {"DB": "nowhere"}, {"PORT": "1"}])
def test_what_does_not_pass_is_not_tried_again(
    strict_server: Target, checkout: Checkout, other: dict[str, str]
) -> None:
    done = checkout.run(*EXECUTE, **variables(strict_server, **other))
    assert done.returncode == ExitCode.DATABASE
    assert steps(done.stderr, "connection_retried") == []


def test_a_wrong_password_at_the_second_address_of_a_host_is_final(strict_server: Target) -> None:
    with Proxy(strict_server, starting_up, failures=float("inf")) as proxy:
        ports = f"{proxy.port},{strict_server.parameters['port']}"
        where = {**strict_server.parameters, "host": "127.0.0.1,127.0.0.1", "port": ports, "password": "wrong"}
        where["sslmode"] = "disable"
        with pytest.raises(LoginRejected, match="password authentication failed"):
            connect(Target(where))
    assert proxy.accepted == 1


@pytest.fixture
def lone_role(database: Database, administered: Database) -> Iterator[dict[str, str]]:
    """The parameters of a role that may have one connection at a time."""
    name = f"lone_{database.target.parameters['dbname']}"
    administered.query(f"create role {name} login connection limit 1")
    administered.query(f"grant all on database {database.target.parameters['dbname']} to {name}")
    yield {**database.target.parameters, "user": name}
    administered.query(f"drop owned by {name}")
    administered.query(f"drop role {name}")


def test_too_many_connections_are_waited_for(
    loading: Checkout, lone_role: dict[str, str], administered: Database
) -> None:
    holder = psycopg2.connect(**lone_role)
    try:
        running = loading.start(*EXECUTE, WDH_DATABASE__USER=lone_role["user"])
        assert "too many connections" in read_until(running, "connection_retried")["reason"]
    finally:
        holder.close()
    code, stderr = finish(running)
    assert code == ExitCode.OK, stderr
    assert loads(administered) == 1


def test_a_server_that_starts_up_is_waited_for(checkout: Checkout, own: OwnServer, own_database: Database) -> None:
    own.stop()
    flag = own.write("starting", "")
    recovery = own.write("recovery.signal", "")
    command = f"while test -e {flag}; do sleep 0.1; done; false"
    automatic = own.directory / "postgresql.auto.conf"
    settings = automatic.read_text()
    automatic.write_text(f"{settings}restore_command = '{command}'\n")
    try:
        own.start(wait=False)
        running = checkout.start(*EXECUTE, **own_database.environment)
        assert "starting up" in read_until(running, "connection_retried")["reason"]
    finally:
        flag.unlink()
        automatic.write_text(settings)
    code, stderr = finish(running)
    assert code == ExitCode.OK, stderr
    assert not recovery.exists()
    assert loads(own_database) == 1


# --- timeouts and locks --------------------------------------------------------------------------------------------


def test_every_connection_has_its_timeouts(database: Database) -> None:
    options = {"options": "-c statement_timeout=0 -c lock_timeout=0"}
    for timeouts, shown in ((Timeouts(), ("10min", "10s")), (Timeouts(0.5, 0.0001), ("500ms", "1ms"))):
        connection = connect(Target({**database.target.parameters, **options}, timeouts=timeouts))
        with connection.cursor() as cursor:
            connection.rollback()
            cursor.execute("select current_setting('statement_timeout'), current_setting('lock_timeout')")
            assert cursor.fetchone() == shown
        connection.close()


def test_the_timeouts_hold_for_the_embedded_server(checkout: Checkout) -> None:
    done = checkout.run(*EXECUTE, "--max-files", "3", WDH_DATABASE__STATEMENT_TIMEOUT="0.001")
    lines = (checkout.root / ".wdh" / "postgres" / "postmaster.pid").read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGINT)
    assert done.returncode == ExitCode.DATABASE
    assert "after 0.001 s" in steps(done.stderr, "statement_timed_out")[0]["message"]
    wait_until(lambda: not (checkout.root / ".wdh" / "postgres" / "postmaster.pid").exists(), "the server never ended")


def test_a_session_that_may_not_be_looked_into_is_named_too(administered: Database, lone_role: dict[str, str]) -> None:
    administered.query(f"create table mine (x int); alter table mine owner to {lone_role['user']}")
    administered.query(f"alter role {lone_role['user']} connection limit 5")
    holder = psycopg2.connect(**administered.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("lock table mine")
        target = Target(lone_role, timeouts=Timeouts(lock=1))
        with (
            pytest.raises(TableLocked, match="user postgres, whose state this role may not see"),
            transaction(target) as mine,
        ):
            mine.cursor().execute("insert into public.mine values (1)")
    finally:
        holder.close()


def test_a_locked_table_is_named_with_the_session_that_locks_it(loading: Checkout, database: Database) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    holder = psycopg2.connect(**database.target.parameters, application_name="the month-end report")
    try:
        with holder.cursor() as cursor:
            cursor.execute("lock table staging.trustee_performance in share mode")
        pid = holder.info.backend_pid
        done = loading.run(*EXECUTE, WDH_DATABASE__LOCK_TIMEOUT="1.5")
    finally:
        holder.close()
    assert done.returncode == ExitCode.LOCKED
    (error,) = steps(done.stderr, "table_locked")
    for part in (
        "staging.trustee_performance",
        "1.5 s",
        f"server process {pid} ",
        "the month-end report",
        f"user {database.target.parameters['user']}",
        "idle in transaction since 20",
    ):
        assert part in error["message"]
    assert loads(database) == 1


def test_an_idle_reader_is_named_instead_of_waited_for(loading: Checkout, database: Database) -> None:
    database.query("create table read_by_someone (x int)")
    reader = psycopg2.connect(**database.target.parameters, application_name="idle reader")
    try:
        with reader.cursor() as cursor:
            cursor.execute("select * from read_by_someone")
        target = Target(database.target.parameters, timeouts=Timeouts(lock=1))
        with pytest.raises(TableLocked, match=r"read_by_someone .*idle reader"), transaction(target) as connection:
            connection.cursor().execute("drop table public.read_by_someone")
    finally:
        reader.close()


def test_a_blocker_that_cannot_be_asked_for_is_said_so(administered: Database, lone_role: dict[str, str]) -> None:
    administered.query(f"create table mine (x int); alter table mine owner to {lone_role['user']}")
    holder = psycopg2.connect(**administered.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("lock table mine")
        target = Target(lone_role, timeouts=Timeouts(lock=1))
        with (
            pytest.raises(TableLocked, match=r"could not be found: .*too many connections"),
            transaction(target) as mine,
        ):
            mine.cursor().execute("insert into public.mine values (1)")
    finally:
        holder.close()


# --- commits -------------------------------------------------------------------------------------------------------


def test_a_failed_commit_is_a_failure(loading: Checkout, database: Database) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    database.query(at_commit("raise exception 'the books are closed'"))
    done = loading.run(*EXECUTE)
    assert done.returncode == ExitCode.DATABASE
    assert "the books are closed" in steps(done.stderr, "database_refused")[0]["message"]
    assert "Loaded:" not in done.stdout
    assert loads(database) == 1


# --- a server that goes away, a disk that fills ---------------------------------------------------------------------

SLEEPERS = (
    "select pid from pg_stat_activity where query like 'COPY%' and wait_event = 'PgSleep'"
    " and datname = current_database()"
)


def what_to_load(size: str, folder: Path) -> tuple[str, ...]:
    """The arguments of a load whose COPY is sent at once (`small`), or blocks while it is being sent (`large`)."""
    return EXECUTE if size == "small" else (*EXECUTE, "--file", str(write_large_book(folder)))


both_sizes = pytest.mark.parametrize("size", [pytest.param("small", marks=pytest.mark.heavy), "large"])


@both_sizes
def test_a_terminated_session_is_an_error(loading: Checkout, database: Database, tmp_path: Path, size: str) -> None:
    assert loading.run(*EXECUTE).returncode == ExitCode.OK
    database.query(SLEEPING_COPY)
    running = loading.start(*what_to_load(size, tmp_path))
    wait_until(lambda: database.query(SLEEPERS), "the load never came to its COPY")
    database.query(f"select pg_terminate_backend(pid) from ({SLEEPERS}) as sleeper")
    code, stderr = finish(running)
    assert code == ExitCode.DATABASE
    assert "the connection was lost: " in steps(stderr, "database_refused")[0]["message"]
    assert "Traceback" not in stderr
    assert loads(database) == 1


@pytest.mark.heavy
@both_sizes
def test_a_killed_server_is_an_error_and_leaves_nothing(
    checkout: Checkout, own: OwnServer, own_database: Database, tmp_path: Path, size: str
) -> None:
    assert checkout.run(*EXECUTE, **own_database.environment).returncode == ExitCode.OK
    own_database.query(SLEEPING_COPY)
    running = checkout.start(*what_to_load(size, tmp_path), **own_database.environment)
    wait_until(lambda: own_database.query(SLEEPERS), "the load never came to its COPY")
    own.kill()
    code, stderr = finish(running)
    own.start()
    assert code == ExitCode.DATABASE
    assert "the connection was lost: " in steps(stderr, "database_refused")[0]["message"]
    assert "Traceback" not in stderr
    assert loads(own_database) == 1
    own_database.query("drop trigger sleeping on staging.trustee_performance")
    assert checkout.run(*EXECUTE, **own_database.environment).returncode == ExitCode.OK
    assert loads(own_database) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process need Linux")
def test_a_full_disk_of_the_server_is_named(checkout: Checkout, own: OwnServer, own_database: Database) -> None:
    assert checkout.run(*EXECUTE, **own_database.environment).returncode == ExitCode.OK
    size = "pg_relation_size('staging.trustee_performance')"
    limit = 17 * 2**20  # above the 16 MB of a WAL file
    while own_database.query(f"select {size} < {limit} - 100000") == [(True,)]:
        own_database.query(
            "insert into staging.trustee_performance select * from staging.trustee_performance "
            f"limit greatest(1, ({limit} - {size}) / 400)"
        )
    before = own_database.query("select count(*) from staging.trustee_performance")
    own.stop()
    with small_files(limit):
        own.start()
    try:
        done = checkout.run(*EXECUTE, "--max-files", "24", **own_database.environment)
    finally:
        own.stop()
        own.start()
    assert done.returncode == ExitCode.DATABASE, done.stderr
    assert "its disk is full" in steps(done.stderr, "database_refused")[0]["message"]
    assert own_database.query("select count(*) from staging.trustee_performance") == before
    assert loads(own_database) == 1


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_read_is_not_used(tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([ROW])
    content = path.read_bytes() + bytes(20_000_000)
    path.write_bytes(content)
    config = load_data_sources(ROOT / "config" / "data_sources.yml").domains["trustee_performance"]
    domain = Domain("trustee_performance", config, ())
    source = named_files([path], tmp_path, config).files[0]
    ended = threading.Event()

    def rewrite() -> None:
        while not ended.is_set():
            with path.open("r+b") as file:
                file.write(content)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        wait_until(lambda: raises_changed(source, domain), "no reading met a write")
    finally:
        ended.set()
        writer.join()
    assert not raises_changed(source, domain)


def raises_changed(source: SourceFile, domain: Domain) -> bool:
    """Whether the extraction of a file ends with WorkbookChanged; it may also succeed, or find a broken workbook."""
    try:
        extract_file(source, domain, TODAY)
    except WorkbookChanged as error:
        return "wait until it is copied" in error.next_step
    except DataError:
        return False
    return False
