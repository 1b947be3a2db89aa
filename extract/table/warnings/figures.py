"""What is doubtful about the figures of a column: some name a unit and some none, another currency, a sign not shown.

Rule: rules.md, Units (`units_mixed`, `unit_not_read`) and Where people state things elsewhere (`shown_otherwise`).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from extract.fields.base import LARGE_SHARE, Comma, told
from extract.fields.numbers import Number, Share
from extract.fields.shown_numbers import currency_of, is_percentage, lacks_sign
from extract.foreign import shown
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.table.sheet.tables import table_of
from extract.wording import Sentence, counted
from extract.workbook.cells import Cell, FormattedNumber, address

_SHOWN = 3

Test = Callable[[Cell, Comma], bool]


def figure_warnings(done: SheetExtraction, name: str, number: Number) -> Iterator[FileWarning]:
    """What is doubtful about the figures of a field."""
    tallies = [table.context.tally[name] for table in done.tables if name in table.header.sources]
    stating = sum(one.stated if isinstance(number, Share) else one.scaled for one in tallies)
    both_kinds = any(one.fractions for one in tallies) and any(one.percentages for one in tallies)
    if stating and any(one.plain for one in tallies) and not both_kinds:  # of which another warning tells
        yield from _mixed(done, name, number)
    if any(one.foreign for one in tallies) and not isinstance(number, Share):
        cells = _cells(done, name, lambda cell, _: bool(currency_of(cell)), _with_currency)
        detail = Sentence(
            "{cells}: the currency was not applied: see that the figures are in that of the column", cells=cells
        )
        yield FileWarning("unit_not_read", detail)
    if any(one.otherwise for one in tallies) and (cells := _cells(done, name, lambda cell, _: lacks_sign(cell))):
        detail = Sentence(
            "{cells}: the number format shows no minus, and the figures are negative: see that they are", cells=cells
        )
        yield FileWarning("shown_otherwise", detail)

    percentages = any(one.otherwise for one in tallies) and not isinstance(number, Share)
    if percentages and (cells := _cells(done, name, lambda cell, _: is_percentage(cell))):
        detail = Sentence(
            "{cells}: shown as percentages and read as the numbers that the cells hold: see that they are no shares",
            cells=cells,
        )
        yield FileWarning("shown_otherwise", detail)


def _mixed(done: SheetExtraction, name: str, number: Number) -> Iterator[FileWarning]:
    """The warning about a column of which some figures bear a unit and others bear none.

    A 0 needs no unit; and a number of up to ten percent beside percentages is the fraction that Excel holds for one.
    """
    typed_freely = done.sheet.delimiter is not None
    limit = Decimal(str(LARGE_SHARE)) if isinstance(number, Share) else 0

    def bears_unit(cell: Cell, comma: Comma) -> bool:
        typed = number.as_stated(cell, comma)
        return typed is not None and bool(typed[1] is not None if isinstance(number, Share) else typed[1])

    def bears_none(cell: Cell, comma: Comma) -> bool:
        typed = number.as_stated(cell, comma)
        if typed is None or typed[1] is not None or not typed[0]:
            return False
        return abs(typed[0]) > limit or (isinstance(cell, str) and not typed_freely)

    plain, stated = _cells(done, name, bears_none), _cells(done, name, bears_unit)
    if not plain or not stated:
        return
    header = next(table.header.first_column[name].text for table in done.tables if name in table.header.sources)
    gaps = {"header": shown(header), "stated": stated, "plain": plain, "unit": next(iter(number.unit_powers), "%")}
    detail = (
        Sentence(
            "under {header} some figures bear a unit ({stated}) and some none ({plain}), which were read as fractions "
            "up to 1 and as percentages beyond: state the unit of the column in its header, as {header}({unit})",
            **gaps,
        )
        if isinstance(number, Share)
        else Sentence(
            "under {header} some figures bear a unit ({stated}) and some none ({plain}), which were read as they "
            "stand: state the unit of the column in its header, as {header}({unit})",
            **gaps,
        )
    )
    yield FileWarning("units_mixed", detail)


def _with_format(cell: Cell) -> str:
    return f"{told(cell)} ({cell.format.code})" if isinstance(cell, FormattedNumber) else told(cell)


def _with_currency(cell: Cell) -> str:
    return f"{told(cell)} {currency_of(cell)}"


def _cells(done: SheetExtraction, name: str, test: Test, tell: Callable[[Cell], str] = _with_format) -> str:
    """The first cells of a field that are loaded and pass a test, with their values; "" where there is none."""
    found: list[str] = []
    for number, cells in done.sheet.rows():
        table = table_of(done.tables, number)
        if table is None or name not in table.header.sources or number in done.rejected:
            continue
        index = table.header.first_column[name].index
        if index < len(cells) and test(cells[index], table.context.comma):
            found.append(f"{address(number, index)} {tell(cells[index])}")
    return counted(found, _SHOWN) if found else ""
