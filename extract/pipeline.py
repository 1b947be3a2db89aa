"""Maps `extract_file` over the files, each in a process of its own, and gathers what they give."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import IO

from extract.domains.registry import Domain
from extract.errors.base import DataError, WorkDataHubError
from extract.errors.plan import KeysShared
from extract.errors.workbook import ReaderCrashed, ReaderFailed
from extract.fields.codes import Code
from extract.files.sources import SourceFile
from extract.files.versions import version_of
from extract.guards import KEYS_SHARED
from extract.plan.landing import Extraction, LandedFile, LandedRejects, new_spool, respooled
from extract.plan.sending import Send, Sent, send_result, sent_objects
from extract.table.lookalikes import confusable_codes
from extract.table.reading import ReadOptions, extract_file
from extract.table.results import FileWarning
from extract.workers import Answer, Bug, Crash, IsolatedMap


@dataclass(frozen=True)
class Received:
    """What a reader sent of one workbook: the account of each sheet, and the bytes of their parts."""

    sheets: tuple[Sent, ...]
    pieces: IO[bytes]


Outcome = Received | WorkDataHubError


@contextmanager
def extracting(
    files: Sequence[SourceFile], domain: Domain, today: date, options: ReadOptions, workers: int
) -> Iterator[Iterable[Outcome]]:
    """Yields an iterable of the outcome of each file, in the order of `files`.

    Work starts at once, in at most `workers` processes at a time, one per file.
    """
    options = replace(options, list_keys=len(files) > 1)
    read = partial(_attempt, domain=domain, today=today, options=options)
    with IsolatedMap(read, files, workers, options.limits) as answers:
        yield (_named(source, answer) for source, answer in zip(files, answers, strict=True))


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
    owners: dict[str, int] = {}
    shared: dict[tuple[int, int], list[str]] = {}
    repeated: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome, WorkDataHubError):
            extraction.errors.append(outcome)
            continue
        for sent in outcome.sheets:
            _land(extraction, sent, outcome.pieces)
            position = len(extraction.files) - 1
            for key in sent_objects(outcome.pieces, outcome.pieces.tell(), sent.keys):
                owner = owners.setdefault(str(key), position)
                if owner != position:
                    repeated.add(str(key))
                    shared.setdefault((owner, position), []).append(str(key))
    _warn_of_confusable_codes(extraction, owners)
    loaded = extraction.total("rows_loaded")
    extraction.distinct_keys = len(owners) or loaded  # keys of a single file are not sent: they are distinct
    extraction.keys_in_several_files = len(repeated)
    for (first, second), keys in shared.items():
        _tell_shared_keys(extraction, first, second, keys, rivals_wished=rivals_wished)
    return extraction


def _tell_shared_keys(
    extraction: Extraction, first: int, second: int, keys: Sequence[str], *, rivals_wished: bool
) -> None:
    """Refuse or warn of files that share keys and are no versions of one period (rules.md, Rows).

    Rows of months beside that of their file are expected in files of several, and where --accept lets them pass: there
    the later file restates the earlier one.
    """
    one, other = extraction.files[first].report, extraction.files[second].report
    told_apart = rivals_wished or version_of(one.data_source) != version_of(other.data_source)
    if one.path == other.path or (one.period and one.period == other.period and told_apart):
        return
    example = keys[0].replace("\t", " ")
    several_months = one.period != other.period and (
        extraction.domain.config.periods_per_file == "many" or "period_mismatch" in extraction.accepted
    )
    if not (several_months or KEYS_SHARED in extraction.accepted or one.mends or other.mends):
        extraction.errors.append(
            KeysShared(first=one.data_source, second=other.data_source, keys=len(keys), example=example)
        )
        return
    detail = (
        f"{len(keys)} keys stand in {one.data_source} too, for example {example}; the values of this workbook,"
        " which is the later one, count"
    )
    warnings = (*other.warnings, FileWarning(KEYS_SHARED, detail))
    landed = extraction.files[second]
    extraction.files[second] = replace(landed, report=replace(other, warnings=warnings))


def _warn_of_confusable_codes(extraction: Extraction, owners: Mapping[str, int]) -> None:
    """Warn of codes that look like those of another workbook of the run, at the file that holds the odd one."""
    odd = [key for key in owners if not key.isascii()]
    if not odd:
        return
    domain = extraction.domain
    codes = [field.name for field in domain.cell_fields if isinstance(field.type, Code)]
    for part, name in enumerate(domain.config.pk):
        for position in sorted({owners[key] for key in odd}) if name in codes else ():
            own = {key.split("\t")[part] for key in odd if owners[key] == position}
            others = {key.split("\t")[part] for key, owner in owners.items() if owner != position}
            found = confusable_codes(name, own, {"another workbook": others})
            file = extraction.files[position]
            if found and "another workbook" in found.detail:
                warnings = (*file.report.warnings, found)
                extraction.files[position] = replace(file, report=replace(file.report, warnings=warnings))


def _land(extraction: Extraction, sent: Sent, pieces: IO[bytes]) -> None:
    """Put the parts of a sheet where they belong, in the order in which they were sent."""
    records = respooled(extraction.spool, pieces, sent.records)
    rejected = respooled(extraction.rejected_spool, pieces, sent.rejected)
    file = LandedFile(sent.report, records, rejected)
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
