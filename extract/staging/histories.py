"""The tables that hold every version of a domain's keys: the history mart, and its next state."""

from dataclasses import dataclass

from psycopg2 import sql

from extract.domains.registry import Domain
from extract.staging.fragments import history_table, mart_table, next_history_table, next_table


@dataclass(frozen=True)
class History:
    """A history of a domain, and the rows that count beside it: both marts, or both next states."""

    domain: Domain
    table: sql.Identifier
    mart: sql.Identifier
    is_mart: bool

    @property
    def name(self) -> str:
        """Schema and table."""
        return relation_name(self.table)


def histories_of(domain: Domain) -> tuple[History, History]:
    """The history mart and its next state; a domain need not have them."""
    return (
        History(domain, history_table(domain), mart_table(domain), is_mart=True),
        History(domain, next_history_table(domain), next_table(domain), is_mart=False),
    )


def relation_name(table: sql.Identifier) -> str:
    """A quoted name as a person reads it."""
    return ".".join(table.strings)
