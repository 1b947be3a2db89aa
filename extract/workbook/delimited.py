"""CSV and TSV files as sheets: the encoding is detected and reported."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from extract.errors.workbook import WorkbookUnreadable
from extract.workbook.cells import Cell

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SHOWN = {"utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16", "utf-8": "UTF-8", "gb18030": "GB18030"}


@dataclass(frozen=True)
class DelimitedText:
    """The rows of a CSV or TSV file, padded to one width, its delimiter, and a note on how it was read."""

    rows: list[list[Cell]]
    delimiter: str
    note: str


def read_delimited(data: bytes, file: str) -> DelimitedText:
    """Read a CSV or TSV file.

    UTF-8, UTF-8 with BOM, UTF-16 with BOM, else GB18030. Raises WorkbookUnreadable.
    """
    text, encoding = _decode(data, file)
    delimiter = _delimiter(text, file)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise WorkbookUnreadable(file=file, problem=f"it is no valid CSV: {error}") from None
    width = max(map(len, rows), default=0)
    name = {"\t": "tab", ";": "semicolon"}.get(delimiter, "comma")
    cells: list[list[Cell]] = [[*row, *[""] * (width - len(row))] for row in rows]
    return DelimitedText(cells, delimiter, f"read as {_SHOWN[encoding]}, separated by {name}")


def _decode(data: bytes, file: str) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise WorkbookUnreadable(file=file, problem="its text is neither UTF-8 nor GB18030")


def _delimiter(text: str, file: str) -> str:
    """Tab for .tsv; else the one of comma, tab and semicolon that the first 30 lines have most of."""
    if Path(file).suffix.lower() == ".tsv":
        return "\t"
    upper = "\n".join(text.splitlines()[:30])
    return max(",\t;", key=upper.count)
