"""The one connection factory, the transaction, and the lock that keeps two loads apart.

Plan mode never imports this module.
"""

import locale
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

from extract.errors import (
    DatabaseError,
    DatabaseMissing,
    DatabaseRefused,
    DatabaseUnreachable,
    InvalidSetting,
    LoadLocked,
    LoginRejected,
)
from extract.permissions import permission_denied
from extract.settings import DatabaseSettings

CONNECT_TIMEOUT = 4
"""Seconds per address of the host; a name with two addresses so still answers within 10 s."""
LOCK_KEY = 0x776F726B_64617461
"""The advisory lock that every load holds until its transaction ends ("workdata" in ASCII)."""
_LOCK_POLL = 0.2


@dataclass(frozen=True)
class Target:
    """A database: the connection parameters of libpq, and whether it is the embedded one."""

    parameters: dict[str, str] = field(repr=False)
    embedded: bool = False

    @property
    def label(self) -> str:
        """What people see: user, host, port and database, never the password."""
        where = self.parameters
        if self.embedded:
            return f"embedded PostgreSQL, database {where['dbname']} (socket in {where['host']})"
        return f"{where['user']}@{where['host']}:{where['port']}/{where['dbname']}"


def server_target(settings: DatabaseSettings) -> Target:
    """The server that the settings name. Raises InvalidSetting for a URI that is none, or lacks a part."""
    if settings.uri is None:
        parameters = {
            "host": settings.host or "",
            "port": str(settings.port),
            "user": settings.user or "",
            "dbname": settings.db or "",
        }
        if settings.password:
            parameters["password"] = settings.password.get_secret_value()
        return Target(parameters)
    try:
        parsed = psycopg2.extensions.parse_dsn(settings.uri.get_secret_value())
    except psycopg2.ProgrammingError:  # its message would repeat the URI with the password
        parsed = {}
    if "," in str(parsed.get("host", "")) + str(parsed.get("port", "")):
        raise InvalidSetting(variable="WDH_DATABASE__URI", problem="names several hosts; name one")
    for name in ("host", "user", "dbname"):
        if not parsed.get(name):
            problem = f"names no {name}; write postgresql://user@host:5432/database"
            raise InvalidSetting(variable="WDH_DATABASE__URI", problem=problem)
    return Target({"port": "5432", **{name: str(value) for name, value in parsed.items()}})


def connect(target: Target) -> Connection:
    """Open a connection. Raises DatabaseUnreachable, LoginRejected, DatabaseMissing or DatabaseRefused."""
    try:
        parameters: dict[str, Any] = {
            **target.parameters,
            "connect_timeout": CONNECT_TIMEOUT,
            "application_name": f"workdatahub pid {os.getpid()}",
            "client_encoding": "UTF8",
        }
        connection: Connection = psycopg2.connect(**parameters)
    except psycopg2.OperationalError as error:
        raise _connection_error(target, str(error)) from None
    except UnicodeDecodeError as error:  # libpq speaks the encoding of the system
        message = error.object.decode(locale.getpreferredencoding(False), "replace")
        raise _connection_error(target, message) from None
    return connection


@contextmanager
def transaction(target: Target) -> Iterator[Connection]:
    """A connection whose work is committed at the end of the block; a failed commit is an error like any other.

    On any error the connection closes without a commit, so the server keeps nothing of the block.
    """
    connection = connect(target)
    try:
        yield connection
        connection.commit()
    except psycopg2.errors.InsufficientPrivilege as error:
        role = target.parameters["user"]
        raise permission_denied(target.label, role, _clean(target, str(error))) from None
    except psycopg2.Error as error:
        _refuse(target, str(error))
    except SystemError as error:  # what psycopg2 raises where the server dies during COPY
        _refuse(target, f"the connection was lost ({error})")
    finally:
        connection.close()


def take_lock(connection: Connection, timeout: float) -> None:
    """Take the load lock until the transaction ends, waiting up to `timeout` seconds. Raises LoadLocked."""
    deadline = time.monotonic() + timeout
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_KEY,))
            if cursor.fetchone() == (True,):
                return
            if time.monotonic() >= deadline:
                cursor.execute(_HOLDER, (LOCK_KEY,))
                holder = cursor.fetchone()
                if holder is not None:
                    raise LoadLocked(*holder)
            time.sleep(_LOCK_POLL)  # also where the holder ended this very moment


_HOLDER = """
    SELECT activity.pid, activity.usename::text, activity.application_name,
        coalesce(
            to_char(coalesce(activity.xact_start, activity.backend_start), 'YYYY-MM-DD HH24:MI:SS TZ'),
            'at a time that only this user may see'
        )
    FROM pg_locks AS lock
    INNER JOIN pg_stat_activity AS activity ON lock.pid = activity.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (lock.classid::bigint << 32) | lock.objid::bigint = %s
"""

_LOGIN = re.compile(
    r"password authentication failed|no password supplied|authentication failed|no pg_hba\.conf entry"
    r"|role \".*\" does not exist|not permitted to log in"
)
_MISSING = re.compile(r"database \".*\" does not exist")
_UNREACHABLE = re.compile(
    r"[Cc]onnection refused|timeout expired|could not translate host name|No such file or directory"
    r"|server closed the connection|[Nn]etwork is unreachable|No route to host|could not connect"
)


def _connection_error(target: Target, message: str) -> DatabaseError:
    kind: type[DatabaseUnreachable | LoginRejected | DatabaseMissing | DatabaseRefused] = DatabaseRefused
    for pattern, candidate in (
        (_MISSING, DatabaseMissing),
        (_LOGIN, LoginRejected),
        (_UNREACHABLE, DatabaseUnreachable),
    ):
        if pattern.search(message):
            kind = candidate
            break
    return kind(target=target.label, problem=_clean(target, message))


def _refuse(target: Target, message: str) -> NoReturn:
    raise DatabaseRefused(target=target.label, problem=_clean(target, message)) from None


def _clean(target: Target, message: str) -> str:
    """A message of libpq on one line, without the password."""
    password = target.parameters.get("password")
    if password:
        message = message.replace(password, "***")
    return " ".join(message.split())
