"""The header of a sheet: which column feeds which field, and in which unit.

Rule: rules.md, the table of headers and Units. Headers are compared after NFKC, without white space, in any case,
and without a trailing bracket.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extract.domain import Domain
from extract.errors import ColumnAmbiguous, ColumnMissing, UnknownUnit
from extract.fields import Cell, display, is_blank, squeeze
from extract.workbook import address, column_letter

_BRACKETED = re.compile(r"(.+?)((?:[(\[【][^()\[\]【】]*[)\]】])+)")


@dataclass(frozen=True)
class HeaderCell:
    """A column that was recognised: its index in the sheet and its header as the sheet spells it."""

    index: int
    text: str


@dataclass(frozen=True)
class Header:
    """The header row of one sheet, understood.

    `sources` holds, for each field that has columns, the cells of its inputs in order (None where the sheet lacks
    one). `units` maps a field to the power of ten that its header names. `names` holds the header of every column.
    """

    row: int
    sources: dict[str, tuple[HeaderCell | None, ...]]
    units: dict[str, int]
    names: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def first_column(self) -> dict[str, HeaderCell]:
        """The leftmost column of each field."""
        return {name: min(filter(None, cells), key=lambda cell: cell.index) for name, cells in self.sources.items()}


def normal_header(cell: Cell) -> str:
    """A header in the form in which headers are compared."""
    return squeeze(display(cell)).lower()


def map_header(row: int, cells: Sequence[Cell], domain: Domain, file: str, sheet: str, has_period: bool) -> Header:
    """Match the header cells in `row` with the fields of the domain.

    `has_period` tells that the file name gives the period, so that the sheet may lack every period column.
    Raises ColumnAmbiguous, ColumnMissing or UnknownUnit.
    """
    accepted = {
        normal_header(header): (field.name, part)
        for field in domain.cell_fields
        for part, source in enumerate(field.type.inputs(field.name))
        for header in source.headers
    }
    found: dict[tuple[str, int], HeaderCell] = {}
    units: dict[str, int] = {}
    ignored: list[str] = []
    for index, cell in enumerate(cells):
        if is_blank(cell):
            continue
        name, brackets = _split(normal_header(cell))
        target = accepted.get(normal_header(cell)) or accepted.get(name)
        if target is None:
            ignored.append(display(cell))
            continue
        column = HeaderCell(index, display(cell))
        if target in found:
            raise ColumnAmbiguous(
                file=file,
                sheet=sheet,
                field=target[0],
                first=f"{address(row, found[target].index)} {found[target].text}",
                second=f"{address(row, index)} {column.text}",
            )
        found[target] = column
        if brackets and target[0] not in domain.config.pk:
            units[target[0]] = _unit(brackets, target[0], domain, column, row, file, sheet)
    sources = {
        field.name: tuple(found.get((field.name, part)) for part in range(len(field.type.inputs(field.name))))
        for field in domain.cell_fields
        if any(name == field.name for name, _ in found)
    }
    names = tuple(display(cell) for cell in cells)
    header = Header(row, sources, units, names, tuple(ignored))
    _check_keys(header, domain, file, sheet, has_period)
    return header


def _split(text: str) -> tuple[str, list[str]]:
    """A normal header without its trailing brackets, and what stands in them."""
    match = _BRACKETED.fullmatch(text)
    if not match:
        return text, []
    return match[1], re.findall(r"[(\[【]([^()\[\]【】]*)[)\]】]", match[2])


def _unit(brackets: list[str], field: str, domain: Domain, header: HeaderCell, row: int, file: str, sheet: str) -> int:
    powers = next(item.type.unit_powers for item in domain.cell_fields if item.name == field)
    if len(brackets) != 1 or brackets[0] not in powers:
        raise UnknownUnit(
            file=file,
            sheet=sheet,
            cell=address(row, header.index),
            header=" ".join(header.text.split()),
            unit="".join(f"({bracket})" for bracket in brackets),
            accepted=" ".join(powers),
        )
    return powers[brackets[0]]


def _check_keys(header: Header, domain: Domain, file: str, sheet: str, has_period: bool) -> None:
    missing = []
    for field in domain.cell_fields:
        if field.name not in domain.config.pk:
            continue
        inputs = field.type.inputs(field.name)
        cells = header.sources.get(field.name, (None,) * len(inputs))
        absent = [source for source, cell in zip(inputs, cells, strict=True) if cell is None]
        if len(inputs) > 1:  # a period: its own column, or year and month together, or the file name
            parts = absent[:-1] if cells[-1] is None else []
            absent = parts if any(cells) else [] if has_period else absent
        missing += [f"{field.name} ({' / '.join(source.headers)})" for source in absent]
    if missing:
        columns = [f"{column_letter(index)} {name}" for index, name in enumerate(header.names) if name.strip()]
        raise ColumnMissing(
            file=file,
            sheet=sheet,
            header_row=header.row,
            missing="; ".join(missing),
            found=", ".join(columns) or "nothing",
        )
