"""Cells beside the columns that are read, which may say something about the rows all the same.

Rule: rules.md, Units: nothing that looks like a statement of units is passed over. In a csv a cell behind the last
header means that the cells of its row were cut apart at the wrong places.
"""

import re
from collections.abc import Iterator, Sequence

from extract.fields.base import Problem, told
from extract.table.header import Header, HeaderCell
from extract.table.names import normal_header
from extract.table.unit_words import looks_like_unit, statements_in, units_in
from extract.table.units import Text
from extract.workbook.cells import Cell, address, display, is_blank

_UNIT_COLUMNS = frozenset(
    ("单位", "计量单位", "金额单位", "规模单位", "货币单位", "币种", "货币", "币别", "unit", "units", "currency")
)
_OF_NO_WEIGHT = frozenset(("元", "份", "户", "人", "个", "股", "手", "笔"))
_STATING = re.compile(r"单位|币种|货币|unit|[千万亿]元")

Columns = Sequence[tuple[Cell, ...]]


class UnreadColumns:
    """The columns of one table that feed no field. `delimited`: the sheet is a csv."""

    def __init__(self, header: Header, *, delimited: bool) -> None:
        read = {cell.index for cells in header.sources.values() for cell in cells if cell}
        named = {index for index, name in enumerate(header.names) if name.strip()}
        self._header = header
        self._of_units = sorted(
            index for index in named - read if normal_header(header.names[index]).strip(":") in _UNIT_COLUMNS
        )
        self._named, self._behind = named, max(named | read) + 1 if delimited else None

    def problems(self, columns: Columns) -> dict[int, tuple[HeaderCell, Problem]]:
        """Position of a row in a chunk to what makes it wrong, with the column that says so."""
        found: dict[int, tuple[HeaderCell, Problem]] = {}
        for index in self._of_units:
            for position, cell in enumerate(columns[index] if index < len(columns) else ()):
                if isinstance(cell, str) and (unit := _unit(cell)):
                    reason = f"the row is in {unit}, the column is read in one unit: write the unit into the cells"
                    found[position] = self._header.named_column(index), Problem("unit_of_row", reason)
        for index in range(len(columns) if self._behind is None else self._behind, len(columns)):
            for position, cell in enumerate(columns[index]):
                if not is_blank(cell):
                    reason = f"{told(cell)} stands behind the last header: a separator inside a cell needs quotes"
                    found.setdefault(position, (self._header.named_column(index), Problem("too_many_cells", reason)))
        return found

    def statements(self, columns: Columns, numbers: Sequence[int]) -> Iterator[Text]:
        """Statements of units in columns without a header."""
        for index in set(range(len(columns))) - self._named:
            for position, cell in enumerate(columns[index]):
                if type(cell) is str and _STATING.search(text := normal_header(cell)) and statements_in(text):
                    yield Text(address(numbers[position], index), display(cell))


def _unit(cell: str) -> str:
    """A unit by which the figures of a row would have to be multiplied, or another currency; "" for none."""
    text = normal_header(cell)
    if not looks_like_unit(text):
        return ""
    return "、".join(unit for unit in units_in(text) if unit not in _OF_NO_WEIGHT)
