"""Names of fields from headers: those of the domains that are configured, Latin letters, how Chinese ones sound."""

import keyword
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.fields.base import CellType, Words
from extract.table.statements.names import HeaderNames

_LONGEST = 40
_TAKEN = frozenset((
    "batch_id", "file_id", "data_source", "source_sheet", "source_row", "source_column", "withdrawn", "processed_at",
    "is_current", "valid_from", "valid_to", "report_date", "layout", "period", "year", "month", "field",
    "previous_batch_id", "old_value", "new_value", "difference", "kind", "restated_at", "version",
))  # fmt: skip
"""Names that other columns of its tables have, and inputs of the period."""


@dataclass(frozen=True)
class KnownField:
    """A field of a configured domain, with the words under which its domain reads cells."""

    domain: str
    name: str
    type: CellType
    words: Words


class FieldNames:
    """Gives each header of a new domain a name of its own; `known` are the domains that are configured."""

    def __init__(self, known: Sequence[Domain]) -> None:
        self._known = [
            (domain, HeaderNames(domain), {field.name: field.type for field in domain.cell_fields}) for domain in known
        ]
        self._given: set[str] = set()

    def known(self, header: str) -> KnownField | None:
        """The field of a configured domain that a header names, but for its period."""
        for domain, names, types in self._known:
            found = names.find(header)
            if found and not types[found.target[0]].is_period:
                return KnownField(domain.name, found.target[0], types[found.target[0]], domain.words)
        return None

    def name(self, header: str, letter: str) -> str:
        """A name for the column of a header; `letter` is that of the column, for one without any usable letter."""
        known = self.known(header)
        base = known.name if known else _latin(header) or _spoken(header) or f"column_{letter.lower()}"
        name, number = base, 1
        while not is_free(name, self._given):
            number += 1
            name = f"{base}_{number}"
        self._given.add(name)
        return name


def is_free(name: str, given: Collection[str]) -> bool:
    """Whether a field may have that name."""
    reserved = name in _TAKEN or name.endswith("_mark") or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return not reserved and name not in given and not hasattr(DomainModel, name) and not name.startswith("model_")


def _latin(header: str) -> str:
    """The Latin letters and digits of a header in small letters, without accents; "" where others carry its meaning."""
    text = "".join(letter for letter in normalize("NFKD", header).lower() if not combining(letter))
    if any(letter.isalpha() and not letter.isascii() for letter in text):
        return ""
    return _cut("_".join(re.findall(r"[a-z0-9]+", text.replace("%", " percent ").replace("<", " under "))))


def _spoken(header: str) -> str:
    """How a Chinese header sounds."""
    from pypinyin import lazy_pinyin  # its table takes time to load

    return _cut("_".join(re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(normalize("NFKC", header))).lower())))


def _cut(name: str) -> str:
    name = name if not name[:1].isdigit() else f"n{name}"
    return name if len(name) <= _LONGEST else name[: _LONGEST + 1].rpartition("_")[0] or name[:_LONGEST]
