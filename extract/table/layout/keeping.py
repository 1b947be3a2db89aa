"""The records of a published sheet that are kept, by their keys, and those that are set aside."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from extract.table.records.keyed import Key, KeyedPass, KeyedRow, Repeated

P = TypeVar("P", bound=KeyedPass)


class KeptRecords:
    """CSV lines of records by their keys; the record of each line by its number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers: list[int] = []
        self._first_line: dict[Key, int] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._first_line

    def row_of(self, key: Key, sheet: P) -> KeyedRow[P]:
        """The record that is kept under a key; `sheet` is the pass that keeps it."""
        index = self._first_line[key]
        return KeyedRow(sheet, self._numbers[index], self.lines[index])

    def keep(self, key: Key, line: str, number: int) -> None:
        """Keep a record under a key that is new."""
        self._first_line[key] = len(self.lines)
        self.lines.append(line)
        self._numbers.append(number)

    def take_back(self, key: Key) -> None:
        """Remove the record of a key."""
        self.lines[self._first_line[key]] = ""

    def keys(self) -> Iterator[str]:
        """The keys of the records, each as a text."""
        text = lru_cache(maxsize=4096)(str)
        return ("\t".join(map(text, key)) for key, index in self._first_line.items() if self.lines[index])

    @property
    def count(self) -> int:
        """Number of records."""
        return len(self.lines) - self.lines.count("")


def keep_all(
    kept: Sequence[tuple[Key, str, int]], sheet: P, beside: Sequence[tuple[P, KeptRecords]], repeated: Repeated[P]
) -> None:
    """Keep records whose keys are new in the workbook; the others go to `repeated` beside the first of their key.

    `beside` are the passes over all sheets that are read with what each keeps, this one last.
    """
    own = beside[-1][1]
    for key, line, number in kept:
        owner = next(((other, records) for other, records in beside if key in records), None)
        if owner is None:
            own.keep(key, line, number)
        else:
            other, records = owner
            repeated.setdefault(key, [records.row_of(key, other)]).append(KeyedRow(sheet, number, line))
