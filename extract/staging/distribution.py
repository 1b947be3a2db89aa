"""Where staging lies on the workers of a Citus coordinator; on any other PostgreSQL nothing happens here."""

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.modes import STAGING
from extract.staging.append_only import DECISIONS
from extract.staging.tables import TABLES

_SPREAD = """
    SELECT CASE
        WHEN %(column)s IS NULL THEN create_reference_table(%(table)s::regclass)::text
        ELSE create_distributed_table(%(table)s::regclass, %(column)s)::text
    END
    WHERE NOT EXISTS (
        SELECT 1 FROM pg_dist_partition
        -- a local table that has a foreign key to a copied one stands there too
        WHERE logicalrelid = %(table)s::regclass AND (partmethod <> 'n' OR repmodel = 't')
    )
"""


def distribute(cursor: Cursor, table: str, column: str | None) -> bool:
    """Spread the domain's table over the workers by `column`, and copy the ledger to each of them.

    A domain without a column gets copies too. Decisions stay on the coordinator: Citus fills the defaults of a row, who
    and when, before it sends it, so that on a worker the approver would need the right to fill them. Tables that are
    spread already stay as they are, and rows that others have are moved. Gives whether the database is one of several.
    """
    if not is_distributed(cursor):
        return False
    take_workers_in_turn(cursor)
    # Citus refuses triggers that might read other nodes; those of append_only.py refuse, and read nothing
    cursor.execute("SELECT set_config('citus.enable_unsafe_triggers', 'on', true)")
    for name in (name for name in TABLES if name not in DECISIONS):
        cursor.execute(_SPREAD, {"table": f"{STAGING}.{name}", "column": None})
    cursor.execute(_SPREAD, {"table": f"{STAGING}.{table}", "column": column})
    return True


def take_workers_in_turn(cursor: Cursor) -> None:
    """Let this transaction, until it ends, use one connection to each worker of Citus; elsewhere nothing happens.

    Citus refuses to write a copied table, such as the ledger, after several connections have read a spread one.
    """
    if is_distributed(cursor):
        cursor.execute("SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)")


def is_distributed(cursor: Cursor) -> bool:
    """Whether the database has the extension Citus."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')")
    return cursor.fetchone() == (True,)
