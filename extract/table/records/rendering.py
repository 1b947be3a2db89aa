"""Records as the CSV lines that a plan holds and COPY sends."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from types import NoneType
from typing import Any

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.table.records.origins import Origin

_PLAIN_PLACES = 6
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def render_lines(chunk: DomainModel, domain: Domain) -> list[str]:
    """The rows of a chunk as CSV lines (RFC 4180, LF): null is empty, booleans are true and false, JSON is compact."""
    columns = [_fields(getattr(chunk, column.name), column.sql_type) for column in domain.columns]
    columns[-1] = [f"{text}\n" for text in columns[-1]]
    return list(map(",".join, zip(*columns, strict=True)))


def _fields(values: Sequence[Any], sql_type: str) -> Sequence[str]:
    """A column as CSV fields. Whole columns are looked at, since nearly none has a value that needs quotes."""
    if sql_type == "boolean":
        return ["true" if value else "false" for value in values]
    if sql_type.startswith("numeric"):
        texts = _texts(values)
        # a small number of many places, or a zero of them, would be written as 1E-7 or 0E-8
        return [f"{Decimal(text):f}" if "E" in text else text for text in texts] if _exponents(sql_type) else texts
    if sql_type == "integer":
        return _texts(values)
    fields = _documents(values) if sql_type == "jsonb" else values
    if not fields:
        return []
    if fields.count(fields[0]) == len(fields):  # the file, the sheet, usually the month
        return [quoted("" if fields[0] is None else str(fields[0]))] * len(fields)
    if set(map(type, fields)) == {str} and not _NEEDS_QUOTES.search("".join(fields)):
        return fields
    known = {value: quoted("" if value is None else str(value)) for value in set(fields)}
    return [known[value] for value in fields]


def _texts(values: Sequence[Any]) -> list[str]:
    """Numbers as texts."""
    if NoneType in set(map(type, values)):  # a Decimal takes its time to tell that it is not None
        return ["" if value is None else str(value) for value in values]
    return list(map(str, values))


def _documents(values: Sequence[Any]) -> list[str]:
    """Values as compact JSON. Rows may share one and the same, as where all are of one old month."""
    if not any(values):
        return ["[]"] * len(values)
    known: dict[int, str] = {}
    for value in values:
        if id(value) not in known:
            known[id(value)] = json.dumps(value, ensure_ascii=False) if value else "[]"
    return [known[id(value)] for value in values]


def _exponents(sql_type: str) -> bool:
    """Whether values of a numeric type may be written with an exponent: those of more than six places."""
    return int(sql_type.rstrip(")").partition(",")[2] or 0) > _PLAIN_PLACES


def quoted(text: str) -> str:
    """A text as a CSV field."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def provenance_of(origin: Origin) -> str:
    """The end of a record's line, which tells where it comes from."""
    column = "" if origin.column is None else f",{origin.column}"
    return f",{quoted(origin.data_source)},{quoted(origin.sheet)},{origin.row}{column}\n"
