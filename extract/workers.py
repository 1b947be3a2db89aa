"""One process per workbook, so that a reader that crashes, hangs or eats the memory takes only its file down.

A worker ends when its parent does, even by SIGKILL. Where processes can be forked (Linux) a worker costs a few
milliseconds; elsewhere it starts anew and imports the program again.
"""

import contextlib
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from extract.interruption import deferring, forget_signals
from extract.limits import MEGABYTE

T = TypeVar("T")


@dataclass(frozen=True)
class Crash:
    """A worker that gave no result: why, in a few words."""

    problem: str


@dataclass(frozen=True)
class Bug:
    """An exception of the program itself in a worker: what it says, and where it was raised, innermost last."""

    problem: str
    frames: str


class IsolatedMap(Generic[T]):
    """Calls `function(item)` for every item, each in a process of its own, at most `workers` at a time.

    As a context manager it ends all workers on the way out. Iterating gives, in the order of the items, what the
    function returned, or a Crash: a dead worker, more than `memory_mb` MB, or more than `seconds` seconds; or a Bug
    where the function raised an exception.
    """

    def __init__(
        self, function: Callable[[Any], T], items: Sequence[Any], workers: int, memory_mb: int, seconds: float
    ) -> None:
        self._function, self._items = function, items
        self._workers, self._memory, self._seconds = workers, memory_mb * MEGABYTE, seconds
        self._context: ForkContext | SpawnContext
        self._context = get_context("fork") if sys.platform == "linux" else get_context("spawn")
        self._running: dict[int, tuple[BaseProcess, Connection, float]] = {}
        self._results: dict[int, T | Crash | Bug] = {}
        self._next = 0

    def __enter__(self) -> "IsolatedMap[T]":
        self._start_more()
        return self

    def __exit__(self, *_: object) -> None:
        for process, connection, _started in self._running.values():
            process.kill()
            process.join()
            connection.close()
        self._running.clear()

    def __iter__(self) -> Iterator[T | Crash | Bug]:
        for index in range(len(self._items)):
            while index not in self._results:
                self._collect()
                self._start_more()
            yield self._results.pop(index)

    def _start_more(self) -> None:
        while len(self._running) < self._workers and self._next < len(self._items):
            receiver, sender = self._context.Pipe(duplex=False)
            arguments = (self._function, self._items[self._next], sender, self._memory)
            process = self._context.Process(target=_work, args=arguments, daemon=True)
            with deferring():  # in the hooks that follow a fork the exception of a signal would be lost
                process.start()
            sender.close()
            self._running[self._next] = process, receiver, time.monotonic()
            self._next += 1

    def _collect(self) -> None:
        """Wait until a worker gives its result, dies or runs out of time."""
        wait([connection for _, connection, _ in self._running.values()], timeout=0.5)
        for index, (process, connection, started) in list(self._running.items()):
            if self._receive(index, process, connection):
                pass
            elif time.monotonic() - started > self._seconds:
                process.kill()
                self._results[index] = Crash(f"it took longer than limits.seconds {self._seconds:g}")
            else:
                continue
            process.join()
            connection.close()
            del self._running[index]

    def _receive(self, index: int, process: BaseProcess, connection: Connection) -> bool:
        """Take what a worker has sent, or learn that it died, also in the middle of sending; False while it works."""
        try:
            if not connection.poll():
                return False
            self._results[index] = connection.recv()
        except (EOFError, OSError):
            process.join()
            self._results[index] = Crash(_death(process.exitcode))
        return True


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return (
                f"the reader was ended by {signal.Signals(-code).name}, usually for lack of memory (limits.memory_mb)"
            )
    return f"the reader ended with code {code}"


def _work(function: Callable[[Any], T], item: Any, sender: Connection, memory: int) -> None:
    """In the worker: call the function and send what it gives, without waiting for anything that still runs."""
    forget_signals()  # Ctrl-C is the parent's
    gc.freeze()  # what was inherited stays as it is: no look at it, no copies of its pages
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory(memory)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # a dying reader prints pages; the parent says in one line what happened
    faulthandler.disable()  # where the parent has it, it prints to a descriptor of its own
    result: object
    try:
        result = function(item)
    except MemoryError:
        result = Crash("it needs more memory than limits.memory_mb allows")
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent shows it as a bug
        result = Bug(f"{type(error).__name__}: {error}", "".join(traceback.format_tb(error.__traceback__)))
    sender.send(result)
    sender.close()
    os._exit(0)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _limit_memory(memory: int) -> None:
    """Let this process have `memory` bytes more than it has; only Linux can limit them."""
    if sys.platform != "linux":
        return
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + memory
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
