"""Finding the workbooks of a domain: which files match, of which month they are, and in which order they load."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from unicodedata import normalize

from extract.config import DiscoveryConfig, DomainConfig, Select
from extract.errors.files import (
    DataDirectoryMissing,
    FileGivenTwice,
    FileMissing,
    NoFilesFound,
    PeriodAmbiguous,
    VersionsAmbiguous,
)
from extract.files.containers import contents_of, is_container
from extract.files.examples import example_name
from extract.files.names import Names, names_of
from extract.files.sources import SourceFile, is_rival, member_of, settled, source_at
from extract.files.versions import OnAmbiguous, PeriodRange, period_of_folder
from extract.files.walking import check_path, link_objection, printable, walk
from extract.foreign import shown
from extract.limits import Limits
from extract.wording import Sentence

BEYOND_LIMIT = Sentence("older than the files that --max-files takes")
_TOLD = 5
"""Of the files that were passed over, and of months and rivals, an error lists these."""


@dataclass(frozen=True)
class PassedOver:
    """A file or directory that discovery left alone, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Discovered:
    """The files to load, oldest first, and what was passed over.

    `rivals_wished` tells that the user asked for all files of a period that nothing tells apart.
    """

    files: tuple[SourceFile, ...]
    passed_over: tuple[PassedOver, ...]
    rivals_wished: bool = False


@dataclass(frozen=True)
class Wish:
    """What the user asks of discovery: how many files, of which periods, and what to do about rival versions.

    `max_files` None means one, or every file under `select: all` or where `periods` limits them.
    """

    max_files: int | None = None
    periods: PeriodRange | None = None
    on_ambiguous: OnAmbiguous | None = None


def discover(
    directory: Path, config: DomainConfig, rules: DiscoveryConfig, wish: Wish, limits: Limits | None = None
) -> Discovered:
    """Find the workbooks of a domain below `directory`; of each period the highest version.

    Raises DataDirectoryMissing, PathUnusable, NoFilesFound where nothing matches, PeriodAmbiguous where the name of one
    to take holds several months, or VersionsAmbiguous.
    """
    passed_over: list[PassedOver] = []
    matches, seen = matching(directory, config, rules, wish, passed_over, limits)
    if not matches:
        raise _nothing_found(str(directory), config, seen, passed_over)
    files = _selected(_latest_versions(matches, passed_over), config.select, wish, passed_over)
    ordered = tuple(sorted(passed_over, key=lambda item: item.path))
    return Discovered(files, ordered, rivals_wished=wish.on_ambiguous is OnAmbiguous.ALL)


def matching(
    directory: Path,
    config: DomainConfig,
    rules: DiscoveryConfig,
    wish: Wish,
    passed_over: list[PassedOver],
    limits: Limits | None = None,
) -> tuple[list[SourceFile], int]:
    """The files of a domain, and how many were seen; what is none is added to `passed_over`.

    Raises DataDirectoryMissing and PathUnusable.
    """
    check_path(directory)
    if not directory.is_dir():
        raise DataDirectoryMissing(path=str(directory))
    names = names_of(config)
    matches: list[SourceFile] = []
    seen = 0
    for path in walk(directory, rules, lambda name, reason: passed_over.append(PassedOver(name, reason))):
        seen += 1
        name = path.relative_to(directory).as_posix()
        found = source_at(path, normalize("NFC", name), names)
        may_be_opened = is_container(path) and not _path_objection(path, rules, directory)
        for source in _opened(found, names, limits, passed_over) if may_be_opened else [found]:
            source = settled(source, wish.periods)
            reason = _objection(path, source, rules, directory) or _other_period(source, config, wish)
            if reason:
                passed_over.append(PassedOver(printable(source.data_source), reason))
            else:
                matches.append(source)
    return matches, seen


def named_files(
    paths: Sequence[Path],
    directory: Path,
    config: DomainConfig,
    periods: PeriodRange | None = None,
    limits: Limits | None = None,
) -> Discovered:
    """The workbooks that the user named, oldest first; `periods` settles which of several months in a name counts.

    Raises FileMissing, FileGivenTwice, PathUnusable, PeriodAmbiguous, or NoFilesFound where `periods` leaves none.
    """
    names = names_of(config)
    files: dict[tuple[Path, int | None], SourceFile] = {}
    passed_over: list[PassedOver] = []
    for path in paths:
        check_path(path)
        if not path.is_file():
            raise FileMissing(path=str(path))
        real = path.resolve()
        if real in (given for given, _ in files):
            raise FileGivenTwice(path=str(path))
        base = directory.resolve()
        name = real.relative_to(base).as_posix() if real.is_relative_to(base) else path.name
        found = source_at(path.absolute(), normalize("NFC", printable(name)), names)
        for source in [found] if not is_container(path) else _opened(found, names, limits, passed_over):
            source = settled(source, periods)
            if reason := (source.no_period if is_container(path) else None) or _outside(source, periods):
                passed_over.append(PassedOver(source.data_source, reason))
                continue
            if source.months:
                raise _several_months(source)
            files[real, source.member] = replace(source, named=True)
    if passed_over and not files:
        raise _nothing_found(str(paths[0].parent), config, len(paths), passed_over)
    return Discovered(tuple(sorted(files.values(), key=lambda source: source.load_order)), tuple(passed_over))


def _opened(
    container: SourceFile, names: Names, limits: Limits | None, passed_over: list[PassedOver]
) -> list[SourceFile]:
    """The files in a container; one that cannot be opened is passed over."""
    contents = contents_of(container.path, limits or Limits())
    if contents.problem:
        passed_over.append(PassedOver(printable(container.data_source), contents.problem))
        return []
    return [member_of(container, member, names) for member in contents.members]


def _objection(path: Path, source: SourceFile, rules: DiscoveryConfig, directory: Path) -> str | None:
    if reason := _path_objection(path, rules, directory) or source.no_period:
        return reason
    return "empty file (0 bytes)" if source.size == 0 else None


def _path_objection(path: Path, rules: DiscoveryConfig, directory: Path) -> str | None:
    if any(fnmatch(path.name, pattern) for pattern in rules.ignore_names):
        return "ignored name (discovery.ignore_names)"
    if reason := link_objection(path, rules, directory):
        return reason
    relative = path.relative_to(directory).as_posix()
    if printable(relative) != relative:
        return "its name, or that of a folder above it, is not valid text: rename it"
    return None


def _several_months(source: SourceFile) -> PeriodAmbiguous:
    return PeriodAmbiguous(file=source.data_source, months=_listed([f"{month:%Y-%m}" for month in source.months]))


def _listed(names: Sequence[str]) -> str:
    """a, b and c; of many the first five, and how many more."""
    told = [shown(name) for name in names[:_TOLD]]
    last = Sentence("{more} more", more=len(names) - _TOLD) if len(names) > _TOLD else told.pop()
    return Sentence("{names} and {last}", names=", ".join(told), last=last) if told else last


def _nothing_found(directory: str, config: DomainConfig, seen: int, passed_over: Sequence[PassedOver]) -> NoFilesFound:
    told = [Sentence("{path}: {reason}", path=item.path, reason=item.reason) for item in passed_over[:_TOLD]]
    if (more := len(passed_over) - _TOLD) > 0:
        told.append(Sentence("and {more} more", more=more))
    reasons = Sentence.joined("", (Sentence("; {one}", one=one) for one in told)) if told else ""
    example = example_name(config) or Sentence(
        "none that could be guessed: see pattern in the configuration of the domain"
    )
    return NoFilesFound(directory=directory, example=example, seen=seen, passed_over=reasons)


def _other_period(source: SourceFile, config: DomainConfig, wish: Wish) -> str | None:
    """Why the folder or the period of a match rules it out."""
    if source.period is None:
        return Sentence("its name names no period for --period to choose") if wish.periods else None
    if config.base_path:
        folder = period_of_folder(source.data_source, config.base_path)
        if folder is None:
            return Sentence("not below base_path {path}", path=config.base_path)
        if not any(folder.holds(month) for month in source.months or (source.period,)):
            return Sentence("its name says {month}, its folder another period", month=f"{source.period:%Y-%m}")
    return _outside(source, wish.periods)


def _outside(source: SourceFile, periods: PeriodRange | None) -> str | None:
    if periods is None or source.period is None or periods.holds(source.period):
        return None
    if source.months:
        months = _listed([f"{month:%Y-%m}" for month in source.months])
        return Sentence("its months {months} are not within --period", months=months)
    return Sentence("its period {month} is not within --period", month=f"{source.period:%Y-%m}")


def _latest_versions(matches: list[SourceFile], passed_over: list[PassedOver]) -> list[SourceFile]:
    """Of each period the files of the highest version; the others are passed over. Several months are of no period."""
    highest: dict[date | Path, list[SourceFile]] = {}
    kept = []
    for source in matches:
        if source.months:
            kept.append(source)
        else:
            highest.setdefault(source.period or source.path, []).append(source)
    for rivals in highest.values():
        for source in rivals:
            later = next((other for other in rivals if source.version.is_before(other.version)), None)
            if later is None:
                kept.append(source)
            else:
                passed_over.append(
                    PassedOver(source.data_source, Sentence("superseded by {workbook}", workbook=later.data_source))
                )
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
        rivals = sorted((other for other in matches if is_rival(other, source)), key=lambda one: one.load_order)
        for rival in rivals:
            if rival.months:
                raise _several_months(rival)
        if len(rivals) == 1 or choice is OnAmbiguous.ALL:
            taken = rivals if wish.on_ambiguous is OnAmbiguous.ALL else [source]
            chosen += taken
            limit += len(taken) - 1  # several files of one period count as one
            continue
        winner = _winner(rivals, choice)
        chosen.append(winner)
        passed_over += [
            PassedOver(
                rival.data_source,
                Sentence(
                    "{workbook} was taken for {month} ({choice})",
                    workbook=winner.data_source,
                    month=f"{source.period:%Y-%m}",
                    choice=str(choice),
                ),
            )
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
    names = sorted(source.data_source for source in rivals)
    raise VersionsAmbiguous(period=f"{rivals[0].period:%Y-%m}", files=_listed(names))
