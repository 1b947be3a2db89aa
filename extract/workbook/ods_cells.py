"""One cell of an ods: its value and its text, or that it is an error or a formula that nobody calculated.

Standard: OpenDocument 1.3 part 3, 19.385 (office:value-type) and what it names. LibreOffice marks an error as such
(calcext); Excel and older programs write the number 0 with the text of the error.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, Cell, ErrorCell, UncalculatedCell
from extract.workbook.ods_names import OFFICE, TABLE, TEXT

_CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_KIND, _OWN_KIND, _VALUE, _TEXT_VALUE = (
    f"{OFFICE}value-type", f"{_CALCEXT}value-type", f"{OFFICE}value", f"{OFFICE}string-value",
)  # fmt: skip
_FORMULA, _PARAGRAPH = f"{TABLE}formula", f"{TEXT}p"
_NUMBERS = ("float", "percentage", "currency")
_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*", re.ASCII)
_ERROR = re.compile(r"#(?:[A-Z][A-Z0-9_/]*[!?]?)|(?:Err|错误|錯誤):[0-9]+")
"""Errors of Excel (#DIV/0!) and of LibreOffice (Err:502)."""
_DURATION = re.compile(r"PT([0-9]{1,6})H([0-9]{1,4})M([0-9]{1,4})(?:\.([0-9]+))?S")
_UNSEEN = {f"{OFFICE}annotation", f"{TEXT}note", f"{TEXT}ruby-text"}
_MOST_SPACES = 1000


@dataclass(frozen=True)
class Content:
    """What a cell holds, and the text that it shows where it holds a number; `hides`: it shows an empty one."""

    cell: Cell
    text: str = ""
    is_percentage: bool = False
    hides: bool = False

    @property
    def is_number(self) -> bool:
        """Whether a number format concerns it."""
        return isinstance(self.cell, float)


def content_of(element: ET.Element) -> Content:
    """The content of a table:table-cell or a covered one. Raises ValueError for a number that is none."""
    kind = element.get(_KIND)
    formula = element.get(_FORMULA)
    value = element.get(_VALUE)
    if kind == "error" or element.get(_OWN_KIND) == "error":
        text = shown_text(element).strip()
        return Content(ErrorCell(text if _ERROR.fullmatch(text) else "#ERROR!"))
    if kind in _NUMBERS or (kind is None and value is not None):
        text = shown_text(element)
        if _ERROR.fullmatch(text.strip()):
            return Content(ErrorCell(text.strip()))
        if value is None:
            return Content(text if formula is None else _uncalculated(formula))
        hides = not text.strip() and element.find(_PARAGRAPH) is not None
        return Content(_number(value), text, kind == "percentage", hides)
    if formula is not None:
        return Content(_of_formula(element, kind, formula))
    return Content(_typed(element, kind))


def _of_formula(element: ET.Element, kind: str | None, formula: str) -> Cell:
    """The result of a formula that is no number."""
    if kind in ("date", "time", "boolean"):
        return _typed(element, kind) if element.get(f"{OFFICE}{kind}-value") is not None else _uncalculated(formula)
    shown = any(item.tag == _PARAGRAPH for item in element) or element.get(_TEXT_VALUE) is not None
    text = _typed(element, kind)
    if (
        kind != "string" or not shown or str(text).startswith("=")
    ):  # some programs put the formula where its text belongs
        return _uncalculated(formula)
    return ErrorCell(str(text).strip()) if _ERROR.fullmatch(str(text).strip()) else text


def _typed(element: ET.Element, kind: str | None) -> Cell:
    """A date, a time, a truth value or a text."""
    if kind == "boolean" and (truth := element.get(f"{OFFICE}boolean-value")):
        return truth.strip().lower() == "true"
    if kind == "date" and (text := element.get(f"{OFFICE}date-value")):
        return _date(text.strip())
    if kind == "time" and (text := element.get(f"{OFFICE}time-value")):
        return _time(text.strip())
    text = element.get(_TEXT_VALUE, "")
    return shown_text(element) or text[:LONGEST_TEXT]  # a format of texts may add to what the cell holds


def _uncalculated(formula: str) -> UncalculatedCell:
    """A formula without its namespace: of:=1/0 is =1/0."""
    return UncalculatedCell("=" + re.sub(r"^\w+:", "", formula).removeprefix("="))


def _number(text: str) -> Cell:
    if not _NUMBER.fullmatch(text):
        if text.strip().lower().lstrip("+-") in ("nan", "inf"):
            return ErrorCell("#NUM!")
        raise ValueError(f"a cell holds {text[:50]!r} as its number")
    number = float(text)
    return number if isfinite(number) else ErrorCell("#NUM!")


def _date(text: str) -> Cell:
    try:
        return date.fromisoformat(text) if len(text) == len("2024-11-30") else datetime.fromisoformat(text)
    except ValueError:
        return text


def _time(text: str) -> Cell:
    match = _DURATION.fullmatch(text)
    if match is None:
        return text
    hours, minutes, seconds = (int(match[part]) for part in (1, 2, 3))
    parts = int((match[4] or "0").ljust(6, "0")[:6])
    if hours < 24 and minutes < 60 and seconds < 60:
        return time(hours, minutes, seconds, parts)
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=parts)


def shown_text(element: ET.Element) -> str:
    """The text of a cell, one line for each paragraph, without comments and drawings."""
    return "\n".join(_text(item) for item in element if item.tag == _PARAGRAPH)[:LONGEST_TEXT]


def _text(element: ET.Element) -> str:
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    for item in element:
        if item.tag == f"{TEXT}s":
            count = item.get(f"{TEXT}c", "1")
            parts.append(" " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES))
        elif item.tag == f"{TEXT}tab":
            parts.append("\t")
        elif item.tag == f"{TEXT}line-break":
            parts.append("\n")
        elif item.tag not in _UNSEEN:
            parts.append(_text(item))
        parts.append(item.tail or "")
    return "".join(parts)


def count_of(element: ET.Element, name: str) -> int:
    """A count among the attributes of an element, 1 where it has none. Raises ValueError for one that is none."""
    text = element.get(name)
    if text is None:
        return 1
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise ValueError(f"{name.removeprefix(TABLE)} is {text[:20]}, which is no count")
    return int(text)
