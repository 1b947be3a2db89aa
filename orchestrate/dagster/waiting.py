"""Months whose workbooks are new or have changed, and what keeps one of them from being loaded unasked.

A reason to wait is a function from a month to a sentence, or to None; a further one is an entry of REASONS.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from extract.config import DataSources, load_data_sources, load_passwords
from extract.domains.registry import Domain
from extract.errors.approvals import ApprovalRequired
from extract.errors.base import DataError, WorkDataHubError
from extract.errors.files import PeriodAmbiguous
from extract.errors.workbook import WorkbookProtected
from extract.files.by_month import by_month
from extract.files.discovery import Wish, discover
from extract.files.sources import SourceFile
from extract.files.versions import PeriodRange
from extract.settings import Settings
from extract.workbook.formats import is_protected, password_for, unlock
from orchestrate.dagster.steps import configured


@dataclass(frozen=True)
class Arrival:
    """The workbooks that may be of a month of a domain, and what names their state: paths, sizes and times."""

    domain: Domain
    month: date
    files: tuple[SourceFile, ...]
    settings: Settings
    sources: DataSources

    @property
    def key(self) -> str:
        """What the cursor calls it."""
        return f"{self.domain.name}/{self.month:%Y-%m}"

    @property
    def content(self) -> str:
        """Another text once a workbook was added, changed or taken away, or the rules of reading have changed."""
        files = [f"{file.data_source}\t{file.size}\t{file.modified_at.isoformat()}" for file in self.files]
        return hashlib.sha256("\n".join([self.domain.rules_version, *files]).encode()).hexdigest()[:32]


def arrivals(settings: Settings) -> Iterator[Arrival]:
    """Every month of every domain for which there are workbooks, oldest first.

    Raises the errors of the configuration, DataDirectoryMissing and PathUnusable.
    """
    sources = load_data_sources(settings.data_sources_config)
    for domain in configured(settings).values():
        months = by_month(settings.data_base_dir, domain.config, sources.discovery)
        for month, files in months.items():
            yield Arrival(domain, month, files, settings, sources)


def why_waiting(arrival: Arrival) -> str | None:
    """The first reason why nobody but a person can load a month; None where there is none."""
    return next((reason for ask in REASONS if (reason := ask(arrival))), None)


def _not_begun(arrival: Arrival) -> str | None:
    today = date.today()  # noqa: DTZ011  # the calendar of the user
    return "the month has not begun" if arrival.month > today else None


def _ambiguous(arrival: Arrival) -> str | None:
    for file in arrival.files:
        if file.months:
            months = ", ".join(f"{month:%Y-%m}" for month in file.months)
            return _sentence("ambiguous", PeriodAmbiguous(file=file.data_source, months=months))
    try:
        _chosen(arrival)
    except DataError as error:
        return _sentence("ambiguous", error)
    return None


def _awaiting_approval(arrival: Arrival) -> str | None:
    """Why no run can load the month: a plan of its own making has been approved by nobody."""
    name = arrival.domain.name
    needed = arrival.domain.config.require_approval
    return _sentence("awaiting approval", ApprovalRequired(domain=name)) if needed else None


def _protected(arrival: Arrival) -> str | None:
    settings = arrival.settings
    passwords = load_passwords(arrival.sources, settings.data_sources_config)
    default = settings.workbook_password.get_secret_value() if settings.workbook_password else None
    for file in _chosen(arrival):
        try:
            data = file.path.read_bytes()
            if is_protected(data):
                unlock(data, file.data_source, password_for(file.data_source, passwords, default))
        except OSError as error:
            return f"{file.data_source} cannot be read: {error.strerror or error}"
        except WorkbookProtected as error:
            return _sentence("protected", error)
    return None


def _chosen(arrival: Arrival) -> tuple[SourceFile, ...]:
    """What a plan of the month would read. Raises VersionsAmbiguous."""
    wish = Wish(periods=PeriodRange(arrival.month, arrival.month))
    return discover(arrival.settings.data_base_dir, arrival.domain.config, arrival.sources.discovery, wish).files


def _sentence(kind: str, error: WorkDataHubError) -> str:
    return f"{kind}: {error.message}; {error.next_step}"


REASONS: tuple[Callable[[Arrival], str | None], ...] = (_not_begun, _ambiguous, _protected, _awaiting_approval)
"""Asked in this order."""
