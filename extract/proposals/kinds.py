"""Which type of field a column is, by all of its cells: the types themselves say whether they accept them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from extract.fields.base import CellType, FileContext, Words
from extract.fields.codes import Code
from extract.fields.dates import Date, Month, MonthOf
from extract.fields.integers import Integer
from extract.fields.numbers import AMOUNT_UNITS, PERCENT, SHARE_UNITS, Number, Share
from extract.fields.periods import Period
from extract.fields.texts import Text
from extract.foreign import cut, shown
from extract.proposals.month_words import LANGUAGES
from extract.proposals.seen import SeenColumn, power_of
from extract.table.statements.unit_words import looks_like_unit
from extract.workbook.cells import Cell, FormattedNumber, address, display, printed, squeeze

_DATE_FORMATS = (
    "{YYYY}-{MM}-{DD}", "{YYYY}/{MM}/{DD}", "{DD}/{MM}/{YYYY}", "{MM}/{DD}/{YYYY}", "{DD}.{MM}.{YYYY}",
    "{DD}-{MM}-{YYYY}", "{D}/{M}/{YYYY}", "{D}.{M}.{YYYY}", "{D} {MON} {YYYY}", "{D}-{MON}-{YYYY}", "{D}-{MON}-{YY}",
)  # fmt: skip
_MONTH_FORMATS = (
    "{YYYY}-{MM}", "{YYYY}/{MM}", "{MM}/{YYYY}", "{YYYY}年{M}月", "{MON} {YYYY}", "{MON}-{YYYY}", "{MON}-{YY}",
    "{MON} {YY}", "{MON}{YYYY}",
)  # fmt: skip
_SPAN_FORMATS = ("Q{Q} {YYYY}", "{YYYY}-Q{Q}", "{YYYY} Q{Q}", "{YYYY}Q{Q}", "Q{Q}-{YYYY}", "H{H} {YYYY}", "{YYYY}-H{H}")
_CODED = re.compile(r"代码|编号|编码|计划号|\bcode\b|\bid\b|\bisin\b|\blei\b|c[oó]digo|kennung", re.IGNORECASE)
_PERIOD = re.compile(r"period|date|month|quarter|期|月|日|fecha|mes|monat|quartal|datum|trimestre|mois", re.IGNORECASE)
_SHARE = re.compile(r"%|percent|per cent|porcentaje|prozent|pourcent|百分|收益率", re.IGNORECASE)
_YEAR, _MONTH = (
    re.compile(r"年|年份|year|año|jahr", re.IGNORECASE),
    re.compile(r"月|月份|month|mes|monat", re.IGNORECASE),
)
_BRACKET = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]*)[)）\]】]\s*$")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_FIGURES = 0.9
"""The share of cells that must be figures, for the others to be marks among them."""
_SHOWN = 3
_FEWEST, _LONG = 5, 6
_MOST_MARKS = 5


@dataclass(frozen=True)
class SeenKind:
    """The type that a column may have, the words of months that it needs, and what is doubtful about it."""

    type: CellType
    month_words: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def period_pair(columns: Iterable[SeenColumn], today: date) -> tuple[SeenColumn, SeenColumn] | None:
    """A column of years and one of months."""
    found: list[SeenColumn] = []
    kind, context = Period((), (), ()), FileContext(today)
    for part, word in enumerate((_YEAR, _MONTH)):
        named = (column for column in columns if word.fullmatch(squeeze(column.name)) and column.cells)
        fits = (column for column in named if all(kind.accepts(cell, part, context) for _, cell in column.cells))
        if column := next(fits, None):
            found.append(column)
    return (found[0], found[1]) if len(found) == 2 else None


def kind_of(column: SeenColumn, today: date) -> SeenKind:
    """The type of a column that has cells."""
    return _dated(column, today) or _figures(column, today) or _text(column)


def header_of(column: SeenColumn) -> str:
    """The header as a domain declares it: without the unit in the bracket at its end."""
    match = _BRACKET.search(column.name)
    bare = column.name[: match.start()] if match and looks_like_unit(squeeze(match[1]).lower()) else column.name
    return printed(bare) or printed(column.name)


def _dated(column: SeenColumn, today: date) -> SeenKind | None:
    cells = [cell for _, cell in column.cells]
    named = _PERIOD.search(column.name) is not None
    plain = FileContext(today)
    dates = [cell for cell in cells if isinstance(cell, date)]
    if len(dates) == len(cells):
        return SeenKind(Month((header_of(column),)) if named else Date((header_of(column),)))
    if not named and not all(isinstance(cell, str | date) for cell in cells):
        return None
    if named and all(Period((), (), ()).accepts(cell, 2, plain) for cell in cells):
        return SeenKind(Period((), (), (header_of(column),)))
    return _written_dates(column, cells, today)


def _written_dates(column: SeenColumn, cells: list[Cell], today: date) -> SeenKind | None:
    """A column of texts in one of the known formats, with month words of one language where they are needed."""
    languages = [("", {}), *LANGUAGES.items()]
    for language, words in languages:
        context = FileContext(today, words=Words(months=words))
        fitting = [
            kind
            for kind in _dated_types(header_of(column))
            if bool(language) == ("{MON}" in kind.formats[0]) and all(kind.accepts(cell, 0, context) for cell in cells)
        ]
        if fitting:
            notes: tuple[str, ...] = ()
            if len(fitting) > 1 and isinstance(fitting[0], Date):
                either = " or ".join(kind.formats[0] for kind in fitting)
                notes = (f"{_place(column)} may be read as {either}: the first is proposed",)
            return SeenKind(fitting[0], dict(words), notes)
    return None


def _dated_types(header: str) -> list[Date | Month]:
    days = [Date((header,), (written,)) for written in _DATE_FORMATS]
    months = [Month((header,), (written,)) for written in _MONTH_FORMATS]
    spans = [Month((header,), (written,), MonthOf.LAST) for written in _SPAN_FORMATS]
    return [*days, *months, *spans]


def _figures(column: SeenColumn, today: date) -> SeenKind | None:
    """A number or a share, where nearly all cells are figures and the header does not say that they are codes."""
    if _CODED.search(column.name) or _numbers_things(column):
        return None
    context, header = FileContext(today), header_of(column)
    is_share = _is_share(column) or (column.unit != "" and power_of(column.unit) == PERCENT)
    power = power_of(column.unit) if column.unit else None
    stated = {} if power is None else {column.unit: power}
    usual: Mapping[str, int] = AMOUNT_UNITS if _CHINESE.search(column.name) else {}
    units = stated or (SHARE_UNITS if is_share else usual)
    wide = Decimal(-10) ** 15
    trial: Number = Share((header,), 28, 12, wide, units) if is_share else Number((header,), 28, 12, wide, units)
    others = [(row, cell) for row, cell in column.cells if not trial.accepts(cell, 0, context)]
    odd = {row for row, _ in others}
    figures = [cell for row, cell in column.cells if row not in odd]
    if not figures or not (len(figures) >= _FIGURES * len(column.cells) or _are_marks(others, figures)):
        return None
    places = max(map(_places, figures))
    negative = any(_is_negative(cell) for cell in figures)
    if is_share:
        kind: Number = Share((header,), 12, min(max(places + 2, 8), 10), Decimal(-1), units, Decimal(10))
        if any(isinstance(cell, float | int) and not -1 <= cell <= 10 for cell in figures):
            kind = replace(kind, maximum=None, minimum=Decimal(-1000))
    else:
        scale = min(max(places, 4), 8)
        kind = Number((header,), 16 + scale, scale, -(Decimal(10) ** 15) if negative else Decimal(0), units)
    notes = []
    if others:
        marks = ", ".join(
            f"{address(row, column.index)} {shown(cut(display(cell), 30))}" for row, cell in others[:_SHOWN]
        )
        notes.append(f"{_place(column)} holds {len(others)} cells that are no figures ({marks}): declare them under"
                     " `marks` or `nulls`, until then their rows are rejects")  # fmt: skip
    bracket = _BRACKET.search(column.name)
    if bracket and header == printed(column.name) and re.search(r"[$€£¥%]|'000|thousand|million|billion", bracket[1]):
        notes.append(f"{_place(column)}: {shown(bracket[1])} reads like a unit; figures are taken as they stand")
    return SeenKind(kind, {}, tuple(notes))


def _are_marks(others: list[tuple[int, Cell]], figures: list[Cell]) -> bool:
    """Whether the cells between figures are marks: a few short texts, and fewer than the figures are."""
    texts = {squeeze(display(cell)) for _, cell in others}
    return len(others) < len(figures) and len(texts) <= _MOST_MARKS and all(len(text) <= _LONG for text in texts)


def _numbers_things(column: SeenColumn) -> bool:
    """Whether the numbers of a column are those of things: whole, long, and of one length."""
    texts = [display(cell) for _, cell in column.cells]
    digits = all(text.isdecimal() for text in texts)
    return digits and len(texts) >= _FEWEST and len(set(map(len, texts))) == 1 and len(texts[0]) >= _LONG


def _is_share(column: SeenColumn) -> bool:
    percent = [cell for _, cell in column.cells if isinstance(cell, FormattedNumber) and cell.format.percent]
    typed = [cell for _, cell in column.cells if isinstance(cell, str) and squeeze(cell).endswith(("%", "‰"))]
    if percent or typed:
        return True
    figures = [cell for _, cell in column.cells if isinstance(cell, float | int)]
    return bool(figures and _SHARE.search(column.name)) and (
        "%" in squeeze(column.name) or all(-1 <= cell <= 1 for cell in figures)
    )


def as_integer(column: SeenColumn) -> Integer | None:
    """The whole number type for a column that is part of a key; None where its cells are none."""
    kind = Integer((header_of(column),), -(2**31))
    numbers = [cell for _, cell in column.cells if isinstance(cell, float | int) and not isinstance(cell, bool)]
    if len(numbers) < len(column.cells) or any(number % 1 for number in numbers):
        return None
    return kind if min(numbers) < 0 else Integer((header_of(column),))


def _text(column: SeenColumn) -> SeenKind:
    texts = [squeeze(display(cell)) for _, cell in column.cells]
    longest = max(len(printed(display(cell))) for _, cell in column.cells)
    header = header_of(column)
    code = Code((header,), _rounded_up(longest, (20, 50, 100)))
    plain = all(re.fullmatch(r"[A-Za-z0-9._-]+", text) for text in texts)
    coded = any(letter.isdigit() for text in texts for letter in text) or _CODED.search(column.name)
    spaced = any(" " in printed(display(cell)) for _, cell in column.cells)
    if plain and coded and not spaced and longest <= 100:  # the longest code above
        return SeenKind(code)
    figures = [row for row, cell in column.cells if re.fullmatch(r"[-+]?[0-9][0-9,. ]*[%‰]?", printed(display(cell)))]
    notes: tuple[str, ...] = ()
    if figures:
        first = next(display(cell) for row, cell in column.cells if row == figures[0])
        where = f"{address(figures[0], column.index)} {shown(cut(first, 60))}"
        notes = (f"{_place(column)} is taken for text, though {len(figures)} cells look like figures ({where}): see"
                 " whether they have a decimal comma (`decimal`), or stand among words",)  # fmt: skip
    return SeenKind(Text(_rounded_up(longest, (50, 200, 1000)), (header,)), {}, notes)


def _rounded_up(length: int, steps: tuple[int, ...]) -> int:
    return next((step for step in steps if 2 * length <= step), steps[-1])


def _places(cell: Cell) -> int:
    text = str(Decimal(repr(float(cell)))) if isinstance(cell, float | int) else squeeze(str(cell))
    if isinstance(cell, float | int):
        exponent = Decimal(text).normalize().as_tuple().exponent
        return max(0, -int(exponent))
    match = re.search(r"\.([0-9]+)", text)
    return len(match[1]) if match else 0


def _is_negative(cell: Cell) -> bool:
    return cell < 0 if isinstance(cell, float | int) else squeeze(str(cell)).startswith(("-", "−", "(", "（"))


def _place(column: SeenColumn) -> str:
    return f"column {column.letter} ({shown(cut(printed(column.name), 60))})"
