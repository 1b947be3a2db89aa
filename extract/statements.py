"""The SQL that a load and `dbt build` run, as a plan shows it: statement, operation, target and row count."""

from dataclasses import dataclass
from typing import Literal

from extract.pipeline import Extraction

Mode = Literal["delete_insert", "append"]
STAGING = "staging"
MARTS = "marts"


@dataclass(frozen=True)
class Statement:
    """One statement of a plan. `rows` is exact, or the most it can be where `at_most` is set."""

    operation: Literal["INSERT", "COPY", "DELETE"]
    target: str
    rows: int
    sql: str
    note: str = ""
    at_most: bool = False


def planned_statements(extraction: Extraction, mode: Mode) -> list[Statement]:
    """The statements in the order in which they run: ledger, COPY per file, rejected rows, then the mart by dbt."""
    domain = extraction.domain
    columns = ", ".join(domain.column_names)
    staging, mart = f"{STAGING}.{domain.config.table}", f"{MARTS}.{domain.config.table}"
    batches, files, rejected = (f"{STAGING}.{name}" for name in ("load_batches", "source_files", "rejected_rows"))
    key = " AND ".join(f"mart.{name} = batch.{name}" for name in domain.config.pk)
    statements = [Statement("INSERT", batches, 1, f"INSERT INTO {batches} (...) VALUES (...)")]
    for file in extraction.files:
        insert = f"INSERT INTO {files} (...) VALUES (...)"
        copy = f"COPY {staging} ({columns})\nFROM STDIN WITH (FORMAT csv, HEADER match)"
        note = f"{file.report.data_source}, sheet {file.report.sheet}"
        statements.append(Statement("INSERT", files, 1, insert, note))
        statements.append(Statement("COPY", staging, file.report.rows_loaded, copy, note))
        if file.rejected:
            copy = f"COPY {rejected} (source_row, row, errors)\nFROM STDIN WITH (FORMAT csv, HEADER match)"
            statements.append(Statement("COPY", rejected, len(file.rejected), copy, note))
    if mode == "delete_insert":
        delete = f"DELETE FROM {mart} AS mart\nUSING latest_rows_of_the_batch AS batch\nWHERE {key}"
        statements.append(Statement("DELETE", mart, extraction.distinct_keys, delete, at_most=True))
    insert = f"INSERT INTO {mart} ({columns}, ...)\nSELECT {columns}, ...\nFROM latest_rows_of_the_batch"
    statements.append(Statement("INSERT", mart, extraction.distinct_keys, insert))
    return statements
