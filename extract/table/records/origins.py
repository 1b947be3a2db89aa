"""Where a row stands: its workbook, sheet and row, and the id that names it as a reject in every plan."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date

_ID = re.compile(r"R([0-9a-f]{10})([0-9a-f]{10})")


@dataclass(frozen=True)
class Origin:
    """The workbook, sheet and row of a row, and the id that it has as a reject.

    `month` is that in the name of the workbook, `delimiter` the separator of a csv: a mended row is read under both.
    `column` are the letters of the first column of a record where a row gives several.
    """

    data_source: str
    sheet: str
    row: int
    reject_id: str
    month: date | None = None
    delimiter: str | None = None
    column: str | None = None

    @property
    def place(self) -> str:
        """The row, and the column of a record within it."""
        return f"{self.row}" if self.column is None else f"{self.row} column {self.column}"


def reject_id(sha256: str, sheet: str, row: int) -> str:
    """The id of a rejected row: from the SHA-256 of its workbook, its sheet and its row, so the same in every plan.

    It begins with a letter, so that no spreadsheet program takes it for a number.
    """
    return _id_of(sha256[:10], sheet, row)


def fits(found: str, sheet: str, row: int) -> bool:
    """Whether a text is the id of that row of that sheet, in whatever workbook."""
    match = _ID.fullmatch(found)
    return match is not None and found == _id_of(match[1], sheet, row)


def _id_of(workbook: str, sheet: str, row: int) -> str:
    place = f"{workbook}\n{sheet}\n{row}".encode(errors="surrogatepass")
    return f"R{workbook}{hashlib.sha256(place).hexdigest()[:10]}"
