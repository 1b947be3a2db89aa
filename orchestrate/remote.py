"""Workbooks and plans that lie elsewhere, named by an fsspec URL: copied below .wdh/remote, and worked on there.

A copy keeps the path below the URL, and the time of the file: so the rows of a plan are those of workbooks on a disk,
and what has not changed is not fetched again.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from extract.config import load_data_sources
from extract.errors.configuration import ExtraMissing, RemoteFailed
from extract.errors.plan import PlanDirectoryUnusable, PlanMissing
from extract.extras import demand
from extract.limits import MEGABYTE
from extract.plan.seal import SUMMARY
from extract.settings import ROOT, Settings
from extract.steps import log_step, timed_step
from extract.wording import Sentence

COPIES = Path(".wdh") / "remote"
_TIMES = ("mtime", "LastModified", "last_modified", "modified", "created")
"""What file systems call the time of a file."""
_SECRET = re.compile(r"(?<=://)[^/@]*@")


def workbooks(url: str, domain: str | None, settings: Settings) -> Settings:
    """Fetch the workbooks of a domain, or of the only one; gives the settings whose data directory is the copy.

    Raises ExtraMissing, RemoteFailed and the errors of the configuration.
    """
    sources = load_data_sources(settings.data_sources_config)
    pattern = re.compile(sources.domain(domain or sources.only_domain).pattern, re.IGNORECASE)
    largest = sources.limits.file_mb * MEGABYTE
    copy = fetch(url, lambda name: bool(pattern.search(name.rsplit("/", 1)[-1])), largest)
    return settings.model_copy(update={"data_base_dir": copy})


def plan(url: str) -> Path:
    """Fetch a plan; gives the directory of the copy. Raises ExtraMissing, RemoteFailed and PlanMissing."""
    (_copy_of(url) / SUMMARY).unlink(missing_ok=True)  # the seal of the rest is fetched always
    copy = fetch(url, lambda name: "/" not in name)
    if not (copy / SUMMARY).is_file():
        raise PlanMissing(path=_plain(url))
    return copy


def fetch(url: str, is_wanted: Callable[[str], bool], largest: int | None = None) -> Path:
    """Copy the wanted files below a URL; gives the directory of the copies, which holds no others.

    Of a file beyond `largest` bytes only name and size are copied: it will be refused. Raises ExtraMissing and
    RemoteFailed.
    """
    directory = _copy_of(url)
    with _opened(url) as (files, root), timed_step("fetched", url=_plain(url)) as fields:
        found = {_below(root, path): entry for path, entry in files.find(root, detail=True).items()}
        wanted = {name: entry for name, entry in found.items() if name and is_wanted(name)}
        fetched = [name for name, entry in wanted.items() if _fetch(files, entry, directory / name, largest)]
        for path in [path for path in directory.rglob("*") if path.is_file()]:
            if path.relative_to(directory).as_posix() not in wanted:
                path.unlink(missing_ok=True)
        fields |= {"files": len(wanted), "new": len(fetched)}
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def demand_empty(url: str) -> None:
    """Raise PlanDirectoryUnusable where something lies below a URL already; ExtraMissing and RemoteFailed."""
    with _opened(url) as (files, root):
        if files.exists(root) and files.find(root):
            raise PlanDirectoryUnusable(path=_plain(url), problem=Sentence("it is not empty"))


def send(directory: Path, url: str) -> None:
    """Copy a plan to a URL: plan.json last, without which nobody takes it for a plan. Raises RemoteFailed."""
    paths = sorted((path for path in directory.iterdir()), key=lambda path: (path.name == SUMMARY, path.name))
    with _opened(url) as (files, root):
        files.makedirs(root, exist_ok=True)
        for path in paths:
            files.put_file(str(path), f"{root.rstrip('/')}/{path.name}")
    log_step("sent", url=_plain(url), files=len(paths))


def _copy_of(url: str) -> Path:
    return ROOT / COPIES / _plain(url).replace("://", "/").strip("/")


@contextmanager
def _opened(url: str) -> Iterator[tuple[Any, str]]:
    demand("remote", "fsspec", _plain(url))
    import fsspec

    try:
        yield fsspec.core.url_to_fs(url)
    except ImportError:
        raise ExtraMissing(what=_plain(url), extra="remote") from None
    except (OSError, ValueError) as error:
        raise RemoteFailed(url=_plain(url), problem=" ".join(str(error).split()) or type(error).__name__) from None


def _fetch(files: Any, entry: Mapping[str, Any], path: Path, largest: int | None) -> bool:
    """Copy one file, unless its copy has its size and time; tells whether it did."""
    size, time = int(entry["size"]), _time(entry)
    if path.exists() and (path.stat().st_size, path.stat().st_mtime) == (size, time):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    working = path.with_name(f".{os.getpid()}.tmp")
    if largest is not None and size > largest:
        with working.open("wb") as file:
            file.truncate(size)
    else:
        files.get_file(entry["name"], str(working))
    if time is not None:
        os.utime(working, (time, time))
    working.replace(path)
    return True


def _below(root: str, path: str) -> str:
    """The path of a file below the root; empty where it would lead out of it."""
    name = PurePosixPath(path.removeprefix(root.rstrip("/")).lstrip("/"))
    return "" if name.is_absolute() or ".." in name.parts else name.as_posix()


def _time(entry: Mapping[str, Any]) -> float | None:
    for name in _TIMES:
        value = entry.get(name)
        if isinstance(value, datetime):
            return float(int(value.timestamp()))
        if isinstance(value, int | float):
            return float(int(value))
    return None


def _plain(url: str) -> str:
    """A URL without user and password."""
    return _SECRET.sub("", url)
