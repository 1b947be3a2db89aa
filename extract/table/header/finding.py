"""Finds the header of a table among the rows of a sheet.

Rule: rules.md, the table of headers and Units. A header may have two rows: a group row, usually merged, over the names
of the columns or over qualifiers such as 本月 and 本年累计; and below it a row of units.
"""

from collections.abc import Collection, Sequence
from itertools import islice

from extract.domains.registry import Domain
from extract.errors.table import ColumnAmbiguous, ColumnMissing, UnknownUnit
from extract.fields.base import Input
from extract.foreign import cut
from extract.table.header.columns import Column, Match, columns_of, groups_of, groups_of_others
from extract.table.header.comments import of_this_header
from extract.table.header.fields import Header, HeaderCell, plain_names
from extract.table.header.header_errors import HeaderErrors
from extract.table.statements.names import HeaderNames, Target, normal_header
from extract.table.statements.spans import is_of_another_span
from extract.table.statements.unit_words import is_statement, looks_like_unit
from extract.table.statements.units import StatedUnit, StatedUnits, Text, UnitReader, is_labelled, titles_of
from extract.workbook.cells import Merges, Row, address, display, is_blank

HEADER_ROWS = 30
"""Rows among which the header is looked for."""
_MOST_PAIRS = 2_500
"""Groups with texts below them that are tried as one header; of a hundred columns all are."""
LATER_ROWS = 6
"""Rows that are looked at where a further header may begin: its two, those of units and of numbers, and blank ones."""
Rows = Sequence[tuple[int, Row]]


class HeaderFinder:
    """Finds and understands headers of one domain in one sheet.

    `has_period`: the file name gives the period, so no column must. `accepted` are the guards that --accept names,
    `read_as` tells how a text was cut into columns.
    """

    def __init__(
        self,
        domain: Domain,
        names: HeaderNames,
        file: str,
        sheet: str,
        *,
        has_period: bool,
        accepted: Collection[str],
        read_as: str | None = None,
    ) -> None:
        self._domain, self._names, self._file, self._sheet = domain, names, file, sheet
        self._has_period = has_period
        required = (field.name for field in domain.cell_fields if not (field.type.nullable or field.type.reads))
        self._required = tuple(dict.fromkeys((*domain.config.pk, *required)))
        self._periods = {field.name for field in domain.cell_fields if field.type.is_period}
        self._errors = HeaderErrors(names, file, sheet, accepted, read_as)
        self._units = UnitReader(names, file, sheet)

    def find(self, rows: Rows, merges: Merges, beside: Sequence[Text] = ()) -> Header:
        """The first header among the upper rows; `beside` are texts outside the cells, such as the sheet's name.

        Raises HeaderNotFound or ColumnMissing where no row has all key columns, ColumnAmbiguous, ColumnDoubtful,
        UnknownUnit, UnitConflict.
        """
        best: tuple[Match, list[Column]] | None = None
        for position in range(len(rows)):
            for columns in self._readings(rows, position, merges):
                match = self._match(columns)
                if not self._missing_keys(match):
                    above = [row for row in rows if row[0] < min(column.row for column in columns)]
                    return self._header(match, columns, rows, above, [*beside, *titles_of(above)], {})
                if match.found and (best is None or len(match.found) > len(best[0].found)):
                    best = match, columns
        if best is None:
            raise self._errors.not_found(rows, self._missing_keys(Match()))
        raise self._errors.incomplete(best[1], self._missing_keys(best[0]))

    def begin(self, rows: Rows, merges: Merges, above: Rows, before: Header) -> Header | None:
        """The header of a further table, if the first of `rows` is one; `above` are rows without data over it.

        What titles state for the table before holds for it too, unless its own titles state something else.
        """
        near = [row for row in above[-1:] if row[0] == rows[0][0] - 1]
        group = [row for row in near if sum(not is_blank(cell) for cell in row[1]) > 1]  # one cell alone is a title
        for columns in self._readings([*group, *rows], len(group), merges):
            match = self._match(columns)
            if not self._missing_keys(match):
                return self._header(match, columns, rows, above, titles_of(above), before.stated)
        return None

    def heads(self, rows: Rows) -> bool:
        """Whether the first of some rows is a header by itself."""
        return bool(rows) and not self._missing_keys(self._match(columns_of(*rows[0], {})))

    def incomplete(self, number: int, cells: Row) -> ColumnMissing:
        """The error about a row that looks like the header of a further table and lacks key columns."""
        columns = columns_of(number, cells, {})
        return self._errors.incomplete(columns, self._missing_keys(self._match(columns)))

    def score(self, rows: Rows, merges: Merges) -> int:
        """How many columns the header among some upper rows maps; 0 where there is none."""
        matches = (
            self._match(columns) for position in range(len(rows)) for columns in self._readings(rows, position, merges)
        )
        return next((len(match.found) for match in matches if not self._missing_keys(match)), 0)

    def _readings(self, rows: Rows, position: int, merges: Merges) -> list[list[Column]]:
        """The ways to read a row as a header: with the row below as its second half, or alone (below a group)."""
        number, cells = rows[position]
        above = rows[position - 1] if position else (number - 1, [])
        alone = columns_of(number, cells, groups_of(above, merges))
        if position + 1 == len(rows):
            return [alone]
        lower_number, lower = rows[position + 1]
        if not self._is_lower_half(cells, lower, self._match(alone)):
            return [alone]
        if not self._missing_keys(self._match(columns_of(lower_number, lower, {}))):
            return [alone]  # the lower row is a header by itself, and the upper one a title over it
        upper = [column for column in alone if column.index >= len(lower) or is_blank(lower[column.index])]
        below = columns_of(lower_number, lower, groups_of((number, cells), merges, spread_over=lower))
        both = sorted([*upper, *below], key=lambda column: column.index)
        readings = [*self._with_third(rows, position, merges, both), both]
        return readings if not self._missing_keys(self._match(alone)) else [*readings, alone]

    def _with_third(self, rows: Rows, position: int, merges: Merges, both: list[Column]) -> list[list[Column]]:
        """A header of three rows, of which the last names measures: what both rows over them say is their group."""
        if position + 2 == len(rows):
            return []
        (_, first), (_, second), (number, cells) = rows[position : position + 3]
        names = any(self._names.find(display(cell)) for cell in cells if isinstance(cell, str))
        if not names or not self._is_lower_half([*first, *second], cells, self._match(both)):
            return []
        over = groups_of(rows[position], merges, spread_over=second)
        groups = groups_of(rows[position + 1], merges, spread_over=cells)
        groups = {index: (over.get(index, ("",))[0] + text, columns) for index, (text, columns) in groups.items()}
        upper = [column for column in both if column.index >= len(cells) or is_blank(cells[column.index])]
        return [sorted([*upper, *columns_of(number, cells, over | groups)], key=lambda column: column.index)]

    def _is_lower_half(self, cells: Row, lower: Row, upper: Match) -> bool:
        """Whether the row below a header row is its second half: headers or qualifiers, and nothing but text."""
        filled = [(index, cell) for index, cell in enumerate(lower) if not is_blank(cell)]
        if not filled or not all(isinstance(cell, str) for _, cell in filled):
            return False
        if all(normal_header(cell) in map(normal_header, cells) for _, cell in filled):
            return False  # it repeats the header
        if self._units.of_row(0, lower, {}) is not None:
            return False
        keys = upper.columns_of(self._names.keys)
        names = [self._names.find(display(cell)) for _, cell in filled]
        if any(index in keys and name is None for (index, _), name in zip(filled, names, strict=True)):
            return False
        groups = [display(cell) for cell in cells if not is_blank(cell)]
        pairs = islice(((group, cell) for _, cell in filled for group in groups), _MOST_PAIRS)
        combined = any(self._names.find(group + str(cell)) for group, cell in pairs)
        return any(names) or combined or not self._missing_keys(upper)

    def _match(self, columns: Sequence[Column]) -> Match:
        match = Match()
        for column in columns:
            both = (column.text + column.group, column.group + column.text) if column.group else ()
            texts = (column.text, *both)
            named = ((text, self._names.find(text)) for text in texts)
            text, name = next(((text, name) for text, name in named if name), ("", None))
            if name is None:
                match.ignored.append(column)
            else:
                match.found.setdefault(name.target, []).append(column)
                match.texts[column] = text
                match.units[column] = name.units
        self._set_aside_other_spans(match)
        for target, candidates in match.found.items():
            if len(candidates) > 1 and all(column.group for column in candidates):  # the group may tell which is meant
                named_by_group = [column for column in candidates if self._full_name(column) == target]
                if len(named_by_group) == 1:
                    match.ignored += [column for column in candidates if column is not named_by_group[0]]
                    match.found[target] = named_by_group
        match.ignored.sort(key=lambda column: column.index)
        return match

    def _set_aside_other_spans(self, match: Match) -> None:
        """Take measures out of a match whose group says that they are not those of the month (上月, 本年累计, 10月)."""
        keys = match.columns_of(self._names.keys)
        for target, candidates in list(match.found.items()):
            for column in candidates if target[0] not in self._names.keys else ():
                width = len(column.group_columns)
                if keys.isdisjoint(column.group_columns) and is_of_another_span(
                    column.group, width, self._names.period
                ):
                    match.ignored.append(column)
            match.found[target] = [column for column in candidates if column not in match.ignored]
            if not match.found[target]:
                del match.found[target]

    def _full_name(self, column: Column) -> Target | None:
        if not column.group:
            return None
        name = self._names.find(column.group + column.text) or self._names.find(column.text + column.group)
        return name.target if name else None

    def _missing_keys(self, match: Match) -> list[Input]:
        missing: list[Input] = []
        for name in self._required:
            inputs = self._names.inputs[name]
            absent = [source for part, source in enumerate(inputs) if (name, part) not in match.found]
            if name in self._periods:  # its own column, or year and month together, or the file name
                if (name, len(inputs) - 1) in match.found or (len(absent) == len(inputs) and self._has_period):
                    absent = []
                elif len(absent) < len(inputs):
                    absent = absent[:-1]
            missing += absent
        return missing

    def _header(
        self,
        match: Match,
        columns: list[Column],
        rows: Rows,
        above: Rows,
        titles: Sequence[Text],
        inherited: StatedUnits,
    ) -> Header:
        cells: dict[Target, HeaderCell] = {}
        units: dict[str, int] = {}
        by_group: dict[str, StatedUnit] = {}
        for (name, part), candidates in match.found.items():
            if len(candidates) > 1:
                one, other = (f"{address(column.row, column.index)} {column.full_text}" for column in candidates[:2])
                raise ColumnAmbiguous(file=self._file, sheet=self._sheet, field=name, first=one, second=other)
            (column,) = candidates
            cells[name, part] = HeaderCell(column.row, column.index, cut(column.text))
            if name not in self._names.keys and (power := self._unit(column, match, name)) is not None:
                units[name] = power
                if not match.units[column]:
                    place = Text(address(column.row - 1, column.group_columns.start), column.group)
                    by_group[name] = StatedUnit(power, self._names.unit_of(name, power), place)
        self._errors.refuse_lost_columns(match)
        sources = {
            name: tuple(cells.get((name, part)) for part in range(len(inputs)))
            for name, inputs in self._names.inputs.items()
            if any((name, part) in cells for part in range(len(inputs)))
        }
        row, first = max(column.row for column in columns), min(column.row for column in columns)
        fields = {cell.index: name for (name, _), cell in cells.items() if name not in self._names.keys}
        below = self._units.below(row, rows, fields)
        by_row, titles = (below.stated, titles) if below.stated else self._units.over(above, titles, fields)
        self._errors.refuse_split_columns(match, columns, dict(rows).get(row + 1, []))
        others = groups_of_others(match)
        titles = [title for title in titles if title.place not in others]
        beside = [column for column in match.ignored if is_statement(normal_header(column.text))]
        titles = of_this_header(titles, row, columns, fields)
        texts = [*titles, *(Text(address(column.row, column.index), column.text) for column in beside)]
        ignored = tuple(cut(column.text) for column in match.ignored if column not in beside)
        stated = {**inherited, **self._units.of_titles(texts, ignored)}
        width = max(len(cells) for _, cells in rows)
        names = {column.index: cut(column.text) for column in columns}
        return Header(
            row=row,
            sources=sources,
            units=units,
            names=tuple(names.get(index, "") for index in range(width)),
            stated=stated,
            by_row=by_row,
            by_group=by_group,
            until=below.until,
            ignored=ignored,
            missing=tuple(name for name in self._names.inputs if name not in sources and name not in self._names.keys),
            titles=tuple(titles_of(above)),
            rows=tuple(tuple(map(normal_header, cells)) for number, cells in rows if first <= number <= row),
            plain_names=plain_names(columns, match, self._names, {**stated, **by_row}, units, width),
        )

    def _unit(self, column: Column, match: Match, name: str) -> int | None:
        """The power of ten that a header names; where it has no unit itself, its group may name one."""
        texts: Sequence[str] = match.units[column]
        if not texts:
            texts = self._units_of_group(column, match)
            if len(texts) == 1 and self._names.other_unit(name, texts[0]):
                return None  # that of other columns of the group
        power, unknown = self._names.unit_power(name, texts)
        if unknown:
            raise UnknownUnit(
                file=self._file,
                sheet=self._sheet,
                cell=address(column.row, column.index),
                header=column.full_text,
                unit=unknown if unknown.startswith("(") else f"({unknown})",
                accepted=" ".join(self._names.powers[name]),
            )
        return power

    def _units_of_group(self, column: Column, match: Match) -> list[str]:
        """The brackets of a group that name a unit; a title over the key columns is no group, a remark no unit."""
        if match.columns_of(self._names.keys) & set(column.group_columns):
            return []
        if len(column.group_columns) == 1 and is_labelled(column.group):
            return []  # 单位：万元 in one cell is for the table
        return [text for text in self._names.brackets_of(column.group) if looks_like_unit(text)]
