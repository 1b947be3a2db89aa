"""Where the embedded server listens: on a socket in its data directory, or in a private directory where that cannot be.

On Windows it is a port (embedded_tcp).

A path of a socket is limited to about 100 bytes by the system, and libpq takes a comma for two hosts.
"""

import os
import shlex
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from extract.database.embedded_tcp import LOOPBACK, access_to
from extract.database.embedded_user import ServerUser

PORT = "5432"
"""Names the socket only; no port is opened."""
_PREFIX = "workdatahub-"
_LONGEST = 103
"""Bytes of the path of a socket: 104 with the final zero on macOS, and 108 on Linux."""


def listen_options(data: Path, user: ServerUser | None) -> str:
    """The options of the server on the data directory `data`, quoted as pg_ctl hands them to a shell."""
    if access := access_to(data):
        no_socket = "" if os.name == "nt" else " -k ''"
        return f'-h "{LOOPBACK}" -p {access.port}{no_socket}'
    directory = data if _fits(data) else _private_directory(data, user)
    listed = str(directory).replace('"', '""')  # PostgreSQL reads a list of names
    return f"-h '' -p {PORT} -k " + shlex.quote(f'"{listed}"')


def socket_parent(data: Path) -> Path:
    """The directory above the one with the socket of the server on `data`."""
    if _fits(data):
        return data.parent
    temporary = Path(tempfile.gettempdir()).resolve()
    return temporary if _fits(temporary / f"{_PREFIX}12345678") else Path("/tmp")


def _fits(directory: Path) -> bool:
    return "," not in str(directory) and len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= _LONGEST


def _private_directory(data: Path, user: ServerUser | None) -> Path:
    """A directory of mode 0700 that belongs to `user`, or us, and keeps its name from start to start.

    The name is one that nobody can foresee, and so take first; it is kept beside `data`. Where the directory is not
    there any more, or not ours alone, another one takes its place.
    """
    kept = data.with_name(f"{data.name}.socket")
    owner = user.uid if user else os.geteuid()
    with suppress(OSError, ValueError):
        directory = Path(os.fsdecode(kept.read_bytes()))
        status = directory.lstat()
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o077
        if ours and directory.parent == socket_parent(data):
            return directory
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=socket_parent(data)))
    if user:
        os.chown(directory, user.uid, user.gid, follow_symlinks=False)
    kept.write_bytes(os.fsencode(directory))
    return directory
