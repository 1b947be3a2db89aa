"""Sheets that say how far they are read, in memory that another process sees: for who waits before a large one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Protocol

from extract.workbook.cells import Row
from extract.workbook.sheet import Sheet, Workbook

_BETWEEN = 1000
"""Rows after which it is said."""


Told = Callable[[int], None]
"""Takes the number of rows that were read so far."""


class RowCount(Protocol):
    """A number in shared memory (multiprocessing.sharedctypes)."""

    value: int


@dataclass(frozen=True)
class CountedSheet(Sheet):
    """A sheet that keeps the number of the row that was read last in `seen`, every thousand rows."""

    seen: RowCount | None = None

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number, as `Sheet.rows`."""
        for number, cells in super().rows():
            if self.seen is not None and number % _BETWEEN == 0:
                self.seen.value = number
            yield number, cells


def counted(workbook: Workbook, seen: RowCount) -> Workbook:
    """The same workbook, whose sheets count."""

    def read(name: str) -> Sheet:
        sheet = workbook.read(name)
        return CountedSheet(**{item.name: getattr(sheet, item.name) for item in fields(Sheet)}, seen=seen)

    return replace(workbook, read=read)
