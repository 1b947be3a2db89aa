"""What the reader of values does not tell about an xlsx sheet, and the parts in the spelling that it reads rightly.

Excel errors, formulas that were never calculated, number formats, and the used range.
Standard: ECMA-376 part 1, 18.3.1.4 (c), 18.18.11 (cell types), 18.8.30 (numFmt), 18.8.10 (cellXfs), 18.2.2 (calcPr).
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

from python_calamine import CalamineWorkbook

from extract.workbook.cells import Cell, ErrorCell, Patches, SheetMarks, UncalculatedCell, column_index, column_letter
from extract.workbook.colours import unseen_styles
from extract.workbook.package import Package
from extract.workbook.passed_over import cells_in_styles, hidden_columns, hidden_rows, struck_cells, texts_beside
from extract.workbook.spelling import (
    MAIN,
    Columns,
    cell_columns,
    holds,
    holds_long_text,
    is_usual,
    respelled,
    usual_columns,
)
from extract.workbook.xlsx_formats import CellFormats, formats_of

_PLACE = rb'<c r="([A-Z]{1,3})([0-9]{1,7})"'
_CLOSING = rb"(?: [cv]m=\"[0-9]+\")* ?"
_VALUE = rb"(?:(<v[^<>]*>)([^<]*)</v>|(<v[^<>]*/>))?"
_FORMULA = re.compile(
    _PLACE
    + rb'(?: s="[0-9]+")?(?: t="([A-Za-z]+)")?(?: s="[0-9]+")?'
    + _CLOSING
    + rb">\s*(?:<f[^<>]*/>|<f[^<>]*>([^<]*)</f>)\s*"
    + _VALUE
    + rb"\s*</c>"
)
_FORMULA_TAGS = (b"<f>", b"<f ", b"<f/", b"<f\n", b"<f\r", b"<f\t")
_ERROR = re.compile(
    _PLACE
    + rb'(?: s="[0-9]+")? t="e"(?: s="[0-9]+")?'
    + _CLOSING
    + rb">\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?\s*(?:<v[^<>]*>([^<]*)</v>|<v[^<>]*/>)?\s*</c>"
)
_ERROR_TYPE = re.compile(_PLACE + rb'(?: s="[0-9]+")? t="e"[ />]')
_WIDE = re.compile(rb'<c r="([A-Z]{2,3})[0-9]')
_ARRAY = re.compile(
    rb'<f(?= [^<>]*t="(?:array|dataTable)")[^<>]* ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
    rb"[^<>]*(?:/>|>([^<]*)<)"
)
_VALUES = re.compile(_PLACE + rb"[^<>]*>\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?\s*(?:<v[^<>]*>([^<]*)</v>|<is>)")
LAST_ROW = 2**20
_TRUTHS = frozenset(("0", "1", "false", "true"))
_MOST_IN_ARRAYS = 1_000_000
_ZERO = re.compile(r"[-+]?0*\.?0*(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class XlsxSheet:
    """A worksheet by name, as workbook.xml lists it; `position` counts all sheets, charts included."""

    name: str
    visible: bool
    position: int
    part: str


@dataclass(frozen=True)
class SpelledSheet:
    """The part of a sheet in the usual spelling, how far its cells go, and whether the package has it so."""

    part: bytes
    columns: Columns
    usual: bool

    def used_range(self) -> tuple[int, int]:
        """Rows and columns up to the last cell, from A1; at least as much as the reader will hold."""
        last = re.search(rb'<row\b[^>]*?\br="([0-9]+)"', self.part[max(self.part.rfind(b"<row"), 0) :])
        wide = set(_WIDE.findall(self.part)) if self.columns is Columns.WIDE else set()
        widest = max(wide, key=lambda letters: (len(letters), letters), default=b"Z")
        return int(last[1]) if last else 0, column_index(widest.decode()) + 1


class XlsxBook:
    """The parts of an xlsx, found once. Raises ValueError, KeyError or ParseError where the package is broken."""

    def __init__(self, data: bytes) -> None:
        self._data, self._package = data, Package(data)
        main = self._package.main
        self._workbook = self._spelled(main)
        self._styles_part = self._package.related(main, "styles")
        self._strings_part = self._package.related(main, "sharedStrings")
        self._root = ET.fromstring(self._workbook)
        settings = self._root.find(f"{{{MAIN}}}workbookPr")
        self._dates = settings.get("date1904", "0") if settings is not None else "0"
        if self._dates not in _TRUTHS:
            raise ValueError(f"its date system (date1904) is {self._dates[:20]!r}, which is neither true nor false")

    @cached_property
    def sheets(self) -> list[XlsxSheet]:
        """The worksheets in their order."""
        targets = {item.id: item for item in self._package.relationships(self._package.main)}
        found = []
        for position, element in enumerate(self._root.iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet")):
            identity = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            if identity not in targets:
                raise ValueError(f"the sheet {element.get('name')} has no part: its relationship {identity} is missing")
            if targets[identity].kind == "worksheet":
                visible = element.get("state", "visible") == "visible"
                found.append(XlsxSheet(element.get("name", ""), visible, position, targets[identity].target))
        return found

    @cached_property
    def _formats(self) -> CellFormats:
        """The formats of the cell styles. No relationship to styles: there are none."""
        return formats_of(self._styles) if self._styles_part else CellFormats()

    @cached_property
    def _styles(self) -> ET.Element:
        return ET.fromstring(self._spelled(self._styles_part)) if self._styles_part else ET.Element("styleSheet")

    @cached_property
    def calculates_on_load(self) -> bool:
        """Whether it asks to be calculated when it is opened, or was not to its end, so that a 0 may be no result."""
        return any(
            item.get("fullCalcOnLoad") in ("1", "true") or item.get("calcCompleted") in ("0", "false")
            for item in self._calculations
        )

    @property
    def _calculations(self) -> list[ET.Element]:
        return self._root.findall(f"{{{MAIN}}}calcPr")

    def _is_no_result(self, value: bytes) -> bool:
        """Whether the number of a formula may be none that anybody calculated.

        Apache POI gives such a formula 0.0, which no program that calculates writes, in workbooks that name no version
        of Excel; Excel calculates them when it opens them.
        """
        named = any(item.get("calcId", "0") != "0" for item in self._calculations)
        zero = self.calculates_on_load and _ZERO.fullmatch(_text(value)) is not None
        return zero or (value == b"0.0" and not named)

    def spelled_sheet(self, sheet: XlsxSheet) -> SpelledSheet:
        """The part of a sheet in the usual spelling."""
        part = self._package.read(sheet.part)
        columns = usual_columns(part) if is_usual(part) else None
        if columns is not None:
            return SpelledSheet(part, columns, usual=True)
        part = respelled(part)
        columns = cell_columns(part)
        if columns is None:
            raise ValueError(f"the cells of {sheet.name} are spelled in a way that this program cannot read")
        return SpelledSheet(part, columns, usual=False)

    @cached_property
    def is_usual(self) -> bool:
        """Whether the parts but the sheets have the spelling and the names that the reader of values knows."""
        names = {"xl/workbook.xml": self._package.main}
        names |= {"xl/styles.xml": self._styles_part} if self._styles_part else {}
        names |= {"xl/sharedstrings.xml": self._strings_part} if self._strings_part else {}
        return all(name == part.lower() and is_usual(self._package.read(part)) for name, part in names.items())

    @cached_property
    def _has_long_strings(self) -> bool:
        return self._strings_part is not None and holds_long_text(self._package.read(self._strings_part))

    def has_long_texts(self, spelled: SpelledSheet) -> bool:
        """Whether a cell of a sheet may hold more text than Excel does."""
        return self._has_long_strings or holds_long_text(spelled.part)

    def marks(self, sheet: XlsxSheet, spelled: SpelledSheet) -> SheetMarks:
        """What a sheet in the usual spelling says of its cells."""
        patches: Patches = {}
        for row, column, cell in self._hidden_cells(spelled):
            patches.setdefault(row, {})[column] = cell
        xml = spelled.part
        self._formats.check(xml)
        return SheetMarks(
            patches,
            self._formats.of_cells(xml),
            formats_known=True,
            struck=struck_cells(xml, self._styles),
            hidden=hidden_rows(xml),
            beside=texts_beside(self._package, sheet.part, xml),
            conditional=self._formats.of_conditions(xml),
            hidden_columns=hidden_columns(xml),
            unseen=cells_in_styles(xml, unseen_styles(self._styles)),
        )

    @cached_property
    def as_calamine_reads_it(self) -> CalamineWorkbook:
        """The package itself in the reader of values, opened once for all sheets."""
        return CalamineWorkbook.from_filelike(io.BytesIO(self._data))

    def _spelled(self, part: str) -> bytes:
        content = self._package.read(part)
        return content if is_usual(content) else respelled(content)

    def _hidden_cells(self, spelled: SpelledSheet) -> Iterator[tuple[int, int, Cell]]:
        """Excel errors and formulas that nobody calculated, with row (from 1) and column (from 0)."""
        xml = spelled.part
        if holds(xml, b' t="e"', b"e") and _ERROR_TYPE.search(xml):
            cells = _ERROR.findall(xml)
            if len(cells) != xml.count(b' t="e"'):
                raise ValueError("an error of the sheet stands where no cell is")
            for letters, row, text in cells:
                yield int(row), column_index(letters.decode()), ErrorCell(_text(text) or "#ERROR!")
        if not holds(xml, b"<f", b"f"):
            return
        formulas = sum(xml.count(tag) for tag in _FORMULA_TAGS)
        found = _FORMULA.findall(xml)
        if len(found) != formulas:
            raise ValueError("a formula of the sheet stands where no cell is, or two in one cell")
        for letters, row, kind, text, opened, value, empty in found:
            nothing = not opened and not empty
            if nothing or (kind in (b"", b"n", b"b") and self._is_no_result(value)):
                yield int(row), column_index(letters.decode()), UncalculatedCell("=" + _text(text))

        if b'ref="' in xml:
            yield from self._rest_of_arrays(spelled)

    def _rest_of_arrays(self, spelled: SpelledSheet) -> Iterator[tuple[int, int, Cell]]:
        """The cells of array formulas behind the first, where nobody calculated them: they bear no formula."""
        xml = spelled.part
        ranges = _ARRAY.findall(xml)
        values = {(row, letters): value for letters, row, value in _VALUES.findall(xml)} if ranges else {}
        height, width = spelled.used_range()
        area = sum(_area(left, top, right, bottom, height, width) for left, top, right, bottom, _ in ranges)
        if area > _MOST_IN_ARRAYS:
            raise ValueError(f"its array formulas fill {area:,} cells")
        for left, top, right, bottom, text in ranges:
            for row in range(int(top), min(int(bottom), height) + 1):
                for column in range(column_index(left.decode()), min(column_index(right.decode()) + 1, max(width, 1))):
                    value = values.get((f"{row}".encode(), column_letter(column).encode()))
                    first = (row, column) == (int(top), column_index(left.decode()))
                    nothing = value is None or self._is_no_result(value)
                    if nothing and not first:
                        yield row, column, UncalculatedCell("=" + _text(text))

    def alone(self, sheet: bytes) -> bytes:
        """A package with one sheet alone, in the spelling and under the names that the reader of values knows."""
        relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        parts = {"worksheets/sheet1.xml": ("worksheet", sheet)}
        if self._styles_part:
            parts["styles.xml"] = ("styles", self._spelled(self._styles_part))
        if self._strings_part:
            parts["sharedStrings.xml"] = ("sharedStrings", self._spelled(self._strings_part))
        links = "".join(
            f'<Relationship Id="rId{number}" Type="{relations}/{kind}" Target="{name}"/>'
            for number, (name, (kind, _)) in enumerate(parts.items(), start=1)
        )
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
            main = f'<Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/>'
            archive.writestr("_rels/.rels", f'<Relationships xmlns="{package}/relationships">{main}</Relationships>')
            archive.writestr(
                "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{links}</Relationships>'
            )
            archive.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{MAIN}" xmlns:r="{relations}"><workbookPr date1904="{self._dates}"/>'
                '<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            )
            for name, (_, content) in parts.items():
                archive.writestr(f"xl/{name}", content)
        return target.getvalue()


def has_row_from(number: int, xml: bytes) -> bool:
    """Whether a cell may stand in a row of about that number or below it: the last row need not be the lowest one."""
    digits = len(str(number))
    return number <= LAST_ROW and re.search(rb'<c r="[A-Z]{1,3}[0-9]{%d}' % digits, xml) is not None


def filled_range(xml: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell that holds something; slower than `SpelledSheet.used_range`."""
    rows = columns = 0
    for letters, row in re.findall(_PLACE + rb"(?:[^<>]*[^/<>])?>", xml):
        rows, columns = max(rows, int(row)), max(columns, column_index(letters.decode()) + 1)
    return rows, columns


def _area(left: bytes, top: bytes, right: bytes, bottom: bytes, height: int, width: int) -> int:
    """Cells of a range within the used one."""
    rows = min(int(bottom), height) + 1 - int(top)
    return max(0, rows) * max(0, min(column_index(right.decode()) + 1, max(width, 1)) - column_index(left.decode()))


def _text(escaped: bytes) -> str:
    return ET.fromstring(b"<v>" + escaped + b"</v>").text or ""
