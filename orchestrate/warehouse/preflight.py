"""What must hold before a setup or a reset changes anything: versions, lock, profile, rights."""

import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import BUILD_KEY, LOCK_KEY, Target
from extract.errors.database import BuildLocked, LoadLocked
from extract.errors.dbt import ProfileDiffers
from extract.errors.warehouse import (
    ConnectionLost,
    RightsMissing,
    ServerTooOld,
    SetupLocked,
    TargetProtected,
    VersionUnsupported,
)
from orchestrate.dbt.locks import held_locks
from orchestrate.dbt.manifest import Manifest
from orchestrate.warehouse.catalog import relations_in

SERVER_NEEDED = 15
"""COPY with HEADER match came with it."""
NEEDED = {"dbt-core": ((1, 11), (1, 13)), "dbt-postgres": ((1, 10), (2, 0))}
"""Versions from and below, as in pyproject.toml."""


def installed_versions() -> dict[str, str]:
    """The versions of what runs here; `not installed` where a package is missing."""
    found = {"python": platform.python_version()}
    for package in NEEDED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def check_versions(found: dict[str, str]) -> None:
    """Raise VersionUnsupported for a package that is missing or does not fit."""
    for package, (lowest, below) in NEEDED.items():
        parts = tuple(int(part) for part in found[package].split(".")[:2] if part.isdigit())
        if not lowest <= parts < below:
            needed = f"{'.'.join(map(str, lowest))} or later, below {'.'.join(map(str, below))}"
            raise VersionUnsupported(program=package, found=found[package], needed=needed)


@contextmanager
def held_lock(target: Target, command: str) -> Iterator[Connection]:
    """Hold the locks of loads and builds while the block runs. Raises SetupLocked at once where another has one."""
    with ExitStack() as stack:
        try:
            held = stack.enter_context(held_locks(target, command, (LOCK_KEY, BUILD_KEY), timeout=0))
        except (LoadLocked, BuildLocked) as error:
            raise SetupLocked(error.pid, error.user, error.application, error.since) from None
        yield held


def check_lock(connection: Connection, target: Target, step: str) -> None:
    """Raise ConnectionLost where the session that holds the lock is gone."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        problem = " ".join(str(error).split()) or "the session that held the lock ended"
        raise ConnectionLost(target=target.label, step=step, problem=problem) from None


def server_version(connection: Connection, target: Target) -> str:
    """The version of the server. Raises ServerTooOld."""
    number = connection.server_version
    found = (connection.get_parameter_status("server_version") or "").split(" ")[0]
    if number < SERVER_NEEDED * 10000:
        raise ServerTooOld(target=target.label, version=found, needed=str(SERVER_NEEDED))
    return found


def check_profile(config: Any, target: Target) -> None:
    """Raise ProfileDiffers where dbt would connect to another database than we do. `config` is dbt's."""
    its = config.credentials
    there = {"host": its.host, "port": str(its.port), "dbname": its.database, "user": its.user}
    here = {name: target.parameters[name] for name in there}
    if there != here:
        raise ProfileDiffers(profile=_where(there), settings=_where(here))


def _where(parameters: dict[str, str]) -> str:
    return "{user}@{host}:{port}/{dbname}".format(**parameters)


def check_protection(config: Any, target: Target, *, allowed: bool) -> None:
    """Raise TargetProtected where the target of the profile, or the database, stands in vars.protected_targets."""
    protected = {str(name).lower() for name in config.vars.to_dict().get("protected_targets") or ()}
    for name in (config.target_name, target.parameters["dbname"]):
        if name.lower() in protected and not allowed:
            raise TargetProtected(target=name)


def check_rights(cursor: Cursor, target: Target, manifest: Manifest) -> None:
    """Raise RightsMissing, with the statements that would help, where a schema or relation could not be made.

    Staging is needed only where tables that dbt reads are missing: a setup makes them then.
    """
    missing, grants = [], []
    cursor.execute("SELECT current_database()::text, current_user::text")
    database, role = cursor.fetchone() or ("", "")
    sources = relations_in(cursor, {source.schema for source in manifest.sources})
    unmade = {source.schema for source in manifest.sources} if set(manifest.sources) - sources.keys() else set()
    schemas = sorted(manifest.schemas | unmade)
    cursor.execute(
        """
        SELECT
            schema_name,
            to_regnamespace(quote_ident(schema_name)) IS NOT NULL,
            CASE WHEN to_regnamespace(quote_ident(schema_name)) IS NULL
                THEN has_database_privilege(current_database(), 'CREATE')
                ELSE has_schema_privilege(schema_name, 'CREATE') AND has_schema_privilege(schema_name, 'USAGE')
            END
        FROM unnest(%s::text[]) AS wanted (schema_name)
        """,
        (schemas,),
    )
    for schema, exists, allowed in cursor.fetchall():
        if allowed:
            continue
        if exists:
            missing.append(f"CREATE on schema {schema}")
            grants.append(_text(cursor, "GRANT USAGE, CREATE ON SCHEMA {} TO {};", schema, role))
        else:
            missing.append(f"CREATE on database {database} (for schema {schema})")
            grants.append(_text(cursor, "GRANT CREATE ON DATABASE {} TO {};", database, role))
    found = relations_in(cursor, schemas)
    for relation in sorted(manifest.relations.keys() & found.keys()):
        if not found[relation].ours_to_replace:
            missing.append(f"ownership of {relation}, which is {found[relation].owner}'s")
            grants.append(_text(cursor, "GRANT {} TO {};", found[relation].owner, role))
    if missing:
        one_each = " ".join(dict.fromkeys(grants))
        raise RightsMissing(target=target.label, missing=", ".join(missing), grants=one_each)


def _text(cursor: Cursor, template: str, *names: str) -> str:
    return sql.SQL(template).format(*map(sql.Identifier, names)).as_string(cursor)
