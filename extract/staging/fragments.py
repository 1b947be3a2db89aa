"""Fragments of SQL that the statements on a domain's tables share. Names are quoted here and nowhere else."""

from collections.abc import Iterable

from psycopg2 import sql

from extract.domains.registry import Domain
from extract.modes import INTERMEDIATE, MARTS, STAGING

_ANY = sql.SQL("true")


def staging_table(domain: Domain) -> sql.Identifier:
    """The domain's table of landed rows."""
    return sql.Identifier(STAGING, domain.config.table)


def mart_table(domain: Domain) -> sql.Identifier:
    """The domain's mart."""
    return sql.Identifier(MARTS, domain.config.table)


def history_table(domain: Domain) -> sql.Identifier:
    """The mart that keeps every version of every key."""
    return sql.Identifier(MARTS, f"{domain.config.table}_history")


def next_table(domain: Domain) -> sql.Identifier:
    """What the domain's mart will be once the tests have passed."""
    return sql.Identifier(INTERMEDIATE, f"int_{domain.config.table}_next")


def next_history_table(domain: Domain) -> sql.Identifier:
    """What the history mart will be once the tests have passed."""
    return sql.Identifier(INTERMEDIATE, f"int_{domain.config.table}_history_next")


def names(columns: Iterable[str], alias: str | None = None) -> sql.Composed:
    """Columns with commas between, each of the table `alias` where one is given."""
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (alias, column))) for column in columns)


def same(columns: Iterable[str], one: str, other: str) -> sql.Composed:
    """The condition that two tables agree in `columns`, none of which is ever null."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, column), sql.Identifier(other, column)) for column in columns
    )


def is_latest(domain: Domain, alias: str, newer_than: sql.Composable = _ANY) -> sql.Composed:
    """The condition that staging has no newer version of the key of `alias`.

    `newer_than` limits the versions, named `newer`, that count as newer. An anti-join, since the index on the key so
    finds the few versions of a key, whatever the size of the history.
    """
    order = ("batch_id", "file_id", "source_row")
    return sql.SQL(
        "NOT EXISTS (SELECT 1 FROM {table} AS newer WHERE {same} AND ({newer}) > ({this}) AND {limit})"
    ).format(
        table=staging_table(domain),
        same=same(domain.config.pk, "newer", alias),
        newer=names(order, "newer"),
        this=names(order, alias),
        limit=newer_than,
    )
