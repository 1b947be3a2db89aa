"""What a load holds against the ledger before it goes on: columns that were there the last time and now are not."""

from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.domains.registry import Domain
from extract.errors.staging import MissingMeasure
from extract.foreign import shown
from extract.plan.landing import LandedFile
from extract.staging.ledger import undone
from extract.wording import Sentence, counted

_SHOWN = 5
"""Columns that a warning names."""


def refuse_missing_measures(cursor: Cursor, domain: Domain, files: Sequence[LandedFile]) -> None:
    """Raise MissingMeasure for a file that lacks the column of a measure which the file before it had.

    The file before it is the one before it in this load, or the last one that a batch in effect loaded. In a domain
    with a layout, a column that must be there is declared as such, and another one that is not is told by the plan.
    """
    if domain.model.layout:
        return
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


COLUMN_GONE = "column_gone"


def columns_gone(cursor: Cursor, domain: Domain, files: Sequence[LandedFile]) -> tuple[str, ...]:
    """What is to be said of columns that no field reads, which the sheet before had and a sheet has no more.

    The sheet before is the last one of that name that was read under the same rules, in this load or an earlier one.
    """
    told = []
    before: dict[tuple[str, str], tuple[str, Sequence[str]] | None] = {}
    for file in files:
        report = file.report
        if report.mends is not None or not report.rows_loaded:
            continue
        place = report.sheet, report.rules
        known = before[place] if place in before else _last_ignored(cursor, domain.name, *place)
        if known and (gone := [name for name in known[1] if name not in report.ignored_columns]):
            told.append(
                Sentence(
                    "{workbook}: columns that {earlier} had are gone: {columns}",
                    workbook=shown(report.data_source),
                    earlier=shown(known[0]),
                    columns=counted([shown(name) for name in gone], _SHOWN),
                )
            )
        before[place] = report.data_source, report.ignored_columns
    return tuple(told)


def _last_ignored(cursor: Cursor, domain: str, sheet: str, rules: str) -> tuple[str, list[str]] | None:
    cursor.execute(
        """
        SELECT file.path, file.ignored_columns
        FROM staging.source_files AS file
        INNER JOIN staging.load_batches AS batch USING (batch_id)
        WHERE batch.domain = %s AND file.sheet = %s AND file.rules_version = %s AND file.rows_loaded > 0
            AND file.mends IS NULL AND batch_id <> ALL(%s)
        ORDER BY file.file_id DESC
        LIMIT 1
        """,
        (domain, sheet, rules, list(undone(cursor))),
    )
    return cursor.fetchone()
