"""Rows whose key stands elsewhere in the workbook too, as a pass over a sheet hands them to `repeats.py`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.table.extraction import SheetExtraction

Key = tuple[object, ...]


@dataclass(frozen=True)
class KeyedRow:
    """A row with a key that stands elsewhere too: its sheet, its number there, its CSV line."""

    sheet: "SheetExtraction"
    number: int
    line: str


Repeated = dict[Key, list[KeyedRow]]
"""Keys that stand in several rows of a workbook, with all of those rows, the first one included."""
