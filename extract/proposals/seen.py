"""Where the table of a sheet stands: the row that names its columns, and the cells below each name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from extract.errors.proposals import NothingToPropose
from extract.fields.places import HeaderRow
from extract.foreign import cut, shown
from extract.table.statements.total_words import is_total_word
from extract.table.statements.unit_words import looks_like_unit
from extract.table.statements.units import numbers_columns
from extract.workbook.cells import (
    Cell,
    ErrorCell,
    Row,
    UncalculatedCell,
    address,
    column_letter,
    display,
    is_blank,
    printed,
    squeeze,
)
from extract.workbook.sheet import Sheet

HEADER_ROWS = 30
_LOOKED_AT = 20_000
"""Rows below the header from which types are read."""
_MOST_COLUMNS = 200
_BELOW = 8
"""Rows below a header among which its columns must be filled."""
_FIGURE = re.compile(r"[-+−]?[$€£¥]?[0-9][0-9,. ]*%?")


@dataclass
class SeenColumn:
    """A column with its name and the cells that are not empty, each with its row."""

    index: int
    name: str
    cells: list[tuple[int, Cell]] = field(default_factory=list)
    unit: str = ""
    """What the row of units below the header says of it."""

    @property
    def letter(self) -> str:
        """As Excel names it."""
        return column_letter(self.index)


@dataclass(frozen=True)
class SeenTable:
    """The table of a sheet: its columns, the numbers of its rows, the words of its totals, and what is not in it."""

    sheet: str
    header_row: int
    columns: list[SeenColumn]
    rows: list[int]
    totals: list[str]
    notes: list[str]
    header: list[HeaderRow]
    """The rows of its header, where there are more than that of the names."""


def seen_table(sheet: Sheet, file: str) -> SeenTable:
    """The table of a sheet. Raises NothingToPropose where none can be seen."""
    upper = list(islice(sheet.rows(), HEADER_ROWS + _BELOW))

    def nothing(problem: str) -> NothingToPropose:
        return NothingToPropose(file=file, sheet=sheet.name, problem=problem)

    if not any(not is_blank(cell) for _, cells in upper for cell in cells):
        raise nothing("it is empty" if not upper else f"its first {len(upper)} rows are empty")
    position = _header_position(upper)
    if position is None:
        first = next((number, cells) for number, cells in upper if not all(map(is_blank, cells)))
        texts = ", ".join(shown(cut(display(cell), 60)) for cell in first[1] if not is_blank(cell))
        raise nothing(
            f"no row among the first {HEADER_ROWS} names two columns with values below it (row {first[0]} is {texts})"
        )
    header_row, names = upper[position]
    table = SeenTable(sheet.name, header_row, [], [], [], [], [])
    _name_columns(table, names)
    _note_above(table, upper[:position])
    _take_rows(table, sheet)
    if not table.rows:
        raise nothing(f"row {header_row} names columns, and no row below it holds data, so no type can be seen")
    return table


def _header_position(rows: list[tuple[int, Row]]) -> int | None:
    """The row of names that has most of its columns filled below it; the first of those that have as many."""
    best, most = None, 1
    for position, (_, cells) in enumerate(rows[:HEADER_ROWS]):
        filled = [index for index, cell in enumerate(cells) if not is_blank(cell)]
        names = [index for index in filled if _is_name(cells[index])]
        if len(names) < 2 or 2 * len(names) < len(filled):
            continue
        below = [later for _, later in rows[position + 1 : position + 1 + _BELOW]]
        kept = sum(any(index < len(row) and not is_blank(row[index]) for row in below) for index in filled)
        if kept > most:
            best, most = position, kept
    return best


def _is_name(cell: Cell) -> bool:
    if not isinstance(cell, str) or isinstance(cell, ErrorCell | UncalculatedCell) or is_blank(cell):
        return False
    return not _FIGURE.fullmatch(printed(cell)) and any(letter.isalpha() for letter in cell)


def _name_columns(table: SeenTable, names: Row) -> None:
    """The columns that have a name of their own; the others become notes."""
    texts = {index: printed(display(cell)).casefold() for index, cell in enumerate(names) if not is_blank(cell)}
    for index, cell in enumerate(names):
        if is_blank(cell):
            continue
        place = f"{address(table.header_row, index)} {shown(cut(display(cell), 60))}"
        twin = next((other for other, text in texts.items() if other != index and text == texts[index]), None)
        if not _is_name(cell):
            table.notes.append(f"{place} is no name of a column: where it is a value of the key, declare a layout")
        elif twin is not None:
            table.notes.append(
                f"{place} names what {address(table.header_row, twin)} names too: rows above may tell them apart, which"
                " a layout declares; the column is left out"
            )
        elif len(table.columns) == _MOST_COLUMNS:
            table.notes.append(f"column {column_letter(index)} and those right of it are left out")
            break
        else:
            table.columns.append(SeenColumn(index, display(cell)))


def _note_above(table: SeenTable, above: Iterable[tuple[int, Row]]) -> None:
    for number, cells in above:
        for index, cell in enumerate(cells):
            if not is_blank(cell):
                text = shown(cut(display(cell), 80))
                table.notes.append(f"{address(number, index)} {text} stands above the header: no field is read from it")


def _take_rows(table: SeenTable, sheet: Sheet) -> None:
    below = 0
    for number, cells in sheet.rows():
        if number <= table.header_row or all(map(is_blank, cells)):
            continue
        below += 1
        if below > _LOOKED_AT:
            table.notes.append(f"rows below {number - 1} were not looked at: types rest on {_LOOKED_AT} rows")
            break
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
        first = filled[0][1]
        place = f"row {number} ({shown(cut(display(first), 60))})"
        if isinstance(first, str) and is_total_word(first):
            table.totals.append(printed(first))
            table.notes.append(f"{place} is taken for a total: it is a summary label")
        elif below <= 2 and _is_of_units(cells):
            table.notes.append(f"{place} states units or numbers columns: it is no row of data")
        elif len(filled) == 1 and len(table.columns) > 1:
            table.notes.append(f"{place} holds one cell only: it is taken for a note")
        else:
            table.rows.append(number)
            for column in table.columns:
                if column.index < len(cells) and not is_blank(cells[column.index]):
                    column.cells.append((number, cells[column.index]))
    _set_aside_words(table)
    _note_unnamed(table, sheet, {column.index for column in table.columns})


def _set_aside_words(table: SeenTable) -> None:
    """Take rows right below the header that hold words where figures stand further down out of the table."""
    figures = [
        column
        for column in table.columns
        if column.cells
        and all(isinstance(cell, float | int) for _, cell in column.cells[len(column.cells) // 2 :][:_BELOW])
    ]
    for number in table.rows[:_BELOW]:
        found = [cell for column in figures for row, cell in column.cells if row == number]
        if len(found) < 2 or any(not isinstance(cell, str) or _FIGURE.fullmatch(printed(cell)) for cell in found):
            break
        table.header.append(_role(table, figures, number))
        is_of_units = table.header[-1] is HeaderRow.UNITS
        what = "states units" if is_of_units else "holds words where figures stand below, and is skipped"
        table.notes.append(f"row {number} {what}: the layout has it as a row of the header")
        table.rows.remove(number)
        for column in table.columns:
            column.cells[:] = [item for item in column.cells if item[0] != number]


def _is_of_units(cells: Row) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    texts = [printed(cell).strip("()[]（）【】") for cell in filled if isinstance(cell, str)]
    return numbers_columns(cells) or (len(texts) == len(filled) and all(map(looks_like_unit, texts)))


def _role(table: SeenTable, figures: list[SeenColumn], number: int) -> HeaderRow:
    """Whether a row of words below the header states units that are known, which its columns then bear."""
    if number != table.header_row + len(table.header) + 1:
        return HeaderRow.SKIP
    found = {column.index: printed(str(cell)) for column in figures for row, cell in column.cells if row == number}
    if not all(power_of(text) is not None for text in found.values()):
        return HeaderRow.SKIP
    for column in figures:
        column.unit = found.get(column.index, "")
    return HeaderRow.UNITS


def power_of(unit: str) -> int | None:
    """The power of ten of a unit as publishers write it: $'000, ($ million), (%); None for what is none."""
    return UNIT_WORDS.get(squeeze(unit).strip("()[]（）").strip("$€£¥").casefold())


UNIT_WORDS = {
    "": 0, "'000": 3, "000": 3, "thousand": 3, "thousands": 3, "k": 3, "m": 6, "mn": 6, "million": 6, "millions": 6,
    "bn": 9, "billion": 9, "billions": 9, "%": -2, "percent": -2,
}  # fmt: skip


def _note_unnamed(table: SeenTable, sheet: Sheet, named: set[int]) -> None:
    """Name the columns of the first row of data that hold a value under no name."""
    row = next((cells for number, cells in sheet.rows() if table.rows and number == table.rows[0]), [])
    for index, cell in enumerate(row):
        if index not in named and not is_blank(cell):
            place = address(table.rows[0], index)
            table.notes.append(f"{place} {shown(cut(display(cell), 60))} stands under no name that is read")
