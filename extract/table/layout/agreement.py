"""Values of a row against those of its whole table: a column and a title that say different things reject the row."""

from collections.abc import Sequence

from pydantic_core import PydanticCustomError

from extract.domains.base import DomainModel
from extract.fields.base import Problem, told
from extract.table.layout.tables import LaidTable, Record
from extract.table.layout.values import typed

CODE = "values_differ"


def differing(table: LaidTable, chunk: DomainModel, records: Sequence[Record]) -> dict[int, list[tuple[str, Problem]]]:
    """Index in the chunk to the fields whose own value differs from that of the whole table."""
    found: dict[int, list[tuple[str, Problem]]] = {}
    for field in table.fields:
        whole = table.values.get(field.name)
        if whole is None or field.type.reads or not _in_rows(table, field.name, records):
            continue
        try:
            value = typed(field, whole, table.context)
        except PydanticCustomError:  # an empty cell of a row would have told
            continue
        for index, own in enumerate(getattr(chunk, field.name)):
            placed = table.placed(field.name, records[index])
            if own != value and placed is not whole:
                reason = f"{told(placed.value)} is another {field.name} than {told(whole.value)} ({whole.place})"
                found.setdefault(index, []).append((field.name, Problem(CODE, reason)))
    return found


def _in_rows(table: LaidTable, name: str, records: Sequence[Record]) -> bool:
    return name in table.header.columns or any(name in record.sections for record in records)
