"""What the database holds, read from its catalog: relations, their sizes, rights, and who depends on whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from orchestrate.dbt.manifest import Relation

_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}


@dataclass(frozen=True)
class Found:
    """A relation of the database: its kind, and whether our role may replace it."""

    relation: Relation
    kind: str
    owner: str
    ours_to_replace: bool


@dataclass(frozen=True)
class Dependent:
    """A view or a foreign key that is not ours, and the relation of ours that it needs."""

    name: str
    kind: str
    needs: Relation

    def __str__(self) -> str:
        return f"{self.kind} {self.name} (needs {self.needs})"


def relations_in(cursor: Cursor, schemas: Iterable[str]) -> dict[Relation, Found]:
    """The relations of some schemas."""
    cursor.execute(
        """
        SELECT nspname::text, relname::text, relkind::text, pg_get_userbyid(relowner)::text,
            pg_has_role(relowner, 'USAGE')
        FROM pg_class
        INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid
        WHERE nspname = ANY(%s) AND relkind = ANY(%s)
        """,
        (list(schemas), list(_KINDS)),
    )
    found = (Found(Relation(row[0], row[1]), _KINDS[row[2]], row[3], row[4]) for row in cursor.fetchall())
    return {item.relation: item for item in found}


def count_rows(cursor: Cursor, relation: Relation) -> int:
    """The exact number of rows of a table or view."""
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(relation.schema, relation.name)))
    return int((cursor.fetchone() or (0,))[0])


def dependents(cursor: Cursor, ours: Iterable[Relation], managed: Iterable[Relation]) -> list[Dependent]:
    """Views, at any distance, and foreign keys that need one of `ours` and are not `managed`.

    Views that depend on a managed one are followed too, since they would go with it.
    """
    names = [(relation.schema, relation.name) for relation in ours]
    cursor.execute(
        """
        WITH RECURSIVE ours AS (
            SELECT pg_class.oid
            FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, relation_name)
            INNER JOIN pg_namespace ON nspname = schema_name
            INNER JOIN pg_class ON relnamespace = pg_namespace.oid AND relname = relation_name
        ),
        users AS (
            SELECT ours.oid AS needed, ours.oid AS needs_it FROM ours
            UNION
            SELECT users.needs_it, pg_rewrite.ev_class
            FROM users
            INNER JOIN pg_depend
                ON refclassid = 'pg_class'::regclass AND refobjid = users.needs_it AND classid = 'pg_rewrite'::regclass
            INNER JOIN pg_rewrite ON pg_depend.objid = pg_rewrite.oid AND ev_class <> users.needs_it
        )
        SELECT DISTINCT schema_of.nspname::text, it.relname::text, it.relkind::text, needed_in.nspname::text,
            needed.relname::text
        FROM users
        INNER JOIN pg_class AS it ON users.needs_it = it.oid
        INNER JOIN pg_namespace AS schema_of ON it.relnamespace = schema_of.oid
        INNER JOIN pg_class AS needed ON users.needed = needed.oid
        INNER JOIN pg_namespace AS needed_in ON needed.relnamespace = needed_in.oid
        WHERE users.needed <> users.needs_it
        UNION
        SELECT conname::text, format('%%s.%%s', owner_of.relnamespace::regnamespace, owner_of.relname), 'fk',
            needed_in.nspname::text, needed.relname::text
        FROM pg_constraint
        INNER JOIN ours ON confrelid = ours.oid
        INNER JOIN pg_class AS owner_of ON conrelid = owner_of.oid
        INNER JOIN pg_class AS needed ON confrelid = needed.oid
        INNER JOIN pg_namespace AS needed_in ON needed.relnamespace = needed_in.oid
        WHERE contype = 'f' AND conrelid NOT IN (SELECT oid FROM ours)
        ORDER BY 1, 2
        """,
        {"schemas": [schema for schema, _ in names], "names": [name for _, name in names]},
    )
    known = set(managed)
    found: dict[str, Dependent] = {}
    for schema, name, kind, needed_schema, needed in cursor.fetchall():
        if kind == "fk":
            name = f"{schema} of {name}"
            found.setdefault(name, Dependent(name, "foreign key", Relation(needed_schema, needed)))
        elif Relation(schema, name) not in known:
            name = f"{schema}.{name}"
            found.setdefault(name, Dependent(name, _KINDS[kind], Relation(needed_schema, needed)))
    return list(found.values())
