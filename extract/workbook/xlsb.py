"""What the reader of values does not tell about an xlsb sheet, and its parts under the names that the reader knows.

Standard: MS-XLSB 2.4, the records BrtBundleSh, BrtCalcProp, BrtRowHdr, BrtCell and BrtFmla of every kind. Parts are
found by the relationships of the package.
"""

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from extract.workbook.cells import LONGEST_TEXT, Cell, ErrorCell, Patches, SheetMarks, UncalculatedCell
from extract.workbook.colours import xlsb_unseen_styles
from extract.workbook.number_formats import NumberFormat
from extract.workbook.package import Package, Relationship
from extract.workbook.passed_over_binary import xlsb_hidden_columns, xlsb_passed_over, xlsb_struck_styles
from extract.workbook.runs_binary import Marks, places_of, xlsb_marked, xlsb_marked_texts, xlsb_marks
from extract.workbook.xls import ERRORS, UNREADABLE_FORMULA
from extract.workbook.xlsb_beside import texts_beside
from extract.workbook.xlsb_formats import formats_of, styles_of

_ROW, _ERROR, _NUMBER_FORMULA, _BOOLEAN_FORMULA, _ERROR_FORMULA, _RICH_TEXT = 0, 3, 9, 10, 11, 62
_CELLS = frozenset((*range(1, 19), _RICH_TEXT))
_SHORT = range(12, 19)
"""Cells that leave out their column; neither reader knows them, and Excel does not write them into files."""
_BEGIN_CELLS, _END_CELLS, _SHEET, _CALCULATION = 145, 146, 156, 157
_LAST_ROW = 2**20 - 1
_NULL = 0xFFFFFFFF
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FOLDERS = {"worksheet": "worksheets", "chartsheet": "chartsheets"}

Record = tuple[int, bytes]


@dataclass(frozen=True)
class _Sheet:
    name: str
    relationship: Relationship


class XlsbBook:
    """The parts of an xlsb, found once. Raises ValueError, KeyError or ParseError where the package is broken."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        self._main = self._package.main
        self._workbook = self._package.read(self._main)

    @cached_property
    def _sheets(self) -> dict[str, _Sheet]:
        targets = {item.id: item for item in self._package.relationships(self._main)}
        found: dict[str, _Sheet] = {}
        for kind, record in _records(self._workbook):
            if kind == _SHEET and record[8:12] != struct.pack("<I", _NULL):
                identity, position = _text(record, 8)
                name, _ = _text(record, position)
                if identity not in targets:
                    raise ValueError(f"the sheet {name} has no part: its relationship {identity} is missing")
                if name in found:
                    raise ValueError(f"it has two sheets named {name}")
                found[name] = _Sheet(name, targets[identity])
        return found

    @cached_property
    def _styles(self) -> dict[int, NumberFormat]:
        """The cell styles whose number format says something."""
        return styles_of(self._style_records)

    @cached_property
    def _struck_styles(self) -> frozenset[int]:
        return xlsb_struck_styles(self._style_records)

    @cached_property
    def _run_marks(self) -> Marks:
        return xlsb_marks(self._style_records)

    @cached_property
    def _marked_texts(self) -> dict[int, str]:
        part = self._package.related(self._main, "sharedStrings") if self._run_marks else None
        return xlsb_marked_texts(_records(self._package.read(part)), self._run_marks) if part else {}

    @cached_property
    def _style_records(self) -> list[Record]:
        """No relationship to styles: there are none."""
        part = self._package.related(self._main, "styles")
        return list(_records(self._package.read(part))) if part else []

    @cached_property
    def calculates_on_load(self) -> bool:
        """Whether it asks to be calculated when it is opened, so that a 0 of a formula may be no result."""
        return any(
            kind == _CALCULATION and record[24:25] and record[24] & 1 for kind, record in _records(self._workbook)
        )

    def respelled(self) -> bytes:
        """The same workbook with its parts under the names that the reader of values looks for."""
        names: dict[str, tuple[str, str]] = {}
        links = []
        for number, item in enumerate(self._package.relationships(self._main), start=1):
            name = {"styles": "styles.bin", "sharedStrings": "sharedStrings.bin"}.get(item.kind)
            if any(sheet.relationship == item for sheet in self._sheets.values()):
                name = f"{_FOLDERS.get(item.kind, 'dialogsheets')}/sheet{number}.bin"
            if name:
                if name in names:
                    raise ValueError(f"{self._main} names several parts as its {item.kind}")
                names[name] = item.kind, item.target
                links.append(f'<Relationship Id="{_escape(item.id)}" Type="{_RELATIONS}/{item.kind}" Target="{name}"/>')
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
            archive.writestr(
                "xl/_rels/workbook.bin.rels",
                f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>',
            )
            archive.writestr("xl/workbook.bin", self._workbook)
            for name, (_, part) in names.items():
                archive.writestr(f"xl/{name}", self._package.read(part))
        return target.getvalue()

    def marks(self, name: str) -> SheetMarks:
        """What a sheet says of its cells. Raises ValueError for one that is not there or does not go on to its end."""
        if name not in self._sheets:
            raise ValueError(f"it has no part for the sheet {name}")
        patches: Patches = {}
        for row, column, cell in self._hidden_cells(self._part(name)):
            patches.setdefault(row, {})[column] = cell
        unseen_styles = xlsb_unseen_styles(self._style_records)
        records = _cell_records(self._part(name))
        hidden, (struck, unseen) = xlsb_passed_over(records, self._struck_styles, unseen_styles)
        formats = formats_of(_cell_records(self._part(name)), self._styles)
        texts = places_of(_cell_records(self._part(name)), self._marked_texts, binary=True)
        columns = xlsb_hidden_columns(takewhile(lambda record: record[0] != _BEGIN_CELLS, _records(self._part(name))))
        beside = texts_beside(self._package, self._sheets[name].relationship.target, self._part(name), _records)
        return SheetMarks(
            patches,
            formats,
            struck=struck,
            hidden=hidden,
            beside=beside,
            texts=texts,
            hidden_columns=columns,
            unseen=unseen,
        )

    def used_range(self, name: str) -> tuple[int, int]:
        """Rows and columns of a sheet up to its last cell, from A1."""
        row = rows = columns = 0
        for kind, record in _cell_records(self._part(name)):
            if kind == _ROW:
                row = int.from_bytes(record[:4], "little") + 1
            elif kind in _CELLS:
                rows, columns = max(rows, row), max(columns, int.from_bytes(record[:4], "little") + 1)
        return rows, columns

    def _part(self, name: str) -> bytes:
        return self._package.read(self._sheets[name].relationship.target)

    def _hidden_cells(self, part: bytes) -> Iterator[tuple[int, int, Cell]]:
        """Errors, formulas that nobody calculated and texts with formatting, with row (from 1) and column (from 0)."""
        row = 0
        for kind, record in _cell_records(part):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", record)
                if row > _LAST_ROW:
                    raise ValueError(f"it has a row {row + 1}, beyond the last one")
                continue
            if kind in _SHORT:
                raise ValueError(f"row {row + 1} has a cell that names no column (BrtShort), which is not read")
            cell: Cell | None = None
            if kind in (_ERROR, _ERROR_FORMULA):
                cell = ErrorCell(ERRORS.get(record[8], "#ERROR!"))
            elif kind in (_NUMBER_FORMULA, _BOOLEAN_FORMULA) and self.calculates_on_load:
                value = struct.unpack_from("<d", record, 8)[0] if kind == _NUMBER_FORMULA else record[8]
                cell = UncalculatedCell(UNREADABLE_FORMULA) if value == 0 else None
            elif kind == _RICH_TEXT:
                cell = xlsb_marked(record, self._run_marks) or _text(record, 9)[0]
            if cell is not None:
                (column,) = struct.unpack_from("<I", record)
                yield row + 1, column, cell


def _cell_records(part: bytes) -> Iterator[Record]:
    """The records of the cell table. Raises ValueError where it does not begin or end."""
    inside = False
    for kind, record in _records(part):
        if kind == _END_CELLS and inside:
            return
        if inside:
            yield kind, record
        inside = inside or kind == _BEGIN_CELLS
    raise ValueError("a sheet of it is cut off, or holds no table of cells")


def _text(record: bytes, position: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", record, position)
    end = position + 4 + 2 * length
    if end > len(record):
        raise ValueError("a text of it is cut off")
    return record[position + 4 : end].decode("utf-16-le", "replace")[:LONGEST_TEXT], end


def _records(content: bytes) -> Iterator[Record]:
    """Kind and content of each record: a kind of one or two bytes, a length of one to four, seven bits each."""
    position = 0
    while position < len(content):
        kind, position = _number(content, position, 2)
        length, position = _number(content, position, 4)
        if position + length > len(content):
            raise ValueError("a part of it is cut off in the middle of a record")
        yield kind, content[position : position + length]
        position += length


def _number(content: bytes, position: int, longest: int) -> tuple[int, int]:
    number = 0
    for index in range(longest):
        if position >= len(content):
            raise ValueError("a part of it is cut off in the middle of a record")
        byte = content[position]
        position += 1
        number |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            break
    return number, position


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
