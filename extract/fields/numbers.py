"""The number types: exact decimals from floats and from the many ways people type a figure.

Rules: rules.md, Numbers and Units. Codes: `invalid_number`, `out_of_range`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from pydantic_core import PydanticCustomError

from extract.fields.base import (
    LARGE_SHARE,
    Comma,
    FileContext,
    Input,
    Problem,
    ReadInfo,
    UnitTally,
    bears_footnote,
    broken,
    has_two_lines,
    is_too_long,
    told,
    uncalculated,
)
from extract.fields.columns import ColumnRead, QuickType
from extract.fields.figures import figure_in, invalid
from extract.fields.marks import is_mark, is_null_by_mark
from extract.fields.number_columns import EXACT, NumberColumn
from extract.fields.shown_numbers import currency_of, is_percentage, lacks_sign, misshown
from extract.workbook.cells import Cell, ErrorCell, FormattedNumber, UncalculatedCell, is_blank, simplified, squeeze

PERCENT = -2
SHARE_UNITS: Mapping[str, int] = {"%": PERCENT, "‰": -3}
PRICE_UNITS: Mapping[str, int] = {"元": 0, "元每份": 0}
AMOUNT_UNITS: Mapping[str, int] = {
    "元": 0, "千元": 3, "万": 4, "万元": 4, "百万": 6, "百万元": 6, "亿": 8, "亿元": 8,
}  # fmt: skip
CONFIGURED_SHARES: Mapping[str, int] = {"fraction": 0, "percent": PERCENT, "permille": -3}
"""Names that a share may also take in the configuration."""

_EMPTY = frozenset(("", "-", "--", "—", "——", "/", "n/a", "na", "#n/a", "null", "none", "nan", "无", "暂无", "不适用"))
_NO_UNIT = re.compile("人民币|RMB|CNY", re.IGNORECASE)  # beside a unit they say nothing: every figure is in it
_SWAPPED = str.maketrans(",.", ".,")
_MAX_MAGNITUDE = 30  # powers of ten beyond which a figure is out of every range, and absurd to quantize


@dataclass(frozen=True)
class Number(QuickType):
    """A figure with `scale` decimal places, between `minimum` and `maximum` after rounding half up.

    Gives Decimal, or None for an empty cell. `precision` and `scale` are those of its SQL type. Plain numbers are
    multiplied by the power of ten that `FileContext.units` holds for the field.
    """

    headers: tuple[str, ...]
    precision: int
    scale: int
    minimum: Decimal
    unit_powers: Mapping[str, int] = field(hash=False)
    maximum: Decimal | None = None
    qualifiers: tuple[str, ...] = ()

    nullable = True
    counts_units = False
    """Whether the context counts how its plain numbers were read."""
    empty_marks = _EMPTY

    @property
    def sql_type(self) -> str:  # type: ignore[override]  # as in fields.Code
        """SQL type of the column."""
        return f"numeric({self.precision},{self.scale})"

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> Decimal | None:
        """The figure of one cell, exact and rounded."""
        context = info.context
        power = context.units.get(info.field_name) if context.units else None
        tally = context.tally[info.field_name]
        if type(value) is float and power is None and (figure := self._plain(value)) is not None:
            tally.plain += 1
            return figure
        if value == "" or (context.words.marks and is_null_by_mark(value, info)):
            return None
        return self._careful(value, power, tally, context.comma)

    def read_column(self, cells: Sequence[Cell], info: ReadInfo) -> ColumnRead:
        """The figures of a column, the usual ones at once."""
        return NumberColumn(self, cells, info).read()

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell holds a figure of this field, or a mark that there is none."""
        if is_mark(cell, context.words):
            return True
        try:
            self._careful(cell, None, UnitTally(), context.comma)
        except PydanticCustomError:
            return False
        return True

    def _plain(self, value: float) -> Decimal | None:
        """The quick way for a float that needs no rounding; None where the careful way must decide.

        A decimal of at most 15 significant digits is the only one of that length that reads as its float. So where
        printing with `scale` places and reading back gives the same float, the text is its shortest decimal form.
        """
        lowest, highest, places = self.quick
        if lowest <= value <= highest:
            text = places % value
            if float(text) == value:
                return Decimal(text) if value else abs(Decimal(text))
        return None

    def _careful(self, cell: Cell, power: int | None, tally: UnitTally, comma: Comma) -> Decimal | None:
        parsed = self._parse_shown(cell, power) if isinstance(cell, FormattedNumber) else self._parse(cell, comma)
        if parsed is None:
            return None
        value, own_power = parsed
        if own_power is None and power is None:
            tally.plain += 1
            value = self.without_unit(value, tally)
        else:
            tally.stated += own_power is not None
            tally.scaled += bool(own_power)
            value = value.scaleb(power or 0 if own_power is None else own_power, EXACT)
        tally.foreign += currency_of(cell) != ""
        tally.otherwise += lacks_sign(cell) or (not self.counts_units and is_percentage(cell))
        return self._rounded(value, cell)

    def as_stated(self, cell: Cell, comma: Comma) -> tuple[Decimal, int | None] | None:
        """The number of a cell and the power of ten that the cell itself states, by a unit or its number format.

        None for the power where it states none, None alone where it holds no number.
        """
        try:
            return self._parse_shown(cell, None) if isinstance(cell, FormattedNumber) else self._parse(cell, comma)
        except PydanticCustomError:
            return None

    def without_unit(self, value: Decimal, tally: UnitTally) -> Decimal:  # noqa: ARG002  # the signature of the base class
        """What a number means where neither cell nor column names a unit."""
        return value

    def _parse_shown(self, cell: FormattedNumber, power: int | None) -> tuple[Decimal, int | None] | None:
        """A number whose format says something: text beside it counts as typed, unless the format scales as well.

        A scaled number, such as one shown in 万 by `0!.0,`, holds what it holds: the unit beside it, or that of its
        column, must be the scale (rules.md, Units).
        """
        shown = cell.shown_as
        self._refuse_shown(cell)
        text = _NO_UNIT.sub("", squeeze(shown.prefix)), _NO_UNIT.sub("", squeeze(shown.suffix))
        if not shown.scale:
            typed = f"{text[0]}{float(cell)}{text[1]}" if any(text) else float(cell)
            return self._parse(typed, Comma.THOUSANDS)
        stated = self.unit_powers.get(text[1]) if text[1] else power
        if (text[1] and stated is None) or stated not in (None, shown.scale):
            unit = text[1] or f"10^{power}"
            reason = f"is shown divided by 10^{shown.scale} (number format {cell.format.code}) in the unit {unit}"
            raise invalid(cell, f"{reason}: the two contradict each other")
        return self._finite(float(cell), cell), 0

    def _refuse_shown(self, cell: FormattedNumber) -> None:
        """Raise for a number that its format shows as another one."""
        if reason := misshown(cell):
            raise invalid(cell, reason)

    def _parse(self, cell: Cell, comma: Comma) -> tuple[Decimal, int | None] | None:
        """The number in a cell and the power of ten of the unit beside it; None for an empty cell."""
        if isinstance(cell, UncalculatedCell):
            raise broken(uncalculated(cell))
        if isinstance(cell, bool) or not isinstance(cell, str | float | int):
            raise invalid(cell, "is no number")
        if not isinstance(cell, str):
            return self._finite(cell, cell), None
        if is_too_long(cell) and not is_blank(cell):
            raise invalid(cell, "is too long to be a number")
        text = simplified(squeeze(cell))
        if text.lower() in _EMPTY:
            return None
        if isinstance(cell, ErrorCell):
            raise invalid(cell, cell.what)
        if comma is Comma.DECIMAL:
            text = text.translate(_SWAPPED)
        elif comma is Comma.DOUBTFUL and text.count(",") == 1 and "." not in text:
            reason = "may have a decimal comma or one of thousands: say by decimal: ',' (or '.') in the configuration"
            raise invalid(cell, reason)
        try:
            if bears_footnote(cell) or has_two_lines(cell):
                raise ValueError("cannot be read as a number")
            value, unit = figure_in(text)
        except ValueError as error:
            raise invalid(cell, str(error)) from None
        if not unit:
            return value, None
        if unit not in self.unit_powers:
            accepted = " ".join(self.unit_powers)
            raise invalid(cell, f"bears the unit {unit}, which this column does not take (it takes {accepted})")
        return value, self.unit_powers[unit]

    @staticmethod
    def _finite(number: float, cell: Cell) -> Decimal:
        """A number by its shortest decimal form."""
        if (value := Decimal(str(number))).is_finite():
            return value
        raise invalid(cell, "is no finite number")

    def _rounded(self, value: Decimal, cell: Cell) -> Decimal:
        if value and value.adjusted() > _MAX_MAGNITUDE:
            raise self._out_of_range(cell)
        rounded = value.quantize(self.step, ROUND_HALF_UP, EXACT)
        if not self.minimum <= rounded <= self.most:
            raise self._out_of_range(cell)
        return rounded if rounded else abs(rounded)

    def _out_of_range(self, cell: Cell) -> PydanticCustomError:
        return broken(Problem("out_of_range", f"{told(cell)} is not between {self.minimum:f} and {self.most:f}"))

    @cached_property
    def step(self) -> Decimal:
        """The unit of its last place."""
        return Decimal(1).scaleb(-self.scale)

    @cached_property
    def most(self) -> Decimal:
        """The largest value: `maximum`, or what the SQL type can hold."""
        largest = Decimal(10) ** (self.precision - self.scale) - self.step
        return largest if self.maximum is None else min(largest, self.maximum)

    @cached_property
    def quick(self) -> tuple[float, float, str]:
        """Where a float may be read as it prints (in the range, below 16 significant digits), and how that is."""
        limit = 10.0 ** (15 - self.scale)
        return max(float(self.minimum), -limit), min(float(self.most), limit), f"%.{self.scale}f"


@dataclass(frozen=True)
class Share(Number):
    """A share such as a rate of return, held as a fraction (0.055 for 5.5 %).

    A plain number beyond 1 is a percentage, another one a fraction; the tally of the context counts both, so that a
    column that mixes them can be named (rules.md, Units).
    """

    counts_units = True

    def read(self, value: Cell, info: ReadInfo) -> Decimal | None:
        """The share of one cell, exact and rounded."""
        context = info.context
        power = context.units.get(info.field_name) if context.units else None
        tally = context.tally[info.field_name]
        if type(value) is float and power is None and -1.0 <= value <= 1.0:
            figure = self._plain(value)
            if figure is not None:
                tally.plain += 1
                tally.fractions += 1
                tally.large += not -LARGE_SHARE <= value <= LARGE_SHARE
                return figure
        if type(value) is FormattedNumber and value.format.percent and (figure := self._plain(value)) is not None:
            tally.stated += 1
            return figure
        if value == "" or (context.words.marks and is_null_by_mark(value, info)):
            return None
        return self._careful(value, power, tally, context.comma)

    def _parse_shown(self, cell: FormattedNumber, power: int | None) -> tuple[Decimal, int | None] | None:
        if cell.shown_as.percent:
            self._refuse_shown(cell)
            return self._finite(float(cell), cell), 0
        return super()._parse_shown(cell, power)

    def kind_of(self, cell: Cell, comma: Comma) -> str | None:
        """How a cell is read where no unit is stated: as a `fraction` or a `percentage`; None where it has its own."""
        tally = UnitTally()
        try:
            self._careful(cell, None, tally, comma)
        except PydanticCustomError:
            return None
        return "fraction" if tally.fractions else "percentage" if tally.percentages else None

    def without_unit(self, value: Decimal, tally: UnitTally) -> Decimal:
        """A percentage beyond 1, else a fraction; counted."""
        tally.large += abs(value) > LARGE_SHARE
        if abs(value) > 1:
            tally.percentages += 1
            return value.scaleb(PERCENT, EXACT)
        tally.fractions += 1
        return value
