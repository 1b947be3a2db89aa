"""Keys that stand in several rows of a workbook: a duplicate is counted, a conflict rejects all rows of its key.

Rule: rules.md, Rows.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from extract.domains.registry import Domain
from extract.table.records.keyed import Key, KeyedPass, KeyedRow, Repeated, S
from extract.table.records.origins import Origin
from extract.table.records.results import RowConflict

_OTHERS = 5
"""Rows that the reason of a conflict names."""


def settle_repeated_keys(repeated: Repeated[S], domain: Domain) -> None:
    """The same key with the same values is a duplicate; with others, all rows of the key are rejected."""
    conflicts: dict[KeyedPass, dict[int, RowConflict]] = {}
    for key, keyed in repeated.items():
        rows = [_Row(row, row.sheet.origin(row.number)) for row in keyed]
        if len({row.values for row in rows}) == 1:
            for later in keyed[1:]:
                later.sheet.count_duplicate(later.number)
            continue
        keyed[0].sheet.take_back(key)
        for row, conflict in zip(keyed, _conflicts(key, rows, domain), strict=True):
            conflicts.setdefault(row.sheet, {})[row.number] = conflict
    for sheet, found in conflicts.items():
        sheet.reject_conflicts(found)


@dataclass(frozen=True)
class _Row:
    keyed: KeyedRow[Any]
    origin: Origin

    @property
    def values(self) -> str:
        """The record without its provenance."""
        provenance: str = self.keyed.sheet.provenance(self.keyed.number)
        return self.keyed.line.removesuffix(provenance)

    def place_of(self, other: "_Row") -> str:
        """Where another row stands, seen from this one."""
        where = "" if other.origin.sheet == self.origin.sheet else f" of sheet {other.origin.sheet}"
        return f"{other.origin.place}{where}"


def _conflicts(key: Key, rows: list[_Row], domain: Domain) -> Iterator[RowConflict]:
    records = [dict(zip(domain.column_names, next(csv.reader([row.keyed.line])), strict=True)) for row in rows]
    first_with: dict[str, dict[str, _Row]] = {name: {} for name in domain.measures}
    for row, record in zip(rows, records, strict=True):
        for name, found in first_with.items():
            found.setdefault(record[name], row)
    for row, record in zip(rows, records, strict=True):
        others = {
            name: "; ".join(
                f"row {row.place_of(other)} has {value or 'nothing'}"
                for value, other in islice(found.items(), _OTHERS)
                if value != record[name]
            )
            for name, found in first_with.items()
            if len(found) > 1
        }
        yield RowConflict(" ".join(map(str, key)), _reason(row, rows), others)


def _reason(row: _Row, rows: list[_Row]) -> str:
    """The reason of a row whose key stands elsewhere with other values; names the first of the other rows."""
    told = list(islice((other for other in rows if other is not row), _OTHERS))
    told.sort(key=lambda other: other.origin.sheet != row.origin.sheet)
    left = len(rows) - 1 - len(told)
    more = f" and {left} more" if left else ""
    return f"the key stands in row {', '.join(map(row.place_of, told))}{more} too, with other values"
