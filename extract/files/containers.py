"""Workbooks as they arrive by mail: a .zip and the attachments of an .eml are directories, one level deep, never more.

A member is named `container!/member`. Nothing is unpacked to the disk, and no name in a container becomes a path. The
limits of a workbook hold for the container as a whole.
"""

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from unicodedata import normalize
from zlib import error as ZlibError  # noqa: N812  # the module spells it in lower case

from extract.files.walking import printable
from extract.limits import MEGABYTE, Limits
from extract.wording import Sentence

if TYPE_CHECKING:
    from email.message import EmailMessage

MARK = "!/"
"""Stands between the name of a container and that of a member."""
SUFFIXES = (".zip", ".eml")
_NESTED = (*SUFFIXES, ".rar", ".7z", ".gz", ".tar", ".msg")
_UTF8, _ENCRYPTED = 0x800, 0x1
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, LookupError, ZlibError)
"""What `zipfile` raises of a broken archive, of a method it cannot unpack (NotImplementedError), of a password."""


@dataclass(frozen=True)
class Member:
    """A file in a container: its name, its place among all, its size; `problem` says why it cannot be read."""

    name: str
    position: int
    size: int
    problem: str | None = None


@dataclass(frozen=True)
class Contents:
    """The files in a container; `problem` says why there are none to be read."""

    members: tuple[Member, ...] = ()
    problem: str | None = None


def is_container(path: Path) -> bool:
    """Whether a file is looked into, by its name."""
    return path.suffix.lower() in SUFFIXES


def contents_of(path: Path, limits: Limits) -> Contents:
    """What a container holds. A broken one, or one beyond the limits, is no error: it says so."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Contents(problem=Sentence("it is no plain file"))
        size = status.st_size
        if size > limits.file_mb * MEGABYTE:
            return Contents(
                problem=Sentence(
                    "it has {size:.0f} MB, more than limits.file_mb {limit}",
                    size=size / MEGABYTE,
                    limit=limits.file_mb,
                )
            )
        data = path.read_bytes()
        members = tuple(_members(data, path.suffix))
    except _BROKEN as error:
        return Contents(
            problem=Sentence("it cannot be opened: {problem}", problem=getattr(error, "strerror", None) or str(error))
        )
    return Contents(members, _beyond(members, len(data), limits))


def member_bytes(data: bytes, suffix: str, position: int) -> bytes:
    """The bytes of one member of a container of this suffix. Raises ValueError with what is wrong."""
    try:
        if suffix.lower() == ".eml":
            return _payload(list(_attachments(data))[position])
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = archive.infolist()[position]
            with archive.open(entry) as file:
                content = file.read(entry.file_size + 1)
    except (*_BROKEN, IndexError) as error:
        raise ValueError(f"it cannot be taken out of its container: {error}") from None
    if len(content) != entry.file_size:
        raise ValueError("it has not the size that its container says")
    return content


def member_at(place: str) -> tuple[Path, str] | None:
    """The container and the member of a place that names one; None for that of a plain file."""
    container, mark, member = place.partition(MARK)
    return (Path(container), member) if mark and is_container(Path(container)) else None


def file_at(place: str) -> Path:
    """The file that is opened for a place: of a member its container."""
    inside = member_at(place)
    return inside[0] if inside else Path(place)


def _members(data: bytes, suffix: str) -> Iterator[Member]:
    if suffix.lower() == ".eml":
        for position, part in enumerate(_attachments(data)):
            name = _decoded(str(part.get_filename()))
            yield Member(name, position, len(_payload(part)), _objection(name))
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for position, entry in enumerate(archive.infolist()):
            if not entry.is_dir():
                name = _zip_name(entry)
                locked = "it is protected by a password: unpack it" if entry.flag_bits & _ENCRYPTED else None
                yield Member(name, position, entry.file_size, _objection(name) or locked)


def _attachments(data: bytes) -> Iterator["EmailMessage"]:
    """The attached files of a message; a message in it is left closed."""
    from email import message_from_bytes  # it takes time to import, and messages are few
    from email.message import EmailMessage
    from email.policy import default

    waiting = [message_from_bytes(data, policy=default)]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart":
            waiting[:0] = [item for item in part.iter_parts() if isinstance(item, EmailMessage)]
        elif part.get_filename():
            yield part


def _payload(part: "EmailMessage") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: UTF-8 where it says so, else what its bytes can be, GBK among it as Windows writes it."""
    if entry.flag_bits & _UTF8:
        return _decoded(entry.filename)
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _decoded(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _decoded(entry.filename)


def _decoded(name: str) -> str:
    """A name as text with `/`; bytes that a header of a message holds as they are may be GBK."""
    if any("\udc80" <= sign <= "\udcff" for sign in name):
        raw = name.encode("utf-8", "surrogateescape")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return normalize("NFC", printable(name).replace("\\", "/"))


def _objection(name: str) -> str | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name or any(ord(sign) < 32 for sign in name):
        return "its name leads out of its container, or holds what no name may"
    if path.suffix.lower() in _NESTED:
        return "a container in a container is not opened: unpack it"
    return None


def _beyond(members: tuple[Member, ...], size: int, limits: Limits) -> str | None:
    unpacked = sum(member.size for member in members)
    if len(members) > limits.parts:
        return f"it has {len(members)} files, more than limits.parts {limits.parts}"
    if unpacked > limits.unpacked_mb * MEGABYTE:
        return f"it unpacks to {unpacked / MEGABYTE:.0f} MB, more than limits.unpacked_mb {limits.unpacked_mb}"
    if unpacked > limits.ratio_from_mb * MEGABYTE and unpacked > limits.ratio * size:
        return f"it unpacks to {unpacked / size:.0f} times its size, more than limits.ratio {limits.ratio}"
    return None
