"""Which database the settings name: a server, or the embedded one."""

from dataclasses import replace
from pathlib import Path

import psycopg2

from extract.database.connection import Target
from extract.database.embedded import DATABASE, SUPERUSER, data_directory, running_server, start_embedded
from extract.errors.configuration import InvalidSetting
from extract.settings import ROOT, SSL_FILES, DatabaseSettings, Settings, absolute_ssl_file, check_sslmode
from extract.wording import Sentence


def database_target(settings: Settings) -> Target:
    """The database of the settings; the embedded one is started where it does not run."""
    if settings.database is not None:
        return server_target(settings.database)
    return replace(start_embedded(ROOT), timeouts=settings.timeouts)


def known_target(settings: Settings, root: Path) -> tuple[Target, bool]:
    """The database of the settings, and whether there is one to ask: an embedded server that rests is not started."""
    if settings.database is not None:
        return server_target(settings.database), True
    running = running_server(root)
    if running is not None:
        return replace(running, timeouts=settings.timeouts), True
    socket = str(data_directory(root))
    return Target({"host": socket, "port": "5432", "user": SUPERUSER, "dbname": DATABASE}, embedded=True), False


def server_target(settings: DatabaseSettings) -> Target:
    """The server that the settings name.

    Raises InvalidSetting for a URI that is none, lacks a part, or contradicts the settings of TLS.
    """
    parameters = _uri_parameters(settings.uri.get_secret_value()) if settings.uri else _host_parameters(settings)
    for name in ("sslmode", *SSL_FILES):
        value = getattr(settings, name)
        if value is not None and parameters.setdefault(name, value) != value:
            problem = Sentence(
                "is {value}, but WDH_DATABASE__URI says {name}={other}: which one is meant?",
                value=value,
                name=name,
                other=parameters[name],
            )
            raise InvalidSetting(variable=f"WDH_DATABASE__{name.upper()}", problem=problem)
    if settings.password:
        parameters.setdefault("password", settings.password.get_secret_value())
    return Target(parameters, timeouts=settings.timeouts)


def _host_parameters(settings: DatabaseSettings) -> dict[str, str]:
    where = {"host": settings.host, "user": settings.user, "dbname": settings.db}
    return {"port": str(settings.port), **{name: value or "" for name, value in where.items()}}


def _uri_parameters(uri: str) -> dict[str, str]:
    variable = "WDH_DATABASE__URI"
    try:
        parsed = {name: str(value) for name, value in psycopg2.extensions.parse_dsn(uri).items()}
    except psycopg2.ProgrammingError:  # its message would repeat the URI with the password
        parsed = {}
    if "," in parsed.get("host", "") + parsed.get("port", ""):
        raise InvalidSetting(variable=variable, problem=Sentence("names several hosts; name one"))
    for name in ("host", "user", "dbname"):
        if not parsed.get(name):
            problem = Sentence("names no {name}; write postgresql://user@host:5432/database", name=name)
            raise InvalidSetting(variable=variable, problem=problem)
    if "sslmode" in parsed:
        check_sslmode(parsed["sslmode"], variable)
    return {"port": "5432", **parsed, **{name: absolute_ssl_file(parsed[name]) for name in SSL_FILES if name in parsed}}
