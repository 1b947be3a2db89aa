"""The one connection factory, the transaction, and the lock that keeps two loads apart.

Plan mode never imports this module.
"""

import locale
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

from extract.database.lock_watch import LockWatch
from extract.database.permissions import permission_denied
from extract.errors.base import DatabaseError, WorkDataHubError
from extract.errors.database import (
    BuildLocked,
    DatabaseMissing,
    DatabaseRefused,
    DatabaseUnreachable,
    LoadLocked,
    LoginRejected,
    OutcomeUnknown,
    StatementTimedOut,
    TableLocked,
)
from extract.interruption import cancelling, deferring
from extract.settings import Timeouts
from extract.steps import log_step
from extract.wording import Sentence

CONNECT_TIMEOUT = 4
"""Seconds per address of the host; a name with two addresses so still answers within 10 s."""
RETRY_DELAYS = (0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds before each further attempt to connect, after an error that passes."""
RETRIED: list[str] = []
"""Why this process tried connections again, for the record of a run."""
_RETRY_UNTIL = 10
"""Seconds after the first attempt from which no further one is made."""
_LIVELINESS = {
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A dead network is noticed within about a minute: seconds without traffic, between probes, probes; milliseconds."""
_SETTINGS = """
    SET search_path TO pg_catalog, pg_temp;
    SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)
"""
"""What every session runs first. By this path no function or operator is found that others put into a schema; and the
path comes before the first call of a function."""
LOCK_KEY = 0x776F726B_64617461
"""The advisory lock that every load holds until its transaction ends ("workdata" in ASCII)."""
BUILD_KEY = LOCK_KEY + 1
"""That of a build, which loads do not need; dbt_project/macros/build_horizon.sql looks for it too."""
_LOCK_POLL = 0.2


@dataclass(frozen=True)
class Target:
    """A database: the connection parameters of libpq, whether it is the embedded one, and its timeouts."""

    parameters: dict[str, str] = field(repr=False)
    embedded: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def label(self) -> str:
        """What people see: user, host, port and database, never the password."""
        where = self.parameters
        if self.embedded:
            if "password" in where:
                place = {"database": where["dbname"], "port": where["port"]}
                return Sentence("embedded PostgreSQL, database {database} (port {port})", **place)
            place = {"database": where["dbname"], "directory": where["host"]}
            return Sentence("embedded PostgreSQL, database {database} (socket in {directory})", **place)
        return f"{where['user']}@{where['host']}:{where['port']}/{where['dbname']}"


def connect(target: Target) -> Connection:
    """Open a connection with the timeouts of the target; errors that pass are tried again for some seconds.

    Raises DatabaseUnreachable, LoginRejected, DatabaseMissing or DatabaseRefused.
    """
    started = time.monotonic()
    attempt = 1
    while True:
        try:
            return _connect_once(target)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            message = _clean(target, str(error))
        except UnicodeDecodeError as error:  # libpq speaks the encoding of the system
            message = _clean(target, error.object.decode(locale.getpreferredencoding(False), "replace"))
        seconds = time.monotonic() - started
        passes = _PASSING.search(message) and not _LASTING.search(message)
        if not passes or attempt > len(RETRY_DELAYS) or seconds > _RETRY_UNTIL:
            tried = f" (tried {attempt} times in {seconds:.1f} s)" if attempt > 1 else ""
            raise _connection_error(target, message + tried) from None
        RETRIED.append(message)
        log_step("connection_retried", logging.WARNING, attempt=attempt, reason=message)
        time.sleep(RETRY_DELAYS[attempt - 1])
        attempt += 1


def _connect_once(target: Target) -> Connection:
    """A connection with its settings; a signal meanwhile, which psycopg2 could swallow, takes effect at the end."""
    parameters: dict[str, Any] = {
        **_LIVELINESS,
        **target.parameters,
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": f"workdatahub pid {os.getpid()}",
        "client_encoding": "UTF8",
    }
    with deferring():
        connection: Connection = psycopg2.connect(**parameters)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:  # by SET, which neither a pooler nor PGOPTIONS can take back
                milliseconds = [str(max(1, round(1000 * seconds))) for seconds in astuple(target.timeouts)]
                cursor.execute(_SETTINGS, milliseconds)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(target: Target) -> Iterator[Connection]:
    """A connection whose work is committed at the end of the block; a failed commit is an error like any other.

    On any error the connection closes without a commit, so the server keeps nothing of the block. SIGINT and SIGTERM
    cancel the statement that runs; during the commit they wait for its end. Their KeyboardInterrupt leaves with a note
    that says what became of the work. Raises PermissionDenied, TableLocked, StatementTimedOut,
    OutcomeUnknown or DatabaseRefused.
    """
    connection = connect(target)
    pid = connection.get_backend_pid()
    watch = LockWatch(lambda: _connect_once(target), pid, target.timeouts.lock / 3)
    committed = False
    try:
        with watch, cancelling(lambda: _cancel(connection)):
            yield connection
        with deferring():
            _commit(connection, target)
            committed = True
    except psycopg2.Error as error:
        if connection.closed:
            raise _refused(target, f"the connection was lost: {error}") from None
        raise _statement_error(target, error, watch) from None
    except SystemError as error:  # what psycopg2 raises where the server dies during COPY
        raise _refused(target, f"the connection was lost ({error})") from None
    except KeyboardInterrupt as interruption:
        interruption.add_note(_COMMITTED if committed else _ROLLED_BACK)
        raise
    finally:
        connection.close()


_COMMITTED = "the transaction had been committed: `python run.py history` lists it"
_ROLLED_BACK = "the transaction was rolled back, and nothing of it is in the database"


def _cancel(connection: Connection) -> None:
    with suppress(psycopg2.Error):  # the connection may be gone, and its statement with it
        connection.cancel()


def _commit(connection: Connection, target: Target) -> None:
    try:
        connection.commit()
    except psycopg2.Error as error:
        if not connection.closed:
            raise
        raise OutcomeUnknown(target=target.label, problem=_clean(target, str(error))) from None


def _statement_error(target: Target, error: psycopg2.Error, watch: LockWatch) -> WorkDataHubError:
    timeouts = target.timeouts
    if isinstance(error, psycopg2.errors.LockNotAvailable):
        blocker = watch.blocker
        what = blocker.what if blocker else "a table"
        holder = blocker.holder if blocker else f"a session that could not be found: {_clean(target, watch.problem)}"
        return TableLocked(target=target.label, seconds=timeouts.lock, what=what, holder=holder)
    if isinstance(error, psycopg2.errors.InsufficientPrivilege):
        return permission_denied(target.label, target.parameters["user"], _clean(target, str(error)))
    if isinstance(error, psycopg2.errors.QueryCanceled) and "statement timeout" in str(error):
        return StatementTimedOut(target=target.label, seconds=timeouts.statement)
    if isinstance(error, psycopg2.errors.DiskFull) or _DISK_FULL.search(str(error)):
        return _refused(target, f"its disk is full, or a file cannot grow: {error}")
    return _refused(target, str(error))


def _refused(target: Target, message: str) -> DatabaseRefused:
    return DatabaseRefused(target=target.label, problem=_clean(target, message))


def take_lock(connection: Connection, timeout: float, key: int = LOCK_KEY) -> None:
    """Take a lock until the transaction ends, waiting up to `timeout` seconds. Raises LoadLocked, or BuildLocked."""
    deadline = time.monotonic() + timeout
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (key,))
            if cursor.fetchone() == (True,):
                return
            if time.monotonic() >= deadline:
                cursor.execute(_HOLDER, (key,))
                holder = cursor.fetchone()
                if holder is not None:
                    raise (BuildLocked if key == BUILD_KEY else LoadLocked)(*holder)
            time.sleep(_LOCK_POLL)  # also where the holder ended this very moment


_HOLDER = """
    SELECT
        coalesce(lock.pid, 0),
        coalesce(activity.usename::text, 'a user that pg_prepared_xacts names'),
        coalesce(activity.application_name, 'a prepared transaction'),
        coalesce(
            to_char(coalesce(activity.xact_start, activity.backend_start), 'YYYY-MM-DD HH24:MI:SS TZ'),
            'at a time that only this user may see'
        )
    FROM pg_locks AS lock
    LEFT JOIN pg_stat_activity AS activity ON lock.pid = activity.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (lock.classid::bigint << 32) | lock.objid::bigint = %s
"""

_LOGIN = re.compile(
    r"password authentication failed|no password supplied|authentication failed|no pg_hba\.conf entry"
    r"|role \".*\" does not exist|not permitted to log in"
)
_PASSING = re.compile(
    r"the database system is (starting up|shutting down|in recovery mode|not yet accepting|not accepting)"
    r"|too many clients|too many connections|remaining connection slots"
    r"|[Cc]onnection reset|server closed the connection unexpectedly"
)
_DISK_FULL = re.compile(r"could not extend file|No space left on device")
_MISSING = re.compile(r"database \".*\" does not exist")
_UNREACHABLE = re.compile(
    r"[Cc]onnection refused|timeout expired|could not translate host name|No such file or directory"
    r"|server closed the connection|[Cc]onnection reset|[Nn]etwork is unreachable|No route to host|could not connect"
)
_LASTING = re.compile("|".join((_LOGIN.pattern, _MISSING.pattern, "timeout expired")))


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
    return kind(target=target.label, problem=message)


def _clean(target: Target, message: str) -> str:
    """A message of libpq on one line, without the password."""
    password = target.parameters.get("password")
    if password:
        message = message.replace(password, "***")
    return " ".join(message.split())
