"""The units of a table that stand outside its header cells: in titles, in a row of units, in the name of the sheet.

Rule: rules.md, Units. Nothing that looks like a statement of units is passed over: it is applied, or an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extract.errors.table import UnitConflict, UnitMisplaced, UnknownUnit
from extract.table.names import HeaderNames, normal_header
from extract.table.unit_words import UnitStatement, looks_like_unit, statements_in, units_in
from extract.workbook.cells import Row, address, display, is_blank

_ABSENT = frozenset(("", "-", "--", "—", "/"))
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
        return f"{self.unit} ({self.stated.place}: {self.stated.text})"


StatedUnits = Mapping[str, StatedUnit]
"""Field to what is stated of it."""


class UnitReader:
    """Reads the units around the tables of one sheet."""

    def __init__(self, names: HeaderNames, file: str, sheet: str) -> None:
        self._names, self._file, self._sheet = names, file, sheet

    def of_titles(self, texts: Iterable[Text]) -> StatedUnits:
        """What texts above or beside a table state for all fields that take the unit, or for the one that they name.

        Raises UnknownUnit for a unit that no field takes, UnitConflict for two that differ.
        """
        general: dict[str, StatedUnit] = {}
        named: dict[str, StatedUnit] = {}
        for text in texts:
            for statement in self._statements(text):
                target = self._names.find(statement.field) if statement.field else None
                for unit in statement.units:
                    fields = [target.target[0]] if target else list(self._names.powers)
                    taking = [name for name in fields if unit in self._names.powers[name]]
                    if not taking:
                        raise self._unknown(text, unit, fields)
                    for name in taking:
                        stated = StatedUnit(self._names.powers[name][unit], unit, text)
                        self._put(named if target else general, name, stated)
        return {**general, **named}

    def _statements(self, text: Text) -> list[UnitStatement]:
        """The statements in a text; one such as 规模：万元 is of the field that it names."""
        header = self._names.find(text.text)
        units = units_in(header.units[0]) if header and header.units else ()
        if header and units and looks_like_unit(header.units[0]):
            return [UnitStatement(units, self._names.inputs[header.target[0]][header.target[1]].headers[0])]
        return statements_in(normal_header(text.text))

    def of_row(self, number: int, cells: Row, columns: Mapping[int, str]) -> StatedUnits | None:
        """What a row of bare or bracketed units states for the fields of its columns; None where it is no such row.

        Raises UnknownUnit for a unit that the field of its column does not take.
        """
        filled = [(index, cell) for index, cell in enumerate(cells) if normal_header(cell) not in _ABSENT]
        units = [(index, cell) for index, cell in filled if normal_header(cell) not in _LABELS]
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

    def check_below(self, texts: Sequence[Text], applied: StatedUnits, settled: Iterable[str]) -> None:
        """Raise UnitMisplaced where a text below the rows states another unit than they were read under.

        `settled` are the fields whose unit stands in the header cell, the row of units or the configuration, and those
        without a column: a statement has no say about them.
        """
        for text in texts:
            for name, stated in self.of_titles([text]).items():
                known = applied.get(name)
                if name not in settled and (known is None or known.power != stated.power):
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
        Text(address(number, index), display(cell))
        for number, cells in rows
        for index, cell in enumerate(cells)
        if not is_blank(cell)
    ]


def _bare(cell: object) -> str:
    """A text without the brackets around it."""
    return normal_header(str(cell)).strip("()[]【】")


def _is_unit(cell: str) -> bool:
    return looks_like_unit(_bare(cell))
