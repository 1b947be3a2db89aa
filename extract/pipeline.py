"""Maps `extract_file` over the files, each in a process of its own, and gathers what they give."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial

from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.workbook import ReaderCrashed, ReaderFailed
from extract.files.discovery import SourceFile
from extract.plan.landing import Extraction, LandedFile, new_spool, render_rejected, spooled
from extract.table.reading import ReadOptions, extract_file
from extract.table.results import FileResult, FileWarning
from extract.workers import Bug, Crash, IsolatedMap

Outcome = tuple[FileResult, ...] | DataError


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
        yield (_named(source, outcome) for source, outcome in zip(files, outcomes, strict=True))


def _named(source: SourceFile, outcome: Outcome | Crash | Bug) -> Outcome:
    """What a worker gave, with the file named where it gave nothing."""
    if isinstance(outcome, Crash):
        return ReaderCrashed(file=source.data_source, problem=outcome.problem)
    if isinstance(outcome, Bug):
        return ReaderFailed(file=source.data_source, problem=outcome.problem, frames=outcome.frames)
    return outcome


def gather(outcomes: Iterable[Outcome], domain: Domain) -> Extraction:
    """Put the outcomes together; the records go to the spool one file at a time. Raises DiskFailed."""
    extraction = Extraction(domain, new_spool(), new_spool())
    owners: dict[str, int] = {}
    shared: dict[tuple[int, int], list[str]] = {}
    repeated: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome, DataError):
            extraction.errors.append(outcome)
            continue
        for result in outcome:
            _land(extraction, result)
            position = len(extraction.files) - 1
            for key in result.keys:
                owner = owners.setdefault(key, position)
                if owner != position:
                    repeated.add(key)
                    shared.setdefault((owner, position), []).append(key)
    loaded = extraction.total("rows_loaded")
    extraction.distinct_keys = len(owners) or loaded  # keys of a single file are not sent: they are distinct
    extraction.keys_in_several_files = len(repeated)
    for (first, second), keys in shared.items():
        _warn_of_shared_keys(extraction, first, second, keys)
    return extraction


def _warn_of_shared_keys(extraction: Extraction, first: int, second: int, keys: Sequence[str]) -> None:
    """Warn where files share keys and are no versions of one period: the later one restates the earlier (rules.md)."""
    one, other = extraction.files[first], extraction.files[second]
    if one.report.path == other.report.path or (one.report.period and one.report.period == other.report.period):
        return
    example = keys[0].replace("\t", " ")
    detail = (
        f"{len(keys)} keys stand in {one.report.data_source} too, for example {example}; the values of this workbook,"
        " which is the later one, count"
    )
    warnings = (*other.report.warnings, FileWarning("keys_in_several_files", detail))
    extraction.files[second] = replace(other, report=replace(other.report, warnings=warnings))


def _land(extraction: Extraction, result: FileResult) -> None:
    records = spooled(extraction.spool, result.records)
    rejected = spooled(extraction.rejected_spool, render_rejected(result.rejected))
    extraction.files.append(LandedFile(result.report, records, rejected, result.rejected))
    if result.failure:
        extraction.errors.append(result.failure)


def _attempt(source: SourceFile, *, domain: Domain, today: date, options: ReadOptions) -> Outcome:
    """In the worker: what one file gives."""
    try:
        return extract_file(source, domain, today, options)
    except DataError as error:
        return error
