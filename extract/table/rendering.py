"""Records as the CSV lines that a plan holds and COPY sends."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.table.origins import Origin

_PLAIN_PLACES = 6
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def render_lines(chunk: DomainModel, domain: Domain) -> list[str]:
    """The rows of a chunk as CSV lines (RFC 4180, LF): null is empty, booleans are true and false, JSON is compact."""
    columns = [_texts(getattr(chunk, column.name), column.sql_type) for column in domain.columns]
    return [",".join(row) + "\n" for row in zip(*columns, strict=True)]


def _texts(values: Sequence[Any], sql_type: str) -> Sequence[str]:
    """A column as CSV fields. Whole columns are looked at, since nearly none has a value that needs quotes."""
    if sql_type == "boolean":
        return ["true" if value else "false" for value in values]
    if sql_type.startswith("numeric"):
        texts = ["" if value is None else str(value) for value in values]
        # a small number of many places, or a zero of them, would be written as 1E-7 or 0E-8
        return [f"{Decimal(text):f}" if "E" in text else text for text in texts] if _exponents(sql_type) else texts
    if sql_type == "integer":
        return ["" if value is None else str(value) for value in values]
    if sql_type == "jsonb":
        texts = [json.dumps(value, ensure_ascii=False) if value else "[]" for value in values]
    else:
        known = {value: "" if value is None else str(value) for value in set(values)}
        texts = [known[value] for value in values]
    if not _NEEDS_QUOTES.search("".join(texts)):
        return texts
    return [quoted(text) for text in texts]


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
