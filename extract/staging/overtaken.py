"""Mended rejects that time has overtaken: a later load brought figures of their keys, which they would replace."""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.errors.approvals import MendsOvertaken
from extract.plan.landing import LandedFile, Landing
from extract.staging.copying import copy_records
from extract.staging.fragments import names, same, staging_table
from extract.staging.moved import described_keys

_MENDED = sql.Identifier("mended")


def refuse_overtaken_mends(cursor: Cursor, landing: Landing, files: Sequence[LandedFile]) -> None:
    """Raise MendsOvertaken where a workbook that was loaded after a row was rejected gave its key other figures.

    What the same reject was mended to before is no other workbook's; a key that such a load withdrew is named too. A
    row whose reject no load brought, since its plan was never applied, is not compared.
    """
    domain = landing.domain
    found = []
    for file in (file for file in files if file.report.mended and file.report.rows_loaded):
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(
                _MENDED, names(domain.column_names), staging_table(domain)
            )
        )
        copy_records(cursor, _MENDED, landing, file)
        cursor.execute(sql.SQL("ANALYZE {}").format(_MENDED))  # few keys are looked up in the index of the versions
        cursor.execute(_overtaken(domain), {"rejects": list(file.report.mended)})
        found += cursor.fetchall()
        cursor.execute(sql.SQL("DROP TABLE {}").format(_MENDED))
    if found:
        raise MendsOvertaken(count=len(found), examples=described_keys(domain, found))


def _overtaken(domain: Domain) -> sql.Composed:
    """Key, batch and values now, and the values of the mended row, of every key with figures of a later workbook.

    A version that an undo restored is of the workbook that brought it, whose batch its file tells. The versions stand
    in no LATERAL, which Citus takes beside no local table.
    """
    return sql.SQL(
        """
        WITH rejected AS (
            SELECT file.sheet, reject.source_row, max(reject.batch_id) AS batch_id
            FROM staging.rejected_rows AS reject
            INNER JOIN staging.source_files AS file USING (file_id)
            WHERE reject.reject_id = ANY(%(rejects)s)
            GROUP BY file.sheet, reject.source_row
        ), now AS (
            SELECT DISTINCT ON ({version_key}) version.*
            FROM {table} AS version
            WHERE EXISTS (SELECT 1 FROM {mended} AS mended WHERE {same_version})
            ORDER BY {version_key}, version.batch_id DESC, version.file_id DESC, version.source_row DESC
        )
        SELECT {now_key}, now.batch_id, now.withdrawn, {now_values}, {mended_values}
        FROM now
        INNER JOIN {mended} AS mended ON {same_key}
        INNER JOIN rejected ON rejected.sheet = mended.source_sheet AND rejected.source_row = mended.source_row
        INNER JOIN staging.source_files AS origin ON origin.file_id = now.file_id
        INNER JOIN staging.load_batches AS batch ON batch.batch_id = now.batch_id
        WHERE CASE
                WHEN now.withdrawn THEN now.batch_id > rejected.batch_id AND batch.undoes IS NULL
                ELSE origin.batch_id > rejected.batch_id AND ({now_values}) IS DISTINCT FROM ({mended_values})
            END
            AND NOT EXISTS (
                SELECT 1 FROM staging.mended_rejects AS before
                WHERE before.file_id = now.file_id AND before.reject_id = ANY(%(rejects)s) AND NOT now.withdrawn
            )
        ORDER BY {now_key}
        """
    ).format(
        now_key=names(domain.config.pk, "now"),
        now_values=names(domain.measures, "now"),
        mended_values=names(domain.measures, "mended"),
        mended=_MENDED,
        table=staging_table(domain),
        same_key=same(domain.config.pk, "now", "mended"),
        version_key=names(domain.config.pk, "version"),
        same_version=same(domain.config.pk, "version", "mended"),
    )
