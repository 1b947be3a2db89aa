"""The number formats of the cells of an xlsx, as far as they say more than what a cell holds.

Standard: ECMA-376 part 1, 18.3.1.18 (conditionalFormatting), 18.8.10 (cellXfs), 18.8.14 (dxf), 18.8.30 (numFmt).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from extract.workbook.cells import column_index
from extract.workbook.number_formats import BUILT_IN, NumberFormat, number_format
from extract.workbook.spelling import MAIN

_FIRST_OWN = 164
"""The lowest number of a format that Excel does not know by itself."""
_MOST_NAMED = 50
"""Cell styles that a pattern names one by one."""
_KIND = rb'(?: t="(?:n|str|s|inlineStr)")?'
_CONDITIONS = re.compile(
    rb'<conditionalFormatting\b[^<>]*\bsqref="([^"<>]*)"[^<>]*>(.*?)</conditionalFormatting>', re.DOTALL
)
_APPLIED = re.compile(rb'<cfRule\b[^<>]*\bdxfId="([0-9]+)"')


@dataclass(frozen=True)
class CellFormats:
    """The formats of the cell styles by their index, where they say something.

    `count` is the number of styles, `missing` are those whose format is not there, `conditional` are the formats that a
    condition may put on a cell, by the index that its rule names.
    """

    telling: Mapping[int, NumberFormat] = field(default_factory=dict)
    count: int = 0
    missing: frozenset[int] = frozenset()
    conditional: Mapping[int, NumberFormat] = field(default_factory=dict)

    def check(self, sheet: bytes) -> None:
        """Raise ValueError where a cell has a style, or a style a format, that the package does not hold."""
        if not self.count:
            return
        wanted = [_from(self.count), *(f"{index}" for index in sorted(self.missing))]
        if found := re.search(rb' s="(' + "|".join(wanted).encode() + rb')"', sheet):
            raise ValueError(f"a cell has the style {int(found[1])}, whose number format is missing")

    def of_cells(self, sheet: bytes) -> dict[int, dict[int, NumberFormat]]:
        """Column (from 0) to row (from 1) to the format of a cell of a sheet in the usual spelling."""
        wanted = [f"{index}".encode() for index in self.telling]
        if not wanted:
            return {}
        style = b"|".join(wanted) if len(wanted) <= _MOST_NAMED else rb"[0-9]+"
        named = rb' s="(' + style + rb')"'
        if 0 in self.telling:  # the style of a cell that names none
            named = rb"(?:" + named + rb")?"
        pattern = rb'<c r="([A-Z]{1,3})([0-9]{1,7})"' + _KIND + named + _KIND + rb'(?: [cv]m="[0-9]+")* ?>'
        by_style = {f"{index}".encode(): item for index, item in self.telling.items()}
        columns: dict[bytes, dict[int, NumberFormat]] = {}
        for letters, row, index in re.findall(pattern, sheet):
            if format := by_style.get(index or b"0"):
                columns.setdefault(letters, {})[int(row)] = format
        return {column_index(letters.decode()): rows for letters, rows in columns.items()}

    def of_conditions(self, sheet: bytes) -> dict[str, str]:
        """The cells on which a condition may put a format that says something, with its code."""
        found: dict[str, str] = {}
        for cells, rules in _CONDITIONS.findall(sheet, max(sheet.rfind(b"</sheetData"), 0)) if self.conditional else ():
            for index in map(int, _APPLIED.findall(rules)):
                if index in self.conditional:
                    found[cells.decode()] = self.conditional[index].code
        return found


def formats_of(styles: ET.Element) -> CellFormats:
    """The formats of the styles of a workbook, from the root of their part in the usual spelling."""
    codes = dict(BUILT_IN)
    for group in styles.iterfind(f"{{{MAIN}}}numFmts"):
        for item in group.iter(f"{{{MAIN}}}numFmt"):
            codes[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")
    parents = {
        f"{index}": style.get("numFmtId", "0")
        for index, style in enumerate(styles.iterfind(f"{{{MAIN}}}cellStyleXfs/{{{MAIN}}}xf"))
    }
    own_styles = styles.findall(f"{{{MAIN}}}cellXfs/{{{MAIN}}}xf")
    used = [int(style.get("numFmtId", "0")) for style in own_styles]
    unnamed = [
        style.get("numFmtId") is None and parents.get(style.get("xfId", "0"), "0") != "0" for style in own_styles
    ]
    conditional = {}
    for index, item in enumerate(styles.iterfind(f"{{{MAIN}}}dxfs/{{{MAIN}}}dxf")):
        own = item.find(f"{{{MAIN}}}numFmt")
        conditional[index] = own.get("formatCode", "") if own is not None else ""
    missing = frozenset(
        index
        for index, number in enumerate(used)
        if unnamed[index]
        or (number >= _FIRST_OWN and number not in codes)  # of unnamed ones programs think differently
    )
    of_styles = {index: codes.get(number, "") for index, number in enumerate(used)}
    return CellFormats(_telling(of_styles), len(used), missing, _telling(conditional))


def _telling(codes: Mapping[int, str]) -> dict[int, NumberFormat]:
    formats = {index: number_format(code) for index, code in codes.items() if code}
    return {index: format for index, format in formats.items() if format.says_something}


def _from(number: int) -> str:
    """A pattern of the numbers from one on: of 23 it is [0-9]{3,}|[3-9][0-9]|2[3-9]."""
    digits = str(number)
    found = [f"[0-9]{{{len(digits) + 1},}}"]
    for place, digit in enumerate(digits):
        behind = len(digits) - place - 1
        if (lowest := int(digit) + (behind > 0)) <= 9:
            found.append(f"{digits[:place]}[{lowest}-9]" + "[0-9]" * behind)
    return "|".join(found)
