"""The records of one sheet: a CSV line for each key, in the order of their rows."""

from collections.abc import Iterator, Sequence
from typing import Self

from extract.table.records.keyed import Key, KeyedPass, KeyedRow, Repeated


class Records(KeyedPass):
    """The lines that a sheet gives, each with its key and its row. A line that was taken back is empty."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line_rows: list[int] = []
        self._first_line: dict[Key, int] = {}

    def keep(
        self,
        keys: list[Key],
        lines: list[str],
        numbers: list[int],
        beside: Sequence[Self],
        repeated: Repeated[Self],
    ) -> None:
        """Take the lines of a chunk; those with a key that a sheet `beside` has (itself is one) go to `repeated`."""
        if len(set(keys)) == len(keys) and all(other._first_line.keys().isdisjoint(keys) for other in beside):
            start = len(self.lines)
            self._first_line.update(zip(keys, range(start, start + len(keys)), strict=True))
            self.lines += lines
            self.line_rows += numbers
            return
        for key, line, number in zip(keys, lines, numbers, strict=True):
            owner = next((other for other in beside if key in other._first_line), None)
            if owner is None:
                self._first_line[key] = len(self.lines)
                self.lines.append(line)
                self.line_rows.append(number)
            else:
                index = owner._first_line[key]
                first = KeyedRow(owner, owner.line_rows[index], owner.lines[index])
                repeated.setdefault(key, [first]).append(KeyedRow(self, number, line))

    def keys(self) -> Iterator[str]:
        """The keys of the records, each as a text."""
        kept = [key for key, index in self._first_line.items() if self.lines[index]]
        return map("\t".join, zip(*map(_texts, zip(*kept, strict=True)), strict=True))

    def take_back(self, key: Key) -> None:
        """Remove the record of a key."""
        self.lines[self._first_line[key]] = ""


def _texts(column: tuple[object, ...]) -> list[str]:
    """One part of some keys as texts; months and companies repeat."""
    known = {value: str(value) for value in set(column)}
    return [known[value] for value in column]
