"""The units of a published table: declared words in the header, in a row of units, or in a title.

`unit_powers` of a field declares its words. A measure that has some needs one of them; "" among them says that none
need be stated.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extract.domains.base import CellField
from extract.domains.registry import Domain
from extract.errors.layout import UnitNotFound
from extract.errors.table import UnitConflict, UnknownUnit
from extract.fields.base import compared
from extract.foreign import shown
from extract.table.layout.finding import header_form
from extract.table.layout.grid import HeaderText
from extract.table.layout.header import LaidColumn, LaidHeader
from extract.table.statements.units import Text
from extract.wording import Sentence
from extract.workbook.cells import display

_WRAPPED = re.compile(r"[(\[（【](.*)[)\]）】]")
_BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]+)[)\]）】]")


@dataclass(frozen=True)
class LaidUnits:
    """Powers of ten by field, notes on where they stand, and texts that look like units and are those of no field."""

    powers: dict[str, int]
    notes: tuple[str, ...]
    unread: tuple[Text, ...]


class LaidUnitReader:
    """Reads the units of the tables of one sheet."""

    def __init__(self, domain: Domain, file: str, sheet: str) -> None:
        self._domain, self._file, self._sheet = domain, file, sheet
        self._words = {
            field.name: {_bare(word): power for word, power in field.type.unit_powers.items()}
            for field in domain.cell_fields
            if not field.type.reads
        }

    def read(self, header: LaidHeader, titles: Sequence[Text]) -> LaidUnits:
        """What a header and the texts over it state: a column's own unit counts before that of a title.

        Raises UnknownUnit, UnitConflict, or UnitNotFound.
        """
        powers: dict[str, int] = {}
        notes: list[str] = []
        configured = dict(self._domain.units)
        for field in self._domain.cell_fields:
            columns = header.columns_of(field.name)
            if field.type.reads or field.name in configured or not columns:
                continue
            stated = self._of_columns(field, columns) or self._of_titles(field.name, titles)
            if stated:
                power, text = stated
                powers[field.name] = power
                note = f"{shown(text.text)} ({text.place})"
                notes.append(Sentence("unit of {column}: {note}", column=field.name, note=note))
            elif self._words[field.name] and "" not in self._words[field.name]:
                raise self._not_found(field, columns[0], titles)
        return LaidUnits({**powers, **configured}, tuple(notes), tuple(self._unread(header, titles, configured)))

    def _of_columns(self, field: CellField, columns: Iterable[LaidColumn]) -> tuple[int, Text] | None:
        found: tuple[int, Text] | None = None
        first = True
        for column in columns:
            own = self._of_column(field, column)
            if not first and (own and own[0]) != (found and found[0]):
                told = [f"{shown(one[1].text)} ({one[1].place})" if one else "none" for one in (found, own)]
                raise UnitConflict(
                    file=self._file,
                    sheet=self._sheet,
                    field=field.name,
                    first=told[0],
                    second=f"{told[1]} at {column.place}",
                )
            found, first = own, False
        return found

    def _of_column(self, field: CellField, column: LaidColumn) -> tuple[int, Text] | None:
        words = self._words[field.name]
        for unit in column.units:
            text = Text(unit.place, display(unit.cell))
            if _bare(text.text) not in words:
                raise UnknownUnit(
                    file=self._file,
                    sheet=self._sheet,
                    cell=text.place,
                    header=column.name,
                    unit=text.text,
                    accepted=" ".join(field.type.unit_powers) or "(none is declared)",
                )
            return words[_bare(text.text)], text
        return None

    def _of_titles(self, name: str, titles: Sequence[Text]) -> tuple[int, Text] | None:
        """What titles state: all of a title, or a bracket in it. Raises UnitConflict for two."""
        found = {
            words: title
            for title in titles
            for part in _parts(title.text)
            if (words := self._words[name].get(_bare(part))) is not None and _bare(part)
        }
        if len(found) > 1:
            first, second = (f"{shown(title.text)} ({title.place})" for title in list(found.values())[:2])
            raise UnitConflict(file=self._file, sheet=self._sheet, field=name, first=first, second=second)
        return next(iter(found.items()), None)

    def _unread(self, header: LaidHeader, titles: Sequence[Text], configured: dict[str, int]) -> Iterable[Text]:
        """Titles in brackets, and cells over columns in rows that are not read, which may be units."""
        words = {word for name, known in self._words.items() if name not in configured for word in known if word}
        for text in [*titles, *map(_text, header.skipped)]:
            bare = _bare(text.text)
            wrapped = _WRAPPED.fullmatch(text.text.strip())
            if (text in titles and wrapped and bare not in words) or (
                text not in titles and (wrapped or bare in words)
            ):
                yield text

    def _not_found(self, field: CellField, column: LaidColumn, titles: Sequence[Text]) -> UnitNotFound:
        over = f"over the column, nor in {titles[0].place} to {titles[-1].place}" if titles else "over the column"
        return UnitNotFound(
            file=self._file,
            sheet=self._sheet,
            field=field.name,
            cell=column.place,
            words=", ".join(map(shown, field.type.unit_powers)),
            looked=over,
        )


def _text(header: HeaderText) -> Text:
    return Text(header.place, display(header.cell))


def _bare(text: str) -> str:
    """A unit in the form in which units are compared: without brackets around it, white space and case."""
    wrapped = _WRAPPED.fullmatch(text.strip())
    return compared(header_form(wrapped[1] if wrapped else text))


def _parts(text: str) -> list[str]:
    return [text, *_BRACKETS.findall(text)]
