"""Going through a directory of workbooks: what is looked at, what is left alone, and which paths are of no use."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

from extract.config import DiscoveryConfig
from extract.errors.files import PathUnusable
from extract.wording import Sentence

Leave = Callable[[str, str], None]
"""Takes a path, relative and as valid text, that is left alone, and the reason."""
_FIRST_TIME, _LAST_TIME = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 9999))


def walk(directory: Path, rules: DiscoveryConfig, leave: Leave) -> Iterator[Path]:
    """Every file below `directory`, sorted, without excluded, hidden, too deep and linked directories."""

    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(directory).as_posix()
        leave(printable(name) + "/", Sentence("cannot be read: {problem}", problem=error.strerror))

    for folder, subfolders, names in os.walk(directory, onerror=unreadable, followlinks=rules.follow_symlinks):
        here = Path(folder)
        depth = len(here.relative_to(directory).parts)
        kept = []
        for name in sorted(subfolders):
            if reason := _folder_objection(here / name, depth, rules, directory):
                relative = (here / name).relative_to(directory).as_posix()
                leave(printable(relative) + "/", reason)
            else:
                kept.append(name)
        subfolders[:] = kept
        yield from (here / name for name in sorted(names))


def _folder_objection(path: Path, depth: int, rules: DiscoveryConfig, directory: Path) -> str | None:
    if path.name.startswith("."):
        return Sentence("hidden directory")
    if normalize("NFC", path.name).lower() in (name.lower() for name in rules.exclude_directories):
        return Sentence("excluded directory (discovery.exclude_directories)")
    if depth >= rules.max_depth:
        return Sentence("deeper than discovery.max_depth {depth}", depth=rules.max_depth)
    return link_objection(path, rules, directory)


def link_objection(path: Path, rules: DiscoveryConfig, directory: Path) -> str | None:
    """Why a symbolic link is left alone; None for one that may be followed, and for what is no link."""
    if not path.is_symlink():
        return None
    if not rules.follow_symlinks:
        return Sentence("symbolic link (discovery.follow_symlinks is false)")
    try:
        target, base = path.resolve(strict=True), directory.resolve()
    except (OSError, RuntimeError):  # the kind depends on the version of Python
        return Sentence("symbolic link to nowhere or to itself")
    if not target.is_relative_to(base):
        return Sentence("symbolic link out of the data directory")
    if path.absolute().is_relative_to(target):
        return Sentence("symbolic link to a directory above it")
    return None


def check_path(path: Path) -> None:
    """Raise PathUnusable where a path that the user gave is no valid text, or cannot be looked up (it is too long)."""
    absolute = str(path.absolute())
    if printable(absolute) != absolute:
        raise PathUnusable(path=str(path), problem="its name is not valid text (UTF-8)")
    try:
        path.is_file()  # False where nothing is there
    except OSError as error:
        raise PathUnusable(path=str(path), problem=error.strerror or str(error)) from None


def printable(name: str) -> str:
    """A file name as valid Unicode: bytes that are none become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def time_of(seconds: float) -> datetime:
    """The time of so many seconds since 1970; a file system may hold one beyond those of Python and PostgreSQL."""
    return datetime.fromtimestamp(min(max(seconds, _FIRST_TIME), _LAST_TIME), UTC)
