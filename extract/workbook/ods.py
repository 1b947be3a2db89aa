"""An ods as sheets of cells: values, errors, formulas that nobody calculated, number formats and merged cells.

Standard: OpenDocument 1.3 part 3, 9.1 (tables, rows, cells), 19.385 (office:value-type), 19.615 (default cell styles).
Excel and older programs write an error as the number 0 with the text of the error; elements are known by their
namespaces, whatever their prefixes.
"""

import io
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from xml.etree import ElementTree as ET

from extract.workbook.cells import Cell, ErrorCell, FormattedNumber, Merge, Row, SheetMarks, address
from extract.workbook.colours import ods_unseen_styles
from extract.workbook.number_formats import number_format
from extract.workbook.ods_beside import OdsBeside
from extract.workbook.ods_cells import Content, content_of, count_of
from extract.workbook.ods_formats import OdsFormats
from extract.workbook.ods_names import OFFICE, STYLE, TABLE
from extract.workbook.package import parsed
from extract.workbook.runs import show_marked_spans, struck_styles
from extract.workbook.shown import ShownOtherwiseError, format_of_text

_ROW, _CELL, _COVERED, _COLUMN = (
    f"{TABLE}{name}" for name in ("table-row", "table-cell", "covered-table-cell", "table-column")
)
_GROUPS = {f"{TABLE}{line}{kind}" for line in ("table-row", "table-column") for kind in ("s", "-group")}
_GROUPS |= {f"{TABLE}table-header-rows", f"{TABLE}table-header-columns"}
_STYLE = f"{TABLE}style-name"
_COLUMNS_REPEATED, _ROWS_REPEATED, _COLUMNS_SPANNED, _ROWS_SPANNED = (
    f"{TABLE}number-{name}" for name in ("columns-repeated", "rows-repeated", "columns-spanned", "rows-spanned")
)
_LAST_ROW, _LAST_COLUMN = 2**20, 2**14
"""Those of the programs that write it; some let columns without content go on."""
_MOST_REPEATED = 100_000
_PERCENT, _HIDDEN = number_format("0.00%"), number_format(";;;")
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class _Run:
    """Cells of the same content side by side; `repeated` of them from `column` (from 0)."""

    column: int
    repeated: int
    cell: Cell


@dataclass(frozen=True)
class _Line:
    """Rows of the same content below each other; `repeated` of them from `number` (from 1)."""

    number: int
    repeated: int
    runs: list[_Run]


@dataclass(frozen=True)
class OdsSheet:
    """A sheet up to its last cell that holds something; `height` and `width` count from A1."""

    lines: list[_Line]
    height: int
    width: int
    merges: tuple[Merge, ...]
    hidden: frozenset[int] = frozenset()
    struck: Mapping[int, Sequence[int]] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    hidden_columns: tuple[tuple[int, int], ...] = ()
    unseen: Mapping[int, Sequence[int]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ValueError for content beyond the last row or column, and for more repetition than a table has."""
        if self.height > _LAST_ROW or self.width > _LAST_COLUMN:
            raise ValueError(f"it goes as far as {address(self.height, self.width - 1)}, which no sheet does")
        repeated = sum(line.repeated - 1 for line in self.lines)
        if repeated > _MOST_REPEATED:
            raise ValueError(f"{repeated:,} of its rows repeat the one above them")

    def rows(self) -> Iterator[Row]:
        """Each row from row 1, as wide as the sheet."""
        above = 1
        for line in self.lines:
            for _ in range(line.number - above):
                yield [""] * self.width
            for _ in range(line.repeated):
                row: Row = [""] * self.width
                for run in line.runs:
                    row[run.column : run.column + run.repeated] = [run.cell] * run.repeated
                yield row
            above = line.number + line.repeated

    def marks(self) -> SheetMarks:
        """The merges, hidden rows, struck cells and texts beside; errors, formulas and formats stand in the rows."""
        columns, unseen = self.hidden_columns, self.unseen
        return SheetMarks(
            {}, {}, True, self.merges, self.struck, self.hidden, self.beside, hidden_columns=columns, unseen=unseen
        )


class OdsBook:
    """An ods, parsed once. Raises ValueError, KeyError, ParseError or BadZipFile where it is broken."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if not archive.read("mimetype").strip().startswith(_SPREADSHEET):
                raise ValueError("it is an OpenDocument file, but no spreadsheet")
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise ValueError("it is protected by a password")
            if names.count("content.xml") > 1 or names.count("styles.xml") > 1:
                raise ValueError("it holds a part twice")
            self._content = parsed(archive.read("content.xml"))
            show_marked_spans(self._content)
            styles = parsed(archive.read("styles.xml")) if "styles.xml" in names else None
        self._formats = OdsFormats(self._content, styles)
        self._struck, self._unseen = struck_styles(self._content), ods_unseen_styles(self._content)
        self._beside = OdsBeside(self._content, styles)

    @cached_property
    def _tables(self) -> dict[str, ET.Element]:
        found: dict[str, ET.Element] = {}
        for table in self._content.iterfind(f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}table"):
            name = table.get(f"{TABLE}name", "")
            if name in found:
                raise ValueError(f"it has two sheets named {name}")
            found[name] = table
        return found

    @cached_property
    def sheets(self) -> dict[str, bool]:
        """The names of the sheets in their order, and whether each is visible."""
        hidden = {
            style.get(f"{STYLE}name")
            for style in self._content.iterfind(f"{OFFICE}automatic-styles/{STYLE}style[@{STYLE}family='table']")
            for item in style.iterfind(f"{STYLE}table-properties")
            if item.get(f"{TABLE}display") == "false"
        }
        return {name: table.get(f"{TABLE}style-name") not in hidden for name, table in self._tables.items()}

    def sheet(self, name: str) -> OdsSheet:
        """A sheet by its name. Raises ValueError for one that is not there."""
        if name not in self._tables:
            raise ValueError(f"it has no sheet {name}")
        table = self._tables[name]
        styles = _column_styles(table)
        lines: list[_Line] = []
        merges: list[Merge] = []
        hidden: list[int] = []
        struck: dict[int, list[int]] = {}
        unseen: dict[int, list[int]] = {}
        beside = self._beside.over(table)
        number = 1
        for element in _inside(table, _ROW):
            repeated = count_of(element, _ROWS_REPEATED)
            beside |= self._beside.on(element, number)
            runs = self._runs(element, number, styles, merges)
            if runs:
                lines.append(_Line(number, repeated, runs))
                if element.get(f"{TABLE}visibility", "visible") != "visible":
                    hidden += range(number, number + min(repeated, _MOST_REPEATED))
                for found, named in ((struck, self._struck), (unseen, self._unseen)):
                    if columns := _columns_of(element, styles, named) if named else []:
                        found |= dict.fromkeys(range(number, number + min(repeated, _MOST_REPEATED)), columns)
            number += repeated
        height = lines[-1].number + lines[-1].repeated - 1 if lines else 0
        width = max((line.runs[-1].column + line.runs[-1].repeated for line in lines), default=0)
        inside = tuple(_within(merge, height, width) for merge in merges)
        spans = _hidden_columns(table)
        return OdsSheet(lines, height, width, inside, frozenset(hidden), struck, beside, spans, unseen)

    def _runs(self, row: ET.Element, number: int, styles: "_ColumnStyles", merges: list[Merge]) -> list[_Run]:
        default = row.get(f"{TABLE}default-cell-style-name")
        runs: list[_Run] = []
        column = 0
        for element in row:
            if element.tag not in (_CELL, _COVERED):
                continue
            repeated = count_of(element, _COLUMNS_REPEATED)
            rows, columns = count_of(element, _ROWS_SPANNED), count_of(element, _COLUMNS_SPANNED)
            if rows > 1 or columns > 1:
                merges.append(((number, column), (number + rows - 1, column + columns - 1)))
            if len(element.attrib) or len(element):
                content = content_of(element)
                if content.cell != "":
                    own = element.get(_STYLE) or default
                    runs += self._formatted(content, own, styles, column, repeated)
            column += repeated
        return runs

    def _formatted(
        self, content: Content, style: str | None, styles: "_ColumnStyles", column: int, repeated: int
    ) -> Iterator[_Run]:
        """The cells of one content, apart where the defaults of their columns differ."""
        if not content.is_number:
            yield _Run(column, repeated, content.cell)
            return
        for first, count, default in [(column, repeated, style)] if style else styles.of(column, repeated):
            yield _Run(first, count, self._with_format(content, default))

    def _with_format(self, content: Content, style: str | None) -> Cell:
        """A number with its format: that of its style, else what its text shows."""
        number = content.cell
        if not isinstance(number, float):
            return number
        if content.hides and number and style:
            return FormattedNumber(number, _HIDDEN)
        if content.is_percentage:
            return FormattedNumber(number, _PERCENT)
        format = self._formats.of(style, number)
        if format is None and content.text:
            try:
                format = format_of_text(content.text, number)
            except ShownOtherwiseError:
                return ErrorCell(f"#{number} shown as {content.text}")  # the sign keeps it from being a code
        elif format is None and not self._formats.is_known(style):
            raise ValueError(f"a number has the style {style}, which is missing or refers to one that is")
        return number if format is None else FormattedNumber(number, format)


@dataclass(frozen=True)
class _ColumnStyles:
    """The default styles of the columns: first column (from 0), how many, and the name."""

    spans: list[tuple[int, int, str | None]]

    def of(self, column: int, repeated: int) -> Iterator[tuple[int, int, str | None]]:
        """The part of `repeated` columns from `column` that each style has."""
        end = column + repeated
        behind = bisect_right(self.spans, column, key=lambda span: span[0])
        for first, count, name in islice(self.spans, max(0, behind - 1), None):
            if first >= end:
                break
            start, stop = max(first, column), min(first + count, end)
            if start < stop:
                yield start, stop - start, name
        last = sum(self.spans[-1][:2]) if self.spans else 0
        if end > last:
            yield max(column, last), end - max(column, last), None


def _columns_of(row: ET.Element, styles: _ColumnStyles, named: Collection[str | None]) -> list[int]:
    """The columns of the cells of a row that hold something and have one of some styles."""
    found: list[int] = []
    column = 0
    for element in row:
        if element.tag in (_CELL, _COVERED):
            repeated = count_of(element, _COLUMNS_REPEATED)
            if len(element) or f"{OFFICE}value" in element.attrib:
                own = element.get(_STYLE) or row.get(f"{TABLE}default-cell-style-name")
                for first, count, name in [(column, repeated, own)] if own else styles.of(column, repeated):
                    found += range(first, first + count) if name in named else ()
            column += repeated
    return found


def _column_styles(table: ET.Element) -> _ColumnStyles:
    spans: list[tuple[int, int, str | None]] = []
    column = 0
    for element in _inside(table, _COLUMN):
        repeated = count_of(element, _COLUMNS_REPEATED)
        spans.append((column, repeated, element.get(f"{TABLE}default-cell-style-name")))
        column += repeated
        if column > 2 * _LAST_COLUMN:
            break
    return _ColumnStyles(spans)


def _hidden_columns(table: ET.Element) -> tuple[tuple[int, int], ...]:
    """The first and the last column (from 0) of each span that the sheet does not show."""
    found: list[tuple[int, int]] = []
    column = 0
    for element in _inside(table, _COLUMN):
        behind = column + count_of(element, _COLUMNS_REPEATED)
        if element.get(f"{TABLE}visibility", "visible") != "visible":
            found.append((column, behind - 1))
        column = behind
    return tuple(found)


def _inside(table: ET.Element, tag: str) -> Iterator[ET.Element]:
    """The rows or columns of a table in their order, those in groups and headers included."""
    waiting = [iter(table)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == tag:
            yield element
        elif element.tag in _GROUPS:
            waiting.append(iter(element))


def _within(merge: Merge, height: int, width: int) -> Merge:
    (row, column), (last_row, last_column) = merge
    return (row, column), (max(row, min(last_row, height)), max(column, min(last_column, width - 1)))
