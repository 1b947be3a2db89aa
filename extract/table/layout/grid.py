"""The rows of a header as a grid: which text stands over which column, merged cells and centred ones included."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extract.workbook.cells import Cell, Merge, Row, address, is_blank

Rows = Sequence[tuple[int, Row]]


@dataclass(frozen=True)
class HeaderText:
    """A cell of a header and where it stands; it may stand over other columns too."""

    row: int
    index: int
    cell: Cell

    @property
    def place(self) -> str:
        """Its address."""
        return address(self.row, self.index)


class MergeIndex:
    """The merged ranges of a sheet by their first row."""

    def __init__(self, merges: Iterable[Merge]) -> None:
        self._by_row: dict[int, list[Merge]] = {}
        for merge in merges:
            self._by_row.setdefault(merge[0][0], []).append(merge)

    def within(self, first_row: int, last_row: int) -> list[Merge]:
        """Those that begin in some rows."""
        return [merge for row in range(first_row, last_row + 1) for merge in self._by_row.get(row, ())]


Grid = list[dict[int, HeaderText]]
"""For each row of a header, the text over each column."""


def grid_of(rows: Rows, merges: MergeIndex, names: Sequence[int] = (), said: Sequence[int] = ()) -> Grid:
    """The texts of some rows over their columns.

    A merged cell speaks for all of its columns. Another one speaks also for those right of it that are blank, as far as
    the rows below have a text there, where it has one below it: so it looks when a text is centred across them. A
    column ends that where it has a name of its own above, in one of the rows of `names`, and below it nothing but
    units: no text in one of the rows that are `said`.
    """
    own = [
        {index: HeaderText(number, index, cell) for index, cell in enumerate(cells) if not is_blank(cell)}
        for number, cells in rows
    ]
    first = rows[0][0]
    width = max((len(cells) for _, cells in rows), default=0)
    covered: list[set[int]] = [set() for _ in rows]
    grid: Grid = [dict(texts) for texts in own]
    for (top, left), (bottom, right) in merges.within(first, rows[-1][0]):
        columns = range(left, min(right + 1, width))
        for row in range(top, min(bottom, rows[-1][0]) + 1):
            covered[row - first].update(columns)
        if text := own[top - first].get(left):
            grid[top - first].update(dict.fromkeys(columns, text))
    for position, texts in enumerate(own):
        for index, text in texts.items():
            if index not in covered[position] and _filled_below(own, position, index):
                named = [own[row] for row in names if row < position]
                said_below = [own[row] for row in said if row > position]
                limit = next(
                    (
                        column
                        for column in range(index + 1, width)
                        if any(column in above for above in named) and not any(column in below for below in said_below)
                    ),
                    width,
                )
                _centre(grid[position], text, own, covered, position, limit)
    return grid


def _centre(
    into: dict[int, HeaderText],
    text: HeaderText,
    own: Sequence[Mapping[int, HeaderText]],
    covered: Sequence[set[int]],
    position: int,
    width: int,
) -> None:
    for index in range(text.index + 1, width):
        if index in own[position] or index in covered[position] or not _filled_below(own, position, index):
            return
        into[index] = text


def _filled_below(own: Sequence[Mapping[int, HeaderText]], position: int, index: int) -> bool:
    return any(index in texts for texts in own[position + 1 :])
