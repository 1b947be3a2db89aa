"""The units of a table that stand outside its header cells: in titles, in a row of units, in the name of the sheet.

Rule: rules.md, Units. Nothing that looks like a statement of units is passed over: it is applied, or an error.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.errors.table import UnitConflict, UnitMisplaced, UnknownUnit
from extract.foreign import cut
from extract.table.statements.names import HeaderNames, normal_header, peeled
from extract.table.statements.unit_hints import excepts, may_name_a_unit
from extract.table.statements.unit_words import UnitStatement, is_count, looks_like_unit, statements_in, units_in
from extract.workbook.cells import Cell, FormattedNumber, Row, address, display, is_blank

_ABSENT = frozenset(("", "-", "--", "—", "/"))
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_COLUMN_NUMBER = re.compile(
    rf"[(\[【]?(?:(?P<digits>[0-9]{{1,3}})|(?P<letter>[a-z])|(?P<stem>[{_STEMS}]))[)\]】.]?(?:=.*)?"
)
_NUMBERING = frozenset(("栏次", "列次", "栏号", "列号", "行次", "序号", "编号", "-", "—"))
_FEWEST_NUMBERED = 3
"""Columns that a row must number at least."""
_PARTS = re.compile(r"[\s、,，;；]+")
_DIGIT = re.compile("[0-9]")
_GAPS = re.compile(r"\s+")
_LABELLED = re.compile(r"^[(（\[【]?\s*(?:计量|金额|货币|数据)?[单單]位\s*[:：]\s*")
_LABELS = frozenset(("单位", "单位:", "计量单位", "计量单位:", "unit", "unit:", "units", "units:"))


@dataclass(frozen=True)
class Text:
    """A text of a sheet with the cell it stands in (or what else it is, such as the name of the sheet)."""

    place: str
    text: str


@dataclass(frozen=True)
class StatedUnit:
    """The unit of a field that a text outside its header cell states: a power of ten, and the words."""

    power: int
    unit: str
    stated: Text

    @property
    def note(self) -> str:
        """Unit, cell and words, for the plan."""
        return f"{cut(self.unit)} ({self.stated.place}: {cut(self.stated.text)})"


StatedUnits = Mapping[str, StatedUnit]
"""Field to what is stated of it."""


@dataclass(frozen=True)
class RowsBelow:
    """What stands right below a header and is no data: units, numbers of columns. `until` is the last such row."""

    stated: StatedUnits
    until: int


class UnitReader:
    """Reads the units around the tables of one sheet."""

    def __init__(self, names: HeaderNames, file: str, sheet: str) -> None:
        self._names, self._file, self._sheet = names, file, sheet

    def of_titles(self, texts: Iterable[Text], others: Collection[str] = ()) -> StatedUnits:
        """What texts above or beside a table state for all fields that take the unit, or for the one that they name.

        `others` are headers of columns that are not read: what names one of them (管理费单位：元) is said of it.
        Raises UnknownUnit for a unit that no field takes, UnitConflict for two that differ.
        """
        general: dict[str, StatedUnit] = {}
        named: dict[str, StatedUnit] = {}
        names_of_others = [name for name in (peeled(normal_header(other)) for other in others) if len(name) > 1]
        for text in texts:
            excepted = self._excepted(text.text)
            for statement in self._statements(text.text):
                target = self._names.find(statement.field) if statement.field else None
                if target is None and any(name in statement.field for name in names_of_others):
                    continue
                if statement.only_named and (target is None or target.target[0] in self._names.keys):
                    continue
                for unit in statement.units:
                    fields = [target.target[0]] if target else list(self._names.powers)
                    taking = [name for name in fields if unit in self._names.powers[name]]
                    if not taking and not target and statement.field and is_count(unit):
                        continue  # 人数单位：人
                    if not taking:
                        raise self._unknown(text, unit, fields)
                    for name in taking if target else set(taking) - excepted:
                        stated = StatedUnit(self._names.powers[name][unit], unit, text)
                        self._put(named if target else general, name, stated)
        return {**general, **named}

    def passes_over(self, text: str) -> bool:
        """Whether a text names a unit of amounts or shares, and is read as no statement of one all the same."""
        excepted = [unit for statement in self._statements(text) for unit in statement.units] if excepts(text) else []
        if any(unit in self._names.powers[name] for name in self._excepted(text) for unit in excepted):
            return True
        return may_name_a_unit(text) and not self.states(text)

    def _excepted(self, text: str) -> set[str]:
        """The fields that a text excepts from what it states."""
        return {name for clause in excepts(text) for name in self._names.mentioned(clause)}

    def states(self, text: str) -> bool:
        """Whether a text states the unit of a field."""
        return any(not one.only_named or self._names.find(one.field) for one in self._statements(text))

    def _statements(self, text: str) -> list[UnitStatement]:
        """The statements of a text, and those of one field that only white space parts: 单位：万元  收益率：%."""
        bare = _LABELLED.sub("", text.strip()).rstrip(")]】） ")
        if of_names := self._of_names(text) or (self._of_names(bare) if bare != text else []):
            return of_names
        found = statements_in(normal_header(text))
        pieces = _GAPS.split(text.strip())
        parts = [part for piece in pieces for part in statements_in(normal_header(piece))] if len(pieces) > 1 else []
        return found + [part for part in parts if part.field]

    def _of_names(self, text: str) -> list[UnitStatement]:
        """The statements of a text that is nothing but fields with their units: 收益率：% 规模：万元."""
        whole = self._names.find(text)
        parts = [text] if whole and whole.units else _PARTS.split(text.strip())
        names = [self._names.find(part) for part in parts]
        if not all(name and name.units and name.target[0] not in self._names.keys for name in names):
            return []
        found = [(part, name.units) for part, name in zip(parts, names, strict=True) if name]
        return [UnitStatement(tuple(unit for text in units for unit in units_in(text)), part) for part, units in found]

    def of_row(
        self, number: int, cells: Row, columns: Mapping[int, str], *, labelled: bool = False
    ) -> StatedUnits | None:
        """What a row of bare or bracketed units states for the fields of its columns; None where it is no such row.

        `labelled`: beside them, columns of no measure may hold words, such as 金额单位, 文本 or 代码.
        Raises UnknownUnit for a unit that the field of its column does not take.
        """
        filled = [(index, cell) for index, cell in enumerate(cells) if normal_header(cell) not in _ABSENT]
        units = [(index, cell) for index, cell in filled if normal_header(cell) not in _LABELS]
        if labelled and any(index in columns for index, _ in units):
            units = [(index, cell) for index, cell in units if index in columns or not _is_word(cell)]
        if not units or not all(isinstance(cell, str) and _is_unit(cell) for _, cell in units):
            return None
        found: dict[str, StatedUnit] = {}
        for index, cell in units:
            name = columns.get(index)
            if name is None:
                continue
            text = Text(address(number, index), display(cell))
            power, unknown = self._names.unit_power(name, [_bare(cell)])
            if unknown:
                raise self._unknown(text, unknown, [name])
            if power is not None:
                found[name] = StatedUnit(power, units_in(_bare(cell))[0], text)
        return found

    def below(self, header_row: int, rows: Iterable[tuple[int, Row]], columns: Mapping[int, str]) -> RowsBelow:
        """The row of units and the row of column numbers below a header, blank rows between them or not.

        Raises what `of_row` raises.
        """
        stated: StatedUnits = {}
        until = header_row
        for number, cells in rows:
            if number <= header_row or all(map(is_blank, cells)):
                continue
            found = None if stated else self.of_row(number, cells, columns, labelled=True)
            if found is None and not numbers_columns(cells):
                break
            stated, until = found or stated, number
        return RowsBelow(stated, until)

    def over(
        self, above: Sequence[tuple[int, Row]], titles: Sequence[Text], columns: Mapping[int, str]
    ) -> tuple[StatedUnits, Sequence[Text]]:
        """What a row of units right above a header states, and the titles without its cells.

        A row that says 单位：万元 is one of titles.
        """
        number, cells = above[-1] if above else (0, [])
        filled = [index for index, cell in enumerate(cells) if not is_blank(cell)]
        by_column = sum(index in columns for index in filled) > 1
        if by_column or (len(filled) > 1 and not any(map(is_labelled, cells))):
            stated = self.of_row(number, cells, columns, labelled=by_column)
            if stated is not None:
                places = {address(number, index) for index in range(len(cells))}
                return stated, [title for title in titles if title.place not in places]
        return {}, titles

    def check_below(
        self, texts: Sequence[Text], applied: StatedUnits, settled: Iterable[str], others: Collection[str]
    ) -> None:
        """Raise UnitMisplaced where a text below the rows states another unit than they were read under (none: 元).

        `settled` are the fields whose unit stands in the header cell, the row of units or the configuration, and those
        without a column: a statement has no say about them. `others` as for `of_titles`.
        """
        for text in texts:
            for name, stated in self.of_titles([text], others).items():
                known = applied.get(name)
                if name not in settled and stated.power != (known.power if known else 0):
                    raise UnitMisplaced(
                        file=self._file,
                        sheet=self._sheet,
                        cell=text.place,
                        text=text.text,
                        unit=stated.unit,
                        field=name,
                    )

    def _put(self, into: dict[str, StatedUnit], name: str, stated: StatedUnit) -> None:
        before = into.setdefault(name, stated)
        if before.power != stated.power:
            raise UnitConflict(file=self._file, sheet=self._sheet, field=name, first=before.note, second=stated.note)

    def _unknown(self, text: Text, unit: str, fields: Sequence[str]) -> UnknownUnit:
        accepted = dict.fromkeys(known for name in fields for known in self._names.powers[name])
        return UnknownUnit(
            file=self._file,
            sheet=self._sheet,
            cell=text.place,
            header=text.text,
            unit=unit,
            accepted=" ".join(accepted),
        )


def titles_of(rows: Iterable[tuple[int, Row]]) -> list[Text]:
    """Every filled cell of some rows with its text."""
    return [
        Text(address(number, index), _as_shown(cell))
        for number, cells in rows
        for index, cell in enumerate(cells)
        if not is_blank(cell)
    ]


def _as_shown(cell: Cell) -> str:
    """A cell with the texts of its number format: 10 under 0"月" is 10月."""
    if not isinstance(cell, FormattedNumber) or cell.shown_as.scale:
        return display(cell)
    return f"{cell.shown_as.prefix}{display(cell)}{cell.shown_as.suffix}"


def numbers_columns(cells: Row) -> bool:
    """Whether a row numbers its columns: 1 2 3, (1) (2) (3), ① ② ③ or, as in official forms, 甲 乙 1 2 3."""
    names = [name for name in map(normal_header, cells) if name and name not in _NUMBERING]
    ordinals = [_COLUMN_NUMBER.fullmatch(name) for name in names]
    if len(names) < _FEWEST_NUMBERED or not all(ordinals):
        return False
    kinds = [(match.lastgroup, _ordinal(match)) for match in ordinals if match]
    starts = all(
        ordinal <= 1 for (kind, ordinal), before in zip(kinds, [(None, 0), *kinds], strict=False) if kind != before[0]
    )
    return starts and all(
        ordinal == before + 1 for (other, before), (kind, ordinal) in pairwise(kinds) if kind == other
    )


def _ordinal(match: re.Match[str]) -> int:
    text = match[match.lastgroup or 0]
    return int(text) if text.isdecimal() else _STEMS.find(text) + 1 if text in _STEMS else ord(text) - ord("a") + 1


def is_labelled(cell: object) -> bool:
    """Whether a cell says that it states a unit: 单位：万元."""
    return isinstance(cell, str) and any(label in normal_header(cell) for label in ("单位", "币种", "unit"))


def _bare(cell: object) -> str:
    """A text without the brackets around it."""
    return normal_header(str(cell)).strip("()[]【】")


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and not _DIGIT.search(normal_header(cell))


def _is_unit(cell: str) -> bool:
    return looks_like_unit(_bare(cell))
