"""The system user that the programs of PostgreSQL run as where we are root, since PostgreSQL refuses to run as root.

Directories that are closed to that user stay closed: the server is started with one capability that reads past them.
"""

import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.steps import log_step

if TYPE_CHECKING:
    import pwd

SYSTEM_USER = "pgserver"
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
"""What lets a process past closed directories, by number; the first only to read, but many containers lack it."""
_SETPCAP = 8
_READ, _EXECUTE = 4, 1
_PASSED_ON = re.compile(
    r"PATH|HOME|TZ|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LC_\w+|LD_\w+|DYLD_\w+|SYSTEM\w+|WINDIR|COMSPEC|PATHEXT", re.IGNORECASE
)
"""What a server needs of our environment. It keeps that as long as it runs, and its superusers can read it."""


@dataclass(frozen=True)
class ServerUser:
    """A system user, and the capability that its processes start with; None where they need none."""

    name: str
    uid: int
    gid: int
    capability: str | None = None


def server_user(data: Path) -> ServerUser | None:
    """Who runs the server on the data directory `data`: None for ourselves, and where we are root a system user.

    As root that is the owner of `data` where it exists, else `pgserver`, who is made where missing. Raises RuntimeError
    where it cannot be made, or where `data` belongs to somebody else and we are not root.
    """
    if not hasattr(os, "geteuid"):
        return None
    import pwd  # there is none on Windows

    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise RuntimeError(f"it belongs to the user {_name(owner)}: run this as that user, or as root")
        return None
    if owner:
        return ServerUser(_name(owner), owner, data.stat().st_gid)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _made_user()
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def with_access(user: ServerUser, reached: Iterable[Path], programs: Path) -> ServerUser:
    """`user`, with a capability where it needs one to get to `reached` and to the installation of `programs`.

    Logs what is done and why. Raises RuntimeError where the user is kept out and no capability can be given.
    """
    closed = list(dict.fromkeys(str(path) for path in _closed(user, reached, programs)))
    reason = "PostgreSQL refuses to run as root"
    if not closed:
        log_step("server_runs_as", logging.WARNING, user=user.name, reason=reason)
        return user
    capability, lacking = None, ""
    if user.name != SYSTEM_USER:  # others could log in, and would read everything through such a server
        lacking = f"only {SYSTEM_USER} is let past them"
    elif not shutil.which("setpriv"):
        lacking = "there is no setpriv (util-linux) to let it past them"
    else:
        executable = all(_allows(path, user, _EXECUTE) for path in programs.iterdir())
        capability = _capability(executable)
        lacking = "this process may not pass on the capability to get past them"
    if capability is None:
        raise RuntimeError(
            f"{reason}, and {user.name}, who would run it, is kept out of {', '.join(closed)}; {lacking}."
            " Run this as an ordinary user, open the directories to others (chmod o+rx), or name a server"
        )
    log_step(
        "server_runs_as",
        logging.WARNING,
        user=user.name,
        capability=f"CAP_{capability.upper()}",
        closed=closed,
        reason=f"{reason}, and {user.name} is kept out of the closed directories, which stay as they are:"
        " the capability lets this server read past them, until it stops",
    )
    return replace(user, capability=capability)


def run_program(program: Path, *arguments: str, user: ServerUser | None, directory: Path) -> None:
    """Run a program of PostgreSQL in `directory` as `user`. Raises RuntimeError with what it said where it fails."""
    command = [str(program), *arguments]
    rights: dict[str, Any] = {"env": {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}}
    if user and user.capability:
        given = f"-all,+{user.capability}"
        command = ["setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", f"--inh-caps={given}",
                   f"--ambient-caps={given}", "--securebits=+no_setuid_fixup", "--", *command]  # fmt: skip
        # initdb and pg_ctl ask access() for the server, which without that bit answers as if there were no capability
    elif user:
        rights |= {"user": user.uid, "group": user.gid, "extra_groups": []}
    if os.name == "nt":  # as the wheel does: no window, and no Ctrl-C of this terminal
        rights["creationflags"] = 0x00000200 | 0x08000000  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:  # a pipe would stay with the server
        done = subprocess.run(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, **rights
        )
        said.seek(0)
        if done.returncode:
            raise RuntimeError(f"{program.name} ended with {done.returncode}: {' '.join(said.read().split())[-300:]}")


def _closed(user: ServerUser, reached: Iterable[Path], programs: Path) -> Iterator[Path]:
    """The directories that `user` cannot pass on the way, and those of the installation that it cannot read."""
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")  # where wheels keep them
    trees = [tree for tree in (programs.parent, libraries) if tree.exists()]
    for path in (*reached, *trees):
        yield from (parent for parent in reversed(path.parents) if not _allows(parent, user, _EXECUTE))
    for tree in trees:
        for name, folders, files in os.walk(tree):
            folder = Path(name)
            if not _allows(folder, user, _READ | _EXECUTE):
                yield folder
                folders.clear()
            elif not all(_allows(folder / file, user, _READ) for file in files):
                yield folder


def _allows(path: Path, user: ServerUser, wanted: int) -> bool:
    """Whether the mode of `path` gives `user`, who is in no other group, the wanted bits."""
    status = path.lstat()
    shift = 6 if status.st_uid == user.uid else 3 if status.st_gid == user.gid else 0
    return status.st_mode >> shift & wanted == wanted


def _capability(executable: bool) -> str | None:
    """The least capability that we can pass on; reading past directories does not help where programs are closed."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:  # no Linux
        return None
    held = -1
    for mask in re.findall(r"^Cap(?:Eff|Bnd):\s*([0-9a-f]+)$", status, re.MULTILINE):
        held &= int(mask, 16)
    if not held >> _SETPCAP & 1:
        return None
    usable = [name for name, number in _CAPABILITIES.items() if held >> number & 1]
    return next((name for name in usable if executable or name == "dac_override"), None)


def _made_user() -> "pwd.struct_passwd":
    import pwd

    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        return pwd.getpwnam(SYSTEM_USER)  # also where another first load was quicker
    except FileNotFoundError:
        problem = "there is no useradd"
    except KeyError:
        problem = done.stderr.strip()
    raise RuntimeError(
        f"PostgreSQL refuses to run as root, and the system user {SYSTEM_USER} cannot be made ({problem}):"
        f" make it, or run this as an ordinary user"
    )


def _name(uid: int | None) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
