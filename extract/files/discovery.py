"""Finding the workbooks of a domain: which files match, of which month they are, and in which order they load."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path
from unicodedata import normalize

from extract.config import DiscoveryConfig, DomainConfig, Select
from extract.errors.files import DataDirectoryMissing, FileGivenTwice, FileMissing, NoFilesFound, VersionsAmbiguous
from extract.files.versions import OnAmbiguous, PeriodRange, Version, period_of_folder, version_of


@dataclass(frozen=True)
class SourceFile:
    """One workbook to read. `data_source` is how the plan names it; `period` is the month in its name, if any."""

    path: Path
    data_source: str
    period: date | None
    size: int
    modified_at: datetime
    version: Version

    @property
    def load_order(self) -> tuple[date, Version, datetime, str]:
        """Oldest first: period, version, modification time, name. The later file restates keys of the earlier one."""
        return self.period or date.min, self.version, self.modified_at, self.data_source


BEYOND_LIMIT = "older than the files that --max-files takes"
_TOLD = 5
"""Of the files that were passed over, an error lists these."""


@dataclass(frozen=True)
class PassedOver:
    """A file or directory that discovery left alone, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Discovered:
    """The files to load, oldest first, and what was passed over."""

    files: tuple[SourceFile, ...]
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True)
class Wish:
    """What the user asks of discovery: how many files, of which periods, and what to do about rival versions.

    `max_files` None means one, or every file under `select: all` or where `periods` limits them.
    """

    max_files: int | None = None
    periods: PeriodRange | None = None
    on_ambiguous: OnAmbiguous | None = None


def discover(directory: Path, config: DomainConfig, rules: DiscoveryConfig, wish: Wish) -> Discovered:
    """Find the workbooks of a domain below `directory`; of each period the highest version.

    Raises DataDirectoryMissing, NoFilesFound where nothing matches, or VersionsAmbiguous.
    """
    if not directory.is_dir():
        raise DataDirectoryMissing(path=str(directory))
    pattern = re.compile(config.pattern, re.IGNORECASE)
    passed_over: list[PassedOver] = []
    matches: list[SourceFile] = []
    seen = 0
    for path in _walk(directory, rules, passed_over):
        seen += 1
        name = path.relative_to(directory).as_posix()
        source = _source(path, normalize("NFC", name), pattern)
        reason = _objection(path, source, rules, directory) or _other_period(source, config, wish)
        if reason:
            passed_over.append(PassedOver(_printable(name), reason))
        else:
            matches.append(source)
    if not matches:
        told = [f"{item.path}: {item.reason}" for item in passed_over[:_TOLD]]
        told += [f"and {len(passed_over) - _TOLD} more"] if len(passed_over) > _TOLD else []
        raise NoFilesFound(
            directory=str(directory), pattern=config.pattern, seen=seen, passed_over="".join(f"; {one}" for one in told)
        )
    files = _selected(_latest_versions(matches, passed_over), config.select, wish, passed_over)
    return Discovered(files, tuple(sorted(passed_over, key=lambda item: item.path)))


def named_files(paths: Sequence[Path], directory: Path, config: DomainConfig) -> Discovered:
    """The workbooks that the user named, oldest first. Raises FileMissing or FileGivenTwice."""
    pattern = re.compile(config.pattern, re.IGNORECASE)
    files: dict[Path, SourceFile] = {}
    for path in paths:
        if not path.is_file():
            raise FileMissing(path=str(path))
        real = path.resolve()
        if real in files:
            raise FileGivenTwice(path=str(path))
        base = directory.resolve()
        name = real.relative_to(base).as_posix() if real.is_relative_to(base) else path.name
        files[real] = _source(path.absolute(), normalize("NFC", _printable(name)), pattern)
    return Discovered(tuple(sorted(files.values(), key=lambda source: source.load_order)), ())


def period_in_name(name: str, pattern: re.Pattern[str]) -> date | None:
    """The month that the named groups of `pattern` find in a file name; None where there is none."""
    match = pattern.search(normalize("NFC", name))
    if not match:
        return None
    year = int(match["year"])
    try:
        return date(year + 2000 if year < 100 else year, int(match["month"]), 1)
    except ValueError:
        return None


def _walk(directory: Path, rules: DiscoveryConfig, passed_over: list[PassedOver]) -> Iterator[Path]:
    """Every file below `directory`, sorted, without excluded, hidden, too deep and linked directories."""

    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(directory).as_posix()
        passed_over.append(PassedOver(_printable(name) + "/", f"cannot be read: {error.strerror}"))

    for folder, subfolders, names in os.walk(directory, onerror=unreadable, followlinks=rules.follow_symlinks):
        here = Path(folder)
        depth = len(here.relative_to(directory).parts)
        kept = []
        for name in sorted(subfolders):
            if reason := _folder_objection(here / name, depth, rules, directory):
                relative = (here / name).relative_to(directory).as_posix()
                passed_over.append(PassedOver(_printable(relative) + "/", reason))
            else:
                kept.append(name)
        subfolders[:] = kept
        yield from (here / name for name in sorted(names))


def _folder_objection(path: Path, depth: int, rules: DiscoveryConfig, directory: Path) -> str | None:
    if path.name.startswith("."):
        return "hidden directory"
    if normalize("NFC", path.name).lower() in (name.lower() for name in rules.exclude_directories):
        return "excluded directory (discovery.exclude_directories)"
    if depth >= rules.max_depth:
        return f"deeper than discovery.max_depth {rules.max_depth}"
    return _link_objection(path, rules, directory)


def _link_objection(path: Path, rules: DiscoveryConfig, directory: Path) -> str | None:
    if not path.is_symlink():
        return None
    if not rules.follow_symlinks:
        return "symbolic link (discovery.follow_symlinks is false)"
    try:
        target, base = path.resolve(strict=True), directory.resolve()
    except (OSError, RuntimeError):  # the kind depends on the version of Python
        return "symbolic link to nowhere or to itself"
    if not target.is_relative_to(base):
        return "symbolic link out of the data directory"
    return "symbolic link to a directory above it" if path.absolute().is_relative_to(target) else None


def _objection(path: Path, source: SourceFile, rules: DiscoveryConfig, directory: Path) -> str | None:
    if any(fnmatch(path.name, pattern) for pattern in rules.ignore_names):
        return "ignored name (discovery.ignore_names)"
    if reason := _link_objection(path, rules, directory):
        return reason
    relative = path.relative_to(directory).as_posix()
    if _printable(relative) != relative:
        return "its name, or that of a folder above it, is not valid text: rename it"
    if source.period is None:
        return "its name does not match the pattern of the domain"
    return "empty file (0 bytes)" if source.size == 0 else None


def _source(path: Path, data_source: str, pattern: re.Pattern[str]) -> SourceFile:
    try:
        status = path.stat()
        size, modified = status.st_size, status.st_mtime
    except OSError:  # a link to nowhere or to itself; it is passed over as a link
        size, modified = 0, 0.0
    return SourceFile(
        path=path,
        data_source=data_source,
        period=period_in_name(path.name, pattern),
        size=size,
        modified_at=datetime.fromtimestamp(modified, UTC),
        version=version_of(data_source),
    )


def _other_period(source: SourceFile, config: DomainConfig, wish: Wish) -> str | None:
    """Why the folder or the period of a match rules it out."""
    if source.period is None:
        return None
    if config.base_path:
        folder = period_of_folder(source.data_source, config.base_path)
        if folder is None:
            return f"not below base_path {config.base_path}"
        if not folder.holds(source.period):
            return f"its name says {source.period:%Y-%m}, its folder another period"
    if wish.periods and not wish.periods.holds(source.period):
        return f"its period {source.period:%Y-%m} is not within --period"
    return None


def _latest_versions(matches: list[SourceFile], passed_over: list[PassedOver]) -> list[SourceFile]:
    """Of each period the files of the highest version; the others are passed over."""
    highest: dict[date | None, list[SourceFile]] = {}
    for source in matches:
        highest.setdefault(source.period, []).append(source)
    kept = []
    for rivals in highest.values():
        for source in rivals:
            later = next((other for other in rivals if source.version.is_before(other.version)), None)
            if later is None:
                kept.append(source)
            else:
                passed_over.append(PassedOver(source.data_source, f"superseded by {later.data_source}"))
    return kept


def _selected(
    matches: list[SourceFile], select: Select, wish: Wish, passed_over: list[PassedOver]
) -> tuple[SourceFile, ...]:
    if select is Select.LATEST_BY_MTIME:
        ordered = sorted(matches, key=lambda source: (source.modified_at, source.load_order), reverse=True)
    else:
        ordered = sorted(matches, key=lambda source: source.load_order, reverse=True)
    limit = wish.max_files or (len(matches) if select is Select.ALL or wish.periods else 1)
    choice = wish.on_ambiguous or {Select.ALL: OnAmbiguous.ALL, Select.LATEST_BY_MTIME: OnAmbiguous.NEWEST}.get(select)
    chosen: list[SourceFile] = []
    for source in ordered:
        if source in chosen or source.data_source in (item.path for item in passed_over):
            continue
        if len(chosen) >= limit:
            passed_over.append(PassedOver(source.data_source, BEYOND_LIMIT))
            continue
        rivals = sorted((other for other in matches if other.period == source.period), key=lambda one: one.load_order)
        if len(rivals) == 1 or choice is OnAmbiguous.ALL:
            taken = rivals if wish.on_ambiguous is OnAmbiguous.ALL else [source]
            chosen += taken
            limit += len(taken) - 1  # several files of one period count as one
            continue
        winner = _winner(rivals, choice)
        chosen.append(winner)
        passed_over += [
            PassedOver(rival.data_source, f"{winner.data_source} was taken for {source.period:%Y-%m} ({choice})")
            for rival in rivals
            if rival is not winner
        ]
    return tuple(sorted(chosen, key=lambda source: source.load_order))


def _winner(rivals: list[SourceFile], choice: OnAmbiguous | None) -> SourceFile:
    """The one of several files of one period that counts; they come oldest first."""
    if choice is OnAmbiguous.NEWEST:
        return max(rivals, key=lambda source: (source.modified_at, source.data_source))
    if choice is OnAmbiguous.OLDEST:
        return min(rivals, key=lambda source: (source.modified_at, source.data_source))
    if choice is OnAmbiguous.FIRST:
        return min(rivals, key=lambda source: source.data_source)
    first, second = sorted(source.data_source for source in rivals)[:2]
    raise VersionsAmbiguous(period=f"{rivals[0].period:%Y-%m}", first=first, second=second)


def _printable(name: str) -> str:
    """A file name as valid Unicode: bytes that are none become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")
