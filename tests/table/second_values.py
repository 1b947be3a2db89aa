"""What the second reader makes of single cells: periods, codes, figures. A plain restatement of docs/rules.md."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from unicodedata import normalize

from generated_formats import meaning

TODAY = date(2026, 11, 20)
AMOUNTS = {"元": 0, "千元": 3, "万": 4, "万元": 4, "百万": 6, "百万元": 6, "亿": 8, "亿元": 8}
UNITS: dict[str, dict[str, int]] = {"rate": {"%": -2, "‰": -3}, "nav": {"元": 0}, "scale": AMOUNTS}
PLACES = {"rate": 6, "nav": 4, "scale": 2}
RANGES = {
    "rate": (Decimal(-1), Decimal(10)),
    "nav": (Decimal("0.0001"), Decimal("99999999999999.9999")),
    "scale": (Decimal(0), Decimal("9999999999999999.99")),
}
EMPTY = ("", "-", "--", "—", "——", "/", "n/a", "na", "#n/a", "null", "none", "nan", "无", "暂无", "不适用")


class Rejected(Exception):  # noqa: N818
    """The row must not load."""


@dataclass(frozen=True)
class Seen:
    """A cell: `kind` is number, text, bool, date, error or uncalculated."""

    kind: str
    value: Any
    format: str = "General"


def flat(text: str) -> str:
    """A text after NFKC, without white space, in lower case."""
    return "".join(normalize("NFKC", text).split()).lower()


def row_period(year: Seen | None, month: Seen | None, period: Seen | None, named_by_file: date | None) -> date:
    """The month of a row."""
    if year is None and month is None and period is None:
        if named_by_file is None:
            raise Rejected
        return named_by_file
    of_columns = None
    if period is not None:
        of_columns = _one_period(period)
    if year is not None or month is not None:
        parts = [None if seen is None else _whole(seen) for seen in (year, month)]
        number, of_year = parts[0], parts[1]
        if number is not None and number < 100:
            number += 2000
        if number is not None and not 2000 <= number <= TODAY.year:
            raise Rejected
        if of_year is not None and not 1 <= of_year <= 12:
            raise Rejected
        if of_columns is None:
            if number is None or of_year is None:
                raise Rejected
            of_columns = date(number, of_year, 1)
        elif number not in (None, of_columns.year) or of_year not in (None, of_columns.month):
            raise Rejected
    if of_columns is None or of_columns > TODAY:
        raise Rejected
    return of_columns


def _whole(seen: Seen) -> int:
    text = flat(str(int(seen.value)) if seen.kind == "number" and seen.value == int(seen.value) else str(seen.value))
    match = re.fullmatch(r"([0-9]{1,4})[年月]?", text)
    if seen.kind not in ("number", "text") or not match:
        raise Rejected
    return int(match[1])


def _one_period(seen: Seen) -> date:
    if seen.kind == "date":
        return date(seen.value.year, seen.value.month, 1)
    if seen.kind not in ("number", "text"):
        raise Rejected
    whole = seen.kind == "number" and seen.value == int(seen.value)
    text = flat(str(int(seen.value)) if whole else str(seen.value))
    match = re.fullmatch(r"(20[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])?", text)
    if not match and seen.kind == "text":
        match = re.fullmatch(r"(20[0-9]{2})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?(?:[0-9:]{8})?", text)
        match = match or re.match(r"([0-9]{2,4})年([0-9]{1,2})月", text)
    if not match:
        raise Rejected
    try:
        return date(int(match[1]) + (2000 if len(match[1]) == 2 else 0), int(match[2]), 1)
    except ValueError:
        raise Rejected from None


def code(seen: Seen | None, longest: int) -> str:
    """A code of letters, digits and dots."""
    if seen is None or seen.kind not in ("number", "text"):
        raise Rejected
    if seen.kind == "number":
        if seen.value < 0 or seen.value != int(seen.value) or len(str(int(seen.value))) > 15:
            raise Rejected
        text = str(int(seen.value))
        shown = meaning(seen.format, float(seen.value))
        text = shown.prefix + text.zfill(shown.zeros)
    else:
        text = seen.value
    text = flat(text).upper()
    bare = text.replace("-", "").replace("_", "")
    if text in ("", "-", "N/A", "#N/A", "无", "暂无") or not bare.replace(".", "").isalnum() or len(bare) > longest:
        raise Rejected
    return bare


def figure(seen: Seen | None, field: str, column_unit: int | None) -> Decimal | None:
    """The value of a measure."""
    if seen is None or (seen.kind == "error" and seen.value == "#N/A"):
        return None
    if seen.kind not in ("number", "text"):
        raise Rejected
    own: int | None = None
    if seen.kind == "number":
        value = Decimal(repr(float(seen.value)))
        shown = meaning(seen.format, float(seen.value))
        unit = UNITS[field].get(shown.unit) if shown.unit else None
        if shown.unit and unit is None:
            raise Rejected
        if shown.percent and field == "rate":
            own = 0
        elif shown.scale:
            if (unit if shown.unit else column_unit) not in (None, shown.scale):
                raise Rejected
            own = 0
        else:
            own = unit
    else:
        typed = _typed(flat(seen.value), field)
        if typed is None:
            return None
        value, own = typed
    power = own if own is not None else column_unit
    if power is None and field == "rate":
        power = -2 if abs(value) > 1 else 0
    if value and value.adjusted() > 15:  # beyond every range, and beyond the digits that quantize keeps
        raise Rejected
    rounded = value.scaleb(power or 0).quantize(Decimal(1).scaleb(-PLACES[field]), ROUND_HALF_UP)
    if not RANGES[field][0] <= rounded <= RANGES[field][1]:
        raise Rejected
    return rounded if rounded else abs(rounded)


def _typed(text: str, field: str) -> tuple[Decimal, int | None] | None:
    """A figure typed as text, and the power of ten of its own unit."""
    if text in EMPTY:
        return None
    own = None
    negative = text.startswith("(")
    if negative and text.endswith(")"):
        text = text[1:-1]
    for unit in sorted((*AMOUNTS, "%", "‰"), key=len, reverse=True):
        if text.endswith(unit):
            if unit not in UNITS[field]:
                raise Rejected
            text, own = text.removesuffix(unit), UNITS[field][unit]
            break
    match = re.fullmatch(r"([-+−]?)[¥$€£₽]?([-+−]?)([0-9.,]+(?:e[-+]?[0-9]+)?)[¥$€£₽]?", text)
    if not match or (match[1] and match[2]) or (negative and match[1] + match[2]):
        raise Rejected
    number = match[3]
    if "," in number and not re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?", number):
        raise Rejected
    if not re.fullmatch(r"[0-9]+\.?[0-9]*(e[-+]?[0-9]+)?|\.[0-9]+(e[-+]?[0-9]+)?", number.replace(",", "")):
        raise Rejected
    value = Decimal(number.replace(",", ""))
    return (-value if negative or match[1] + match[2] in ("-", "−") else value), own
