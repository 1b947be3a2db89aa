"""What is doubtful about the figures of a column: some name a unit and some none, another currency, a sign not shown.

Rule: rules.md, Units (`units_mixed`, `unit_not_read`) and Where people state things elsewhere (`shown_otherwise`).
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from extract.fields.base import LARGE_SHARE, Comma, told
from extract.fields.numbers import Number, Share
from extract.fields.shown_numbers import currency_of, is_percentage, lacks_sign
from extract.foreign import shown
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.wording import Sentence, counted
from extract.workbook.cells import Cell, FormattedNumber, address

_SHOWN = 3

Test = Callable[[Cell], bool]
Place = tuple[int, int]
"""Row and column of a cell."""
Placed = tuple[Place, Cell]


def figure_warnings(done: SheetExtraction, name: str, number: Number) -> Iterator[FileWarning]:
    """What is doubtful about the figures of a field."""
    tallies = [table.context.tally[name] for table in done.tables if name in table.header.sources]
    stating = sum(one.stated if isinstance(number, Share) else one.scaled for one in tallies)
    both_kinds = any(one.fractions for one in tallies) and any(one.percentages for one in tallies)
    if stating and any(one.plain for one in tallies) and not both_kinds:  # of which another warning tells
        only_small = isinstance(number, Share) and not any(one.large for one in tallies)
        if not only_small or _holds_plain_texts(done, name):
            yield from _mixed(done, name, number)
    if any(one.foreign for one in tallies) and not isinstance(number, Share):
        cells = _cells(done, name, lambda cell: bool(currency_of(cell)), _with_currency)
        detail = Sentence(
            "{cells}: the currency was not applied: see that the figures are in that of the column", cells=cells
        )
        yield FileWarning("unit_not_read", detail)
    if any(one.otherwise for one in tallies) and (cells := _cells(done, name, lacks_sign)):
        detail = Sentence(
            "{cells}: the number format shows no minus, and the figures are negative: see that they are", cells=cells
        )
        yield FileWarning("shown_otherwise", detail)

    percentages = any(one.otherwise for one in tallies) and not isinstance(number, Share)
    if percentages and (cells := _cells(done, name, is_percentage)):
        detail = Sentence(
            "{cells}: shown as percentages and read as the numbers that the cells hold: see that they are no shares",
            cells=cells,
        )
        yield FileWarning("shown_otherwise", detail)


def _mixed(done: SheetExtraction, name: str, number: Number) -> Iterator[FileWarning]:
    """The warning about a column of which some figures bear a unit and others bear none.

    A 0 needs no unit; and a number of up to ten percent beside percentages is the fraction that Excel holds for one.
    """
    plain: list[Placed] = []
    stated: list[Placed] = []
    for place, cell, comma in cells_of(done, name):
        bears = _bears_unit(cell, comma, number, typed_freely=done.sheet.delimiter is not None)
        if bears is not None:
            (stated if bears else plain).append((place, cell))
    if not plain or not stated:
        return
    header = next(table.header.first_column[name].text for table in done.tables if name in table.header.sources)
    gaps = {
        "header": shown(header),
        "stated": _first(stated, _with_format),
        "plain": _first(plain, _with_format),
        "unit": next(iter(number.unit_powers), "%"),
    }
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


def _holds_plain_texts(done: SheetExtraction, name: str) -> bool:
    """Whether a share may be typed as a text without a sign: a quick look at its columns, whatever their rows are."""
    for table in done.tables:
        if name in table.header.sources:
            index, first = table.header.first_column[name].index, table.first_row
            columns = (cells[index] for number, cells in done.sheet.rows() if number >= first and index < len(cells))
            if any(type(cell) is str and cell[-1:] not in "%" for cell in columns):
                return True
    return False


def _bears_unit(cell: Cell, comma: Comma, number: Number, *, typed_freely: bool) -> bool | None:
    """Whether a figure bears a unit of its own; None where that does not matter, or the cell holds no figure.

    The first two answers are those of the rest, for the usual cells of a share.
    """
    if isinstance(number, Share):
        if type(cell) is str and cell.endswith("%"):
            return True
        if type(cell) is float:
            return False if abs(cell) > LARGE_SHARE else None
    typed = number.as_stated(cell, comma)
    if typed is None:
        return None
    value, power = typed
    if power is not None:
        return True if power or isinstance(number, Share) else None
    limit = Decimal(str(LARGE_SHARE)) if isinstance(number, Share) else 0
    return False if value and (abs(value) > limit or (isinstance(cell, str) and not typed_freely)) else None


def _with_format(cell: Cell) -> str:
    return f"{told(cell)} ({cell.format.code})" if isinstance(cell, FormattedNumber) else told(cell)


def _with_currency(cell: Cell) -> str:
    return f"{told(cell)} {currency_of(cell)}"


def _cells(done: SheetExtraction, name: str, test: Test, tell: Callable[[Cell], str] = _with_format) -> str:
    """The first cells of a field that are loaded and pass a test, with their values; "" where there is none."""
    found = [(place, cell) for place, cell, _ in cells_of(done, name) if test(cell)]
    return _first(found, tell) if found else ""


def _first(found: Sequence[Placed], tell: Callable[[Cell], str]) -> str:
    return counted([f"{address(*place)} {tell(cell)}" for place, cell in found[:_SHOWN]], _SHOWN, len(found))


def cells_of(done: SheetExtraction, name: str) -> Iterator[tuple[Place, Cell, Comma]]:
    """The row and column of each cell of a field that is loaded, with the cell and what a comma in it is."""
    following = list(reversed(done.tables))
    table, index = None, -1
    for number, cells in done.sheet.rows():
        while following and following[-1].first_row <= number:
            table = following.pop()
            index = table.header.first_column[name].index if name in table.header.sources else -1
        if table and 0 <= index < len(cells) and number not in done.rejected:
            yield (number, index), cells[index], table.context.comma
