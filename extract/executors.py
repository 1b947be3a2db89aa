"""Workbooks read by any `concurrent.futures.Executor`, such as that of a cluster: the same answers as on one machine.

The limits of memory, time and size hold on its workers too (apart.py). Where one is lost, its file is tried once more.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Generic, TypeVar

from extract.apart import Given, call_apart
from extract.limits import Limits
from extract.workers import Answer, Crash, Send

T = TypeVar("T")
_TRIES = 2


class ExecutorMap(Generic[T]):
    """Calls `function(item, send)` for every item on an executor, of which at most `ahead` are waited for at a time.

    As a context manager it cancels what has not begun on the way out; the executor stays open. Iterating gives an
    Answer for each item, in their order. Its result is a Crash where a limit was passed or a worker was lost twice,
    and a Bug where the function raised an exception, as IsolatedMap gives.
    """

    def __init__(
        self, function: Callable[[Any, Send], T], items: Sequence[Any], ahead: int, limits: Limits, executor: Executor
    ) -> None:
        self._function, self._items, self._ahead = function, items, ahead
        self._limits, self._executor = limits, executor
        self._futures: dict[int, Future[Given[T]]] = {}
        self._next = 0

    def __enter__(self) -> "ExecutorMap[T]":
        self._submit_more()
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._futures.values():
            future.cancel()

    def __iter__(self) -> Iterator[Answer[T]]:
        for index in range(len(self._items)):
            given = self._given(index)
            self._submit_more()
            yield Answer(given.result, io.BytesIO(given.sent))

    def _submit_more(self) -> None:
        while len(self._futures) < self._ahead and self._next < len(self._items):
            self._futures[self._next] = self._submitted(self._next)
            self._next += 1

    def _submitted(self, index: int) -> Future[Given[T]]:
        return self._executor.submit(call_apart, self._function, self._items[index], self._limits)

    def _given(self, index: int) -> Given[T]:
        """What came of an item. Its function cannot raise, so that an exception tells of the executor."""
        future = self._futures.pop(index)
        for attempt in range(_TRIES):
            try:
                return (future if attempt == 0 else self._submitted(index)).result()
            except Exception as error:  # noqa: BLE001  # each executor has its own, and some end with its worker
                problem = " ".join(f"{type(error).__name__}: {error}".split())
        return Given(Crash(f"its worker was lost {_TRIES} times ({problem})"), b"")
