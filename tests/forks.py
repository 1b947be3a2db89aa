"""Python scripts run as forks of one process that has imported their packages before: processes without the import.

A fork is a real process: pid, exit code, signals, environment, directory, limits, standard streams and the way out of
the interpreter are its own, and `run.py` and the modules of the project are read from the checkout that it names. Only
packages of others are there already, and dbt has parsed the project of this checkout once, as it may do in any process
that runs dbt twice. One server serves all processes of a run of pytest; it ends when the last of them does.

Where nothing can be forked safely (anything but Linux) there is no server, and commands start an interpreter.
"""

import contextlib
import gc
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
_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")


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
                status = self._connection.recv(_STATUS.size)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout or 0) from None
            if not status:
                raise ConnectionError("the server of forks has ended")
            self.returncode = os.waitstatus_to_exitcode(_STATUS.unpack(status)[0])
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

    def start(
        self, command: Sequence[str], cwd: Path, environment: dict[str, str], stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
    ) -> Fork:  # fmt: skip
        """Start `python SCRIPT ARGUMENTS`; each of the streams is a pipe, or like ours where None is given."""
        self._join()
        import resource

        limits = {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name[:7] == "RLIMIT_"}
        request = json.dumps({"command": list(command[1:]), "cwd": str(cwd), "env": environment, "limits": limits})
        pipes = [os.pipe() if stream == subprocess.PIPE else (None, number)
                 for number, stream in ((1, stdout), (2, stderr))]  # fmt: skip
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        with Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), *(written for _, written in pipes)]
            socket.send_fds(connection, [_LENGTH.pack(len(request.encode()))], streams)
        connection.sendall(request.encode())
        for mine, written in pipes:
            if mine is not None:
                os.close(written)
        pid = _STATUS.unpack(connection.recv(_STATUS.size, socket.MSG_WAITALL))[0]
        return Fork(connection, pid, pipes[0][0], pipes[1][0])

    def close(self) -> None:
        """Let the server end, where nobody else needs it."""
        if self._lifeline:
            self._lifeline.close()

    def _join(self) -> None:
        if self._lifeline:
            return
        address = self._folder / "forks"
        with fasteners.InterProcessLock(self._folder / "forks.lock"):
            if not (address.exists() and self._connect(address.read_text())):
                path = str(Path(tempfile.mkdtemp(prefix="workdatahub-forks-")) / "socket")
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(path)
                listener.listen(64)
                command = [sys.executable, __file__, path, str(listener.fileno())]
                with Path(path).with_name("log").open("w") as log:
                    environment = self._environment | {"OPENBLAS_NUM_THREADS": "1"}  # nor threads that numpy starts
                    server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, pass_fds=[listener.fileno()])  # fmt: skip
                server.returncode = 0  # it may outlive this process, and nobody waits for it
                assert self._connect(path)
                listener.close()
                address.write_text(path)

    def _connect(self, path: str) -> bool:
        lifeline = socket.socket(socket.AF_UNIX)
        try:
            lifeline.connect(path)
            lifeline.sendall(_LENGTH.pack(0))
        except OSError:
            lifeline.close()
            return False
        self._lifeline, self._path = lifeline, path
        return True


# --- the server ------------------------------------------------------------------------------------------------------


def _import_packages() -> None:
    """Import what the modules of the project import, but none of these: a fork tells which packages that takes."""
    root = Path(__file__).resolve().parent.parent
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        import pkgutil

        sys.path.insert(0, str(root))
        names = ["run"]
        for package in ("console", "extract", "orchestrate"):
            names += [found.name for found in pkgutil.walk_packages([str(root / package)], f"{package}.")]
        for name in names:
            with contextlib.suppress(Exception):
                __import__(name)
        own = {name for name, module in sys.modules.items()
               if str(getattr(module, "__file__", "")).startswith(f"{root}/")}  # fmt: skip
        with os.fdopen(sender, "w") as pipe:
            pipe.write(" ".join(sorted(set(sys.modules) - own)))
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as pipe:
        packages = pipe.read().split()
    os.waitpid(child, 0)
    for name in packages:
        with contextlib.suppress(Exception):
            __import__(name)


def _parse_once(folder: Path) -> None:
    """Let dbt parse the project of this checkout: it compiles much of itself only then."""
    root = Path(__file__).resolve().parent.parent
    import dbt.adapters.postgres
    import dbt.clients.jinja_static
    from dbt.cli.main import dbtRunner

    nowhere = "{type: postgres, host: nowhere, port: 1, user: u, password: '', dbname: d, schema: s, threads: 1}"
    (folder / "profiles.yml").write_text(f"workdatahub: {{target: t, outputs: {{t: {nowhere}}}}}\n")
    places = ["--project-dir", str(root), "--profiles-dir", str(folder), "--target-path", str(folder / "target")]
    here, parser = Path.cwd(), dbt.clients.jinja_static.py_extract_from_source
    # no static parser, since it starts threads; without it, it is asked only for the target of the foreign key
    dbt.clients.jinja_static.py_extract_from_source = lambda text: {"refs": [{"name": text.split("'")[1]}]}
    dbtRunner().invoke(["--quiet", "--no-static-parser", "--log-path", str(folder), "parse", *places])
    dbt.clients.jinja_static.py_extract_from_source = parser
    os.chdir(here)


def _serve(listener: socket.socket) -> dict[str, Any] | None:
    """Fork for each request until all lifelines are closed. Gives the request in each fork, and None in the server."""
    import selectors

    waiting = selectors.DefaultSelector()
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno())
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(woken, selectors.EVENT_READ)
    lifelines: set[socket.socket] = set()
    running: dict[int, socket.socket] = {}
    while True:
        for key, _ in waiting.select():
            ready = key.fileobj
            assert isinstance(ready, socket.socket)
            if ready is woken:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                with contextlib.suppress(ChildProcessError):
                    while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                        connection = running.pop(ended[0], None)
                        if connection:
                            with contextlib.suppress(OSError):
                                connection.sendall(_STATUS.pack(ended[1]))
                            connection.close()
            elif ready is listener:
                connection, _ = listener.accept()
                head, streams, _, _ = socket.recv_fds(connection, _LENGTH.size, 3)
                if not streams:
                    lifelines.add(connection)
                    waiting.register(connection, selectors.EVENT_READ)
                    continue
                request = json.loads(connection.recv(_LENGTH.unpack(head)[0], socket.MSG_WAITALL))
                child = os.fork()
                if child == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    waiting.close()
                    for inherited in (listener, woken, waker, connection, *lifelines, *running.values()):
                        inherited.close()
                    return {**request, "streams": streams}
                running[child] = connection
                for stream in streams:
                    os.close(stream)
                connection.sendall(_STATUS.pack(child))
            else:
                waiting.unregister(ready)
                lifelines.discard(ready)
                ready.close()
                if not lifelines:
                    return None


def _become(request: dict[str, Any]) -> str:
    """Make the fork what an interpreter is that starts with the request; gives the script."""
    import resource
    import time

    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        errors = "backslashreplace" if name == "stderr" else "surrogateescape"
        mode, buffering = ("w" if number else "r"), (1 if name == "stderr" else -1)
        opened = open(number, mode, buffering, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, opened)
        setattr(sys, f"__{name}__", opened)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    for name, limit in request["limits"].items():
        if resource.getrlimit(getattr(resource, name)) != tuple(limit):
            resource.setrlimit(getattr(resource, name), tuple(limit))
    script: str = request["command"][0]
    sys.argv = request["command"]
    sys.orig_argv = [sys.executable, *request["command"]]
    sys.path[0] = str(Path(script).parent)
    return script


def _run(script: str) -> None:
    """Run the script and end as the interpreter does, but without taking apart all modules, which takes its time."""
    import atexit
    import runpy

    code: object = None
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as exit:
        code = exit.code
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    if not (code is None or isinstance(code, int)):
        print(code, file=sys.stderr)  # noqa: T201  # as the interpreter does with a text
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit((code or 0) & 0xFF)


def main() -> None:
    """The server; in each fork, the script."""
    path, descriptor = sys.argv[1:]
    listener = socket.socket(fileno=int(descriptor))
    folder = Path(path).parent
    _parse_once(folder)
    _import_packages()
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot be forked"
    gc.collect()
    gc.freeze()
    request = _serve(listener)
    if request is None:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
        return
    _run(_become(request))


if __name__ == "__main__":
    main()
