"""Every version of a plan's month: what staging holds, and what only the history still has since `prune` removed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.staging.foreign_code import refuse_foreign_code
from extract.staging.fragments import history_table, names, same, staging_table
from extract.staging.ledger import has_ledger
from extract.staging.month_batches import month_columns
from extract.staging.tables import columns_of


@dataclass(frozen=True)
class Version:
    """One version of a key. `path`, `sha256` and `mends` are of the workbook that brought it.

    `counts` is true for one version of a key at most. `approved_by` is None where nobody approved; `undoes` is the
    batch that an undo took out, which repeats a version.
    """

    key: Mapping[str, str]
    figures: Mapping[str, Decimal | None]
    withdrawn: bool
    counts: bool
    batch_id: int
    mode: str
    undoes: int | None
    loaded_at: datetime
    planned_by: str
    approved_by: str | None
    loaded_by: str
    plan_id: str | None
    accepted: tuple[str, ...]
    file_id: int
    path: str
    sha256: str
    rules_version: str
    period: date | None
    mends: str | None
    data_source: str
    source_sheet: str
    source_row: int


def company_columns(domain: Domain) -> tuple[str, ...]:
    """The columns that name a company: what `replace_scope` has beside the month."""
    return tuple(name for name in domain.config.replace_scope if name not in month_columns(domain))


def versions_of(cursor: Cursor, domain: Domain, code: str, month: date, company: str | None) -> list[Version]:
    """The versions of the keys with a code in a month, newest first. Raises MartRunsCode."""
    if not has_ledger(cursor) or not columns_of(cursor, domain.config.table):
        return []
    pk, measures = domain.config.pk, domain.measures
    lineage = ("data_source", "source_sheet", "source_row")
    wanted = [sql.SQL("{} = %(month)s").format(sql.Identifier(name)) for name in month_columns(domain)]
    wanted.append(sql.SQL("{} = %(code)s").format(sql.Identifier(domain.model.label_field)))
    if company is not None:
        wanted += [sql.SQL("{} = %(company)s").format(sql.Identifier(name)) for name in company_columns(domain)]
    columns = (*pk, *measures, "withdrawn", "batch_id", "file_id", *lineage)
    held = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        names(columns), staging_table(domain), sql.SQL(" AND ").join(wanted)
    )
    if readable(cursor, history_table(domain)):
        refuse_foreign_code(cursor, history_table(domain))
        held += sql.SQL(
            " UNION ALL SELECT {} FROM {} AS kept WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS version WHERE {})"
        ).format(
            names(columns, "kept"),
            history_table(domain),
            sql.SQL(" AND ").join(wanted),
            staging_table(domain),
            same((*pk, "batch_id", "file_id"), "version", "kept"),
        )
    cursor.execute(
        sql.SQL(
            """
            SELECT
                {key}, {measures}, version.withdrawn,
                row_number() OVER (
                    PARTITION BY {key} ORDER BY version.batch_id DESC, version.file_id DESC, version.source_row DESC
                ) = 1 AND NOT version.withdrawn,
                version.batch_id, batch.mode, batch.undoes, batch.loaded_at,
                coalesce(to_jsonb(batch) ->> 'planned_by', batch.loaded_by), to_jsonb(batch) ->> 'approved_by',
                batch.loaded_by || coalesce(' as ' || (to_jsonb(batch) ->> 'database_user'), ''), batch.plan_id,
                coalesce(to_jsonb(batch) -> 'accepted', '[]'),
                version.file_id, file.path, file.sha256, file.rules_version, file.period, to_jsonb(file) ->> 'mends',
                {lineage}
            FROM ({held}) AS version
            INNER JOIN staging.load_batches AS batch ON version.batch_id = batch.batch_id
            INNER JOIN staging.source_files AS file ON version.file_id = file.file_id
            ORDER BY version.batch_id DESC, version.file_id DESC, {key}, version.source_row DESC
            """
        ).format(
            key=names(pk, "version"), measures=names(measures, "version"), lineage=names(lineage, "version"), held=held
        ),
        {"month": month, "code": code, "company": company},
    )
    return [_version(row, pk, measures) for row in cursor]


def _version(row: tuple[Any, ...], pk: tuple[str, ...], measures: tuple[str, ...]) -> Version:
    key, figures, rest = row[: len(pk)], row[len(pk) : len(pk) + len(measures)], row[len(pk) + len(measures) :]
    values: tuple[Any, ...] = (
        {name: str(value) for name, value in zip(pk, key, strict=True)},
        dict(zip(measures, figures, strict=True)),
        *rest[:10],
        tuple(rest[10]),
        *rest[11:],
    )
    return Version(*values)


def readable(cursor: Cursor, table: sql.Identifier) -> bool:
    """Whether the table is there and the role may read it: the loader reads staging alone."""
    cursor.execute(
        "SELECT has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')"
        " FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid WHERE nspname = %s AND relname = %s",
        table.strings,
    )
    return cursor.fetchone() == (True,)
