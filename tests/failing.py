"""What makes things fail: a PostgreSQL that may be killed and starved, a proxy that resets, triggers that sleep."""

import csv
import os
import resource
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from conftest import HEADER, Database
from extract.database.connection import Target
from extract.database.embedded_user import ServerUser, run_program, server_user, with_access
from servers import Clusters


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Poll until the condition holds; an AssertionError that says `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def wait_until_ended(processes: list[psutil.Process]) -> None:
    """Wait until none of them works any more; nobody may collect the exit code of one that lost its parent."""

    def working(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    wait_until(lambda: not any(map(working, processes)), "processes are left", seconds=10)


@dataclass(frozen=True)
class OwnServer:
    """A data directory with the programs that serve it; on a socket in that directory, and on 127.0.0.1:`port`."""

    directory: Path
    programs: Path
    user: ServerUser | None
    port: int

    @property
    def target(self) -> Target:
        """The maintenance database, by the socket."""
        where = {"host": str(self.directory), "port": str(self.port), "user": "postgres", "dbname": "postgres"}
        return Target(where)

    @property
    def postmaster(self) -> int:
        """The process of the server."""
        return int((self.directory / "postmaster.pid").read_text().splitlines()[0])

    def program(self, name: str, *arguments: str) -> None:
        """Run one of its programs as the user that owns the directory."""
        run_program(self.programs / name, *arguments, user=self.user, directory=self.directory)

    def write(self, name: str, text: str) -> Path:
        """A file in the data directory that the server may read."""
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o600)
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)
        return path

    def start(self, wait: bool = True) -> None:
        """Start it; after a kill, once the processes that were left have ended."""
        options = f"-k {self.directory} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        command = ("-D", str(self.directory), "-w" if wait else "-W", "-l", str(self.directory / "log"), "-o", options)
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.program("pg_ctl", *command, "start")
            except RuntimeError:
                assert time.monotonic() < deadline, (self.directory / "log").read_text()
                time.sleep(0.2)

    def stop(self) -> None:
        """Stop it, whatever is connected."""
        self.program("pg_ctl", "-D", str(self.directory), "-w", "-m", "fast", "stop")

    def answers(self) -> bool:
        """Whether it takes a connection now."""
        try:
            psycopg2.connect(**self.target.parameters).close()
        except psycopg2.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the postmaster; its backends notice it and end."""
        os.kill(self.postmaster, signal.SIGKILL)


@contextmanager
def own_server(parent: Path, programs: Path, clusters: Clusters) -> Iterator[OwnServer]:
    """A new server of these programs in `parent`; stopped at the end."""
    directory = parent.resolve() / "data"
    user = server_user(directory)
    if user:
        parent.chmod(0o755)
        user = with_access(user, (directory,), programs)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    directory.mkdir(mode=0o700)
    if user:
        os.chown(directory, user.uid, user.gid)
    server = OwnServer(directory, programs, user, port)
    clusters.copy(programs, directory, user)
    server.start()
    try:
        yield server
    finally:
        if (directory / "postmaster.pid").exists():
            server.program("pg_ctl", "-D", str(directory), "-w", "-m", "immediate", "stop")


def over_tcp(database: Database, port: int, **other: str) -> dict[str, str]:
    """The variables of a database of the tests by 127.0.0.1."""
    return database.environment | {"WDH_DATABASE__HOST": "127.0.0.1", "WDH_DATABASE__PORT": str(port)} | other


def write_large_book(folder: Path) -> Path:
    """A workbook whose COPY is larger than the buffers between client and server."""
    path = folder / "2024-11_受托业绩.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((2024, 11, "P1", f"C{number}", 0.01, 1.5, 1000) for number in range(40_000))
    return path


Failure = Callable[[socket.socket], None]


def reset(client: socket.socket) -> None:
    """End the connection by RST."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def hang_up(client: socket.socket) -> None:
    """End the connection in order, but without a word."""
    client.recv(4096)
    client.close()


def never_answer(_client: socket.socket) -> None:
    """Leave the connection open."""


def starting_up(client: socket.socket) -> None:
    """Answer as a server that starts up."""
    client.recv(4096)
    fields = b"".join(
        kind + text + b"\0"
        for kind, text in ((b"S", b"FATAL"), (b"C", b"57P03"), (b"M", b"the database system is starting up"))
    )
    client.sendall(b"E" + struct.pack(">I", len(fields) + 5) + fields + b"\0")
    client.close()


class Proxy:
    """Listens on 127.0.0.1:`port`, does `failure` to the first `failures` connections, passes the others on.

    `accepted` counts all of them. Connections that `failure` leaves open stay open until the end.
    """

    def __init__(self, target: Target, failure: Failure, failures: float) -> None:
        self._socket_file = str(Path(target.parameters["host"]) / f".s.PGSQL.{target.parameters['port']}")
        self._failure, self._failures, self.accepted = failure, failures, 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._listener, *self._open):
            opened.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(client)
            if self.accepted <= self._failures:
                self._failure(client)
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._socket_file)
            self._open.append(server)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let processes started in this block write files of at most `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


SLEEPING_COPY = """
    create or replace function public.sleep_long() returns trigger language plpgsql as
        'begin perform pg_sleep(60); return new; end';
    create trigger sleeping before insert on staging.trustee_performance
        for each row execute function public.sleep_long();
"""


def at_commit(statement: str) -> str:
    """SQL that makes the server run a PL/pgSQL statement when a load commits."""
    return f"""
        create or replace function public.at_commit() returns trigger language plpgsql as
            $$ begin {statement}; return null; end $$;
        create constraint trigger at_commit after insert on staging.load_batches
            deferrable initially deferred for each row execute function public.at_commit()
    """
