"""The first steps of a plan and of a load: find the workbooks of a domain, and read them."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from extract.config import DataSources, load_passwords
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.workbook import WorkbookChanged
from extract.files.discovery import Discovered, PassedOver, Wish, discover, named_files
from extract.files.growing import GROWING, has_grown
from extract.files.sources import SourceFile
from extract.observer import CountsRows, Observer, observed
from extract.pipeline import Outcome, extracting, gather
from extract.plan.landing import Extraction
from extract.settings import Settings
from extract.steps import log_step, timed_step
from extract.table.reading import ReadOptions
from extract.wording import Sentence
from orchestrate.executors import Readers
from orchestrate.row_counts import new_count, rows_told


def find(domain: Domain, sources: DataSources, folder: Path, wish: Wish, named: Sequence[Path]) -> Discovered:
    """The workbooks in `named`; without any, those below `folder` that `wish` chooses.

    Raises the errors of `extract.files`.
    """
    with timed_step("discovered", domain=domain.name) as fields:
        if named:
            found = named_files(named, folder, domain.config, wish.periods, sources.limits)
        else:
            found = discover(folder, domain.config, sources.discovery, wish, sources.limits)
        fields |= {"files": len(found.files), "passed_over": len(found.passed_over)}
    return found


def read_options(sources: DataSources, settings: Settings, sheet: str | None, accepted: frozenset[str]) -> ReadOptions:
    """How workbooks are read: the sheet that the user names, passwords, limits, and the guards that are let pass."""
    return ReadOptions(
        sheet=sheet,
        passwords=load_passwords(sources, settings.data_sources_config),
        password=settings.workbook_password.get_secret_value() if settings.workbook_password else None,
        limits=sources.limits,
        accepted=accepted,
    )


def read(
    found: Discovered,
    domain: Domain,
    options: ReadOptions,
    readers: Readers,
    observer: Observer[Extraction],
    meanwhile: Callable[[], None] | None = None,
) -> Extraction:
    """Read what was found, by `readers`; what cannot be read is among the errors.

    `meanwhile` is called once the last process has begun, which is at once where there is one for each workbook.
    """
    today = date.today()  # noqa: DTZ011  # the calendar of the user
    is_one = len(found.files) == 1 and not readers.executor
    told = observer.counting_rows() if is_one and isinstance(observer, CountsRows) else None
    if told:
        options = replace(options, seen=new_count())
    with (
        timed_step("extracted", domain=domain.name) as fields,
        _saying_that_nothing_was_loaded(),
        extracting(found.files, domain, today, options, readers.workers, readers.executor) as outcomes,
        observed(observer, "reading workbooks", len(found.files)) as done,
        rows_told(options.seen, told),
    ):
        if meanwhile and (readers.executor or len(found.files) <= readers.workers):
            meanwhile()
        left: list[PassedOver] = []
        extraction = gather(
            _told(outcomes, found.files, done, left), domain, options.accepted, rivals_wished=found.rivals_wished
        )
        extraction.passed_over = (*found.passed_over, *left)
        for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped"):
            fields[name] = extraction.total(name)
    for file in extraction.files:
        for warning in file.report.warnings:
            where = {"file": file.report.data_source, "sheet": file.report.sheet}
            log_step(warning.code, logging.WARNING, on_screen=True, **where, detail=warning.detail)
    return extraction


@contextmanager
def _saying_that_nothing_was_loaded() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as interruption:
        interruption.add_note(
            Sentence("the workbooks were still being read; nothing was loaded, and no plan was written")
        )
        raise


def _told(
    outcomes: Iterable[Outcome], files: Sequence[SourceFile], done: Callable[[str], None], left: list[PassedOver]
) -> Iterator[Outcome]:
    """The outcomes, but of workbooks that are still growing, which are `left` for the next run unless all of them are.

    One that the user named is not left: that it changed is an error.
    """
    growing: list[Outcome] = []
    for file, outcome in zip(files, outcomes, strict=True):
        if not file.named and has_grown(file, patient=isinstance(outcome, DataError)):
            left.append(PassedOver(file.data_source, GROWING))
            growing.append(WorkbookChanged(file=file.data_source))
        else:
            yield outcome
        done(file.data_source)
    if len(growing) == len(files):
        left.clear()
        yield from growing
