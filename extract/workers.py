"""One process per workbook, so that a reader that crashes, hangs or eats the memory takes only its file down.

A worker ends when its parent does, even by SIGKILL. Where processes can be forked (Linux) a worker costs a few
milliseconds; elsewhere it starts anew and imports the program again.
"""

import contextlib
import faulthandler
import gc
import os
import pickle
import signal
import sys
import tempfile
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
from typing import IO, Any, Generic, TypeVar

from extract.errors.plan import DiskFailed
from extract.interruption import deferring, forget_signals
from extract.limits import MEGABYTE, Limits

T = TypeVar("T")
Send = Callable[[bytes], None]
_PIECE, _END = b"+", b"."
"""The first byte of a message: a piece of what is sent, or the result behind all of them."""
_PIECES_IN_MEMORY = 4 * MEGABYTE


@dataclass(frozen=True)
class Crash:
    """A worker that gave no result: why, in a few words."""

    problem: str


@dataclass(frozen=True)
class Bug:
    """An exception of the program itself in a worker: what it says, and where it was raised, innermost last."""

    problem: str
    frames: str


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What came of one item: what the function returned, and the bytes that it sent before."""

    result: T | Crash | Bug
    pieces: IO[bytes]


class IsolatedMap(Generic[T]):
    """Calls `function(item, send)` for every item, each in a process of its own, at most `workers` at a time.

    As a context manager it ends all workers on the way out. Iterating gives an Answer for each item, in their order.
    What it sent can be read until the next one is asked for. Its result is a Crash where a worker died or went beyond
    `limits` (its memory and that of all workers, its time, the bytes that it sends), a Bug where the function raised an
    exception.
    """

    def __init__(self, function: Callable[[Any, Send], T], items: Sequence[Any], workers: int, limits: Limits) -> None:
        self._function, self._items, self._workers, self._limits = function, items, workers, limits
        self._context: ForkContext | SpawnContext
        self._context = get_context("fork") if sys.platform == "linux" else get_context("spawn")
        self._running: dict[int, _Running] = {}
        self._answers: dict[int, Answer[T]] = {}
        self._next = 0

    def __enter__(self) -> "IsolatedMap[T]":
        self._start_more()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._running.values():
            worker.end()
            worker.pieces.close()
        for answer in self._answers.values():
            answer.pieces.close()
        self._running.clear()

    def __iter__(self) -> Iterator[Answer[T]]:
        for index in range(len(self._items)):
            while index not in self._answers:
                self._collect()
                self._start_more()
            answer = self._answers.pop(index)
            with answer.pieces:
                yield answer

    def _start_more(self) -> None:
        while len(self._running) < self._workers and self._next < len(self._items):
            receiver, sender = self._context.Pipe(duplex=False)
            arguments = (self._function, self._items[self._next], sender, self._limits.memory_mb * MEGABYTE)
            process = self._context.Process(target=_work, args=arguments, daemon=True)
            with deferring():  # in the hooks that follow a fork the exception of a signal would be lost
                process.start()
            sender.close()
            pieces = tempfile.SpooledTemporaryFile(_PIECES_IN_MEMORY)  # noqa: SIM115  # the answer's reader closes it
            self._running[self._next] = _Running(process, receiver, time.monotonic(), pieces)
            self._next += 1

    def _collect(self) -> None:
        """Wait until a worker sends something, dies, or goes beyond a limit."""
        wait([worker.connection for worker in self._running.values()], timeout=0.5)
        greedy = self._greediest()
        for index, worker in list(self._running.items()):
            answer = self._received(worker)
            if answer is None and worker is greedy:
                most = f"all readers together need more than limits.total_memory_mb {self._limits.total_memory_mb}"
                answer = Answer(Crash(f"{most}, and this one needs the most"), worker.pieces)
            if answer is None and time.monotonic() - worker.started > self._limits.seconds:
                answer = Answer(Crash(f"it took longer than limits.seconds {self._limits.seconds:g}"), worker.pieces)
            if answer is not None:
                worker.end()
                worker.pieces.seek(0)
                self._answers[index] = answer
                del self._running[index]

    def _received(self, worker: "_Running") -> Answer[T] | None:
        """Take what a worker has sent, or learn that it died, also in the middle of sending; None while it works."""
        try:
            if not worker.connection.poll():
                return None
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            worker.process.join()
            return Answer(Crash(_death(worker.process.exitcode)), worker.pieces)
        if message[:1] == _END:
            return Answer(pickle.loads(memoryview(message)[1:]), worker.pieces)  # by our own process
        try:
            worker.pieces.write(memoryview(message)[1:])
        except OSError as error:
            raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
        if worker.pieces.tell() > self._limits.result_mb * MEGABYTE:
            problem = f"its rows and rejects take more than limits.result_mb {self._limits.result_mb}"
            return Answer(Crash(problem), worker.pieces)
        return None

    def _greediest(self) -> "_Running | None":
        """The worker that needs the most memory, where all of them need more than they may."""
        if len(self._running) < 2:
            return None
        sizes = {index: _own_memory(worker.process.pid) for index, worker in self._running.items()}
        if sum(sizes.values()) <= self._limits.total_memory_mb * MEGABYTE:
            return None
        return self._running[max(sizes, key=lambda index: sizes[index])]


@dataclass(frozen=True)
class _Running:
    """A worker, since when it runs, and what it has sent."""

    process: BaseProcess
    connection: Connection
    started: float
    pieces: IO[bytes]

    def end(self) -> None:
        """End the process, if it still runs."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _own_memory(pid: int | None) -> int:
    """The bytes of memory that a process shares with no other; only Linux tells."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):  # it has ended, or this is no Linux
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGESIZE")


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return (
                f"the reader was ended by {signal.Signals(-code).name}, usually for lack of memory (limits.memory_mb)"
            )
    return f"the reader ended with code {code}"


def _work(function: Callable[[Any, Send], T], item: Any, sender: Connection, memory: int) -> None:
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
        result = function(item, lambda piece: sender.send_bytes(_PIECE + piece))
    except MemoryError:
        result = Crash("it needs more memory than limits.memory_mb allows")
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent shows it as a bug
        result = Bug(f"{type(error).__name__}: {error}", "".join(traceback.format_tb(error.__traceback__)))
    sender.send_bytes(_END + pickle.dumps(result))
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
