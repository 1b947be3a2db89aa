"""The header of a sheet: where it is, and which column feeds which field, in which unit.

Rule: rules.md, the table of headers and Units. Headers are compared after NFKC, without white space, in any case, and
without a trailing bracket. A header may have two rows: a group row, usually merged, over the names of the columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from extract.domains.registry import Domain
from extract.errors.table import ColumnAmbiguous, ColumnMissing, HeaderNotFound, UnknownUnit
from extract.fields.base import Input
from extract.workbook.cells import Cell, Merge, Row, address, column_letter, display, is_blank, squeeze
from extract.workbook.opening import Sheet

HEADER_ROWS = 30
"""Rows among which the header is looked for."""

_UNIT_MARKS = frozenset("%‰‱元千万百亿美$¥€£")
"""Characters that make a bracket of a group a unit and not a remark."""

_SHORT = 30
"""Characters of a cell that a message shows."""

_BRACKETED = re.compile(r"(.+?)((?:[(\[【][^()\[\]【】]*[)\]】])+)")
_BRACKET = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")


@dataclass(frozen=True)
class HeaderCell:
    """A column that was recognised: its place in the sheet, and its header as the sheet spells it."""

    row: int
    index: int
    text: str


@dataclass(frozen=True)
class Header:
    """The header of one sheet, understood. `row` is its last row.

    `sources` holds, for each field that has columns, the cells of its inputs in order (None where the sheet lacks
    one). `units` maps a field to the power of ten that its header names. `names` holds the header of every column.
    """

    row: int
    sources: dict[str, tuple[HeaderCell | None, ...]]
    units: dict[str, int]
    names: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The normal headers of each header row, as they stand."""
    plain_names: tuple[str, ...] = ()
    """`names` in one row: such that each is understood without the group above it (for the rejects workbook)."""

    @property
    def first_column(self) -> dict[str, HeaderCell]:
        """The leftmost column of each field."""
        return {name: min(filter(None, cells), key=lambda cell: cell.index) for name, cells in self.sources.items()}


@dataclass(frozen=True)
class _Column:
    """A header cell with the name of the group above it ("" where there is none)."""

    row: int
    index: int
    text: str
    group: str = ""
    group_columns: range = range(0)


@dataclass
class _Match:
    """What the columns of a candidate header map to; `texts` holds the text by which a column was recognised."""

    found: dict[tuple[str, int], list[_Column]] = field(default_factory=dict)
    texts: dict[_Column, str] = field(default_factory=dict)
    ignored: list[_Column] = field(default_factory=list)


def normal_header(cell: Cell) -> str:
    """A header in the form in which headers are compared."""
    return squeeze(display(cell)).lower()


class HeaderFinder:
    """Finds and understands headers of one domain. `has_period`: the file name gives the period, so no column must."""

    def __init__(self, domain: Domain, file: str, has_period: bool) -> None:
        self._domain, self._file, self._has_period = domain, file, has_period
        self._pk = frozenset(domain.config.pk)
        self._inputs = {field.name: field.type.inputs(field.name) for field in domain.cell_fields}
        self._powers = {field.name: field.type.unit_powers for field in domain.cell_fields}
        self._accepted = {
            normal_header(header): (name, part)
            for name, inputs in self._inputs.items()
            for part, source in enumerate(inputs)
            for header in (*source.headers, *domain.aliases.get(source.name, ()))
        }

    def find(self, sheet: Sheet) -> Header:
        """The first header among the upper rows.

        Raises HeaderNotFound or ColumnMissing where no row has all key columns, ColumnAmbiguous, UnknownUnit.
        """
        rows = list(islice(sheet.rows(), HEADER_ROWS))
        best: tuple[_Match, list[_Column]] | None = None
        for position in range(len(rows)):
            for columns in self._readings(rows, position, sheet.merges):
                match = self._match(columns)
                if not self._missing_keys(match):
                    return self._header(match, columns, rows, sheet)
                if match.found and (best is None or len(match.found) > len(best[0].found)):
                    best = match, columns
        raise self._not_found(sheet, rows, best)

    def score(self, sheet: Sheet) -> int:
        """How many columns the header of a sheet maps; 0 where it has none."""
        rows = list(islice(sheet.rows(), HEADER_ROWS))
        matches = (
            self._match(columns)
            for position in range(len(rows))
            for columns in self._readings(rows, position, sheet.merges)
        )
        return next((len(match.found) for match in matches if not self._missing_keys(match)), 0)

    def _readings(self, rows: list[tuple[int, Row]], position: int, merges: tuple[Merge, ...]) -> list[list[_Column]]:
        """The ways to read a row as a header: with the row below where that completes it, or alone (below a group)."""
        number, cells = rows[position]
        above = rows[position - 1] if position else (number - 1, [])
        alone = _columns(number, cells, _groups(above, merges))
        if position + 1 == len(rows):
            return [alone]
        lower_number, lower = rows[position + 1]
        lower_alone = _columns(lower_number, lower, {})
        if self._is_lower_header(cells, lower) and self._missing_keys(self._match(lower_alone)):
            upper = [column for column in alone if column.index >= len(lower) or is_blank(lower[column.index])]
            below = _columns(lower_number, lower, _groups((number, cells), merges))
            return [sorted([*upper, *below], key=lambda column: column.index), alone]
        return [alone]

    def _is_lower_header(self, cells: Row, lower: Row) -> bool:
        """Whether the row below a header row is its second half: headers, and nothing but text."""
        filled = [cell for cell in lower if not is_blank(cell)]
        if not filled or not all(isinstance(cell, str) for cell in filled):
            return False
        known = {self._target(normal_header(cell)) for cell in filled} - {None}
        repeated = all(normal_header(cell) in map(normal_header, cells) for cell in filled)
        groups = [normal_header(cell) for cell in cells if not is_blank(cell)]
        named = any(
            self._target(normal_header(cell) + group) or self._target(group + normal_header(cell))
            for cell in filled
            for group in groups
        )
        return bool(known or named) and not repeated

    def _match(self, columns: Sequence[_Column]) -> _Match:
        match = _Match()
        for column in columns:
            names = (column.text, column.text + column.group, column.group + column.text)
            text = next((name for name in names if self._target(normal_header(name))), None)
            target = self._target(normal_header(text)) if text else None
            if text is None or target is None:
                match.ignored.append(column)
            else:
                match.found.setdefault(target, []).append(column)
                match.texts[column] = text
        for target, candidates in match.found.items():
            if len(candidates) > 1:  # the group's name may tell which of them is meant
                named = [column for column in candidates if self._full_name(column) == target]
                if len(named) == 1:
                    match.ignored += [column for column in candidates if column is not named[0]]
                    match.found[target] = named
        match.ignored.sort(key=lambda column: column.index)
        return match

    def _full_name(self, column: _Column) -> tuple[str, int] | None:
        name, group = normal_header(column.text), normal_header(column.group)
        return (self._target(group + name) or self._target(name + group)) if group else None

    def _target(self, name: str) -> tuple[str, int] | None:
        return self._accepted.get(name) or self._accepted.get(_split(name)[0])

    def _missing_keys(self, match: _Match) -> list[Input]:
        missing: list[Input] = []
        for name in self._domain.config.pk:
            inputs = self._inputs[name]
            absent = [source for part, source in enumerate(inputs) if (name, part) not in match.found]
            if len(inputs) > 1:  # a period: its own column, or year and month together, or the file name
                if (name, len(inputs) - 1) in match.found or (len(absent) == len(inputs) and self._has_period):
                    absent = []
                elif len(absent) < len(inputs):
                    absent = absent[:-1]
            missing += absent
        return missing

    def _header(self, match: _Match, columns: list[_Column], rows: list[tuple[int, Row]], sheet: Sheet) -> Header:
        cells: dict[tuple[str, int], HeaderCell] = {}
        units: dict[str, int] = {}
        for (name, part), candidates in match.found.items():
            if len(candidates) > 1:
                one, other = (f"{address(column.row, column.index)} {column.text}" for column in candidates[:2])
                raise ColumnAmbiguous(file=self._file, sheet=sheet.name, field=name, first=one, second=other)
            (column,) = candidates
            cells[name, part] = HeaderCell(column.row, column.index, column.text)
            if name not in self._domain.config.pk:
                power = self._unit(column, match, name, sheet.name)
                if power is not None:
                    units[name] = power
        sources = {
            name: tuple(cells.get((name, part)) for part in range(len(inputs)))
            for name, inputs in self._inputs.items()
            if any((name, part) in cells for part in range(len(inputs)))
        }
        row, first = max(column.row for column in columns), min(column.row for column in columns)
        names = {column.index: column.text for column in columns}
        width = max(len(cells) for _, cells in rows)
        missing = [name for name in self._inputs if name not in sources and name not in self._domain.config.pk]
        return Header(
            row=row,
            sources=sources,
            units=units,
            names=tuple(names.get(index, "") for index in range(width)),
            ignored=tuple(column.text for column in match.ignored),
            missing=tuple(missing),
            titles=_titles(rows, first),
            rows=tuple(tuple(map(normal_header, cells)) for number, cells in rows if first <= number <= row),
            plain_names=self._plain_names(columns, match, units, width),
        )

    def _plain_names(self, columns: list[_Column], match: _Match, units: dict[str, int], width: int) -> tuple[str, ...]:
        plain = {column.index: column.text for column in columns}
        for column in match.ignored:
            if self._target(normal_header(column.text)):
                plain[column.index] = f"{column.group} {column.text}".strip() + " *"
        for (name, _), (column, *_) in match.found.items():
            text = match.texts[column]
            if name in units and not _split(normal_header(text))[1]:
                unit = next(unit for unit, power in self._powers[name].items() if power == units[name])
                text = f"{text}({unit})"
            plain[column.index] = text
        return tuple(plain.get(index, "") for index in range(width))

    def _unit(self, column: _Column, match: _Match, name: str, sheet: str) -> int | None:
        """The power of ten that a header names in brackets; where it has none itself, its group may name one."""
        powers = self._powers[name]
        brackets = _split(normal_header(match.texts[column]))[1]
        if not brackets:
            brackets = self._unit_of_group(column, match)
            if not brackets or (len(brackets) == 1 and brackets[0] in self._other_units(name)):
                return None  # no unit, or that of other columns of the group
        if len(brackets) == 1 and brackets[0] in powers:
            return powers[brackets[0]]
        raise UnknownUnit(
            file=self._file,
            sheet=sheet,
            cell=address(column.row, column.index),
            header=" ".join(f"{column.group} {column.text}".split()),
            unit="".join(f"({bracket})" for bracket in brackets),
            accepted=" ".join(powers),
        )

    def _unit_of_group(self, column: _Column, match: _Match) -> list[str]:
        """The brackets of a group that name a unit; a title over the key columns is no group, a remark no unit."""
        keys = {found.index for (name, _), columns in match.found.items() if name in self._pk for found in columns}
        if keys & set(column.group_columns):
            return []
        return [text for text in _split(normal_header(column.group))[1] if _UNIT_MARKS & set(text)]

    def _other_units(self, name: str) -> set[str]:
        return {unit for field, powers in self._powers.items() for unit in powers} - set(self._powers[name])

    def _not_found(
        self, sheet: Sheet, rows: list[tuple[int, Row]], best: tuple[_Match, list[_Column]] | None
    ) -> HeaderNotFound | ColumnMissing:
        if best is None:
            texts = [_short(display(cell)) for _, cells in rows for cell in cells if not is_blank(cell)]
            seen = f"they begin with {', '.join(texts[:5])}" if texts else "the sheet is empty"
            return HeaderNotFound(file=self._file, sheet=sheet.name, seen=seen)
        match, columns = best
        missing = [f"{source.name} ({' / '.join(source.headers)})" for source in self._missing_keys(match)]
        return ColumnMissing(
            file=self._file,
            sheet=sheet.name,
            header_row=max(column.row for candidates in match.found.values() for column in candidates),
            missing="; ".join(missing),
            found=", ".join(f"{column_letter(column.index)} {_short(column.text)}" for column in columns),
        )


_Groups = dict[int, tuple[str, range]]
"""Column to the text of the group above it and the columns of that group."""


def _columns(number: int, cells: Row, groups: _Groups) -> list[_Column]:
    return [
        _Column(number, index, display(cell), *groups.get(index, ("", range(0))))
        for index, cell in enumerate(cells)
        if not is_blank(cell)
    ]


def _groups(row: tuple[int, Row], merges: tuple[Merge, ...]) -> _Groups:
    """The text of a group row over each column: a merged cell speaks for all of its columns."""
    number, cells = row
    groups = {index: (display(cell), range(index, index + 1)) for index, cell in enumerate(cells) if not is_blank(cell)}
    for (first_row, first), (last_row, last) in merges:
        if first_row == number == last_row and first in groups:
            columns = range(first, min(last + 1, len(cells)))
            groups.update(dict.fromkeys(columns, (groups[first][0], columns)))
    return groups


def _titles(rows: list[tuple[int, Row]], header_row: int) -> tuple[str, ...]:
    """The texts above the header, each with its cell."""
    return tuple(
        f"{address(number, index)}: {display(cell)}"
        for number, cells in rows
        if number < header_row
        for index, cell in enumerate(cells)
        if not is_blank(cell)
    )


def _short(text: str) -> str:
    """A text on one line, as much of it as a message can bear."""
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[:_SHORT]}…"


def _split(text: str) -> tuple[str, list[str]]:
    """A normal header without its trailing brackets, and what stands in them."""
    match = _BRACKETED.fullmatch(text)
    return (match[1], _BRACKET.findall(match[2])) if match else (text, [])
