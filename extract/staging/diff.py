"""What a load would change in the mart: new keys, changed fields, and keys that the workbooks no longer have.

The comparison runs in the database, on temporary tables in a read-only transaction; no size of a plan is a problem.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.domains.registry import Domain
from extract.modes import MARTS, STAGING, Mode
from extract.plan.differences import Diff, Difference
from extract.plan.landing import Landing, new_spool
from extract.staging.copying import copy_records
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.fragments import mart_table, names, same
from extract.staging.ledger import FILE_SETTING, set_local
from extract.staging.lookalikes import codes_like_known_ones
from extract.staging.month_before import compare_with_month_before
from extract.staging.moved import batch_time
from extract.staging.versions import readable

PROVENANCE = ("data_source", "source_sheet", "source_row")
SHOWN = 10
LEDGER = sql.Identifier(STAGING, "load_batches")


def compare(landing: Landing, mode: Mode, target: Target) -> Diff:
    """Compare what a load in a mode would bring with the mart, and its months with those before. Nothing is written.

    Raises the errors of `extract.database`.
    """
    domain = landing.domain
    with _incoming(landing, target) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (mart_table(domain).as_string(cursor),))
        mart_exists = cursor.fetchone() == (True,)
        if mart_exists:
            refuse_foreign_code(cursor, mart_table(domain))
        mart = mart_table(domain) if mart_exists else sql.SQL("(SELECT * FROM incoming WHERE false)")
        position = _position(cursor, domain) if mart_exists else 0
        position_at = batch_time(cursor, position) if readable(cursor, LEDGER) else None
        not_built = _not_built(cursor, domain, position) if mart_exists else 0
        cursor.execute(_comparison(domain, mart))
        cursor.execute("SELECT change, count(*) FROM compared GROUP BY change")
        counts = dict(cursor.fetchall())
        differences = _differences(domain, mode)
        cursor.execute(
            sql.SQL("SELECT field, count(*) FROM ({}) AS d WHERE change = 'changed' GROUP BY 1 ORDER BY 1").format(
                differences
            )
        )
        changed_fields = dict(cursor.fetchall())
        cursor.execute(differences + sql.SQL(" LIMIT {}").format(sql.Literal(SHOWN)))
        width = len(domain.config.pk)
        examples = tuple(
            Difference(row[0], tuple(map(str, row[1 : width + 1])), *row[width + 1 : width + 4]) for row in cursor
        )
        lines = new_spool()
        cursor.copy_expert(sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, HEADER)").format(differences), lines)
        files = landing.files if mart_exists else []
        lookalikes = codes_like_known_ones(cursor, landing, files, mart_table(domain), f"{MARTS}.{domain.config.table}")
        month_before = compare_with_month_before(cursor, domain, mode, mart)
    return Diff(
        table=f"{MARTS}.{domain.config.table}",
        position=position,
        mart_exists=mart_exists,
        new=counts.get("new", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
        absent=counts.get("absent", 0),
        changed_fields=changed_fields,
        examples=examples,
        month_before=month_before,
        lines=lines,
        lookalikes=lookalikes,
        position_at=position_at,
        not_built=not_built,
    )


def _position(cursor: Cursor, domain: Domain) -> int:
    """The batch that the marts are of. Read before the mart, so that what changes meanwhile counts as later."""
    published = sql.Identifier(MARTS, "published")
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (published.as_string(cursor),))
    if cursor.fetchone() == (True,):
        refuse_foreign_code(cursor, published)
    else:  # built by an earlier version
        published = mart_table(domain)
    # by way of JSON, since a mart that somebody else made may lack the column
    query = sql.SQL("SELECT coalesce(max((to_jsonb(published) ->> 'batch_id')::bigint), 0) FROM {} AS published")
    cursor.execute(query.format(published))
    return int((cursor.fetchone() or (0,))[0])


def _not_built(cursor: Cursor, domain: Domain, position: int) -> int:
    """How many batches of the domain the marts do not hold; none where the login may not read the ledger."""
    if not readable(cursor, LEDGER):
        return 0
    cursor.execute(
        "SELECT count(*) FROM staging.load_batches WHERE batch_id > %s AND domain = %s", (position, domain.name)
    )
    return int((cursor.fetchone() or (0,))[0])


@contextmanager
def _incoming(landing: Landing, target: Target) -> Iterator[Connection]:
    """A read-only transaction with the rows of the landing in the temporary table `incoming`, and an empty `compared`.

    The tables are made before it: a read-only transaction may fill temporary tables, but not create them.
    """
    domain = landing.domain
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.sql_type)) for column in domain.columns
    ]
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE incoming (file_id bigint DEFAULT current_setting({})::bigint, {})").format(
                sql.Literal(FILE_SETTING), sql.SQL(", ").join(columns)
            )
        )
        texts = [f"{when}_{name}" for name in domain.measures for when in ("old", "new")]
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE compared AS SELECT {}, ''::text AS change, {}, {} FROM incoming").format(
                names(domain.config.pk),
                names(PROVENANCE),
                sql.SQL(", ").join(sql.SQL("''::text AS {}").format(sql.Identifier(name)) for name in texts),
            )
        )
        connection.commit()
        connection.set_session(readonly=True)
        for number, file in enumerate(landing.files):
            set_local(cursor, FILE_SETTING, number)
            copy_records(cursor, sql.Identifier("incoming"), landing, file)
        yield connection


def _comparison(domain: Domain, mart: sql.Composable) -> sql.Composed:
    """Fill `compared`: one row per key of the workbooks, and of the mart within their scope."""
    config = domain.config
    either = [
        sql.SQL("coalesce(latest.{0}, mart.{0})").format(sql.Identifier(column)) for column in (*config.pk, *PROVENANCE)
    ]
    values = [
        sql.SQL("{}.{}::text").format(sql.Identifier(side), sql.Identifier(name))
        for name in domain.measures
        for side in ("mart", "latest")
    ]
    first = sql.Identifier(config.pk[0])
    return sql.SQL(
        """
        INSERT INTO compared
        WITH latest AS (SELECT DISTINCT ON ({key}) * FROM incoming ORDER BY {key}, file_id DESC),
        mart AS (
            SELECT mart.*
            FROM {mart} AS mart
            INNER JOIN (SELECT DISTINCT {scope} FROM incoming) AS scope ON {in_scope}
        )
        SELECT
            {either_key},
            CASE
                WHEN mart.{first} IS NULL THEN 'new'
                WHEN latest.{first} IS NULL THEN 'absent'
                WHEN ({latest_values}) IS DISTINCT FROM ({mart_values}) THEN 'changed'
                ELSE 'unchanged'
            END,
            {either_provenance},
            {values}
        FROM latest
        FULL JOIN mart ON {same}
        """
    ).format(
        key=names(config.pk),
        mart=mart,
        scope=names(config.replace_scope or config.pk),
        in_scope=same(config.replace_scope or config.pk, "mart", "scope"),
        either_key=sql.SQL(", ").join(either[: len(config.pk)]),
        either_provenance=sql.SQL(", ").join(either[len(config.pk) :]),
        first=first,
        latest_values=names(domain.measures, "latest"),
        mart_values=names(domain.measures, "mart"),
        values=sql.SQL(", ").join(values),
        same=same(config.pk, "latest", "mart"),
    )


def _differences(domain: Domain, mode: Mode) -> sql.Composed:
    """The lines of diff.csv: the fields that differ, of a new or absent key those that have a value.

    Absent keys are among them where the mode removes them.
    """
    changes = ["changed", "absent", "new"] if mode == "replace_period" else ["changed", "new"]
    values = [
        sql.SQL("({}, {}, {}, {})").format(
            sql.Literal(number),
            sql.Literal(name),
            sql.Identifier("compared", f"old_{name}"),
            sql.Identifier("compared", f"new_{name}"),
        )
        for number, name in enumerate(domain.measures)
    ]
    return sql.SQL(
        """
        SELECT compared.change, {key}, value.field, value.old, value.new, {provenance}
        FROM compared
        CROSS JOIN LATERAL (VALUES {values}) AS value (position, field, old, new)
        WHERE compared.change = ANY({changes}) AND value.old IS DISTINCT FROM value.new
        ORDER BY array_position({changes}, compared.change), {key}, value.position
        """
    ).format(
        changes=sql.Literal(changes),
        key=names(domain.config.pk, "compared"),
        provenance=names(PROVENANCE, "compared"),
        values=sql.SQL(", ").join(values),
    )
