"""What the marts hold of some months, read in one snapshot: for the people who open no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.errors.warehouse import MartUnknown, MonthNotPublished, NothingPublished
from extract.files.versions import PeriodRange
from extract.spreadsheet import Value
from orchestrate.dbt.manifest import Manifest, Node, Relation
from orchestrate.dbt.publication import Publication, publication
from orchestrate.warehouse.catalog import relations_in

MOST_ROWS = 1_000_000
"""Rows of a sheet; Excel has room for a few more."""
_EXPECTED = ("submissions", "submission_status")
"""Marts of what is to come, a year ahead: no month is the newest by them."""
_MONTHS_NAMED = 6
_DATE = 1082
_NUMERIC = 1700


@dataclass(frozen=True)
class Field:
    """A column of a mart; `places` behind the point of a numeric one, None of any other."""

    name: str
    places: int | None


@dataclass(frozen=True)
class Table:
    """Rows of a relation, in the order of its columns; `more` were left out."""

    name: str
    fields: tuple[Field, ...]
    rows: tuple[Sequence[Value], ...]
    more: int = 0


@dataclass(frozen=True)
class Failures:
    """The rows that a test found and kept. `description` is what the project says of the test, if anything."""

    test: str
    severity: str
    description: str
    table: Table


@dataclass(frozen=True)
class Figures:
    """The marts of some months as they were published, and what the tests found when they were made."""

    database: str
    published: Publication
    months: PeriodRange
    marts: tuple[Table, ...]
    failures: tuple[Failures, ...]


def read_figures(target: Target, manifest: Manifest, months: PeriodRange | None, names: Sequence[str]) -> Figures:
    """Read marts, by default those that begin with a month; of the newest month where none is given.

    Raises MartUnknown, NothingPublished, MonthNotPublished, and the errors of the database.
    """
    marts = {
        node.name: node.relation
        for node in manifest.nodes.values()
        if node.kind == "model" and node.relation and node.relation.schema == manifest.publication.schema
    }
    for name in names:
        if name not in marts:
            raise MartUnknown(mart=name, valid=", ".join(sorted(marts)))
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        published = publication(cursor, manifest.publication)
        if published is None:
            raise NothingPublished(target=target.label)
        there = relations_in(cursor, {relation.schema for relation in marts.values()})
        monthly = {
            relation: column
            for name, relation in sorted(marts.items())
            if relation in there and (column := _month_column(cursor, relation, whole=False))
        }
        months = _months(cursor, monthly, months, target)
        chosen = {name: marts[name] for name in names or sorted(marts) if marts[name] in (there if names else monthly)}
        dated = {name: _month_column(cursor, relation, whole=bool(names)) for name, relation in chosen.items()}
        tables = tuple(_table(cursor, name, relation, dated[name], months) for name, relation in chosen.items())
        failures = tuple(_failures(cursor, manifest))
    return Figures(target.label, published, months, tables, failures)


def _month_column(cursor: Cursor, relation: Relation, *, whole: bool) -> str | None:
    """The date that a mart begins with, or with `whole` its first one; None where it has none, or keeps versions."""
    cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(_identifier(relation)))
    columns = cursor.description or ()
    names = [column.name for column in columns]
    dates = [column.name for column in columns if column.type_code == _DATE]
    if whole:
        return dates[0] if dates else None
    return dates[0] if dates and dates[0] == names[0] and "valid_from" not in names else None


def _months(cursor: Cursor, monthly: Mapping[Relation, str], asked: PeriodRange | None, target: Target) -> PeriodRange:
    """The months asked for, else the newest of which figures came.

    Raises MonthNotPublished where no mart has a row of them, NothingPublished where none has any.
    """
    known: set[date] = set()
    for relation, column in monthly.items():
        cursor.execute(
            sql.SQL("SELECT DISTINCT date_trunc('month', {0})::date FROM {1} WHERE {0} IS NOT NULL").format(
                sql.Identifier(column), _identifier(relation)
            )
        )
        found = {month for (month,) in cursor}
        if asked and any(map(asked.holds, found)):
            return asked
        if relation.name not in _EXPECTED:
            known |= found
    if not known:
        raise NothingPublished(target=target.label)
    if asked is None:
        return PeriodRange(max(known), max(known))
    newest = ", ".join(f"{month:%Y-%m}" for month in sorted(known)[-_MONTHS_NAMED:])
    raise MonthNotPublished(month=f"{asked.last:%Y-%m}", known=newest)


def _table(cursor: Cursor, name: str, relation: Relation, month: str | None, months: PeriodRange) -> Table:
    """The rows of some months, in the order of all columns, so that the same rows come in the same order."""
    cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(_identifier(relation)))
    columns = cursor.description or ()
    last_day = sql.SQL("date_trunc('month', {}::date) + interval '1 month'").format(sql.Literal(months.last))
    condition: sql.Composable = sql.SQL("TRUE")
    if month:
        condition = sql.SQL("{0} >= {1} AND {0} < {2}").format(
            sql.Identifier(month), sql.Literal(months.first), last_day
        )
    order = sql.SQL(", ").join(sql.Literal(number + 1) for number in range(len(columns)))
    statement = sql.SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT {}")
    cursor.execute(statement.format(_identifier(relation), condition, order, sql.Literal(MOST_ROWS)))
    rows = tuple(cursor.fetchall())
    more = 0
    if len(rows) == MOST_ROWS:
        cursor.execute(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(_identifier(relation), condition))
        more = (cursor.fetchone() or (0,))[0] - MOST_ROWS
    fields = tuple(Field(column.name, column.scale if column.type_code == _NUMERIC else None) for column in columns)
    return Table(name, fields, rows, more)


def _failures(cursor: Cursor, manifest: Manifest) -> list[Failures]:
    """What each test kept, of those that found something."""
    tests = {test.unique_id: test for test in manifest.nodes.values() if test.kind == "test"}
    kept = {unique_id: Relation(entry["schema"], entry["alias"])
            for unique_id, entry in manifest.content["nodes"].items()
            if unique_id in tests and entry.get("relation_name")}  # fmt: skip
    there = relations_in(cursor, {relation.schema for relation in kept.values()})
    found = []
    for unique_id, relation in sorted(kept.items()):
        if relation not in there:
            continue
        table = _table(cursor, relation.name, relation, None, PeriodRange(date.min, date.max))
        if table.rows:
            found.append(_failure(tests[unique_id], manifest.content["nodes"][unique_id]["description"], table))
    return found


def _failure(test: Node, description: str, table: Table) -> Failures:
    severity = test.limits.severity if test.limits else "error"
    return Failures(test.name, severity, " ".join(description.split()), table)


def _identifier(relation: Relation) -> sql.Identifier:
    return sql.Identifier(relation.schema, relation.name)
