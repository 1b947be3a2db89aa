"""Maps `extract_file` over the files, each in a process of its own, and gathers what they give."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import IO

from extract.discovery import PassedOver, SourceFile
from extract.domain import Domain
from extract.errors import DataError, DiskFailed, ReaderCrashed
from extract.results import FileReport, FileResult, Reject, RejectedRow
from extract.validation import ReadOptions, extract_file
from extract.workers import Crash, IsolatedMap

SPOOL_IN_MEMORY = 64 * 2**20
"""Bytes of records up to which the spool stays in memory; beyond, it is a temporary file."""

Outcome = tuple[FileResult, ...] | DataError


@dataclass(frozen=True)
class LandedFile:
    """One sheet of a workbook that was read; its records are `length` bytes of the spool from `offset`."""

    report: FileReport
    rejected: tuple[RejectedRow, ...]
    offset: int
    length: int


@dataclass
class Extraction:
    """What all files of a run gave. `spool` holds their CSV lines, oldest file first; leaving the block closes it."""

    domain: Domain
    spool: IO[bytes]
    files: list[LandedFile] = field(default_factory=list)
    errors: list[DataError] = field(default_factory=list)
    passed_over: tuple[PassedOver, ...] = ()
    distinct_keys: int = 0
    keys_in_several_files: int = 0

    def __enter__(self) -> "Extraction":
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.close()

    @property
    def header(self) -> bytes:
        """The header line of the CSV."""
        return (",".join(self.domain.column_names) + "\n").encode()

    @property
    def workbooks(self) -> int:
        """Number of workbooks; one may have several sheets in `files`."""
        return len({file.report.path for file in self.files})

    @property
    def rejects(self) -> Iterator[Reject]:
        """Every broken rule, in the order of files and rows."""
        return (reject for file in self.files for row in file.rejected for reject in row.rejects)

    def total(self, name: str) -> int:
        """Sum of one count (`rows_read`, `rows_loaded`, `rows_rejected` or `skipped`) over the files."""
        return sum(getattr(file.report, name) for file in self.files)


@contextmanager
def extracting(
    files: Sequence[SourceFile], domain: Domain, today: date, options: ReadOptions, workers: int
) -> Iterator[Iterable[Outcome]]:
    """Yields an iterable of the outcome of each file, in the order of `files`.

    Work starts at once, in at most `workers` processes at a time, one per file.
    """
    options = replace(options, list_keys=len(files) > 1)
    read = partial(_attempt, domain=domain, today=today, options=options)
    with IsolatedMap(read, files, workers, options.limits.memory_mb, options.limits.seconds) as outcomes:
        yield (
            ReaderCrashed(file=source.data_source, problem=outcome.problem) if isinstance(outcome, Crash) else outcome
            for source, outcome in zip(files, outcomes, strict=True)
        )


def gather(outcomes: Iterable[Outcome], domain: Domain) -> Extraction:
    """Put the outcomes together; the records go to the spool one file at a time. Raises DiskFailed."""
    extraction = Extraction(domain, tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY))  # noqa: SIM115  # it outlives us
    keys: Counter[str] = Counter()
    for outcome in outcomes:
        if isinstance(outcome, DataError):
            extraction.errors.append(outcome)
            continue
        for result in outcome:
            _land(extraction, result)
            keys.update(result.keys)
    loaded = extraction.total("rows_loaded")
    extraction.distinct_keys = len(keys) or loaded  # keys of a single file are not sent: they are distinct
    extraction.keys_in_several_files = sum(count > 1 for count in keys.values())
    return extraction


def _land(extraction: Extraction, result: FileResult) -> None:
    offset = extraction.spool.tell()
    try:
        extraction.spool.write(result.records)
    except OSError as error:
        raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
    extraction.files.append(LandedFile(result.report, result.rejected, offset, len(result.records)))
    if result.failure:
        extraction.errors.append(result.failure)


def _attempt(source: SourceFile, *, domain: Domain, today: date, options: ReadOptions) -> Outcome:
    """In the worker: what one file gives."""
    try:
        return extract_file(source, domain, today, options)
    except DataError as error:
        return error
