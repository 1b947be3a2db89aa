"""Databases of the tests: each made for one test (or one module), and dropped afterwards.

A state that takes long to make is made once on a server, and copied for each test that begins with it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg2

from extract.database.connection import Target


@dataclass(frozen=True)
class Database:
    """A database made for one test (or one module), which is dropped afterwards; its user is no superuser."""

    target: Target

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a command use it."""
        names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "DB"}
        return {f"WDH_DATABASE__{variable}": self.target.parameters[name] for name, variable in names.items()}

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a query, in a connection of its own."""
        connection = psycopg2.connect(**self.target.parameters)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def make_database(server: Target, template: Database | None = None) -> Iterator[Database]:
    """Create a database and a role that owns it and is no superuser, both with names that nobody else has.

    It is empty, or a copy of the template whose objects belong to the new role. At the end just these two are dropped.
    """
    name = f"test_{uuid4().hex}"
    maintenance = Database(server)
    maintenance.query(f"create role {name} login")
    like = f"template {template.target.parameters['dbname']}" if template else ""
    maintenance.query(f"create database {name} owner {name} {like}")
    if template:
        copy = Database(Target({**server.parameters, "dbname": name}))
        copy.query(f"reassign owned by {template.target.parameters['user']} to {name}")
    try:
        yield Database(Target({**server.parameters, "user": name, "dbname": name}))
    finally:
        maintenance.query(f"drop database {name} with (force)")
        maintenance.query(f"drop role {name}")


Make = Callable[[Database], None]


@dataclass(frozen=True)
class Templates:
    """The states that were made on a server, by what makes them."""

    server: Target
    _kept: ExitStack
    _made: dict[Make, Database] = field(default_factory=dict)

    def copy(self, make: Make) -> Iterator[Database]:
        """A database in the state that `make` brings an empty one into; `make` runs for the first copy only."""
        if make not in self._made:
            database = self._kept.enter_context(contextmanager(make_database)(self.server))
            make(database)
            # `reassign owned` gives away databases too, but this one stays
            Database(self.server).query(f"alter database {database.target.parameters['dbname']} owner to postgres")
            self._made[make] = database
        yield from make_database(self.server, self._made[make])


@contextmanager
def held(database: Database, statement: str) -> Iterator[int]:
    """A session that holds what a statement takes; gives its server process."""
    connection = psycopg2.connect(**database.target.parameters, application_name="other run")
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            yield connection.get_backend_pid()
    finally:
        connection.close()
