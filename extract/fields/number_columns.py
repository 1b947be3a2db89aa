"""The quick way for a column of figures: floats and the usual texts at once, all others by `Number.read`.

Rules: rules.md, Numbers and Units. What is settled here is what the careful way gives; a test compares both.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from typing import Any, Protocol

from extract.fields.base import LARGE_SHARE, LONGEST_VALUE, Comma, FileContext, ReadInfo, UnitTally, bears_footnote
from extract.fields.columns import ColumnRead
from extract.workbook.cells import FormattedNumber, simplified, squeeze

_TYPED = r"[-+]?(?:[0-9]{1,15}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})(?:\.[0-9]{0,15})?"
_LINE = re.compile(rf"^(?:({_TYPED})(%|‰|百万元|百万|千元|万元|万|亿元|亿|元)?|(.*))$", re.MULTILINE)
"""A line that is a figure as most people type it, and its unit; or any other."""
_FIGURES, _PERCENTAGES = (
    re.compile(rf"(?:[-+]?(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,4}}+|[0-9]{{1,15}}+)(?:\.[0-9]{{0,15}}+)?+{unit}\n)++")
    for unit in ("", "%")
)
"""Lines of such figures alone, all of them without a unit, or all percentages."""
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP)
_HAS_SPACE = re.compile(r"[^\S\n]")
_SURE_BELOW = 1e15
"""The size below which a float, and what a unit makes of it, is near no limit but those of its column."""


class Figures(Protocol):
    """What a field of figures tells of itself."""

    counts_units: bool
    empty_marks: frozenset[str]

    @property
    def unit_powers(self) -> Mapping[str, int]: ...
    @property
    def minimum(self) -> Decimal: ...
    @property
    def most(self) -> Decimal: ...
    @property
    def step(self) -> Decimal: ...
    @property
    def quick(self) -> tuple[float, float, str]: ...
    def read(self, value: Any, info: ReadInfo) -> Decimal | None: ...
    def without_unit(self, value: Decimal, tally: UnitTally) -> Decimal: ...


class NumberColumn:
    """Reads one column of one chunk for a field of figures."""

    def __init__(self, number: Figures, cells: Sequence[Any], info: ReadInfo) -> None:
        context: FileContext = info.context
        name = str(info.field_name)
        self._number, self._cells, self._info = number, cells, info
        self._power = context.units.get(name)
        self._tally = context.tally[name]
        self._comma = context.comma
        self._marked = bool(context.words.marks)
        self._read = ColumnRead([None] * len(cells))
        self._left: list[int] = []

    def read(self) -> ColumnRead:
        """What the field's `read` gives for each cell."""
        kinds = list(map(type, self._cells))
        present = set(kinds)
        for kind in present:
            positions = [i for i, other in enumerate(kinds) if other is kind] if len(present) > 1 else range(len(kinds))
            if kind is float:
                self._read_floats(positions)
            elif kind is str and not self._marked:
                self._read_texts(positions)
            elif kind is FormattedNumber and self._number.counts_units:
                self._read_percentages(positions)
            else:
                self._left += positions
        self._read.read_each(self._number.read, self._cells, sorted(self._left), self._info)
        return self._read

    def _read_floats(self, positions: Sequence[int]) -> None:
        """Plain numbers: multiplied by the unit of their column, or as what a number without a unit means."""
        if self._power is not None:
            self._round_floats(positions, self._power)
            return
        self._tally.plain += len(positions)
        if self._number.counts_units and not self._are_fractions(positions):
            self._round_floats([i for i in positions if not -1.0 <= self._cells[i] <= 1.0], None)
            self._read_plain([i for i in positions if -1.0 <= self._cells[i] <= 1.0], stated=False)
        else:
            self._read_plain(positions, stated=False)

    def _are_fractions(self, positions: Sequence[int]) -> bool:
        """Whether all floats lie between -1 and 1; what is no number among them is found by its print."""
        floats: list[float] = [self._cells[i] for i in positions]
        return -1.0 <= min(floats) <= max(floats) <= 1.0

    def _read_percentages(self, positions: Sequence[int]) -> None:
        """Shares in cells that are formatted as percentages: they hold fractions."""
        self._left += [i for i in positions if not self._cells[i].format.percent]
        self._read_plain([i for i in positions if self._cells[i].format.percent], stated=True)

    def _read_plain(self, positions: Sequence[int], *, stated: bool) -> None:
        """Floats that hold the value itself; most of them have no more places than the column.

        A decimal of at most 15 significant digits is the only one of that length that reads as its float. So where
        printing with the places of the column and reading back gives the same float, the text is its shortest form.
        """
        if not positions:
            return
        floats = [self._cells[i] for i in positions]
        lowest, highest, places = self._number.quick
        texts = (f"{places}\n" * len(floats) % tuple(floats)).splitlines()
        if list(map(float, texts)) != floats or not lowest <= min(floats) <= max(floats) <= highest:
            sure = [lowest <= value <= highest and float(text) == value
                    for value, text in zip(floats, texts, strict=True)]  # fmt: skip
            others = [i for i, kept in zip(positions, sure, strict=True) if not kept]
            if stated:
                self._left += others
            else:
                self._round_floats(others, None)
            positions = [i for i, kept in zip(positions, sure, strict=True) if kept]
            floats = [value for value, kept in zip(floats, sure, strict=True) if kept]
            texts = [text for text, kept in zip(texts, sure, strict=True) if kept]
        figures = list(map(Decimal, texts))
        if 0.0 in floats:
            figures = [figure or abs(figure) for figure in figures]
        if stated:
            self._tally.stated += len(figures)
        elif self._number.counts_units:
            self._tally.fractions += len(figures)
            self._tally.large += len(figures) - sum(-LARGE_SHARE <= value <= LARGE_SHARE for value in floats)
        self._put(positions, figures)

    def _round_floats(self, positions: Sequence[int], power: int | None) -> None:
        """Floats by their shortest decimal form, multiplied by the power of ten of a unit."""
        sure = [i for i in positions if -_SURE_BELOW < self._cells[i] < _SURE_BELOW]
        if len(sure) < len(positions):  # what is not finite, too
            self._left += set(positions).difference(sure)
            self._tally.plain -= len(positions) - len(sure) if power is None else 0  # the careful way counts it
        self._put_rounded(sure, self._scaled([Decimal(repr(float(self._cells[i]))) for i in sure], power))

    def _read_texts(self, positions: Sequence[int]) -> None:
        """Figures typed as text, and marks for an empty cell."""
        if self._comma is not Comma.THOUSANDS:
            self._left += [i for i in positions if self._cells[i] != ""]
            return
        cells = self._cells
        filled = [i for i in positions if cells[i] != ""]
        if filled and self._read_alike(filled):
            return
        usual = [i for i in filled if len(cells[i]) <= LONGEST_VALUE and "\n" not in cells[i]]
        if len(usual) < len(filled):
            self._left += set(filled).difference(usual)
        lines = "\n".join([cells[i] for i in usual])
        if bears_footnote(lines):
            self._left += [i for i in usual if bears_footnote(cells[i])]
            usual = [i for i in usual if not bears_footnote(cells[i])]
        if not lines.isascii() or _HAS_SPACE.search(lines):
            lines = "\n".join([simplified(squeeze(self._cells[i])) for i in usual])
        found = _LINE.findall(lines) if usual else []
        by_unit: dict[str, tuple[list[int], list[str]]] = {}
        for i, (figure, unit, other) in zip(usual, found, strict=True):
            if figure:
                group = by_unit.setdefault(unit, ([], []))
                group[0].append(i)
                group[1].append(figure)
            elif other.lower() not in self._number.empty_marks:
                self._left.append(i)
        for unit, (places, figures) in by_unit.items():
            if unit and unit not in self._number.unit_powers:
                self._left += places
                continue
            power = self._number.unit_powers[unit] if unit else self._power
            self._tally.stated += len(places) if unit else 0
            self._tally.scaled += len(places) if unit and power else 0
            self._tally.plain += len(places) if power is None else 0
            values = [Decimal(figure.replace(",", "")) for figure in figures]
            self._put_rounded(places, self._scaled(values, power))

    def _read_alike(self, positions: Sequence[int]) -> bool:
        """Texts that are all figures without a unit, or all percentages; False where they are not."""
        lines = "\n".join([self._cells[i] for i in positions]) + "\n"
        if lines.count("\n") > len(positions):
            return False  # a text has two
        if _FIGURES.fullmatch(lines):
            values = list(map(Decimal, lines.replace(",", "").split()))
            self._tally.plain += len(values) if self._power is None else 0
            self._put_rounded(positions, self._scaled(values, self._power))
            return True
        power = self._number.unit_powers.get("%")
        if power is None or not _PERCENTAGES.fullmatch(lines):
            return False
        self._tally.stated += len(positions)
        self._tally.scaled += len(positions)
        self._put_rounded(positions, list(map(Decimal, lines.replace(",", "").replace("%", f"E{power}").split())))
        return True

    def _scaled(self, values: list[Decimal], power: int | None) -> list[Decimal]:
        if power is None and not self._number.counts_units:
            return values
        if power is None:
            return [self._number.without_unit(value, self._tally) for value in values]
        return [value.scaleb(power, EXACT) for value in values]

    def _put_rounded(self, positions: Sequence[int], values: list[Decimal]) -> None:
        """Round, and leave to the careful way what is out of range then."""
        if not positions:
            return
        step, least, most = self._number.step, self._number.minimum, self._number.most
        figures = [value.quantize(step, ROUND_HALF_UP, EXACT) for value in values]
        if not least <= min(figures) <= max(figures) <= most:
            self._left += [i for i, figure in zip(positions, figures, strict=True) if not least <= figure <= most]
            inside = [(i, figure) for i, figure in zip(positions, figures, strict=True) if least <= figure <= most]
            positions, figures = [i for i, _ in inside], [figure for _, figure in inside]
        self._put(positions, figures if all(figures) else [figure or abs(figure) for figure in figures])

    def _put(self, positions: Sequence[int], figures: list[Decimal]) -> None:
        values = self._read.values
        if len(positions) == len(values):
            values[:] = figures
            return
        for i, figure in zip(positions, figures, strict=True):
            values[i] = figure
