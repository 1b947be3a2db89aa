"""Rows whose key stands elsewhere in the workbook too, as a pass over a sheet hands them to `repeats.py`."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Key = tuple[object, ...]
S = TypeVar("S")


@dataclass(frozen=True)
class KeyedRow(Generic[S]):
    """A row with a key that stands elsewhere too: the pass over its sheet, its number there, its CSV line."""

    sheet: S
    number: int
    line: str


Repeated = dict[Key, list[KeyedRow[S]]]
"""Keys that stand in several rows of a workbook, with all of those rows, the first one included."""
