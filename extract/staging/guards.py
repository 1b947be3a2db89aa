"""What a load holds against the ledger before it goes on: a measure that was there the last time and now is not."""

from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.errors.staging import MissingMeasure
from extract.plan.landing import LandedFile
from extract.staging.ledger import undone


def refuse_missing_measures(cursor: Cursor, domain: Domain, files: Sequence[LandedFile]) -> None:
    """Raise MissingMeasure for a file that lacks the column of a measure which the file before it had.

    The file before it is the one before it in this load, or the last one that a batch in effect loaded.
    """
    before = _last_missing(cursor, domain.name)
    if before is None:
        return
    for file in files:
        if file.report.mends is not None:
            continue  # a few rows of a workbook that was held against the ledger itself
        lost = [name for name in file.report.missing_columns if name not in before[1]]
        if lost and file.report.rows_loaded:
            raise MissingMeasure(
                file=file.report.data_source, sheet=file.report.sheet, measures=", ".join(lost), before=before[0]
            )
        before = file.report.data_source, list(file.report.missing_columns)


def _last_missing(cursor: Cursor, domain: str) -> tuple[str, list[str]] | None:
    """The path of the last loaded file of a domain and the measures that it lacked; None where none was loaded."""
    cursor.execute(
        """
        SELECT file.path, file.missing_columns
        FROM staging.source_files AS file
        INNER JOIN staging.load_batches AS batch USING (batch_id)
        WHERE batch.domain = %s AND file.rows_loaded > 0 AND file.mends IS NULL AND batch_id <> ALL(%s)
        ORDER BY file.file_id DESC
        LIMIT 1
        """,
        (domain, list(undone(cursor))),
    )
    return cursor.fetchone()
