"""Where the embedded server listens: on a socket in its data directory, or in a private directory where that cannot be.

A path of a socket is limited to about 100 bytes by the system, and libpq takes a comma for two hosts.
"""

import hashlib
import os
import shlex
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from extract.database.embedded_user import ServerUser

PORT = "5432"
"""Names the socket only; no port is opened but on Windows."""
_LONGEST = 103
"""Bytes of the path of a socket: 104 with the final zero on macOS, and 108 on Linux."""


def listen_options(data: Path, user: ServerUser | None) -> str:
    """The options of the server on the data directory `data`, quoted as pg_ctl hands them to a shell.

    Raises RuntimeError where a directory for the socket is not ours alone.
    """
    if os.name == "nt":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f'-h "127.0.0.1" -p {probe.getsockname()[1]}'
    directory = data if _fits(data) else _private_directory(data, user)
    listed = str(directory).replace('"', '""')  # PostgreSQL reads a list of names
    return f"-h '' -p {PORT} -k " + shlex.quote(f'"{listed}"')


def socket_parent(data: Path) -> Path:
    """The directory above the one with the socket of the server on `data`."""
    if _fits(data):
        return data.parent
    temporary = Path(tempfile.gettempdir()).resolve()
    return temporary if _fits(temporary / _name(data, 0)) else Path("/tmp")


def _fits(directory: Path) -> bool:
    return "," not in str(directory) and len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= _LONGEST


def _private_directory(data: Path, user: ServerUser | None) -> Path:
    """A directory of mode 0700 that belongs to `user`, or us; its name follows from `data`, so a new start finds it."""
    directory = socket_parent(data) / _name(data, data.stat().st_ino)
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    status = directory.lstat()
    if user and status.st_uid == 0 and stat.S_ISDIR(status.st_mode):
        os.chown(directory, user.uid, user.gid, follow_symlinks=False)
        status = directory.lstat()
    owner = user.uid if user else os.geteuid()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise RuntimeError(f"{directory}, which it needs for its socket, is not a directory of its own: remove it")
    return directory


def _name(data: Path, inode: int) -> str:
    """Of the inode too: where `data` was deleted and made anew, its former server may still be there for a minute."""
    return "workdatahub-" + hashlib.sha256(os.fsencode(f"{data}\n{inode}")).hexdigest()[:16]
