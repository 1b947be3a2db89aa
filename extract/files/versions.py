"""Versions and periods in names and folders: V2, _V2, (2), _修订, {YYYYMM}, --period."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import total_ordering
from pathlib import PurePosixPath

from extract.wording import Sentence

_FOLDER = re.compile(r"V([0-9]{1,4})", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:[_\- ]V([0-9]{1,4})|[ _]?[(（]([0-9]{1,4})[)）])$", re.IGNORECASE)
_REVISED = re.compile(r"[_\- (（]?(?:修订|更正)(?:版|稿)?([0-9]{0,3})[)）]?$")
_RANGE = re.compile(r"([0-9]{4})-?([0-9]{2})(?::([0-9]{4})-?([0-9]{2}))?")
_PLACEHOLDERS = {"{YYYYMM}": r"(?P<yyyymm>[0-9]{6})", "{YYYY}": r"(?P<yyyy>[0-9]{4})", "{MM}": r"(?P<mm>[0-9]{2})"}


class OnAmbiguous(StrEnum):
    """What to take of several files of one period that nothing tells apart."""

    NEWEST = "newest"
    OLDEST = "oldest"
    FIRST = "first"
    ALL = "all"


@total_ordering
@dataclass(frozen=True)
class Version:
    """The version of a file: of its folder (V2), of its name (_V2 or (2)), and whether the name says 修订."""

    folder: int = 0
    name: int = 0
    revised: int = 0

    def __lt__(self, other: "Version") -> bool:
        return (self.folder, self.name, self.revised) < (other.folder, other.name, other.revised)

    def is_before(self, other: "Version") -> bool:
        """Whether `other` surely counts: of the same folder, a number and a revision cannot be compared."""
        if self.folder != other.folder:
            return self.folder < other.folder
        if self.name <= other.name and self.revised <= other.revised:
            return self != other
        return False


@dataclass(frozen=True)
class PeriodRange:
    """Months from `first` to `last`, both included."""

    first: date
    last: date

    def holds(self, period: date) -> bool:
        """Whether a month lies in the range."""
        return self.first <= period <= self.last


def version_of(data_source: str) -> Version:
    """The version that a path below the data directory names."""
    path = PurePosixPath(data_source)
    folders = [int(match[1]) for part in path.parts[:-1] if (match := _FOLDER.fullmatch(part))]
    stem, revised, name = path.stem.strip(), 0, 0
    while match := _REVISED.search(stem) or _SUFFIX.search(stem):
        if match.re is _REVISED:
            revised = max(revised, int(match[1] or 1))
        else:
            name = max(name, int(match[1] or match[2]))
        stem = stem[: match.start()].rstrip()
    return Version(folders[-1] if folders else 0, name, revised)


def parse_period_range(text: str) -> PeriodRange:
    """The months of --period: 2024-11, 202411, or two of them with a colon between. Raises ValueError."""
    match = _RANGE.fullmatch(text)
    year, month, last_year, last_month = match.groups() if match else ("0",) * 4
    try:
        first = date(int(year), int(month), 1)
        last = date(int(last_year), int(last_month), 1) if last_year else first
    except ValueError:
        raise ValueError(Sentence("{text} is no period: write 2024-11 or 2024-01:2024-12", text=text)) from None
    if last < first:
        raise ValueError(Sentence("{text} ends before it begins", text=text))
    return PeriodRange(first, last)


def period_of_folder(data_source: str, base_path: str) -> PeriodRange | None:
    """The months that the folders of a file name where base_path has placeholders; None where it lies elsewhere."""
    pattern = re.escape(base_path.strip("/"))
    for placeholder, group in _PLACEHOLDERS.items():
        pattern = pattern.replace(re.escape(placeholder), group, 1)
    match = re.match(rf"{pattern}/", data_source)
    if not match:
        return None
    found = {name: value for name, value in match.groupdict().items() if value}
    year = found.get("yyyymm", "")[:4] or found.get("yyyy")
    month = found.get("yyyymm", "")[4:] or found.get("mm")
    if month and not 1 <= int(month) <= 12:
        return None
    if year is None:
        return PeriodRange(date.min, date.max)
    return PeriodRange(date(int(year), int(month or 1), 1), date(int(year), int(month or 12), 1))
