"""The header of a table, understood: which column feeds which field, and in which unit. `finding.py` finds it."""

import re
from dataclasses import dataclass, field

from extract.foreign import cut
from extract.table.header.columns import Column, Match
from extract.table.statements.names import HeaderNames, normal_header
from extract.table.statements.unit_words import is_statement
from extract.table.statements.units import StatedUnits, Text
from extract.wording import Sentence
from extract.workbook.cells import address, column_letter, ends

_LABELLED = re.compile("单位[:为]")
_OF_NAMES = re.compile("^(?:序号|行次|编号|项目|名称|[^(]*(?:名称|简称|代码|计划号))")


@dataclass(frozen=True)
class HeaderCell:
    """A column that was recognised: its place in the sheet, and its header as the sheet spells it."""

    row: int
    index: int
    text: str


@dataclass(frozen=True)
class Header:
    """The header of one table, understood. `row` is its last row, `until` that of units or numbers below it, if any.

    `sources` holds, for each field that has columns, the cells of its inputs in order (None where the sheet lacks
    one). `units` maps a field to the power of ten that its header names: its cell, or the group above it (`by_group`);
    `stated` and `by_row` hold what other cells state.
    `names` holds the header of every column.
    """

    row: int
    sources: dict[str, tuple[HeaderCell | None, ...]]
    units: dict[str, int]
    names: tuple[str, ...]
    stated: StatedUnits = field(default_factory=dict)
    by_row: StatedUnits = field(default_factory=dict)
    by_group: StatedUnits = field(default_factory=dict)
    until: int = 0
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    titles: tuple[Text, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The normal headers of each header row, as they stand."""
    plain_names: tuple[str, ...] = ()
    """`names` in one row: such that each is understood without what stands around it (for the rejects workbook)."""

    @property
    def remarks(self) -> list[Text]:
        """The headers of names and numbers that state the unit of something: 计划名称（单位：万元）."""
        return [
            Text(address(self.row, index), text)
            for index, text in enumerate(self.names)
            if _LABELLED.search(name := normal_header(text)) and _OF_NAMES.search(name)
        ]

    @property
    def first_column(self) -> dict[str, HeaderCell]:
        """The leftmost column of each field."""
        return {name: min(filter(None, cells), key=lambda cell: cell.index) for name, cells in self.sources.items()}

    def named_column(self, index: int) -> HeaderCell:
        """A column by its position, whatever it feeds."""
        text = self.names[index] if index < len(self.names) else ""
        return HeaderCell(self.row, index, text if text.strip() else f"(column {column_letter(index)})")

    @property
    def powers(self) -> dict[str, int]:
        """The power of ten of each field whose unit is stated: by header cell, else by row of units, else by title."""
        stated = {name: unit.power for name, unit in {**self.stated, **self.by_row}.items() if name in self.sources}
        return {**stated, **self.units}

    @property
    def unit_notes(self) -> list[str]:
        """What was taken from outside the header cells, with the cells it stands in."""
        found = {name: unit for name, unit in {**self.stated, **self.by_row}.items() if name not in self.units}
        found |= self.by_group
        return [
            Sentence("unit of {column}: {note}", column=cells[0].text if cells[0] else name, note=found[name].note)
            for name, cells in self.sources.items()
            if name in found
        ]


def plain_names(
    columns: list[Column], match: Match, names: HeaderNames, stated: StatedUnits, units: dict[str, int], width: int
) -> tuple[str, ...]:
    """The headers in one row, each with the unit its column is read under, understood without what stands around."""
    plain = {column.index: cut(column.text) for column in columns}
    for column in match.ignored:
        if names.find(column.text):
            plain[column.index] = cut(f"(未读) {column.group} {column.text}")  # or it would be accepted there
        elif is_statement(normal_header(column.text)):
            plain[column.index] = ""  # what it states stands in the headers now
    for (name, _), (column, *_) in match.found.items():
        text = ends(match.texts[column])
        power = units.get(name, stated[name].power if name in stated else None)
        if power is not None and name not in names.keys and not match.units[column]:
            text = f"{text}({names.unit_of(name, power)})"
        plain[column.index] = text
    return tuple(plain.get(index, "") for index in range(width))
