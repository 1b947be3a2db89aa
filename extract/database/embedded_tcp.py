"""Where the embedded server listens on TCP, as on Windows: one port, and a password, made once for a data directory.

Both stand in `postgres.access` beside the data directory, which only the user can read. Where that file is there before
the data, the server listens on TCP on any system.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from extract.database.embedded_user import ServerUser
from extract.database.private_files import write_private

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Access:
    """The port that the server listens on, and the password of its superuser."""

    port: int
    password: str

    def write(self, path: Path) -> None:
        """Keep it: the password stands in the first line, where initdb reads it."""
        write_private(path, f"{self.password}\n{self.port}\n")


def access_file(data: Path) -> Path:
    """Where the access to the server on a data directory is kept."""
    return data.with_name(f"{data.name}.access")


def access_to(data: Path) -> Access | None:
    """The access to the server on a data directory; None where it listens on a socket. Raises ValueError."""
    try:
        password, port, *_ = access_file(data).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    return Access(int(port), password)


def prepare_access(data: Path, user: ServerUser | None) -> Access | None:
    """The same, made where the system needs it and there is no data yet; `user` may read it too.

    Raises OSError, and RuntimeError where data of an earlier version lets everybody in on TCP.
    """
    if os.name == "nt" and not access_file(data).exists():
        if data.exists():
            raise RuntimeError(
                f"an earlier version made it, which lets everybody on this machine in: move {data.name} away, and load"
            )
        Access(free_port(), secrets.token_urlsafe(32)).write(access_file(data))
    access = access_to(data)
    if access and user:
        os.chown(access_file(data), user.uid, user.gid, follow_symlinks=False)
    return access


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refuse_taken(access: Access, data: Path) -> None:
    """Raise RuntimeError where something else listens on the port."""
    with socket.socket() as probe:
        if os.name != "nt":  # as the server does, since sessions that have ended hold the port for a minute
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, access.port))
        except OSError as error:
            kept = access_file(data).name
            raise RuntimeError(
                f"port {access.port} is taken: end what uses it, or write another into the second line of {kept}"
            ) from error
