"""The whole number type: counts, years, ages. A figure with a fraction is none. Rule: rules.md, Numbers.

Codes: `missing`, `invalid_number`, `out_of_range`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from extract.fields.base import CellType, FileContext, Input, Problem, ReadInfo, broken, told
from extract.fields.numbers import Number
from extract.workbook.cells import Cell

_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Integer(CellType):
    """A whole number from `minimum` to `maximum`. Gives int, or None for an empty cell where it is `nullable`.

    As in `Number`, plain numbers are multiplied by the power of ten that the context holds for the field.
    """

    headers: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = _LARGEST
    unit_powers: Mapping[str, int] = field(default_factory=dict, hash=False)
    qualifiers: tuple[str, ...] = ()
    nullable: bool = False

    @property
    def sql_type(self) -> str:  # type: ignore[override]  # as in fields.Code
        """SQL type of the column: the smaller one that holds both ends."""
        return "integer" if self.minimum >= -_LARGEST - 1 and self.maximum <= _LARGEST else "bigint"

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> int | None:
        """The number of one cell."""
        number = self._number.read(value, info)
        if number is not None:
            return int(number)
        if not self.nullable:
            raise broken(Problem("missing", "a whole number is required here"))
        return None

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:
        """Whether the cell holds such a number, or a mark that there is none."""
        return self._number.accepts(cell, part, context)

    @cached_property
    def _number(self) -> "_Whole":
        digits = len(str(max(abs(self.minimum), abs(self.maximum))))
        least, most = Decimal(self.minimum), Decimal(self.maximum)
        return _Whole(self.headers, digits, 0, least, self.unit_powers, most, self.qualifiers)


class _Whole(Number):
    """A figure that is not rounded."""

    def _rounded(self, value: Decimal, cell: Cell) -> Decimal:
        rounded = super()._rounded(value, cell)
        if rounded != value:
            raise broken(Problem("invalid_number", f"{told(cell)} is no whole number"))
        return rounded
