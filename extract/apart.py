"""One call in an interpreter of its own, under the limits of a reader: what an executor runs on its workers.

A worker of a cluster has threads, and may not fork: so the call goes to an interpreter that has none, and there into a
process with limits, as on one machine. It ends when the worker does.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from extract.limits import Limits
from extract.workers import Bug, Crash, IsolatedMap, Send

T = TypeVar("T")
_GRACE = 60
"""Seconds beyond the limit of a reader, which ends it by itself."""


@dataclass(frozen=True)
class Given(Generic[T]):
    """What a call gave, and the bytes that it sent before."""

    result: T | Crash | Bug
    sent: bytes


def call_apart(function: Callable[[Any, Send], T], item: Any, limits: Limits) -> Given[T]:
    """Call a function that can be pickled; it may be called from any thread or process."""
    modules = os.pathsep.join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-P", "-c", "from extract.apart import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": modules},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ending = threading.Timer(limits.seconds + _GRACE, process.kill)
        ending.start()
        try:
            pickle.dump((function, item, limits), process.stdin)
            process.stdin.flush()  # and stays open: its end would tell of ours
            answer = process.stdout.read()
        finally:
            ending.cancel()
            process.kill()
    try:
        given: Given[T] = pickle.loads(answer)  # by our own process
    except (pickle.UnpicklingError, EOFError):
        return Given(Crash(f"its process on the worker ended with code {process.returncode}"), b"")
    return given


def serve() -> None:
    """Read one call from stdin, and write what it gives to stdout."""
    answers_to = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not come between
    function, item, limits = pickle.load(sys.stdin.buffer)  # by the process that started this one
    threading.Thread(target=_end_with_caller, daemon=True).start()
    with IsolatedMap(function, [item], 1, limits) as answers, os.fdopen(answers_to, "wb") as target:
        for answer in answers:
            pickle.dump(Given(answer.result, answer.pieces.read()), target)


def _end_with_caller() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)
