"""Loads that go back in time: a workbook of an earlier month or version replaces figures of a later one.

Within a run the later workbook counts (rules.md, Rows); of two runs the later run does, so it is told.
"""

from datetime import date
from pathlib import PurePath

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.files.versions import Version, version_of
from extract.foreign import shown
from extract.staging.fragments import names, same, staging_table
from extract.staging.ledger import undone
from extract.wording import Sentence

OLDER_EDITION = "older_edition"
_FILES = """
    SELECT file.file_id, file.path, file.period, batch.batch_id = %(batch)s
    FROM staging.source_files AS file
    INNER JOIN staging.load_batches AS batch USING (batch_id)
    WHERE batch.domain = %(domain)s AND file.mends IS NULL AND file.rows_loaded > 0 AND batch_id <> ALL(%(undone)s)
        AND file.period >= (SELECT min(period) FROM staging.source_files WHERE batch_id = %(batch)s)
    ORDER BY file.file_id
"""


def replaced_editions(cursor: Cursor, domain: Domain, batch_id: int) -> tuple[str, ...]:
    """What is to be said of the figures of later months or versions that a batch has replaced by others."""
    cursor.execute(_FILES, {"batch": batch_id, "domain": domain.name, "undone": list(undone(cursor))})
    files = cursor.fetchall()
    paths = {file_id: path for file_id, path, _, _ in files}
    ranks = {file_id: (period, version_of(path)) for file_id, path, period, _ in files}
    earlier = [file_id for file_id, _, _, loaded in files if not loaded]
    told = []
    for new in (file_id for file_id, _, _, loaded in files if loaded):
        if later := [file_id for file_id in earlier if _is_before(ranks[new], ranks[file_id])]:
            cursor.execute(_replaced(domain), {"batch": batch_id, "new": new, "later": later})
            told += [
                Sentence(
                    "{workbook}: {count} keys had other figures of {later}, a later month or version; this load "
                    "replaces them",
                    workbook=shown(PurePath(paths[new]).name),
                    later=shown(PurePath(paths[other]).name),
                    count=count,
                )
                for other, count in cursor
            ]
    return tuple(told)


def _is_before(one: tuple[date, Version], other: tuple[date, Version]) -> bool:
    return one[0] < other[0] or (one[0] == other[0] and one[1].is_before(other[1]))


def _replaced(domain: Domain) -> sql.Composed:
    """The files of versions that counted before the rows of a file, with the number of keys whose figures differ."""
    return sql.SQL(
        """
        SELECT before.file_id, count(*)
        FROM {table} AS new
        CROSS JOIN LATERAL (
            SELECT * FROM {table} AS version WHERE {same_key} AND version.batch_id < %(batch)s
            ORDER BY version.batch_id DESC, version.file_id DESC, version.source_row DESC LIMIT 1
        ) AS before
        WHERE new.batch_id = %(batch)s AND new.file_id = %(new)s AND NOT new.withdrawn AND NOT before.withdrawn
            AND before.file_id = ANY(%(later)s) AND ({new_values}) IS DISTINCT FROM ({values_before})
        GROUP BY before.file_id
        ORDER BY before.file_id
        """
    ).format(
        table=staging_table(domain),
        same_key=same(domain.config.pk, "version", "new"),
        new_values=names(domain.measures, "new"),
        values_before=names(domain.measures, "before"),
    )
