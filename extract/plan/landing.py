"""What a load brings to staging: the rows of each workbook as the bytes that COPY sends, and their account.

An extraction gives one (`pipeline.py`), and so does a plan that was written before (`sealed.py`).
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO

from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.plan import DiskFailed
from extract.files.discovery import PassedOver
from extract.table.results import FileReport, Reject, RejectedRow

SPOOL_IN_MEMORY = 64 * 2**20
"""Bytes of records up to which the spool stays in memory; beyond, it is a temporary file."""
REJECTED_COLUMNS = ("source_row", "row", "errors", "reject_id")
"""Columns of staging.rejected_rows that COPY fills."""


@dataclass(frozen=True)
class Span:
    """Bytes of a spool."""

    offset: int
    length: int


@dataclass(frozen=True)
class LandedFile:
    """One sheet of a workbook: its account, and where its rows lie in the two spools of the landing.

    `rejected` holds the rejected rows themselves where the workbook was read in this run.
    """

    report: FileReport
    records: Span
    rejected_records: Span
    rejected: tuple[RejectedRow, ...] = ()


@dataclass
class Landing:
    """The files of a load, oldest first. Leaving the block closes the spools.

    `spool` holds the CSV lines of the records, `rejected_spool` those of the rejected rows (REJECTED_COLUMNS).
    """

    domain: Domain
    spool: IO[bytes]
    rejected_spool: IO[bytes]
    files: list[LandedFile] = field(default_factory=list)
    keys_in_several_files: int = 0
    plan_id: str | None = None
    accepted: frozenset[str] = frozenset()
    """The guards that --accept let pass."""

    def __enter__(self) -> "Landing":
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.close()
        self.rejected_spool.close()

    @property
    def header(self) -> bytes:
        """The header line of the CSV."""
        return header_line(self.domain.column_names)

    @property
    def rejected_header(self) -> bytes:
        """The header line of the CSV of rejected rows."""
        return header_line(REJECTED_COLUMNS)

    @property
    def record_spans(self) -> list[Span]:
        """Where the records of each file lie."""
        return [file.records for file in self.files]

    @property
    def rejected_spans(self) -> list[Span]:
        """Where the rejected rows of each file lie."""
        return [file.rejected_records for file in self.files]

    @property
    def workbooks(self) -> int:
        """Number of workbooks; one may have several sheets in `files`."""
        return len({file.report.path for file in self.files})

    def total(self, name: str) -> int:
        """Sum of one count (`rows_read`, `rows_loaded`, `rows_rejected` or `skipped`) over the files."""
        return sum(getattr(file.report, name) for file in self.files)

    def records(self, file: LandedFile) -> bytes:
        """The records of one file with the header line."""
        return self.header + _read(self.spool, file.records)

    def rejected_records(self, file: LandedFile) -> bytes:
        """The rejected rows of one file with their header line."""
        return self.rejected_header + _read(self.rejected_spool, file.rejected_records)


def new_spool() -> IO[bytes]:
    """A place for bytes, in memory as long as they are few."""
    return tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY)  # the landing closes it


def spooled(spool: IO[bytes], content: bytes) -> Span:
    """Append bytes to a spool; gives where they lie. Raises DiskFailed."""
    offset = spool.tell()
    try:
        spool.write(content)
    except OSError as error:
        raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
    return Span(offset, len(content))


def header_line(columns: Iterable[str]) -> bytes:
    """Column names as the first line of a CSV."""
    return (",".join(columns) + "\n").encode()


def render_rejected(rows: Iterable[RejectedRow]) -> bytes:
    """Rejected rows as CSV lines of REJECTED_COLUMNS: row number, the row as JSON, its errors as JSON, its id."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    for row in rows:
        errors = [asdict(reject) for reject in row.rejects]
        writer.writerow((row.source_row, _json(row.row), _json(errors), row.origin.reject_id))
    return target.getvalue().encode()


def _json(value: object) -> str:
    """JSON for jsonb, which cannot hold the character NUL."""
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\ufffd")


def _read(spool: IO[bytes], span: Span) -> bytes:
    spool.seek(span.offset)
    return spool.read(span.length)


@dataclass
class Extraction(Landing):
    """What the workbooks of a run gave, and what went wrong."""

    errors: list[DataError] = field(default_factory=list)
    passed_over: tuple[PassedOver, ...] = ()
    distinct_keys: int = 0

    def __enter__(self) -> "Extraction":
        return self

    @property
    def rejects(self) -> Iterator[Reject]:
        """Every broken rule, in the order of files and rows."""
        return (reject for file in self.files for row in file.rejected for reject in row.rejects)
