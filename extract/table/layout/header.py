"""The header of a published table, understood: shared columns, groups of columns with their values, and names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from extract.table.layout.grid import HeaderText
from extract.workbook.cells import Cell, address, column_letter


@dataclass(frozen=True)
class Placed:
    """A value with where it stands: the address of a cell, or words for what is none. `name` heads its column."""

    value: Cell
    place: str
    name: str = ""


@dataclass(frozen=True)
class LaidColumn:
    """A column that feeds a field: its place, and what stands over it."""

    index: int
    name: str
    row: int
    units: tuple[HeaderText, ...] = ()
    """Texts over it that may state its unit: of the row of units, or the bracket behind its name."""

    @property
    def place(self) -> str:
        """The address of its name."""
        return address(self.row, self.index)


@dataclass(frozen=True)
class Group:
    """Columns whose cells make one record of a row: the values over them, and the column of each measure."""

    values: Mapping[str, Placed]
    columns: Mapping[str, LaidColumn]

    @property
    def first(self) -> int:
        """The leftmost of the columns."""
        return min(column.index for column in self.columns.values())


@dataclass(frozen=True)
class LaidHeader:
    """Where the fields of a table stand. `columns` are those that all records of a row share.

    Without values in the header there is one group, without columns of its own. `over` holds values that stand over
    shared columns, `missing` the measures without a column, `unread` texts where values stand that are none.
    """

    first_row: int
    row: int
    columns: Mapping[str, LaidColumn]
    groups: tuple[Group, ...]
    over: Mapping[str, tuple[Placed, ...]]
    names: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unread: tuple[HeaderText, ...] = ()
    skipped: tuple[HeaderText, ...] = field(default=())
    """Texts over columns that are read, in rows of the header that are not."""

    @property
    def range(self) -> str:
        """The cells of its rows, from the first column to the last one that holds something."""
        width = max((index for index, name in enumerate(self.names, start=1) if name), default=1)
        return f"{address(self.first_row, 0)}:{address(self.row, width - 1)}"

    @property
    def used(self) -> set[int]:
        """The columns that feed fields."""
        shared = {column.index for column in self.columns.values()}
        return shared | {column.index for group in self.groups for column in group.columns.values()}

    def unnamed(self, width: int) -> Iterator[int]:
        """The columns up to a width that stand beside or behind values of the header, and over which nothing stands."""
        first = min((group.first for group in self.groups if group.columns), default=width)
        for index in range(first + 1, width):
            if index not in self.used and not (index < len(self.names) and self.names[index]):
                yield index

    def columns_of(self, name: str) -> list[LaidColumn]:
        """All columns of a field, from the left."""
        found = [group.columns[name] for group in self.groups if name in group.columns]
        return [self.columns[name]] if name in self.columns else sorted(found, key=lambda column: column.index)

    def name_of(self, index: int) -> str:
        """What stands over a column, or its letters."""
        name = self.names[index] if index < len(self.names) else ""
        return name or f"(column {column_letter(index)})"


def joined(texts: Iterable[str]) -> str:
    """Texts of a header one after the other, on one line."""
    return " ".join(" ".join(texts).split())
