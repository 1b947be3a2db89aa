"""Codes of a landing that look like other ones that the database has (rules.md, plan_code: `confusable_code`)."""

import csv
import io
import re
from collections.abc import Iterator

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.fields.codes import Code
from extract.plan.landing import LandedFile, Landing
from extract.table.records.lookalikes import confusable_codes


def codes_like_known_ones(
    cursor: Cursor, landing: Landing, files: list[LandedFile], table: sql.Identifier, place: str
) -> tuple[str, ...]:
    """What is to be said of codes with letters beyond ASCII that look like others in a table; usually nothing.

    Only where there are such codes is the table read.
    """
    domain = landing.domain
    told = []
    for field in domain.cell_fields:
        if isinstance(field.type, Code) and field.name in domain.config.pk:
            odd = set(_odd_codes(landing, files, domain.column_names.index(field.name)))
            if odd:
                cursor.execute(sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(field.name), table))
                known = {place: [code for (code,) in cursor]}
                warning = confusable_codes(field.name, odd, known)
                told += [warning.detail] if warning and place in warning.detail else []
    return tuple(told)


def _odd_codes(landing: Landing, files: list[LandedFile], column: int) -> Iterator[str]:
    """The codes of a column that are not ASCII. Codes and what stands before them in a line need no quotes."""
    files = [file for file in files if file.odd_codes]
    line = re.compile(rb"^(?:[^,\n]*,){%d}[^,\n]*[\x80-\xff][^,\n]*" % column, re.MULTILINE)
    for file in files:
        for match in line.finditer(landing.records(file)):
            yield next(csv.reader(io.StringIO(match[0].decode())))[column]
