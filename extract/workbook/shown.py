"""What the text that a cell shows says about the number in it, where no number format does.

An ods keeps both: the number, and the text as it was shown when the file was saved. A unit that stands in that text
alone is read as literal text of a number format would be (rules.md, Units).
"""

import re
from collections.abc import Iterator

from extract.workbook.number_formats import NumberFormat, number_format
from extract.workbook.ods_formats import quoted

_NOTHING_BESIDE = re.compile(r"[-+−(（]?[¥￥$€£₽]?\s?-?(?:[1-9][0-9.,]*|0(?:[.,][0-9]*)?|[.,][0-9]+)\s?[)）¥￥$€£₽]?")
_NEGATIVE = re.compile(r"[-\u2212\uff0d]\s?[¥￥$€£₽]?\s?[0-9.]|[(（][0-9.,\s]+[)）]$")
_DIGITS = re.compile(r"[0-9](?:[0-9.,'\u2019\u00a0\u202f]*[0-9])?(?:[eE][-+]?[0-9]{1,2})?")
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:([.,'\u2019\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_SCALES = range(1, 13)
"""Powers of ten by which a shown number may be smaller than the one in the cell."""


class ShownOtherwiseError(ValueError):
    """A text shows another number than the one in its cell, or its sign, and says something beside it."""


def format_of_text(text: str, number: float) -> NumberFormat | None:
    """The number format under which `number` is shown as `text`; None where that says nothing beyond the digits.

    Raises ShownOtherwiseError for a text beside digits that are not those of the number.
    """
    text = text.strip()
    if number > 0 and _NEGATIVE.match(text):
        raise ShownOtherwiseError(text)
    if not text or _NOTHING_BESIDE.fullmatch(text):
        return None
    runs = list(_DIGITS.finditer(text))
    if not runs:
        return _telling(quoted(text))
    for power in (0, -2, *_SCALES) if "%" in text else (0, *_SCALES):
        for run in runs:
            for shown, places in _readings(run[0]):
                if abs(abs(number) / 10**power - shown) <= 0.5000001 * 10**-places:
                    return _telling(_code(text[: run.start()], run[0], places, text[run.end() :], power))
    beside = _telling(quoted(_DIGITS.sub("", text)))
    if beside is None:
        return None
    raise ShownOtherwiseError(text)


def _telling(code: str) -> NumberFormat | None:
    format = number_format(code)
    return format if format.sections[0].says_something else None


def _readings(digits: str) -> Iterator[tuple[float, int]]:
    """The number that digits may stand for, with its decimal places: a point or a comma before them."""
    mantissa, _, exponent = digits.lower().partition("e")
    for point in ".,":
        whole, _, fraction = mantissa.partition(point)
        if _WHOLE.fullmatch(whole) and (fraction.isdecimal() or not fraction):
            plain = "".join(sign for sign in whole if sign.isdecimal())
            yield float(f"{plain}.{fraction or 0}e{exponent or 0}"), len(fraction) - int(exponent or 0)


def _code(before: str, digits: str, places: int, behind: str, power: int) -> str:
    if power == -2:
        before, behind = quoted(before), "%".join(map(quoted, behind.partition("%")[::2]))
        return f"{before}0{'.' + '0' * places if places > 0 else ''}{behind}"
    if power:
        commas, escaped = divmod(power, 3)
        shown = "0" + ("!." + "0" * escaped if escaped else "") + "," * commas
    elif digits.isdecimal() and digits.startswith("0"):
        shown = "0" * len(digits)
    else:
        shown = "0" + ("." + "0" * places if places > 0 else "")
    return quoted(before) + shown + quoted(behind)
