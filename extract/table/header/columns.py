"""The cells of a header row as columns, each with the group above it; and what they map to."""

from collections.abc import Collection
from dataclasses import dataclass, field

from extract.table.statements.names import Target, normal_header
from extract.table.statements.unit_words import is_statement
from extract.workbook.cells import Merges, Row, address, display, is_blank

_BRIEF = 30
"""Characters of a cell that a message shows."""
Groups = dict[int, tuple[str, range]]
"""Column to the text of the group above it and the columns of that group."""


@dataclass(frozen=True)
class Column:
    """A header cell with the name of the group above it ("" where there is none)."""

    row: int
    index: int
    text: str
    group: str = ""
    group_columns: range = range(0)

    @property
    def full_text(self) -> str:
        """Group and header, on one line."""
        return " ".join(f"{self.group} {self.text}".split())


@dataclass
class Match:
    """What the columns of a candidate header map to.

    `texts` holds the text by which a column was recognised, `units` the texts in it that stand where a unit may stand.
    """

    found: dict[Target, list[Column]] = field(default_factory=dict)
    texts: dict[Column, str] = field(default_factory=dict)
    units: dict[Column, tuple[str, ...]] = field(default_factory=dict)
    ignored: list[Column] = field(default_factory=list)

    def columns_of(self, names: Collection[str]) -> set[int]:
        """The columns that were recognised for some fields."""
        return {column.index for (name, _), found in self.found.items() if name in names for column in found}


def columns_of(number: int, cells: Row, groups: Groups) -> list[Column]:
    """The filled cells of a row as columns."""
    return [
        Column(number, index, display(cell), *groups.get(index, ("", range(0))))
        for index, cell in enumerate(cells)
        if not is_blank(cell)
    ]


def groups_of(row: tuple[int, Row], merges: Merges, *, spread_over: Row | None = None) -> Groups:
    """The text of a group row over each column: a merged cell speaks for all of its columns.

    With `spread_over`, the row below, a text also speaks for the columns right of it that have one there and none here,
    as where somebody centred it across them or a csv has lost the merge.
    """
    number, cells = row
    groups = {index: (display(cell), range(index, index + 1)) for index, cell in enumerate(cells) if not is_blank(cell)}
    for first, last in merges.wide.get(number, ()):
        if first in groups and len(groups[first][1]) == 1:  # merges do not overlap
            columns = range(first, min(last + 1, len(cells)))
            groups.update(dict.fromkeys(columns, (groups[first][0], columns)))
    for index in range(1, len(spread_over or ())):
        before = groups.get(index - 1)
        if index not in groups and before and spread_over and not is_blank(spread_over[index]):
            columns = range(before[1].start, index + 1)
            groups.update(dict.fromkeys(columns, (before[0], columns)))
    return groups


def brief(text: str) -> str:
    """A text on one line, as much of it as a message can bear."""
    line = " ".join(text.split())
    return line if len(line) <= _BRIEF else f"{line[:_BRIEF]}…"


def groups_of_others(match: Match) -> set[str]:
    """The cells of groups over ignored columns alone: a unit in the bracket of such a group is that of its columns."""
    found = [column for columns in match.found.values() for column in columns]
    theirs, ours = (
        {address(column.row - 1, column.group_columns.start) for column in columns if column.group}
        for columns in ([one for one in match.ignored if not is_statement(normal_header(one.group))], found)
    )
    return theirs - ours
