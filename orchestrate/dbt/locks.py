"""The advisory locks of the warehouse, held by a session of their own for as long as a command needs them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, connect, take_lock


@contextmanager
def held_locks(target: Target, command: str, keys: Sequence[int], timeout: float) -> Iterator[Connection]:
    """Hold locks while the block runs, waiting up to `timeout` seconds for each. Raises LoadLocked or BuildLocked.

    They belong to the transaction of the session: where this process is killed, the server frees them.
    """
    connection = connect(target)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('application_name', %s, false),"
                " set_config('idle_in_transaction_session_timeout', '0', false)",
                (application_name(command),),
            )
            connection.commit()
        for key in keys:
            take_lock(connection, timeout, key)
        yield connection
    finally:
        connection.close()


def application_name(command: str) -> str:
    """What other sessions see as our program."""
    return f"workdatahub {command} pid {os.getpid()}"
