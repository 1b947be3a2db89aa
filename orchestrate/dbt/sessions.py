"""The database sessions of dbt: search path and timeouts, who blocks them, how long they waited, and their end.

dbt passes `search_path` of a profile as libpq options, which replaces PGOPTIONS, so that timeouts set there would be
gone without a word. Here each session sets them itself, right after it was opened; the path too, since a profile may be
the user's own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import astuple
from typing import Any

import psycopg2
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter

from extract.database.connection import Target, connect
from extract.database.lock_watch import Blocker
from extract.errors.base import DatabaseError
from extract.interruption import cancelling

_INTERVAL = 0.25
"""Seconds between two looks at who waits for whom."""
_GRACE = 2.0
"""Seconds that dbt has to end its own sessions after a signal."""

_WAITS = """
    SELECT
        wanted.pid,
        coalesce(wanted.relation::regclass::text, 'a row'),
        extract(epoch FROM clock_timestamp() - wanted.waitstart)::float,
        extract(epoch FROM wanted.waitstart)::float,
        blocker.pid,
        activity.usename::text,
        nullif(activity.application_name, ''),
        activity.state,
        extract(epoch FROM clock_timestamp() - activity.query_start)::float
    FROM pg_locks AS wanted
    CROSS JOIN LATERAL unnest(pg_blocking_pids(wanted.pid)) AS blocker (pid)
    LEFT JOIN pg_stat_activity AS activity ON blocker.pid = activity.pid
    WHERE wanted.pid = ANY(%(pids)s) AND NOT wanted.granted AND blocker.pid <> ALL(%(pids)s)
    ORDER BY activity.query_start
"""
_HOLDS = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = %s)"
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(%s) AND application_name = %s"


class Sessions:
    """The sessions that dbt opens while `watched` runs; `config` is what dbt connects by, once it has read it.

    `blocker` is the last foreign session that one of them waited for, `waited` the seconds of all waits, and
    `lock_lost` tells that the session `lock_pid`, which must hold the advisory lock, holds it no longer. Each session
    names that one in `workdatahub.build_lock`, by which dbt knows the lock for its own.
    """

    def __init__(self, target: Target, application: str, lock_pid: int | None = None) -> None:
        self._target, self._application, self._lock_pid = target, application, lock_pid
        self._pids: set[int] = set()
        self._waits: dict[tuple[int, float], float] = {}
        self._signalled: float | None = None
        self._ended = threading.Event()
        self.config: Any = None
        self.blocker: Blocker | None = None
        self.lock_lost = False

    @property
    def waited(self) -> float:
        """Seconds that statements waited for locks of others."""
        return sum(self._waits.values())

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While the block runs, sessions of dbt are prepared, and looked after by a thread."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            with self.prepared():
                yield
        finally:
            self._ended.set()
            thread.join(timeout=2)  # longer only where the server has gone

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """While the block runs, each session that dbt opens gets timeouts and name, and `config` is set."""
        sessions = self

        class Prepared(PostgresConnectionManager):
            def __init__(self, profile: Any, mp_context: Any) -> None:
                sessions.config = profile
                super().__init__(profile, mp_context)  # type: ignore[no-untyped-call]  # dbt leaves it untyped

            @classmethod
            def open(cls, connection: Any) -> Any:
                opened = super().open(connection)  # type: ignore[no-untyped-call]  # dbt leaves it untyped
                sessions._prepare(opened.handle)
                return opened

        original = PostgresAdapter.ConnectionManager
        PostgresAdapter.ConnectionManager = Prepared
        try:
            yield
        finally:
            PostgresAdapter.ConnectionManager = original

    def _prepare(self, handle: Any) -> None:
        milliseconds = [str(max(1, round(1000 * seconds))) for seconds in astuple(self._target.timeouts)]
        with handle.cursor() as cursor:
            cursor.execute(
                "SET search_path TO pg_catalog, pg_temp;"
                " SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
                " set_config('application_name', %s, false), set_config('workdatahub.build_lock', %s, false)",
                (*milliseconds, self._application, str(self._lock_pid or "")),
            )
        handle.commit()
        self._pids.add(handle.get_backend_pid())

    def _watch(self) -> None:
        connection = None
        while not self._ended.wait(_INTERVAL):
            try:
                connection = connection or connect(self._target)
                connection.autocommit = True
                with connection.cursor() as cursor:
                    self._look(cursor)
            except (psycopg2.Error, DatabaseError):  # the run itself meets the same error and tells it
                if connection:
                    connection.close()
                connection = None
        if connection:
            connection.close()

    def _look(self, cursor: Any) -> None:
        cursor.execute(_WAITS, {"pids": list(self._pids)})
        for pid, what, seconds, since, blocker, user, application, state, age in cursor.fetchall():
            if seconds is not None:
                self._waits[pid, since] = seconds
            doing = f"{state} for {age:.0f} s" if state and age is not None else "whose state this role may not see"
            holder = f"server process {blocker} ({application or 'unnamed program'}, user {user}, {doing})"
            self.blocker = Blocker(what, holder if blocker else "a prepared transaction (see pg_prepared_xacts)")
        if self._lock_pid is not None:
            cursor.execute(_HOLDS, (self._lock_pid,))
            if cursor.fetchone() == (False,):
                self.lock_lost = True
                cursor.execute(_END, (list(self._pids), self._application))

    def ending_on_signals(self) -> AbstractContextManager[None]:
        """While the block runs, a signal also ends the sessions, in case that dbt cannot: it may wait in C."""
        return cancelling(self._end_after_signal)

    def _end_after_signal(self) -> None:
        """Called again and again after a signal: ends the sessions if dbt has not done so within some seconds."""
        self._signalled = self._signalled or time.monotonic()
        if time.monotonic() - self._signalled > _GRACE:
            self.end()

    def end(self) -> None:
        """Let the server end the sessions that are still there, with their statements."""
        with suppress(psycopg2.Error, DatabaseError):  # a server that is gone has no sessions
            connection = connect(self._target)
            try:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute(_END, (list(self._pids), self._application))
            finally:
                connection.close()
