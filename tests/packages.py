"""xlsx packages written by hand, so that a test knows each cell, in the plain spelling and in any that XML allows.

`write_package(book)` gives the plain spelling, which openpyxl reads; `write_package(book, Spelling(...))` gives the
same cells in another one. Standards: ECMA-376 part 1, 18.3.1.4 (c), 18.18.11 (cell types); part 2; XML 1.0.
"""

import io
import posixpath
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from packages_xml import Element, Spelling, spelled

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
BUILT_IN_FORMATS = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "mm-dd-yy": 14}


@dataclass(frozen=True)
class Cell:
    """A cell: its value (None: no value element), number format, formula, and whether its text is an Excel error.

    `empty` gives it a value element with nothing in it.
    """

    value: float | int | str | bool | date | None = None
    format: str = "General"
    formula: str | None = None
    error: bool = False
    empty: bool = False


@dataclass
class SheetOf:
    """A sheet: cells by row and column (both from 1), merged ranges, and whether it is visible."""

    name: str = "受托业绩"
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""
    visible: bool = True

    def put(self, row: int, column: int, value: object, **more: object) -> None:
        """Put a value, or a Cell, into a cell."""
        self.cells[row, column] = value if isinstance(value, Cell) else Cell(value, **more)  # type: ignore[arg-type]


@dataclass
class Book:
    """A workbook. `default_format` is that of cells that name no style."""

    sheets: list[SheetOf]
    full_calculation: bool = False
    date_1904: bool = False
    default_format: str = "General"


def letters(column: int) -> str:
    """The letters of a column counted from 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def reference(row: int, column: int) -> str:
    """A cell as Excel names it."""
    return f"{letters(column)}{row}"


def write_package(book: Book, spelling: Spelling | None = None) -> bytes:
    """The bytes of a workbook, in the plain spelling where none is given."""
    return _Writer(book, spelling or Spelling(Random(0))).package()


class _Writer:
    def __init__(self, book: Book, spelling: Spelling) -> None:
        self._book, self._spelling, self._random = book, spelling, spelling.random
        self._strings: list[str] = []
        self._formats: list[str] = [book.default_format]
        self._main = STRICT if "strict" in spelling.features else MAIN
        self._relations = STRICT_RELATIONS if "strict" in spelling.features else RELATIONS

    def package(self) -> bytes:
        odd = "names" in self._spelling.features
        folder, main = ("Xl/parts", "book.xml") if odd else ("xl", "workbook.xml")
        names = [f"tables/blatt{n}.xml" if odd else f"worksheets/sheet{n}.xml" for n in range(1, 99)]
        parts: list[tuple[str, str, bytes]] = []
        for name, sheet in zip(names, self._book.sheets, strict=False):
            parts.append((name, "worksheet", self._part(self._sheet(sheet))))
        parts.append(("looks.xml" if odd else "styles.xml", "styles", self._part(self._styles())))
        if self._strings:
            content = self._part(self._shared_strings())
            parts.append(("texts.xml" if odd else "sharedStrings.xml", "sharedStrings", content))
        workbook = self._part(self._workbook())
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("[Content_Types].xml", _content_types(f"{folder}/{main}", folder, parts))
            top = [(f"{folder}/{main}", "officeDocument")]
            archive.writestr("_rels/.rels", self._relationships(top, ""))
            archive.writestr(self._stored(f"{folder}/{main}"), workbook)
            links = [(name, kind) for name, kind, _ in parts]
            archive.writestr(self._stored(f"{folder}/_rels/{main}.rels"), self._relationships(links, folder))
            for name, _, content in parts:
                archive.writestr(self._stored(f"{folder}/{name}"), content)
        return target.getvalue()

    def _stored(self, name: str) -> str:
        """The name of a part as the archive spells it."""
        if "cases" in self._spelling.features:
            name = "".join(self._random.choice((letter.upper(), letter.lower())) for letter in name)
        return name.replace("/", "\\") if "backslashes" in self._spelling.features else name

    def _relationships(self, links: Sequence[tuple[str, str]], folder: str) -> bytes:
        items = []
        for number, (name, kind) in enumerate(links, start=1):
            absolute = "absolute" in self._spelling.features
            target = posixpath.join("/", folder, name) if absolute else name
            attributes = {"Id": f"rId{number}", "Type": f"{self._relations}/{kind}", "Target": target}
            items.append(Element("Relationship", attributes))
        root = Element("Relationships", {"xmlns": f"{PACKAGE}/relationships"}, items)
        return spelled(root, Spelling(self._random))

    def _part(self, root: Element) -> bytes:
        return spelled(root, self._spelling)

    def _root(self, tag: str, children: list[Element]) -> Element:
        return Element(tag, {"xmlns": self._main, "xmlns:r": self._relations}, children)

    def _workbook(self) -> Element:
        sheets = []
        for number, sheet in enumerate(self._book.sheets, start=1):
            attributes = {"name": sheet.name, "sheetId": str(number), "r:id": f"rId{number}"}
            if not sheet.visible:
                attributes["state"] = "hidden"
            sheets.append(Element("sheet", attributes))
        settings = Element("workbookPr", {"date1904": str(int(self._book.date_1904))})
        yes = self._random.choice(("1", "true")) if self._spelling.features else "1"
        on_load = yes if self._book.full_calculation else "0"
        calculation = Element("calcPr", {"calcId": "191029", "fullCalcOnLoad": on_load})
        return self._root("workbook", [settings, Element("sheets", {}, sheets), calculation])

    def _styles(self) -> Element:
        own = {code: 164 + n for n, code in enumerate(dict.fromkeys(self._formats)) if code not in BUILT_IN_FORMATS}
        ids = {**BUILT_IN_FORMATS, **own}
        formats = [Element("numFmt", {"numFmtId": str(n), "formatCode": code}) for code, n in own.items()]
        plain = {"fontId": "0", "fillId": "0", "borderId": "0"}
        cell_styles = [
            Element("xf", {"numFmtId": str(ids[code]), **plain, "xfId": "0", "applyNumberFormat": "1"})
            for code in self._formats
        ]
        children = [Element("numFmts", {"count": str(len(formats))}, formats)] if formats else []
        children += [
            Element("fonts", {"count": "1"}, [Element("font")]),
            Element("fills", {"count": "1"}, [Element("fill", {}, [Element("patternFill", {"patternType": "none"})])]),
            Element("borders", {"count": "1"}, [Element("border")]),
            Element("cellStyleXfs", {"count": "1"}, [Element("xf", {"numFmtId": "0", **plain})]),
            Element("cellXfs", {"count": str(len(cell_styles))}, cell_styles),
        ]
        return self._root("styleSheet", children)

    def _shared_strings(self) -> Element:
        count = str(len(self._strings))
        items = [Element("si", {}, self._text(text)) for text in self._strings]
        return self._root("sst", items).but(uniqueCount=count)

    def _text(self, text: str) -> list[Element]:
        """The elements of a text: one, or several runs with a reading aid that is none of it."""
        keep = {"xml:space": "preserve"}
        if "runs" not in self._spelling.features or len(text) < 2:
            return [Element("t", keep, [text])]
        cut = self._random.randrange(1, len(text))
        bold = Element("rPr", {}, [Element("b")])
        runs = [Element("r", {}, [Element("t", keep, [text[:cut]])]),
                Element("r", {}, [bold, Element("t", keep, [text[cut:]])])]  # fmt: skip
        return [*runs, Element("rPh", {"sb": "0", "eb": "1"}, [Element("t", {}, ["ネン"])])]

    def _sheet(self, sheet: SheetOf) -> Element:
        rows: list[Element] = []
        before = 0
        for number in sorted({row for row, _ in sheet.cells}):
            places = sorted(column for row, column in sheet.cells if row == number)
            cells, last = [], 0
            for column in places:
                needed = column != last + 1 or not self._spelling.chance("no_r")
                cells.append(self._cell(sheet.cells[number, column], reference(number, column) if needed else None))
                last = column
            needed = number != before + 1 or not self._spelling.chance("no_row_r")
            rows.append(Element("row", {"r": str(number)} if needed else {}, cells))
            before = number
        children = [Element("sheetData", {}, rows)]
        if sheet.merges:
            merged = [
                Element("mergeCell", {"ref": f"{reference(top, left)}:{reference(bottom, right)}"})
                for top, left, bottom, right in sheet.merges
            ]
            children.append(Element("mergeCells", {"count": str(len(merged))}, merged))
        return self._root("worksheet", children)

    def _cell(self, cell: Cell, place: str | None) -> Element:
        attributes = {"r": place} if place else {}
        if cell.format not in self._formats:
            self._formats.append(cell.format)
        if style := self._formats.index(cell.format):
            attributes["s"] = str(style)
        elif self._spelling.chance("default_style"):
            attributes["s"] = "0"
        kind, content = self._typed(cell)
        if kind is None and self._spelling.chance("typed_numbers"):
            kind = "n"
        if kind:
            attributes["t"] = kind
        formula = [] if cell.formula is None else [Element("f", {}, [cell.formula] if cell.formula else [])]
        return Element("c", attributes, [*formula, *content])

    def _typed(self, cell: Cell) -> tuple[str | None, list[Element]]:
        """The type attribute of a cell and the elements of its value."""
        value = cell.value
        if cell.empty:
            return "str" if cell.formula is not None else self._random.choice((None, "n")), [Element("v")]
        if value is None:
            return None, []
        if cell.error:
            return "e", [Element("v", {}, [str(value)])]
        if isinstance(value, bool):
            return "b", [Element("v", {}, [str(int(value))])]
        if isinstance(value, str):
            return self._typed_text(value, cell.formula is not None)
        if isinstance(value, date):
            value = _serial(value, self._book.date_1904)
        digits = f"{value:.17g}" if self._spelling.chance("long_numbers") else repr(value)
        if self._spelling.chance("spaced_values"):
            digits = self._random.choice((" ", "", "\n\t")) + digits + self._random.choice((" ", "\n"))
        return None, [Element("v", {}, [digits])]

    def _typed_text(self, text: str, is_formula: bool) -> tuple[str, list[Element]]:
        if is_formula or self._spelling.chance("str"):
            return "str", [Element("v", {}, [text])]
        if self._spelling.chance("inline"):
            return "inlineStr", [Element("is", {}, self._text(text))]
        if text not in self._strings:
            self._strings.append(text)
        return "s", [Element("v", {}, [str(self._strings.index(text))])]


def _serial(day: date, date_1904: bool) -> float | int:
    start = datetime(1904, 1, 1) if date_1904 else datetime(1899, 12, 30)
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    days = (moment - start).total_seconds() / 86400
    return int(days) if days == int(days) else days


def _content_types(main: str, folder: str, parts: Sequence[tuple[str, str, bytes]]) -> str:
    named = [(f"/{main}", "sheet.main")] + [(f"/{folder}/{name}", kind) for name, kind, _ in parts]
    overrides = "".join(f'<Override PartName="{name}" ContentType="{_TYPES}{kind}+xml"/>' for name, kind in named)
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">{defaults}{overrides}</Types>'
