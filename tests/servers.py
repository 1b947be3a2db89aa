"""PostgreSQL servers of the tests: each in a temporary directory of its own, and stopped afterwards."""

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fasteners

from extract.database.connection import Target
from extract.database.embedded_user import ServerUser, run_program, server_user, with_access

PROGRAMS = ("initdb", "pg_ctl", "postgres")
FORGETFUL = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""Options of servers that no test turns the power off for; a killed process loses nothing by them."""


@dataclass(frozen=True)
class Server:
    """A server on a data directory of its own, which has its socket too; `programs` has initdb, pg_ctl and postgres."""

    programs: Path
    directory: Path
    user: ServerUser | None

    def run(self, program: str, *arguments: str) -> None:
        """Run a program on the data directory, as the user that the server runs as."""
        run_program(
            self.programs / program, "-D", str(self.directory), *arguments, user=self.user, directory=self.directory
        )

    def start(self, port: int = 5432, addresses: str = "") -> None:
        """Start it with a socket and, where addresses are given, on the port there."""
        options = f"-h {shlex.quote(addresses)} -p {port} -k {shlex.quote(str(self.directory))} {FORGETFUL}"
        self.run("pg_ctl", "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once; where it does not run, nothing happens."""
        if (self.directory / "postmaster.pid").exists():
            self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def target(self, port: int = 5432) -> Target:
        """Its maintenance database, by the socket."""
        return Target({"host": str(self.directory), "port": str(port), "user": "postgres", "dbname": "postgres"})


@dataclass(frozen=True)
class Clusters:
    """Data directories in a folder that all processes of the session share: one of each PostgreSQL, to be copied."""

    folder: Path

    def copy(self, programs: Path, directory: Path, user: ServerUser | None) -> None:
        """Fill an empty directory, which belongs to the user, with a new cluster."""
        kept = self.folder / f"cluster-{hashlib.sha256(str(programs).encode()).hexdigest()[:8]}"
        with fasteners.InterProcessLock(kept.with_suffix(".lock")):
            if not kept.exists():
                options = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
                Server(programs, directory, user).run("initdb", *options)
                shutil.copytree(directory, kept)
                return
        shutil.copytree(kept, directory, dirs_exist_ok=True)
        if user:
            for path in (directory, *directory.rglob("*")):
                os.chown(path, user.uid, user.gid)


@contextmanager
def temporary_server(programs: Path, clusters: Clusters) -> Iterator[Server]:
    """A server that runs until the end of the block; as root under the system user of the embedded one."""
    # not below the directory of pytest, which other sessions of pytest clear
    with tempfile.TemporaryDirectory(prefix="workdatahub-tests-", ignore_cleanup_errors=True) as name:
        directory = Path(name).resolve()
        user = server_user(directory)
        if user:
            user = with_access(user, (directory,), programs)
            os.chown(directory, user.uid, user.gid)
        server = Server(programs, directory, user)
        clusters.copy(programs, directory, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def version(programs: Path) -> str:
    """What the programs say about their version, such as `postgres (PostgreSQL) 18.4`."""
    command = [str(programs / "postgres"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
