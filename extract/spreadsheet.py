"""Workbooks that people read and print: formatted, codes as texts, nothing a formula, the same content the same bytes.

XlsxWriter takes time to import, so this module is imported by functions.
"""

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from extract.foreign import xml_text

LONGEST_TEXT = 32_767
_WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001  # the format knows no zones; a fixed one, so that bytes repeat
_PAPER_A4 = 9
_NO_TITLE = re.compile(r"[\\/*?:\[\]]")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t")
_TOP = {"valign": "top"}
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]")
"""Ideographs, and what else takes two columns (Unicode Standard Annex 11)."""
_WRAPS = 40
"""Characters of a text beyond which it wraps."""
_LINE, _MOST_LINES = 15, 27
"""Height of a line in points, and how many of them Excel shows in a row (409 points)."""
_BOOLEAN = '"TRUE";"TRUE";"FALSE"'
"""Excel shows truth values by itself; other programs take them for numbers."""


class Tint(StrEnum):
    """The fill of a row or a cell, by what it says."""

    NONE = ""
    NEW = "#E2EFDA"
    CHANGED = "#FFF2CC"
    GONE = "#F8CBAD"
    WRONG = "#FFC7CE"


Value = str | bool | int | float | Decimal | date | datetime | dict[str, object] | list[object] | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its header, its width in characters, and the format of numbers in it."""

    title: str
    width: int = 14
    number: str = "General"


@dataclass(frozen=True)
class Line:
    """A row of a table; `tints` are those of single cells, which win over that of the row."""

    values: Sequence[Value]
    tint: Tint = Tint.NONE
    tints: Sequence[Tint] = ()


class Book:
    """A workbook in memory that is written sheet by sheet, and given as bytes at the end."""

    def __init__(self, title: str) -> None:
        self._package = io.BytesIO()
        # a disk that is full must fail where the bytes are written, not in a temporary file
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._workbook = Workbook(self._package, options)
        self._workbook.set_properties({"title": title, "author": "WorkDataHub", "created": _WRITTEN})
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def page(self, title: str, footer: str) -> "Page":
        """A new sheet, made to be printed on A4 with `footer` on every page."""
        sheet = self._workbook.add_worksheet(_NO_TITLE.sub("_", xml_text(title))[:31])
        sheet.set_landscape()
        sheet.set_paper(_PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{footer.replace('&', '&&')[:200]}&R&P / &N")
        return Page(sheet, self)

    def format(self, **properties: object) -> Format:
        """A format; the same properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(dict(key))
        return self._formats[key]

    def close(self) -> bytes:
        """The bytes of the whole."""
        self._workbook.close()
        return self._package.getvalue()


class Page:
    """A sheet that is written from top to bottom."""

    def __init__(self, sheet: Worksheet, book: Book) -> None:
        self._sheet, self._book = sheet, book
        self._row = 0
        self._widths: dict[int, int] = {}

    def heading(self, text: str) -> None:
        """A line in bold, with an empty one above it unless it is the first."""
        self._row += bool(self._row)
        self._sheet.write_string(self._row, 0, xml_text(text), self._book.format(bold=True, font_size=13))
        self._row += 1

    def note(self, text: str, tint: Tint = Tint.NONE) -> None:
        """A line of text, which may run over the columns beside it."""
        self._sheet.write_string(self._row, 0, xml_text(text)[:LONGEST_TEXT], self._book.format(**_filled(tint)))
        self._row += 1

    def pairs(self, pairs: Iterable[tuple[str, Value]]) -> None:
        """A name and a value on each line."""
        for name, value in pairs:
            self._sheet.write_string(self._row, 0, xml_text(name), self._book.format(bold=True, **_TOP))
            lines = self._cell(1, value, "#,##0" if isinstance(value, int) else "General", Tint.NONE)
            self._next(lines)

    def widths(self, *widths: int) -> None:
        """Widths of columns in characters, for a sheet that is more than one table."""
        for index, width in enumerate(widths):
            self._widths[index] = width
            self._sheet.set_column(index, index, width)

    def table(self, columns: Sequence[Column], lines: Iterable[Line], *, alone: bool = False) -> int:
        """A header and its rows; gives how many there are.

        A table that has the sheet `alone` stays in sight below its header, repeats it on every page, and can be
        filtered.
        """
        top = self._row
        header = self._book.format(bold=True, bg_color="#DDEBF7", border=1, text_wrap=True, **_TOP)
        if alone:
            self.widths(*(column.width for column in columns))
        for index, column in enumerate(columns):
            self._sheet.write_string(top, index, xml_text(column.title), header)
        self._next(max((self._lines(index, column.title) for index, column in enumerate(columns)), default=1))
        for line in lines:
            tints = [*line.tints, *[line.tint] * (len(columns) - len(line.tints))]
            self._next(
                max(
                    self._cell(index, value, column.number, tints[index] or line.tint)
                    for index, (column, value) in enumerate(zip(columns, line.values, strict=True))
                )
            )
        if alone:
            self._sheet.freeze_panes(top + 1, 0)
            self._sheet.repeat_rows(top)
            self._sheet.autofilter(top, 0, max(self._row - 1, top), len(columns) - 1)
        return self._row - top - 1

    def skip(self) -> None:
        """An empty line."""
        self._row += 1

    def _next(self, lines: int) -> None:
        """Go on below a row of so many lines. Its height is said, since not every program works it out as it opens."""
        if lines > 1:
            self._sheet.set_row(self._row, _LINE * min(lines, _MOST_LINES))
        self._row += 1

    def _lines(self, column: int, text: str) -> int:
        """The lines that a text which wraps takes in a column."""
        width = max(self._widths.get(column, 9) - 1, 1)
        return sum(-(-_columns(line) // width) or 1 for line in text.split("\n"))

    def _cell(self, column: int, value: Value, number: str, tint: Tint) -> int:
        """Write a value; gives the lines that it takes."""
        filled = _filled(tint)
        if value is None:
            if filled:
                self._sheet.write_blank(self._row, column, None, self._book.format(**filled))
        elif isinstance(value, bool):
            style = self._book.format(num_format=_BOOLEAN, **filled, **_TOP)
            self._sheet.write_boolean(self._row, column, value, style)
        elif isinstance(value, int | float | Decimal) and _is_exact(value):
            self._sheet.write_number(
                self._row, column, float(value), self._book.format(num_format=number, **filled, **_TOP)
            )
        elif isinstance(value, date) and not isinstance(value, datetime):
            self._sheet.write_datetime(
                self._row, column, value, self._book.format(num_format="yyyy-mm-dd", align="left", **filled, **_TOP)
            )
        else:
            text = xml_text(_text(value))[:LONGEST_TEXT]
            quoted = {"quote_prefix": True} if text.startswith(_FORMULA_SIGNS) else {}
            wraps = len(text) > _WRAPS
            style = self._book.format(num_format="@", text_wrap=wraps, **quoted, **filled, **_TOP)
            self._sheet.write_string(self._row, column, text, style)
            return self._lines(column, text) if wraps else 1
        return 1


def _columns(text: str) -> int:
    """The columns of a screen that a text takes: an ideograph takes two."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def _filled(tint: Tint) -> dict[str, object]:
    return {"bg_color": tint.value} if tint else {}


def _is_exact(number: float | Decimal) -> bool:
    """Whether a cell, which is a float of 15 digits for Excel, can hold the number as it is."""
    as_float = float(number)
    return len(Decimal(number if isinstance(number, Decimal) else repr(number)).as_tuple().digits) <= 15 and (
        not isinstance(number, Decimal) or Decimal(repr(as_float)) == number
    )


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
