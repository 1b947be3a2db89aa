"""The batches that brought something of a month: rows, withdrawals, or workbooks of which every row was rejected."""

from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.fields.periods import Period
from extract.staging.fragments import staging_table
from extract.staging.tables import columns_of


def month_columns(domain: Domain) -> tuple[str, ...]:
    """The columns of a domain that hold a month."""
    return tuple(field.name for field in domain.cell_fields if isinstance(field.type, Period))


def batches_of_month(cursor: Cursor, domain: Domain, month: date) -> list[int]:
    """The numbers of the batches, oldest first; none where the domain has no table yet."""
    if not columns_of(cursor, domain.config.table):
        return []
    of_month = sql.SQL(" OR ").join(
        sql.SQL("{} = %(month)s").format(sql.Identifier(name)) for name in month_columns(domain)
    )
    cursor.execute(
        sql.SQL(
            "SELECT batch_id FROM {} WHERE {} UNION"
            " SELECT batch_id FROM staging.source_files INNER JOIN staging.load_batches USING (batch_id)"
            " WHERE period = %(month)s AND domain = %(domain)s ORDER BY 1"
        ).format(staging_table(domain), of_month),
        {"month": month, "domain": domain.name},
    )
    return [number for (number,) in cursor]
