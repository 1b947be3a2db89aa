"""Refuses to read a mart on which its owner hung code, which would run with the rights of whoever reads it."""

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.errors.staging import MartRunsCode

_CODE = """
    WITH mart AS (
        SELECT oid, relkind, relrowsecurity FROM pg_class
        WHERE oid = to_regclass(%s) AND pg_get_userbyid(relowner) <> current_user
    ),
    found (what) AS (
        SELECT 'it is no table' FROM mart WHERE relkind <> 'r'
        UNION ALL
        SELECT 'it has row policies' FROM mart WHERE relrowsecurity
        UNION ALL
        SELECT 'rule ' || rulename FROM mart INNER JOIN pg_rewrite ON ev_class = mart.oid WHERE relkind = 'r'
        UNION ALL
        SELECT 'the type of ' || attname
        FROM mart
        INNER JOIN pg_attribute ON attrelid = mart.oid AND attnum > 0
        INNER JOIN pg_type ON atttypid = pg_type.oid
        WHERE typnamespace <> 'pg_catalog'::regnamespace
        UNION ALL
        SELECT 'a child, ' || inhrelid::regclass FROM mart INNER JOIN pg_inherits ON inhparent = mart.oid
        UNION ALL  -- the planner works out what is constant in the expressions below
        SELECT 'index ' || indexrelid::regclass
        FROM mart INNER JOIN pg_index ON indrelid = mart.oid WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
        UNION ALL
        SELECT 'statistics ' || stxname
        FROM mart INNER JOIN pg_statistic_ext ON stxrelid = mart.oid WHERE stxexprs IS NOT NULL
        UNION ALL
        SELECT 'constraint ' || conname
        FROM mart
        INNER JOIN pg_constraint ON conrelid = mart.oid AND contype = 'c'
        WHERE pg_get_constraintdef(pg_constraint.oid) <> 'CHECK (is_the_row)'  -- of build_horizon
    )
    SELECT string_agg(what, ', ') FROM found
"""


def refuse_foreign_code(cursor: Cursor, mart: sql.Identifier) -> None:
    """Raise MartRunsCode where another role owns the mart, and reading it could run what that role has chosen.

    The mart cannot change any more in this transaction.
    """
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(mart))
    name = mart.as_string(cursor)
    cursor.execute(_CODE, (name,))
    (found,) = cursor.fetchone() or (None,)
    if found:
        raise MartRunsCode(table=name.replace('"', ""), found=found)
