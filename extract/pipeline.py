"""Maps `extract_file` over the files, in worker processes where there are several, and gathers what they give."""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import IO

from extract.discovery import PassedOver, SourceFile
from extract.domain import Domain
from extract.errors import DataError, DiskFailed, ReaderCrashed
from extract.results import FileReport, FileResult, Reject, RejectedRow
from extract.validation import extract_file

SPOOL_IN_MEMORY = 64 * 2**20
"""Bytes of records up to which the spool stays in memory; beyond, it is a temporary file."""

Outcome = FileResult | DataError


@dataclass(frozen=True)
class LandedFile:
    """One workbook that was read; its records are `length` bytes of the spool from `offset`."""

    report: FileReport
    rejected: tuple[RejectedRow, ...]
    offset: int
    length: int


@dataclass
class Extraction:
    """What all files of a run gave. `spool` holds their CSV lines, oldest file first."""

    domain: Domain
    spool: IO[bytes]
    files: list[LandedFile] = field(default_factory=list)
    errors: list[DataError] = field(default_factory=list)
    passed_over: tuple[PassedOver, ...] = ()
    distinct_keys: int = 0
    keys_in_several_files: int = 0

    @property
    def header(self) -> bytes:
        """The header line of the CSV."""
        return (",".join(self.domain.column_names) + "\n").encode()

    @property
    def rejects(self) -> Iterator[Reject]:
        """Every broken rule, in the order of files and rows."""
        return (reject for file in self.files for row in file.rejected for reject in row.rejects)

    def total(self, name: str) -> int:
        """Sum of one count (`rows_read`, `rows_loaded`, `rows_rejected` or `skipped`) over the files."""
        return sum(getattr(file.report, name) for file in self.files)


@contextmanager
def extracting(
    files: Sequence[SourceFile], domain: Domain, today: date, sheet: str | int | None, workers: int
) -> Iterator[Iterator[tuple[SourceFile, Outcome]]]:
    """Yields an iterator over the outcome of each file, in the order of `files`.

    Work starts at once: in this process for one file or one worker, else in at most `workers` processes, which end
    when this one does, even by SIGKILL.
    """
    if min(workers, len(files)) <= 1:
        yield ((source, _attempt(extract_file, source, domain, today, sheet)) for source in files)
        return
    pool = ProcessPoolExecutor(min(workers, len(files)), initializer=_die_with, initargs=(os.getpid(),))
    try:
        futures = [pool.submit(_attempt, extract_file, source, domain, today, sheet) for source in files]
        yield _outcomes(files, futures)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.join(timeout=5)


def gather(outcomes: Iterator[tuple[SourceFile, Outcome]], domain: Domain) -> Extraction:
    """Put the outcomes together; the records go to the spool one file at a time. Raises DiskFailed."""
    extraction = Extraction(domain, tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY))  # noqa: SIM115  # it outlives us
    keys: Counter[tuple[object, ...]] = Counter()
    for _, outcome in outcomes:
        if isinstance(outcome, DataError):
            extraction.errors.append(outcome)
            continue
        offset = extraction.spool.tell()
        try:
            extraction.spool.write(outcome.records)
        except OSError as error:
            raise DiskFailed(path=tempfile.gettempdir(), problem=error.strerror or str(error)) from None
        extraction.files.append(LandedFile(outcome.report, outcome.rejected, offset, len(outcome.records)))
        if outcome.failure:
            extraction.errors.append(outcome.failure)
        keys.update(outcome.keys)
    extraction.distinct_keys = len(keys)
    extraction.keys_in_several_files = sum(count > 1 for count in keys.values())
    return extraction


def _attempt(function: Callable[..., FileResult], *arguments: object) -> Outcome:
    try:
        return function(*arguments)
    except DataError as error:
        return error


def _outcomes(files: Sequence[SourceFile], futures: list[Future[Outcome]]) -> Iterator[tuple[SourceFile, Outcome]]:
    for source, future in zip(files, futures, strict=True):
        try:
            yield source, future.result()
        except BrokenProcessPool:
            yield source, ReaderCrashed(file=source.data_source)


def _die_with(parent: int) -> None:
    """In a worker: leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
