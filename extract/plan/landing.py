"""What a load brings to staging: the rows of each workbook as the bytes that COPY sends, and their account.

An extraction gives one (`pipeline.py`), and so does a plan that was written before (`sealed.py`).
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from extract.domains.registry import Domain
from extract.errors.base import WorkDataHubError
from extract.errors.plan import DiskFailed
from extract.files.discovery import PassedOver
from extract.plan.sending import Page
from extract.table.records.results import FileReport, Reject

SPOOL_IN_MEMORY = 16 * 2**20
"""Bytes of records up to which the spool stays in memory; beyond, it is a temporary file."""
_PIECE = 2**20
REJECTED_COLUMNS = ("source_row", "row", "errors", "reject_id")
"""Columns of staging.rejected_rows that COPY fills."""


@dataclass(frozen=True)
class Span:
    """Bytes of a spool."""

    offset: int
    length: int


@dataclass(frozen=True)
class LandedFile:
    """One sheet of a workbook: its account, and where its rows lie in the two spools of the landing."""

    report: FileReport
    records: Span
    rejected_records: Span
    odd_codes: bool = True
    """Whether a code of the key may hold anything but ASCII; a plan does not tell."""


@dataclass(frozen=True)
class LandedRejects:
    """What was rejected from a sheet that was read in this run: the lines of rejects.csv, and pages of rejects.xlsx.

    Each page lies in the spool of pages; `first` are the first of `broken_rules`.
    """

    file: LandedFile
    lines: Span
    pages: tuple[tuple[Page, Span], ...]
    first: tuple[Reject, ...]
    broken_rules: int


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
    planned_by: str | None = None
    """Who made the plan that is applied; None without one."""
    position: int | None = None
    """The batch of the marts that the plan was compared with; None where it was not compared."""
    position_at: str | None = None
    """When that batch was loaded; None where there was none, or the ledger could not be read."""

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

    def keys(self, file: LandedFile) -> Iterator[str]:
        """The keys of the records of one file, each as a text."""
        places = [self.domain.column_names.index(name) for name in self.domain.config.pk]
        lines = io.StringIO(_read(self.spool, file.records).decode(), newline="")
        return ("\t".join([row[place] for place in places]) for row in csv.reader(lines))

    def rejected_records(self, file: LandedFile) -> bytes:
        """The rejected rows of one file with their header line."""
        return self.rejected_header + _read(self.rejected_spool, file.rejected_records)


def new_spool() -> IO[bytes]:
    """A place for bytes, in memory as long as they are few."""
    return tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY)  # the landing closes it


def spooled(spool: IO[bytes], content: bytes) -> Span:
    """Append bytes to a spool; gives where they lie. Raises DiskFailed."""
    return respooled(spool, io.BytesIO(content), len(content))


def respooled(spool: IO[bytes], source: IO[bytes], length: int) -> Span:
    """Append the next bytes of a source to a spool; gives where they lie. Raises DiskFailed."""
    offset, left = spool.tell(), length
    try:
        while left:
            left -= spool.write(source.read(min(left, _PIECE)))
    except OSError as error:
        raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
    return Span(offset, length)


def header_line(columns: Iterable[str]) -> bytes:
    """Column names as the first line of a CSV."""
    return (",".join(columns) + "\n").encode()


def _read(spool: IO[bytes], span: Span) -> bytes:
    spool.seek(span.offset)
    return spool.read(span.length)


@dataclass
class Extraction(Landing):
    """What the workbooks of a run gave, and what went wrong.

    `rejects_spool` holds the lines of rejects.csv, `pages_spool` the rows of the pages of rejects.xlsx.
    """

    rejects_spool: IO[bytes] = field(default_factory=new_spool)
    pages_spool: IO[bytes] = field(default_factory=new_spool)
    rejects: list[LandedRejects] = field(default_factory=list)
    errors: list[WorkDataHubError] = field(default_factory=list)
    passed_over: tuple[PassedOver, ...] = ()
    distinct_keys: int = 0

    def __enter__(self) -> "Extraction":
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.rejects_spool.close()
        self.pages_spool.close()

    @property
    def first_rejects(self) -> list[Reject]:
        """The first broken rules, in the order of files and rows."""
        return [reject for item in self.rejects for reject in item.first]

    @property
    def broken_rules(self) -> int:
        """How many there are."""
        return sum(item.broken_rules for item in self.rejects)
