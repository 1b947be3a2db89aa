"""What a relation gave, in one snapshot: its rows, or why there are none. Not found is never the same as none there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

Row = tuple[object, ...]


class Absence(StrEnum):
    """Why a relation gave nothing."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    OTHER_VERSION = "other version"


@dataclass(frozen=True)
class Part:
    """Rows of a relation. `absence` is set where it could not be read, and then `rows` says nothing."""

    relation: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    absence: Absence | None = None
    more: int = 0
    """Rows that were left out."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    def values(self, column: str) -> list[object]:
        """One column of all rows."""
        position = self.columns.index(column)
        return [row[position] for row in self.rows]

    def value(self, row: Row, column: str) -> object:
        """One column of a row."""
        return row[self.columns.index(column)]

    def where(self, column: str, value: object) -> "Part":
        """The rows with a value in a column."""
        position = self.columns.index(column)
        return Part(self.relation, self.columns, tuple(row for row in self.rows if row[position] == value))


@dataclass(frozen=True)
class Wanted:
    """Columns of a relation; those of `optional` are taken where they are there, since versions differ.

    `condition` and `order` are composed by the caller, with %(first)s, %(month)s and %(values)s for what they ask.
    """

    schema: str
    relation: str
    columns: Sequence[str]
    optional: Sequence[str] = ()
    condition: sql.Composable = field(default_factory=lambda: sql.SQL("true"))
    order: Sequence[str] = ()
    limit: int = 20_000


def read_part(cursor: Cursor, wanted: Wanted, values: dict[str, object]) -> Part:
    """The rows of a relation, or why there are none. Raises the errors of the database."""
    name = f"{wanted.schema}.{wanted.relation}"
    there = _columns(cursor, wanted)
    if isinstance(there, Absence):
        return Part(name, tuple(wanted.columns), absence=there)
    if not set(wanted.columns) <= there:
        return Part(name, tuple(wanted.columns), absence=Absence.OTHER_VERSION)
    columns = (*wanted.columns, *(column for column in wanted.optional if column in there))
    statement = sql.SQL("SELECT {}, count(*) OVER () FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(wanted.schema, wanted.relation),
        wanted.condition,
        sql.SQL(", ").join(map(sql.Identifier, wanted.order or columns)),
        sql.Literal(wanted.limit),
    )
    cursor.execute(statement, values)
    rows = cursor.fetchall()
    more = rows[0][-1] - len(rows) if rows else 0
    return Part(name, columns, tuple(tuple(row[:-1]) for row in rows), more=more)


def _columns(cursor: Cursor, wanted: Wanted) -> set[str] | Absence:
    cursor.execute(
        "SELECT pg_class.oid, has_schema_privilege(relnamespace, 'USAGE')"
        " AND has_table_privilege(pg_class.oid, 'SELECT')"
        " FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid WHERE nspname = %s AND relname = %s",
        (wanted.schema, wanted.relation),
    )
    found = cursor.fetchone()
    if found is None:
        return Absence.MISSING
    if not found[1]:
        return Absence.UNREADABLE
    cursor.execute(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped", (found[0],)
    )
    return {name for (name,) in cursor}
