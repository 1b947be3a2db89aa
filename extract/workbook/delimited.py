"""CSV and TSV files as sheets: the encoding and the separator are detected and reported.

A first line such as sep=; decides on the separator, as in Excel, and is no row: rows are counted as Excel shows them.
="000123" is the text 000123 (rules.md, plan_code).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from extract.errors.workbook import WorkbookUnreadable
from extract.limits import Limits
from extract.wording import Sentence
from extract.workbook.cells import Cell, address
from extract.workbook.encodings import CONTROL, decoded
from extract.workbook.size import check_used_range

_SHOWN = {
    "utf-8-sig": "UTF-8 with BOM", "utf-8": "UTF-8", "gb18030": "GB18030", "cp950": "Big5",
    "utf-16": "UTF-16", "utf-16-le": "UTF-16 without BOM", "utf-16-be": "UTF-16 without BOM",
}  # fmt: skip
_SEPARATORS = {
    ",": Sentence("comma"), "\t": Sentence("tab"), ";": Sentence("semicolon"), "|": Sentence("vertical bar (|)"),
}  # fmt: skip
_STATED = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_PROTECTED = re.compile(r'\s*=\s*"((?:[^"]|"")*)"\s*')
_DIGIT = re.compile(r"[0-9]")
_ROWS_LOOKED_AT, _TEXT_LOOKED_AT = 30, 2**16


@dataclass(frozen=True)
class DelimitedText:
    """The rows of a CSV or TSV file, padded to one width, its delimiter, and a note on how it was read."""

    rows: list[list[Cell]]
    delimiter: str
    note: str


def read_delimited(data: bytes, file: str, limits: Limits) -> DelimitedText:
    """Read a CSV or TSV file.

    UTF-8, UTF-8 with BOM, UTF-16, else Big5 or GB18030. Raises WorkbookUnreadable, WorkbookTooLarge.
    """
    try:
        text, encoding = decoded(data)
    except ValueError as error:
        raise WorkbookUnreadable(file=file, problem=error.args[0]) from None
    text = text.rstrip("\x1a")
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        problem = f"line {line} holds the control character U+{ord(control[0]):04X}, which no table has"
        raise WorkbookUnreadable(file=file, problem=problem)
    stated = _STATED.match(text)
    if stated:
        text, delimiter = text[stated.end() :], stated[1]
    else:
        delimiter = _delimiter(text, file)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise WorkbookUnreadable(file=file, problem=Sentence("it is no valid CSV: {error}", error=str(error))) from None
    if "=" in text:
        rows = [[_unprotected(cell) for cell in row] for row in rows]
    width = max(map(len, rows), default=0)
    check_used_range(len(rows), width, address(len(rows) or 1, max(width, 1) - 1), file, "csv", limits)
    cells: list[list[Cell]] = [[*row, *[""] * (width - len(row))] for row in rows]
    how = _separation(delimiter, width, stated=stated is not None)
    return DelimitedText(cells, delimiter, Sentence("read as {encoding}, {how}", encoding=_SHOWN[encoding], how=how))


def _separation(delimiter: str, width: int, *, stated: bool) -> str:
    name = _SEPARATORS.get(delimiter, delimiter)
    if stated:
        return Sentence("separated by {separator}, as its first line says", separator=name)
    if width < 2:
        separators = Sentence.joined(", ", _SEPARATORS.values())
        return Sentence("one column: no {separators} separates its lines", separators=separators)
    return Sentence("separated by {separator}", separator=name)


def _delimiter(text: str, file: str) -> str:
    """The separator that tells most names of a header apart, and by which most rows fall into as many columns.

    A comma within numbers (1,25) is so told from one that separates: no name of a header has it. Tab for .tsv.
    """
    if Path(file).suffix.lower() == ".tsv" and "\t" in text[:_TEXT_LOOKED_AT]:
        return "\t"
    return max(_SEPARATORS, key=lambda separator: _consistency(text[:_TEXT_LOOKED_AT], separator))


def _consistency(text: str, separator: str) -> tuple[int, int, int]:
    """The most cells without a digit in one of the first rows; the rows of about the usual width; and that width."""
    rows = [row for row in islice(_parsed(text, separator), _ROWS_LOOKED_AT) if len(row) > 1]
    if not rows:
        return 0, 0, 0
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width))
    rows = [row for row in rows if usual < 2 * len(row) <= 3 * usual]
    names = max(sum(bool(cell.strip()) and not _DIGIT.search(cell) for cell in row) for row in rows)
    return names, len(rows), usual


def _parsed(text: str, separator: str) -> Iterator[list[str]]:
    """The rows as far as they can be told apart."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        return


def _unprotected(cell: str) -> str:
    match = _PROTECTED.fullmatch(cell)
    return match[1].replace('""', '"') if match else cell
