"""Rows that can only be data, told many at once: a look at each column of a block settles nearly all of its rows.

What is not settled is left to `RowScreen.is_ordinary`, which looks at one row.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Protocol

from extract.table.rows.stream import RowStream
from extract.workbook.cells import Cell, Row

_BLOCK = 1000
_FIGURES = re.compile(r"(?:[-+]?[0-9][0-9,]*+(?:\.[0-9]++)?+%?\n)++")
_PARTS_OF_PERIODS = re.compile(r"(?:[0-9]{1,4}[年月]?\n)++")
_CODES = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*+\n)++")


class RowTest(Protocol):
    """What tells of one row whether it can only be data, and which of its columns hold what."""

    code_columns: tuple[int, ...]
    key_columns: tuple[int, ...]
    figure_columns: tuple[int, ...]
    period_columns: tuple[int, ...]
    names_in: frozenset[int]
    words: frozenset[str]

    def is_ordinary(self, cells: Row) -> bool: ...
    def is_ordinary_code(self, code: str) -> bool: ...
    def is_ordinary_text(self, text: str) -> bool: ...


class BlockScreen:
    """Tells which rows of a block can only be data, for one table."""

    def __init__(self, test: RowTest) -> None:
        self._test = test
        latin = sorted(word for word in test.words if word and word.isascii())
        self._latin = re.compile("|".join(map(re.escape, latin)) or r"(?!)")

    def ordinary(self, rows: Sequence[Row]) -> list[bool]:
        """For each row whether it can only be data."""
        test = self._test
        if test.names_in or len(set(map(len, rows))) > 1:  # a name may be any text
            return list(map(test.is_ordinary, rows))
        columns = list(zip(*rows, strict=True))
        doubtful: set[int] = set()
        if 0 not in test.code_columns:
            doubtful |= _where(columns[0], {text for text in _texts(columns[0]) if not test.is_ordinary_text(text)})
        for index in test.code_columns:
            doubtful |= self._odd_codes(columns[index])
        for index in test.key_columns:
            doubtful |= _where(columns[index], {""} if "" in columns[index] else set())
        for index in test.figure_columns:
            usual = _PARTS_OF_PERIODS if index in test.period_columns else _FIGURES
            texts = _texts(columns[index]) - {""}
            if texts and not usual.fullmatch("\n".join(texts) + "\n"):
                doubtful |= _where(columns[index], {text for text in texts if not usual.fullmatch(f"{text}\n")})
        figures = [columns[index] for index in test.figure_columns]
        if all("" in column for column in figures):
            doubtful |= {position for position, row in enumerate(zip(*figures, strict=True)) if set(row) == {""}}
        if not doubtful:
            return [True] * len(rows)
        return [at not in doubtful or test.is_ordinary(cells) for at, cells in enumerate(rows)]

    def _odd_codes(self, column: Sequence[Cell]) -> set[int]:
        """Positions of texts in a column of codes that may be labels or headers."""
        texts = _texts(column)
        lines = "\n".join(texts) + "\n"
        if not texts or (_CODES.fullmatch(lines) and not self._latin.search(lines.lower())):
            return set()
        return _where(column, {text for text in texts if not self._test.is_ordinary_code(text)})


class OrdinaryRows:
    """Takes rows that can only be data from a stream, many at once."""

    def __init__(self, stream: RowStream) -> None:
        self._stream = stream
        self._screen: BlockScreen | None = None
        self._numbers: list[int] = []
        self._verdicts: list[bool] = []
        self._at = 0
        """The first of the rows looked at that was not taken."""

    def take(self, screen: BlockScreen, first: int, most: int) -> list[tuple[int, Row]]:
        """The next rows up to the first one that must be looked at alone, at most `most`.

        None before the row `first`.
        """
        if screen is not self._screen:
            self._screen = screen
            self._at = len(self._numbers)
        following = self._stream.ahead(1)
        if not following or following[0][0] < first:
            return []
        self._at = bisect_left(self._numbers, following[0][0], self._at)
        if self._at == len(self._numbers):
            block = self._stream.ahead(_BLOCK)
            self._numbers = [number for number, _ in block]
            self._verdicts = screen.ordinary([cells for _, cells in block])
            self._at = 0
        first_taken, end = self._at, min(self._at + most, len(self._verdicts))
        verdicts = self._verdicts[first_taken:end]
        self._at += len(verdicts) if all(verdicts) else verdicts.index(False)
        return self._stream.take(self._at - first_taken)


def _texts(column: Iterable[Cell]) -> set[str]:
    """The distinct texts of a column; errors and formulas are none."""
    return {cell for cell in column if type(cell) is str}


def _where(column: Sequence[Cell], texts: set[str]) -> set[int]:
    if not texts:
        return set()
    return {position for position, cell in enumerate(column) if type(cell) is str and cell in texts}
