"""A figure that somebody typed: its sign, brackets and separators, and the unit beside it.

Rules: rules.md, Numbers and Units.
"""

import re
from decimal import Decimal

from pydantic_core import PydanticCustomError

from extract.fields.base import Problem, broken, told
from extract.workbook.cells import Cell

_CURRENCY = "[¥$€£₽]"
_SIGN = "[-+−]"
_UNIT = "%|‰|百万元|百万|千元|万元|万|亿元|亿|元"
_FIGURE = re.compile(
    rf"(?P<sign>{_SIGN}?)(?P<currency>{_CURRENCY}?)(?P<sign_after>{_SIGN}?)"
    rf"(?P<open>\(?)(?P<currency_inside>{_CURRENCY}?)"
    r"(?P<number>(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?"
    r"|\.[0-9]+(?:[eE][-+]?[0-9]{1,3})?)"
    rf"(?P<unit>{_UNIT})?(?P<close>\)?)(?P<unit_outside>{_UNIT})?(?P<currency_last>{_CURRENCY}?)"
)


def figure_in(text: str) -> tuple[Decimal, str]:
    """The number in a squeezed text, and the unit beside it ("" for none). Raises ValueError with what is wrong."""
    match = _FIGURE.fullmatch(text)
    if not match:
        raise ValueError("cannot be read as a number")
    signs, bracketed = match["sign"] + match["sign_after"], bool(match["open"])
    currencies = match["currency"] + match["currency_inside"] + match["currency_last"]
    units = [unit for unit in (match["unit"], match["unit_outside"]) if unit]
    if bracketed != bool(match["close"]) or len(signs) + bracketed > 1 or len(currencies) > 1 or len(units) > 1:
        raise ValueError("cannot be read as a number: brackets, signs or currency signs do not match")
    value = Decimal(match["number"].replace(",", ""))
    return value.copy_negate() if bracketed or signs in ("-", "−") else value, "".join(units)


def invalid(cell: Cell, what: str) -> PydanticCustomError:
    """The error of a cell that holds no number."""
    return broken(Problem("invalid_number", f"{told(cell)} {what}"))
