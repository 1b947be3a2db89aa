"""The number formats of an ods, as codes that Excel would have for them.

Standard: OpenDocument 1.3 part 3, 16.29 (data styles), 16.3 (style:map), 19.502 (style:data-style-name). A style may
choose another one by conditions on the number.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from extract.workbook.number_formats import NumberFormat, number_format
from extract.workbook.ods_names import FORMATTING, NUMBER, OFFICE, STYLE

_KINDS = {f"{NUMBER}{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")}
_OF_NUMBERS = {f"{NUMBER}{kind}-style" for kind in ("number", "currency", "percentage")}
_CONDITION = re.compile(r"\s*value\(\)\s*(<=|>=|!=|<|>|=)\s*([-+0-9.eE]+)\s*")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_MOST_DIGITS = 60

Choice = tuple[Callable[[float], bool] | None, NumberFormat, NumberFormat]
"""A condition on the number (None: any other number), and the formats that it chooses: of negative ones the second."""


@dataclass(frozen=True)
class _Styles:
    """The styles of one part by name: cell styles with their parent and data style, and the data styles."""

    cells: dict[str, tuple[str | None, str | None]]
    data: dict[str, ET.Element]


class OdsFormats:
    """The number formats by the names of cell styles; those of content.xml come before those of styles.xml."""

    def __init__(self, content: ET.Element, styles: ET.Element | None) -> None:
        self._parts = [_styles(root) for root in (content, styles) if root is not None]
        self._choices: dict[str | None, list[Choice] | None] = {}

    def is_known(self, style: str | None) -> bool:
        """Whether a cell style and all that it refers to is there."""
        return self._found(style) is not None

    def of(self, style: str | None, number: float) -> NumberFormat | None:
        """The format of a number in a cell of a style, where it says more than the digits; None where it does not."""
        for condition, format, of_negative in self._found(style) or ():
            if condition is None or condition(number):
                chosen = of_negative if number < 0 else format
                return chosen if chosen.says_something else None
        return None

    def _found(self, style: str | None) -> list[Choice] | None:
        if style not in self._choices:
            self._choices[style] = self._resolved(style)
        return self._choices[style]

    def _resolved(self, style: str | None) -> list[Choice] | None:
        """The formats of a cell style or of the nearest parent that has one; None where a name leads nowhere."""
        name, seen = style or "Default", set()
        while name not in seen:
            seen.add(name)
            part = next((part for part in self._parts if name in part.cells), None)
            if part is None:
                return [] if name == "Default" else None
            parent, data = part.cells[name]
            if data is not None:
                return self._choices_of(data, part)
            name = parent or "Default"
        return []

    def _choices_of(self, name: str, part: _Styles) -> list[Choice] | None:
        styles = next((item.data for item in (part, *self._parts) if name in item.data), None)
        if styles is None:
            return None
        choices: list[Choice] = []
        by_sign = False
        for item in styles[name].iterfind(f"{STYLE}map"):
            applied = styles.get(item.get(f"{STYLE}apply-style-name", ""))
            match = _CONDITION.fullmatch(item.get(f"{STYLE}condition", ""))
            if applied is None or match is None:
                return None
            by_sign = by_sign or float(match[2]) == 0
            choices.append((_condition(match[1], float(match[2])), *_formats(applied, by_sign=by_sign)))
        return [*choices, (None, *_formats(styles[name], by_sign=by_sign))]


def _condition(sign: str, limit: float) -> Callable[[float], bool]:
    compare = _COMPARISONS[sign]
    return lambda number: compare(number, limit)


def _styles(root: ET.Element) -> _Styles:
    cells: dict[str, tuple[str | None, str | None]] = {}
    data: dict[str, ET.Element] = {}
    for group in (*root.iterfind(f"{OFFICE}styles"), *root.iterfind(f"{OFFICE}automatic-styles")):
        for item in group:
            if item.get(f"{STYLE}family") == "table-cell":
                name = item.get(f"{STYLE}name", "Default")  # the default style of the family has none
                parent, own = item.get(f"{STYLE}parent-style-name"), item.get(f"{STYLE}data-style-name")
                _, before = cells.get(name, (None, None))
                cells[name] = (parent, own or before)
            elif item.tag in _KINDS:
                data[item.get(f"{STYLE}name", "")] = item
    return _Styles(cells, data)


def excel_code(style: ET.Element) -> str:
    """The code of Excel for a data style; "" for dates and texts. Raises ValueError for a scale Excel has not."""
    if style.tag not in _OF_NUMBERS:
        return ""
    percent = style.tag == f"{NUMBER}percentage-style"
    code = ""
    for item in style:
        kind = item.tag.removeprefix(NUMBER)
        if kind in ("text", "currency-symbol"):
            text = "".join(item.itertext())
            before, sign, behind = text.partition("%") if percent else (text, "", "")
            percent = percent and not sign
            code += quoted(before) + sign + quoted(behind)
        elif kind == "number":
            code += _digits(item)
        elif kind == "scientific-number":
            code += "0.00E+00"
        elif kind == "fraction":
            code += "#"
    return code + "%" if percent else code


def _formats(style: ET.Element, *, by_sign: bool) -> tuple[NumberFormat, NumberFormat]:
    """The format of a style, and that for negative numbers: where the sign chooses, no minus is shown by itself."""
    code = excel_code(style)
    if not by_sign or not code:
        return number_format(code), number_format(code)
    coloured = any(item.get(f"{FORMATTING}color") for item in style.iterfind(f"{STYLE}text-properties"))
    return number_format(code), number_format(f"{code};{'[Red]' * coloured}{code}")


def quoted(text: str) -> str:
    """A literal text of a code."""
    if '"' in text:
        return "".join(f"\\{sign}" for sign in text)
    return f'"{text}"' if text else ""


def _digits(item: ET.Element) -> str:
    """The digits of a number: zeros in front, grouping, texts between the digits, places, and a comma for each 1000."""
    zeros = _count(item, "min-integer-digits", 1)
    texts = {
        _count(piece, "position", 0): "".join(piece.itertext()) for piece in item.iterfind(f"{NUMBER}embedded-text")
    }
    grouping = item.get(f"{NUMBER}grouping") == "true"
    width = max([zeros, 4 if grouping else 1, *(position + 1 for position in texts)])
    places = _count(item, "decimal-places", 0)
    shown = []
    for position in range(width, 0, -1):  # as many digits as stand from here to the right
        if position in texts:
            shown.append(quoted(texts[position]))
        if grouping and position == 3:
            shown.append(",")
        shown.append("0" if position <= zeros else "#")
    scale, factor = 0, float(item.get(f"{NUMBER}display-factor") or 1)
    while factor >= 1000:
        scale, factor = scale + 1, factor / 1000
    if factor != 1:
        raise ValueError(f"a number format shows numbers divided by {item.get(f'{NUMBER}display-factor')}")
    return "".join(shown) + ("." + "0" * places if places else "") + "," * scale


def _count(item: ET.Element, name: str, default: int) -> int:
    return min(max(int(item.get(f"{NUMBER}{name}") or default), 0), _MOST_DIGITS)
