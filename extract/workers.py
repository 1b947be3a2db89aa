"""Readers in processes of their own, so that one that crashes, hangs or eats the memory takes only its file down.

A worker reads one workbook at a time, and goes on with the next one as long as none has left anything behind: after a
crash, a bug or a workbook that took much memory another process takes its place. A worker ends when its parent does,
even by SIGKILL. Where processes can be forked (Linux) one costs a few milliseconds; elsewhere it starts anew and
imports the program again.
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
_PIECE, _END, _LAST = b"+", b".", b"!"
"""The first byte of a message: a piece of what is sent, or the result behind all of them, the last one of a worker."""
_PIECES_IN_MEMORY = 4 * MEGABYTE
_ANSWERS_PER_WORKER = 16
"""Answers that may wait for one that comes before them."""
_OBJECTS_BETWEEN_LOOKS = 50_000
"""New objects after which a worker looks for garbage in cycles: rows are none, and there are many."""
_LEFT_BEHIND = 32 * MEGABYTE
"""Memory that a worker may need more than at its beginning and go on."""


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
    """Calls `function(item, send)` for every item, in at most `workers` processes, each with one item at a time.

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
        try:
            self._start_more()
        except BaseException:  # a signal: nobody else would end those that have begun
            self.__exit__()
            raise
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
        while len(self._running) < self._workers and self._is_next_wanted():
            ours, theirs = self._context.Pipe()
            arguments = (self._function, theirs, self._limits.memory_mb * MEGABYTE)
            process = self._context.Process(target=_work, args=arguments, daemon=True)
            with deferring():  # in the hooks that follow a fork the exception of a signal would be lost; and until a
                process.start()  # worker has forgotten its parent's signals, only the SIGKILL of __exit__ ends it
                theirs.close()
                self._give_next(process, ours)

    def _is_next_wanted(self) -> bool:
        """Whether there is another item, and not too many answers wait for one that comes before them."""
        return self._next < len(self._items) and len(self._answers) < _ANSWERS_PER_WORKER * self._workers

    def _give_next(self, process: BaseProcess, connection: Connection) -> None:
        """Let a worker begin with the next item."""
        pieces = tempfile.SpooledTemporaryFile(_PIECES_IN_MEMORY)  # noqa: SIM115  # the answer's reader closes it
        self._running[self._next] = _Running(process, connection, time.monotonic(), pieces)
        with contextlib.suppress(OSError):  # it died at once: the next look at it tells
            connection.send(self._items[self._next])
        self._next += 1

    def _collect(self) -> None:
        """Wait until a worker sends something, dies, or goes beyond a limit."""
        wait([worker.connection for worker in self._running.values()], timeout=0.5)
        greedy = self._greediest()
        for index, worker in list(self._running.items()):
            answer, goes_on = self._received(worker)
            if answer is None and worker is greedy:
                most = f"all readers together need more than limits.total_memory_mb {self._limits.total_memory_mb}"
                answer = Answer(Crash(f"{most}, and this one needs the most"), worker.pieces)
            if answer is None and time.monotonic() - worker.started > self._limits.seconds:
                answer = Answer(Crash(f"it took longer than limits.seconds {self._limits.seconds:g}"), worker.pieces)
            if answer is not None:
                worker.pieces.seek(0)
                self._answers[index] = answer
                del self._running[index]
                if goes_on and self._is_next_wanted():
                    self._give_next(worker.process, worker.connection)
                else:
                    worker.end()

    def _received(self, worker: "_Running") -> tuple[Answer[T] | None, bool]:
        """Take what a worker has sent, or learn that it died, also in the middle of sending; None while it works.

        With an answer comes whether the worker can go on with another item.
        """
        try:
            if not worker.connection.poll():
                return None, True
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            worker.process.join()
            return Answer(Crash(_death(worker.process.exitcode)), worker.pieces), False
        if message[:1] in (_END, _LAST):
            result = pickle.loads(memoryview(message)[1:])  # by our own process
            return Answer(result, worker.pieces), message[:1] == _END
        try:
            worker.pieces.write(memoryview(message)[1:])
        except OSError as error:
            raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
        if worker.pieces.tell() > self._limits.result_mb * MEGABYTE:
            problem = f"its rows and rejects take more than limits.result_mb {self._limits.result_mb}"
            return Answer(Crash(problem), worker.pieces), False
        return None, True

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


def _work(function: Callable[[Any, Send], T], connection: Connection, memory: int) -> None:
    """In the worker: call the function for each item that comes and send what it gives."""
    forget_signals()  # Ctrl-C is the parent's
    gc.freeze()  # what was inherited stays as it is: no look at it, no copies of its pages
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # a dying reader prints pages; the parent says in one line what happened
    faulthandler.disable()  # where the parent has it, it prints to a descriptor of its own
    before, last = _resident(), False
    while not last:
        item = connection.recv()  # an end of the connection ends the process
        _limit_memory(memory)
        result: object
        try:
            result = function(item, lambda piece: connection.send_bytes(_PIECE + piece))
        except MemoryError:
            result = Crash("it needs more memory than limits.memory_mb allows")
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent shows it as a bug
            result = Bug(f"{type(error).__name__}: {error}", "".join(traceback.format_tb(error.__traceback__)))
        last = isinstance(result, Crash | Bug) or _resident() - before > _LEFT_BEHIND
        connection.send_bytes((_LAST if last else _END) + pickle.dumps(result))
    connection.close()
    os._exit(0)  # without waiting for anything that still runs


def _resident() -> int:
    """The bytes of memory that this process needs; 0 where nobody tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:  # this is no Linux
        return 0


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
