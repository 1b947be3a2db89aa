"""Rows whose key stands elsewhere in the workbook too, as a pass over a sheet hands them to `repeats.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from extract.table.records.origins import Origin
from extract.table.records.results import RowConflict

Key = tuple[object, ...]


class KeyedPass(Protocol):
    """A pass over a sheet as far as it keeps records by their keys; `number` names a row, or a record of one."""

    def origin(self, number: int) -> Origin: ...

    def provenance(self, number: int) -> str: ...

    def count_duplicate(self, number: int) -> None: ...

    def take_back(self, key: Key) -> None: ...

    def reject_conflicts(self, conflicts: Mapping[int, RowConflict]) -> None: ...


S = TypeVar("S", bound=KeyedPass)


@dataclass(frozen=True)
class KeyedRow(Generic[S]):
    """A row with a key that stands elsewhere too: the pass over its sheet, its number there, its CSV line."""

    sheet: S
    number: int
    line: str


Repeated = dict[Key, list[KeyedRow[S]]]
"""Keys that stand in several rows of a workbook, with all of those rows, the first one included."""
