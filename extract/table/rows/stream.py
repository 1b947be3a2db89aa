"""The rows of a sheet, each once and in order, with a look at those that follow; and what merges give them."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

from extract.workbook.cells import Cell, Merges, Row


class RowStream:
    """Iterates over rows with their numbers; `ahead` shows rows that come later without taking them."""

    def __init__(self, rows: Iterator[tuple[int, Row]]) -> None:
        self._rows = rows
        self._seen: deque[tuple[int, Row]] = deque()

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return self

    def __next__(self) -> tuple[int, Row]:
        return self._seen.popleft() if self._seen else next(self._rows)

    def ahead(self, count: int) -> list[tuple[int, Row]]:
        """The next `count` rows, or as many as there are."""
        if len(self._seen) < count:
            self._seen.extend(islice(self._rows, count - len(self._seen)))
        return list(islice(self._seen, count))

    def take(self, count: int) -> list[tuple[int, Row]]:
        """Take `count` rows of those that were looked at."""
        return [self._seen.popleft() for _ in range(count)]


class MergedKeys:
    """The values that merged cells of key columns give to the rows below their first one (rules.md, Merged cells).

    Rows must be asked for in their order.
    """

    def __init__(self, merges: Merges, keys: frozenset[int], header_row: int) -> None:
        self._ends = {column: merges.tall[column] for column in keys if column in merges.tall}
        self._header_row = header_row
        self._current: dict[int, tuple[int, Cell]] = {}

    @property
    def give_nothing(self) -> bool:
        """Whether no cell of a key column is merged with one below it."""
        return not self._ends

    def of_row(self, number: int, cells: Row) -> dict[int, Cell]:
        """Column to value, for the cells of a row that lie in a merge that began above it."""
        if not self._ends:
            return {}
        given: dict[int, Cell] = {}
        for column, (last_row, value) in self._current.items():
            if number <= last_row:
                given[column] = value
        for column, ends in self._ends.items():
            if ends.get(number, 0) > number > self._header_row:
                self._current[column] = ends[number], cells[column]
        return given
