"""Maps `extract_file` over the files, each in a process beside this one, and gathers what they give."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import IO

from extract.domains.registry import Domain
from extract.errors.base import DataError, WorkDataHubError
from extract.errors.workbook import ReaderCrashed, ReaderFailed
from extract.executors import ExecutorMap
from extract.files.sources import SourceFile
from extract.limits import Limits
from extract.plan.landing import Extraction, LandedFile, LandedRejects, new_spool, respooled
from extract.plan.sending import Send, Sent, send_result
from extract.plan.shared_keys import SharedKeys
from extract.table.reading import ReadOptions, extract_file
from extract.workers import Answer, Bug, Crash, IsolatedMap


@dataclass(frozen=True)
class Received:
    """What a reader sent of one workbook: the account of each sheet, and the bytes of their parts."""

    sheets: tuple[Sent, ...]
    pieces: IO[bytes]


Outcome = Received | WorkDataHubError


@contextmanager
def extracting(
    files: Sequence[SourceFile],
    domain: Domain,
    today: date,
    options: ReadOptions,
    workers: int,
    executor: Executor | None = None,
) -> Iterator[Iterable[Outcome]]:
    """Yields an iterable of the outcome of each file, in the order of `files`.

    Work starts at once, in at most `workers` processes, each with one file at a time; or on an `executor`.
    """
    read = partial(_attempt, domain=domain, today=today, options=options)
    with _mapped(read, files, workers, options.limits, executor) as answers:
        yield (_named(source, answer) for source, answer in zip(files, answers, strict=True))


def _mapped(
    read: "partial[tuple[Sent, ...] | DataError]",
    files: Sequence[SourceFile],
    workers: int,
    limits: Limits,
    executor: Executor | None,
) -> "IsolatedMap[tuple[Sent, ...] | DataError] | ExecutorMap[tuple[Sent, ...] | DataError]":
    if executor is None:
        return IsolatedMap(read, files, workers, limits)
    elsewhere = [replace(file, inode=None) for file in files]  # another machine numbers its devices otherwise
    return ExecutorMap(read, elsewhere, 2 * workers, limits, executor)  # so that a worker finds its next file waiting


def _named(source: SourceFile, answer: Answer[tuple[Sent, ...] | DataError]) -> Outcome:
    """What a worker gave, with the file named where it gave nothing."""
    result = answer.result
    if isinstance(result, Crash):
        return ReaderCrashed(file=source.data_source, problem=result.problem)
    if isinstance(result, Bug):
        return ReaderFailed(file=source.data_source, problem=result.problem, frames=result.frames)
    return result if isinstance(result, DataError) else Received(result, answer.pieces)


def gather(
    outcomes: Iterable[Outcome], domain: Domain, accepted: frozenset[str] = frozenset(), *, rivals_wished: bool = False
) -> Extraction:
    """Put the outcomes together; the records go to the spool one file at a time. Raises DiskFailed.

    `rivals_wished`: files of one period that share keys are versions of it, since the user takes them for such.
    """
    extraction = Extraction(domain, new_spool(), new_spool(), accepted=accepted)
    for outcome in outcomes:
        if isinstance(outcome, WorkDataHubError):
            extraction.errors.append(outcome)
            continue
        for sent in outcome.sheets:
            _land(extraction, sent, outcome.pieces)
    SharedKeys(extraction, rivals_wished=rivals_wished).settle()
    return extraction


def _land(extraction: Extraction, sent: Sent, pieces: IO[bytes]) -> None:
    """Put the parts of a sheet where they belong, in the order in which they were sent."""
    records = respooled(extraction.spool, pieces, sent.records)
    rejected = respooled(extraction.rejected_spool, pieces, sent.rejected)
    file = LandedFile(sent.report, records, rejected, sent.odd_codes)
    extraction.files.append(file)
    lines = respooled(extraction.rejects_spool, pieces, sent.rejects)
    pages = tuple((page, respooled(extraction.pages_spool, pieces, page.length)) for page in sent.pages)
    if pages:
        extraction.rejects.append(LandedRejects(file, lines, pages, sent.first_rejects, sent.broken_rules))
    if sent.failure:
        extraction.errors.append(sent.failure)


def _attempt(
    source: SourceFile, send: Send, *, domain: Domain, today: date, options: ReadOptions
) -> tuple[Sent, ...] | DataError:
    """In the worker: send what one file gives, and say what that is."""
    try:
        return tuple(send_result(result, send) for result in extract_file(source, domain, today, options))
    except DataError as error:
        return error
