"""What a number format makes of a figure: another one than the cell holds, or one that leaves a doubt.

Rule: rules.md, Units, and Where people state things elsewhere.
"""

import re

from extract.workbook.cells import Cell, FormattedNumber
from extract.workbook.number_formats import Sign

_FOREIGN = re.compile("[$€£₽\uff04\uffe1]")


def misshown(cell: FormattedNumber) -> str | None:
    """Why a number that its format shows as another one is no figure; None where its own digits and sign are shown."""
    if cell.format.shows_as_held:
        return None
    code = f"(number format {cell.format.code})"
    if cell.shown_as.hides and cell:
        return f"is shown without its digits {code}"
    if cell.shown_as.further_digits:
        return f"is shown with digits that it does not hold {code}"
    if cell.format.sign(cell) is Sign.OTHER:
        return f"is shown with another sign than it has {code}"
    return None


def lacks_sign(cell: Cell) -> bool:
    """Whether a cell holds a negative number and shows it like a positive one, as `0.00;0.00` does."""
    return isinstance(cell, FormattedNumber) and not cell.format.shows_as_held and cell.format.sign(cell) is Sign.NONE


def is_percentage(cell: Cell) -> bool:
    """Whether a number is shown as a percentage."""
    return isinstance(cell, FormattedNumber) and cell.shown_as.percent


def currency_of(cell: Cell) -> str:
    """The sign of a currency other than the yuan, in a text or in what a number format shows; "" for none."""
    if isinstance(cell, FormattedNumber):
        return "" if cell.format.shows_as_held else cell.shown_as.currency
    found = _FOREIGN.search(cell) if isinstance(cell, str) else None
    return found[0] if found else ""
