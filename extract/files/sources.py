"""A workbook that was found: where it lies, which month its name says it is of, and its version."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from extract.files.containers import MARK, Member
from extract.files.names import Names
from extract.files.versions import PeriodRange, Version, version_of

_FIRST_TIME, _LAST_TIME = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 9999))


@dataclass(frozen=True)
class SourceFile:
    """One workbook to read. `data_source` is how the plan names it; `period` is the month in its name, if any.

    `months` is not empty where the name holds several and nothing has settled which one counts: such a file may not be
    read. Its `period` is the last of those that --period allows. `named` tells that the user named it by --file.
    `inode` is the device and number of the file that was found, `is_link` tells that a symbolic link led to it.
    `no_period` says why the name gives no period; None also where the pattern of the domain asks for none.
    """

    path: Path
    data_source: str
    period: date | None
    size: int
    modified_at: datetime
    version: Version
    months: tuple[date, ...] = ()
    named: bool = False
    inode: tuple[int, int] | None = None
    is_link: bool = False
    no_period: str | None = None
    member: int | None = None
    """Its place in the container that `path` leads to; None for a file of its own."""

    file_size: int = 0
    """Bytes of what `path` leads to, as it was found."""

    @property
    def location(self) -> str:
        """Where it lies: the path, of a member with its name in the container behind it."""
        return str(self.path) if self.member is None else f"{self.path}{MARK}{self.data_source.partition(MARK)[2]}"

    @property
    def stem(self) -> str:
        """Its own name without the extension."""
        return self.path.stem if self.member is None else PurePosixPath(self.data_source).stem

    @property
    def load_order(self) -> tuple[date, Version, datetime, str]:
        """Oldest first: period, version, modification time, name. The later file restates keys of the earlier one."""
        return self.period or date.min, self.version, self.modified_at, self.data_source


def is_rival(one: SourceFile, other: SourceFile) -> bool:
    """Whether two files claim the same period; a file of no period is a rival of itself alone."""
    return one is other or (one.period is not None and one.period == other.period)


def source_at(path: Path, data_source: str, names: Names) -> SourceFile:
    """The file at a path, which discovery names `data_source`."""
    try:
        status = path.stat()
        size, modified, inode = status.st_size, status.st_mtime, (status.st_dev, status.st_ino)
    except OSError:  # a link to nowhere or to itself; it is passed over as a link
        size, modified, inode = 0, 0.0, None
    found = names.read(path.name)
    months = found.months
    return SourceFile(
        path=path,
        data_source=data_source,
        period=months[-1] if months else None,
        size=size,
        modified_at=time_of(modified),
        version=version_of(data_source),
        months=months if len(months) > 1 else (),
        inode=inode,
        is_link=path.is_symlink(),
        no_period=found.problem,
        file_size=size,
    )


def member_of(container: SourceFile, member: Member, names: Names) -> SourceFile:
    """A file in a container that was found."""
    data_source = f"{container.data_source}{MARK}{member.name}"
    found = names.read(PurePosixPath(member.name).name)
    return replace(
        container,
        data_source=data_source,
        period=found.months[-1] if found.months else None,
        size=member.size,
        version=version_of(data_source),
        months=found.months if len(found.months) > 1 else (),
        no_period=member.problem or found.problem,
        member=member.position,
    )


def time_of(seconds: float) -> datetime:
    """The time of so many seconds since 1970; a file system may hold one beyond those of Python and PostgreSQL."""
    return datetime.fromtimestamp(min(max(seconds, _FIRST_TIME), _LAST_TIME), UTC)


def settled(source: SourceFile, periods: PeriodRange | None) -> SourceFile:
    """A file whose name holds several months gets the one that --period allows, where it allows exactly one."""
    allowed = [month for month in source.months if periods and periods.holds(month)]
    if not allowed:
        return source
    return replace(source, period=allowed[-1], months=() if len(allowed) == 1 else source.months)
