"""The SQL that a load and `dbt build` run, as a plan shows it: statement, operation, target and row count."""

from dataclasses import dataclass
from typing import Literal

from extract.foreign import shown
from extract.modes import MARTS, STAGING, Mode
from extract.plan.landing import REJECTED_COLUMNS, Extraction


@dataclass(frozen=True)
class Statement:
    """One statement of a plan. `rows` is exact, or the most it can be where `at_most` is set; None is not known."""

    operation: Literal["INSERT", "COPY", "DELETE"]
    target: str
    rows: int | None
    sql: str
    note: str = ""
    at_most: bool = False


def planned_statements(extraction: Extraction, mode: Mode) -> list[Statement]:
    """The statements in the order in which they run: ledger, COPY per file, rejected rows, then the mart by dbt."""
    domain = extraction.domain
    columns = ", ".join(domain.column_names)
    staging, mart = f"{STAGING}.{domain.config.table}", f"{MARTS}.{domain.config.table}"
    batches, files, rejected, mended = (
        f"{STAGING}.{name}" for name in ("load_batches", "source_files", "rejected_rows", "mended_rejects")
    )
    key = " AND ".join(f"mart.{name} = batch.{name}" for name in domain.config.pk)
    statements = [Statement("INSERT", batches, 1, f"INSERT INTO {batches} (...) VALUES (...)")]
    for file in extraction.files:
        insert = f"INSERT INTO {files} (...) VALUES (...)"
        copy = f"COPY {staging} ({columns})\nFROM STDIN WITH (FORMAT csv, HEADER match)"
        note = f"{shown(file.report.data_source)}, sheet {shown(file.report.sheet)}"  # in a comment of one line
        statements.append(Statement("INSERT", files, 1, insert, note))
        statements.append(Statement("COPY", staging, file.report.rows_loaded, copy, note))
        if file.report.rows_rejected:
            copy = f"COPY {rejected} ({', '.join(REJECTED_COLUMNS)})\nFROM STDIN WITH (FORMAT csv, HEADER match)"
            statements.append(Statement("COPY", rejected, file.report.rows_rejected, copy, note))
        if file.report.mended:
            insert = f"INSERT INTO {mended} (reject_id) VALUES (...)"
            statements.append(Statement("INSERT", mended, len(file.report.mended), insert, note))
    if mode == "replace_period":
        absent = (
            f"INSERT INTO {staging} ({columns}, withdrawn)\nSELECT {columns}, true\nFROM keys_absent_from_the_batch"
        )
        scope = ", ".join(domain.config.replace_scope)
        note = f"keys of the same {scope} that the workbooks no longer have; --diff lists them"
        statements.append(Statement("INSERT", staging, None, absent, note))
    if mode != "append":
        delete = f"DELETE FROM {mart} AS mart\nUSING latest_rows_of_the_batch AS batch\nWHERE {key}"
        statements.append(Statement("DELETE", mart, extraction.distinct_keys, delete, at_most=True))
    if mode == "replace_period":
        delete = f"DELETE FROM {mart} AS mart\nUSING withdrawn_keys\nWHERE {key.replace('batch.', 'withdrawn_keys.')}"
        statements.append(Statement("DELETE", mart, None, delete))
    insert = f"INSERT INTO {mart} ({columns}, ...)\nSELECT {columns}, ...\nFROM latest_rows_of_the_batch"
    statements.append(Statement("INSERT", mart, extraction.distinct_keys, insert))
    return statements
