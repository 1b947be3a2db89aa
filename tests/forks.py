"""Python scripts run as forks of one process that has imported their packages before: processes without the import.

A fork is a real process: pid, exit code, signals, environment, directory, limits, standard streams and the way out of
the interpreter are its own, and `run.py` and the modules of the project are read from the checkout that it names. Only
packages of others are there already, and dbt has parsed both projects of the tests once, as it may do in any process
that runs dbt twice; fork_server.py lets it do two things in a quicker way. One server serves all processes of a run of
pytest; it ends when the last of them does.

Where nothing can be forked safely (anything but Linux) there is no server, and commands start an interpreter.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fasteners

AVAILABLE = sys.platform == "linux"
_FROM_START = ("PYTHON", "LC_", "LANG", "LD_")
"""What an interpreter reads as it starts: a command with other variables of these names needs one of its own."""
LENGTH = struct.Struct("!I")
STATUS = struct.Struct("!i")


def read_at_start(environment: dict[str, str]) -> dict[str, str]:
    """The variables that a fork cannot change any more."""
    return {name: value for name, value in environment.items() if name.startswith(_FROM_START)}


class Fork:
    """A script in a forked process: the part of `subprocess.Popen` that tests need, with text streams."""

    def __init__(self, connection: socket.socket, pid: int, stdout: int | None, stderr: int | None) -> None:
        self._connection, self.pid = connection, pid
        self.stdout = None if stdout is None else os.fdopen(stdout, encoding="utf-8", errors="replace")
        self.stderr = None if stderr is None else os.fdopen(stderr, encoding="utf-8", errors="replace")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or minus the number of the signal that ended it; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                status = self._connection.recv(STATUS.size)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout or 0) from None
            if not status:
                raise ConnectionError("the server of forks has ended")
            self.returncode = os.waitstatus_to_exitcode(STATUS.unpack(status)[0])
            self._connection.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their ends and wait."""
        read: dict[Any, str] = {}
        streams = [stream for stream in (self.stdout, self.stderr) if stream and not stream.closed]
        readers = [threading.Thread(target=lambda s=stream: read.update({s: s.read()}), daemon=True)
                   for stream in streams]  # fmt: skip
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for stream, reader in zip(streams, readers, strict=True):
            reader.join(timeout)
            if reader.is_alive():  # somebody whom the script started still holds the stream
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout or 0)
            stream.close()
        return read.get(self.stdout, ""), read.get(self.stderr, "")

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        self._connection.close()
        for stream in (self.stdout, self.stderr):
            if stream:
                stream.close()

    def __enter__(self) -> "Fork":
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdout, self.stderr):
            if stream:
                stream.close()
        self.wait()


class Forks:
    """The way to the server, which is started where none runs; `folder` is one that all processes of pytest share."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._lifeline: socket.socket | None = None
        self._path = ""

    def suits(self, command: Sequence[str], environment: dict[str, str]) -> bool:
        """Whether a command can be a fork: a script of this interpreter, that differs in nothing read at the start."""
        return command[0] == sys.executable and command[1].startswith("/") and (
            read_at_start(environment) == read_at_start(self._environment))  # fmt: skip

    def begin(self) -> None:
        """Start the server, where none runs, and stay with it; the first command does so too."""
        if self._lifeline:
            return
        address = self._folder / "forks"
        with fasteners.InterProcessLock(self._folder / "forks.lock"):
            if not (address.exists() and self._connect(address.read_text())):
                path = str(Path(tempfile.mkdtemp(prefix="workdatahub-forks-")) / "socket")
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(path)
                listener.listen(64)
                command = [
                    sys.executable,
                    str(Path(__file__).with_name("fork_server.py")),
                    path,
                    str(listener.fileno()),
                ]
                with Path(path).with_name("log").open("w") as log:
                    environment = self._environment | {"OPENBLAS_NUM_THREADS": "1"}  # nor threads that numpy starts
                    server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, pass_fds=[listener.fileno()])  # fmt: skip
                server.returncode = 0  # it may outlive this process, and nobody waits for it
                assert self._connect(path)
                listener.close()
                address.write_text(path)

    def start(
        self, command: Sequence[str], cwd: Path, environment: dict[str, str], stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
    ) -> Fork:  # fmt: skip
        """Start `python SCRIPT ARGUMENTS`; each of the streams is a pipe, or like ours where None is given."""
        self.begin()
        import resource

        limits = {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name[:7] == "RLIMIT_"}
        request = json.dumps({"command": list(command[1:]), "cwd": str(cwd), "env": environment, "limits": limits})
        pipes = [os.pipe() if stream == subprocess.PIPE else (None, number)
                 for number, stream in ((1, stdout), (2, stderr))]  # fmt: skip
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        with Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), *(written for _, written in pipes)]
            socket.send_fds(connection, [LENGTH.pack(len(request.encode()))], streams)
        connection.sendall(request.encode())
        for mine, written in pipes:
            if mine is not None:
                os.close(written)
        try:
            pid = STATUS.unpack(connection.recv(STATUS.size, socket.MSG_WAITALL))[0]
        except (struct.error, ConnectionResetError) as error:
            raise RuntimeError(f"the server of forks: {(self.folder / 'log').read_text()}") from error
        return Fork(connection, pid, pipes[0][0], pipes[1][0])

    @property
    def folder(self) -> Path:
        """Where the server keeps what it has; it is started."""
        self.begin()
        return Path(self._path).parent

    def close(self) -> None:
        """Let the server end, where nobody else needs it."""
        if self._lifeline:
            self._lifeline.close()

    def _connect(self, path: str) -> bool:
        lifeline = socket.socket(socket.AF_UNIX)
        try:
            lifeline.connect(path)
            lifeline.sendall(LENGTH.pack(0))
        except OSError:
            lifeline.close()
            return False
        self._lifeline, self._path = lifeline, path
        return True
