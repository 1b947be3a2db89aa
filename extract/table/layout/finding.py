"""Finds the header of a declared layout among the rows of a sheet, and tells which column feeds which field."""

import re
from collections.abc import Iterable, Iterator, Sequence

from extract.domains.base import CellField
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.layout import LayoutNotFound
from extract.errors.table import ColumnAmbiguous
from extract.fields.places import FromCells, FromColumn, FromHeader, HeaderRow, Layout, is_whole, value_of
from extract.foreign import shown
from extract.table.layout.grid import Grid, HeaderText, MergeIndex, Rows, grid_of
from extract.table.layout.header import Group, LaidColumn, LaidHeader, Placed, joined
from extract.table.statements.names import normal_header
from extract.workbook.cells import Merges, column_index, column_letter, display

HEADER_ROWS = 30
"""Rows among which a header is looked for: from the top of a sheet, or from the title of a table."""
_BRACKET = re.compile(r"[(\[（【]([^()\[\]（）【】]+)[)\]）】]\s*$")
_TYPOGRAPHIC = str.maketrans("\u2018\u2019\u02bc`\u00b4\u2010\u2011\u2012\u2013\u2212", "'''''-----")
"""Apostrophes, hyphens and short dashes that mean the plain ones."""
_SHOWN = 5
_Named = dict[str, list[LaidColumn]]


def header_form(text: str) -> str:
    """A header or a unit in the form in which those of layouts are compared."""
    return normal_header(text.translate(_TYPOGRAPHIC)).translate(_TYPOGRAPHIC)


class LayoutFinder:
    """Finds headers of one domain in one sheet."""

    def __init__(self, domain: Domain, layout: Layout, file: str, sheet: str, merges: MergeIndex | None = None) -> None:
        self._domain, self._layout, self._file, self._sheet = domain, layout, file, sheet
        self._merges = merges or MergeIndex(())
        self._clashes: list[ColumnAmbiguous] = []
        self._fields = [field for field in domain.cell_fields if not field.type.reads]
        self._headers = {field.name: self._accepted(field) for field in self._fields}
        self._names = [row for row, role in enumerate(layout.header) if role is HeaderRow.NAMES]
        self._said = [row for row, role in enumerate(layout.header) if role in (HeaderRow.NAMES, HeaderRow.VALUES)]

    def find(self, rows: Rows, where: str) -> LaidHeader:
        """The first header among some rows that lacks no measure, else the one that has the most columns.

        Raises LayoutNotFound, which says what the nearest one lacks, or ColumnAmbiguous.
        """
        height = len(self._layout.header)
        best: LaidHeader | None = None
        nearest: tuple[tuple[bool, int], DataError] = (
            (False, 0),
            self._not_found(where, f"no {height} rows look like it"),
        )
        for position in range(height, len(rows) + 1):
            self._clashes = []
            header, lacking = self._read(rows[position - height : position])
            if header is None:
                continue
            if lacking or self._clashes:
                problem = self._not_found(where, f"{header.range} holds nothing for {', '.join(lacking)}")
                if (rank := (not lacking, len(header.used))) > nearest[0]:
                    nearest = rank, problem if lacking else self._clashes[0]
            elif not header.missing:
                return header
            elif best is None or len(header.used) > len(best.used):
                best = header
        if best is None:
            raise nearest[1]
        return best

    def _not_found(self, where: str, problem: str) -> LayoutNotFound:
        return LayoutNotFound(file=self._file, sheet=self._sheet, where=where, problem=problem)

    def no_title(self, title: str) -> LayoutNotFound:
        """The error about a sheet without the title that begins its tables."""
        problem = f"no cell matches the title {title}"
        return self._not_found("was looked for", problem)

    def score(self, rows: Rows, merges: Merges) -> int:
        """How many columns the header among some upper rows feeds fields with; 0 where there is none."""
        wide = [((row, first), (row, last)) for row, found in merges.wide.items() for first, last in found]
        self._merges = MergeIndex(wide)
        try:
            return len(self.find(rows, "").used)
        except (LayoutNotFound, ColumnAmbiguous):
            return 0

    def _accepted(self, field: CellField) -> frozenset[str]:
        inputs = field.type.inputs(field.name)
        declared = {header for one in inputs for header in (*one.headers, *self._domain.aliases.get(one.name, ()))}
        return frozenset(map(header_form, declared))

    def _read(self, block: Rows) -> tuple[LaidHeader | None, list[str]]:
        """What some rows are as a header, and the fields that it must have and lacks."""
        grid = grid_of(block, self._merges, self._names, self._said)
        if not any(grid[row] for row in self._said) and self._said:
            return None, []
        width = max(len(cells) for _, cells in block)
        values, unread = self._values(grid, width)
        shared, spread = self._columns(grid, block, width, values)
        groups = self._groups(values, spread)
        columns = {column.index for column in shared.values()}
        measured = {name for group in groups for name in group.columns} | shared.keys()
        measures = [field.name for field in self._fields if field.name not in self._domain.config.pk]
        lacking = [
            field.name
            for field in self._fields
            if field.name in self._domain.config.pk
            and ((self._stands_in_column(field) and field.name not in shared) or (field.spread and not values))
        ]
        if measures and not measured.intersection(measures):
            lacking.append(" and ".join(measures[:_SHOWN]))
        if not measured:
            return None, []
        header = LaidHeader(
            first_row=block[0][0],
            row=block[-1][0],
            columns=shared,
            groups=groups or (Group({}, {}),),
            over=self._over(grid, shared),
            names=tuple(joined(self._texts(grid, self._said, index)) for index in range(width)),
            missing=tuple(name for name in measures if name not in measured),
            unread=tuple(text for text in unread if text.index not in columns),
            skipped=self._skipped(grid, columns | {index for group in groups for index in _indices(group)}),
        )
        return header, lacking

    def _stands_in_column(self, field: CellField) -> bool:
        return not field.places or any(isinstance(place, FromColumn) for place in field.places)

    def _values(self, grid: Grid, width: int) -> tuple[dict[int, dict[str, Placed]], list[HeaderText]]:
        """The values over each column that has all that stand in the header alone; and texts that are no value."""
        fields = [field for field in self._fields if field.spread]
        found: dict[int, dict[str, Placed]] = {}
        unread: dict[str, HeaderText] = {}
        for index in range(width) if fields else ():
            values: dict[str, Placed] = {}
            for field in fields:
                for place in field.places:
                    if isinstance(place, FromHeader) and place.over is None:
                        text = grid[place.row - 1].get(index)
                        value = None if text is None else value_of(text.cell, place.pattern, field.name)
                        if text is not None and value is not None:
                            values[field.name] = Placed(value, text.place, display(text.cell))
                        elif text is not None:
                            unread[text.place] = text
            if all(field.name in values or len(field.places) > 1 for field in fields) and values:
                found[index] = values
        return found, list(unread.values())

    def _columns(
        self, grid: Grid, block: Rows, width: int, values: dict[int, dict[str, Placed]]
    ) -> tuple[dict[str, LaidColumn], dict[str, list[LaidColumn]]]:
        """The columns of fields that records of a row share, and those under values of the header."""
        shared: dict[str, LaidColumn] = {}
        spread: dict[str, list[LaidColumn]] = {}
        last = block[-1][0]
        for field in self._fields:
            for place in field.places:
                if isinstance(place, FromColumn) and (index := column_index(place.letters)) < width:
                    over = joined(self._texts(grid, self._said, index, own=True))
                    if place.header is None or (is_whole(over, place.header) if place.header else not over):
                        shared[field.name] = LaidColumn(index, over, last)
        taken = {column.index for column in shared.values()}
        names = self._by_name(grid, width, last)
        for field in self._fields:
            if any(isinstance(place, FromCells) for place in field.places):
                found = [LaidColumn(index, "", last) for index in values if index not in taken]
            elif self._stands_in_column(field) and field.name not in shared:
                found = [column for column in self._named(names, field) if column.index not in taken]
            else:
                continue
            under = [column for column in found if column.index in values]
            beside = [column for column in found if column.index not in values]
            if under and field.name not in self._domain.config.pk:
                spread[field.name] = under
            elif len(beside) == 1:
                shared[field.name] = self._with_units(grid, beside[0])
            elif beside:
                shared[field.name] = beside[0]
                self._clash(field.name, beside[0].place, beside[1].place)
        for name, column in shared.items():
            shared[name] = self._with_units(grid, column)
        return shared, {name: [self._with_units(grid, one) for one in found] for name, found in spread.items()}

    def _by_name(self, grid: Grid, width: int, last: int) -> tuple[_Named, _Named]:
        """The columns by all words of their names, and by those of the last row alone, each in the form compared."""
        whole: _Named = {}
        part: _Named = {}
        for index in range(width):
            texts = [(row, grid[row][index]) for row in self._names if index in grid[row]]
            if not texts:
                continue
            words = [display(text.cell) for _, text in texts]
            bottom = texts[-1][1]
            row = bottom.row if bottom.index == index else last
            for named, into in ((words, whole), (words[-1:], part)):
                for form, unit in _forms(named).items():
                    units = (HeaderText(row, index, unit),) if unit else ()
                    into.setdefault(form, []).append(LaidColumn(index, joined(words), row, units))
        return whole, part

    def _named(self, names: tuple[_Named, _Named], field: CellField) -> list[LaidColumn]:
        """The columns that bear a name of a field: those of all its words before those of its last row alone."""
        for columns in names:
            found = {column.index: column for form in self._headers[field.name] for column in columns.get(form, ())}
            if found:
                return [found[index] for index in sorted(found)]
        return []

    def _with_units(self, grid: Grid, column: LaidColumn) -> LaidColumn:
        found = [
            grid[row][column.index]
            for row, role in enumerate(self._layout.header)
            if role is HeaderRow.UNITS and column.index in grid[row]
        ]
        return LaidColumn(column.index, column.name, column.row, tuple(dict.fromkeys((*column.units, *found))))

    def _groups(self, values: dict[int, dict[str, Placed]], spread: dict[str, list[LaidColumn]]) -> tuple[Group, ...]:
        """The columns of measures by the values over them; two of one measure are a clash."""
        groups: dict[tuple[tuple[str, str], ...], tuple[dict[str, Placed], dict[str, LaidColumn]]] = {}
        for name, columns in spread.items():
            for column in columns:
                over = values[column.index]
                key = tuple((field, header_form(display(value.value))) for field, value in over.items())
                known, members = groups.setdefault(key, (over, {}))
                if other := members.get(name):
                    told = ", ".join(f"{field} {shown(display(value.value))}" for field, value in known.items())
                    first, second = (f"{column_letter(one.index)} of {told}" for one in (other, column))
                    self._clash(name, f"column {first}", f"column {second}")
                members[name] = column
        made = [Group(over, members) for over, members in groups.values()]
        return tuple(sorted(made, key=lambda group: group.first))

    def _over(self, grid: Grid, shared: dict[str, LaidColumn]) -> dict[str, tuple[Placed, ...]]:
        """The values that stand over columns of other fields."""
        found: dict[str, tuple[Placed, ...]] = {}
        for field in self._fields:
            for place in field.places:
                if isinstance(place, FromHeader) and place.over in shared:
                    text = grid[place.row - 1].get(shared[place.over].index)
                    value = None if text is None else value_of(text.cell, place.pattern, field.name)
                    if text is not None and value is not None:
                        found[field.name] = (*found.get(field.name, ()), Placed(value, text.place, display(text.cell)))
        return found

    def _skipped(self, grid: Grid, used: set[int]) -> tuple[HeaderText, ...]:
        rows = [row for row, role in enumerate(self._layout.header) if role is HeaderRow.SKIP]
        return tuple(dict.fromkeys(grid[row][index] for row in rows for index in sorted(used) if index in grid[row]))

    def _texts(self, grid: Grid, rows: Sequence[int], index: int, *, own: bool = False) -> Iterator[str]:
        for row in rows:
            text = grid[row].get(index)
            if text is not None and (not own or text.index == index):
                yield display(text.cell)

    def _clash(self, field: str, first: str, second: str) -> None:
        """Note that two columns are of one field, which ends the sheet unless it is no header at all."""
        error = ColumnAmbiguous(file=self._file, sheet=self._sheet, field=field, first=first, second=second)
        self._clashes.append(error)


def _forms(words: Sequence[str]) -> dict[str, str]:
    """A name in either order of its words, with and without a bracket at its end, each with the text in that."""
    plain = [header_form(word) for word in words]
    found = {"".join(plain): "", "".join(reversed(plain)): ""}
    for ordered in (words, words[::-1]):
        if match := _BRACKET.search(ordered[-1]):
            before = map(header_form, (*ordered[:-1], ordered[-1][: match.start()]))
            found.setdefault("".join(before), match[1])
    return found


def _indices(group: Group) -> Iterable[int]:
    return (column.index for column in group.columns.values())
