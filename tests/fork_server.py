"""The server of tests/forks.py: `fork_server.py SOCKET DESCRIPTOR` imports packages, then forks for each request.

It has one thread, since a fork of a process with several may hang.
"""

import atexit
import contextlib
import gc
import json
import os
import pkgutil
import pprint
import resource
import runpy
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from forks import LENGTH, STATUS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("commands", "console", "extract", "orchestrate")


def _import_packages() -> None:
    """Import what the modules of the project import, and forget the project itself: each fork imports that of its own.

    What the import leaves in caches, such as compiled patterns, stays.
    """
    names = ["run"]
    for package in PACKAGES:
        names += [found.name for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")]
    for name in names:
        with contextlib.suppress(Exception):
            __import__(name)
    for name in [name for name in sys.modules if name.split(".")[0] in ("run", *PACKAGES)]:
        del sys.modules[name]


def _hasten_dbt() -> None:
    """Do two things in another way that take dbt half of the time of a short invocation; the outcome is the same."""
    import dbt_common.behavior_flags
    import dbt_common.clients.system

    def dump(data: object, file: TextIO, cls: type[json.JSONEncoder]) -> None:
        file.write(json.dumps(data, cls=cls))  # json.dump encodes in Python, json.dumps in C

    dbt_common.clients.system.json = SimpleNamespace(load=json.load, dump=dump)
    dbt_common.behavior_flags.BehaviorFlagRendered._default_source = staticmethod(_module_that_asks)


def _module_that_asks() -> str:
    """What dbt finds out for each of its flags by reading the sources of the whole stack."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"] == "dbt_common.behavior_flags":
        frame = frame.f_back
    return str(frame.f_globals["__name__"])


def _parse_once(folder: Path) -> None:
    """Let dbt parse the real project and the small one, for it compiles much of itself only then; keep both parses."""
    import dbt.adapters.postgres
    import dbt.clients.jinja_static
    from dbt.adapters.postgres import PostgresCredentials
    from dbt.cli.main import dbtRunner
    from dbt_common.clients.jinja import template_cache

    import parses
    import small_project
    from orchestrate.dbt.profile import SEARCH_PATH

    small = folder / "small"
    shutil.copytree(ROOT / "dbt_project" / "macros", small / "dbt_project" / "macros")
    shutil.copy2(ROOT / "selectors.yml", small)
    small_project.write_small_project(small)
    output = {"type": "postgres", **parses.CONNECTION, "password": "", "schema": "marts", "threads": 2}
    output |= {"connect_timeout": 5, "search_path": SEARCH_PATH}  # as orchestrate.dbt.profile writes it
    profile = {"target": "server", "outputs": {"server": output}}
    (folder / "profiles.yml").write_text(json.dumps({"workdatahub": profile}))
    credentials = PostgresCredentials.from_dict({name: value for name, value in output.items() if name != "threads"})
    connection = pprint.pformat(sorted(credentials.connection_info()))

    here, parser = Path.cwd(), dbt.clients.jinja_static.py_extract_from_source
    # no static parser, since it starts threads; without it, it is asked only for the target of the foreign key
    dbt.clients.jinja_static.py_extract_from_source = lambda text: {"refs": [{"name": text.split("'")[1]}]}
    for name, project in (("real", ROOT), ("small", small)):
        target = folder / f"target-{name}"
        places = ["--project-dir", str(project), "--profiles-dir", str(folder), "--target-path", str(target)]
        parsed_project = dbtRunner().invoke(
            ["--quiet", "--no-static-parser", "--log-path", str(folder), "parse", *places]
        )
        for macro in parsed_project.result.macros.values() if parsed_project.success else ():
            template_cache.get_node_template(macro)  # by its text, so that a copy with another one has its own
        parsed = target / "partial_parse.msgpack"
        if parsed.exists():
            parsed.rename(folder / f"{name}.msgpack")
        (folder / f"{name}.root").write_text(str(project))
        (folder / f"{name}.connection").write_text(connection)
    dbt.clients.jinja_static.py_extract_from_source = parser
    os.chdir(here)


def _serve(listener: socket.socket) -> dict[str, Any] | None:
    """Fork for each request until all lifelines are closed. Gives the request in each fork, and None in the server."""
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
                                connection.sendall(STATUS.pack(ended[1]))
                            connection.close()
            elif ready is listener:
                connection, _ = listener.accept()
                head, streams, _, _ = socket.recv_fds(connection, LENGTH.size, 3)
                if not streams:
                    lifelines.add(connection)
                    waiting.register(connection, selectors.EVENT_READ)
                    continue
                request = json.loads(connection.recv(LENGTH.unpack(head)[0], socket.MSG_WAITALL))
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
                connection.sendall(STATUS.pack(child))
            else:
                waiting.unregister(ready)
                lifelines.discard(ready)
                ready.close()
                if not lifelines:
                    return None


def _become(request: dict[str, Any]) -> str:
    """Make the fork what an interpreter is that starts with the request; gives the script."""
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
    code: object = None
    if Path(script).name == "dbt":
        gc.disable()  # a tenth of the time of a build
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
    _hasten_dbt()
    sys.path.insert(0, str(ROOT))  # this checkout, whichever is installed
    _parse_once(folder)
    _import_packages()
    sys.path.remove(str(ROOT))
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot be forked"
    gc.collect()
    gc.freeze()
    request = _serve(listener)
    if request is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    _run(_become(request))


if __name__ == "__main__":
    main()
