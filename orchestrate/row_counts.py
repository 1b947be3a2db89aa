"""How many rows of the one workbook that is read are done, told while a process beside this one reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from multiprocessing import get_context
from threading import Event, Thread

from extract.workbook.counted import RowCount, Told

_SECONDS = 0.2


def new_count() -> RowCount:
    """A count that processes which begin later see."""
    count: RowCount = get_context("spawn").RawValue("Q", 0)
    return count


@contextmanager
def rows_told(count: RowCount | None, told: Told | None) -> Iterator[None]:
    """While the block runs, `told` is called with the count as it grows, in a thread of its own; without both, nothing.

    Processes that count begin before: a thread beside a fork may hold what the child waits for.
    """
    if count is None or told is None:
        yield
        return
    over = Event()

    def tell() -> None:
        while not over.wait(_SECONDS):
            if count.value:
                told(count.value)

    thread = Thread(target=copy_context().run, args=(tell,), daemon=True)  # in the language of the reader
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        told(count.value)
