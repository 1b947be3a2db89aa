"""Who holds the lock that a session waits for: asked from a second connection while it waits.

Afterwards the server cannot tell: the session that waited has left the queue.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

_BLOCKER = """
    SELECT
        coalesce(wanted.relation::regclass::text, 'a row'),
        blocker.pid,
        activity.usename::text,
        nullif(activity.application_name, ''),
        activity.state,
        to_char(activity.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')
    FROM pg_locks AS wanted
    CROSS JOIN LATERAL unnest(pg_blocking_pids(wanted.pid)) AS blocker (pid)
    LEFT JOIN pg_stat_activity AS activity ON blocker.pid = activity.pid
    WHERE wanted.pid = %s AND NOT wanted.granted
    ORDER BY activity.xact_start
    LIMIT 1
"""


@dataclass(frozen=True)
class Blocker:
    """A session that holds what another one waits for."""

    what: str
    holder: str


class LockWatch:
    """While the block runs, looks every `interval` seconds who blocks the server process `pid`.

    `blocker` is the last one seen, or None. Where the look fails, `problem` says why. No connection is opened before
    the first interval has passed.
    """

    def __init__(self, connect: Callable[[], Connection], pid: int, interval: float) -> None:
        self._connect, self._pid, self._interval = connect, pid, interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.blocker: Blocker | None = None
        self.problem = "it ended before it could be seen"

    def __enter__(self) -> "LockWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self.blocker = self._look() or self.blocker
            except psycopg2.Error as error:
                self.problem = " ".join(str(error).split())

    def _look(self) -> Blocker | None:
        connection = self._connect()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(_BLOCKER, (self._pid,))
                row = cursor.fetchone()
        finally:
            connection.close()
        if row is None:
            return None
        what, pid, user, application, state, since = row
        if pid == 0:
            return Blocker(what, "a prepared transaction (see pg_prepared_xacts)")
        doing = f"{state} since {since}" if state else "whose state this role may not see"
        return Blocker(what, f"server process {pid} ({application or 'unnamed program'}, user {user}, {doing})")
