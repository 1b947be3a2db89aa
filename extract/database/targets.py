"""Which database the settings name: a server, or the embedded one."""

from dataclasses import replace
from pathlib import Path

from extract.database.connection import Target, server_target
from extract.database.embedded import DATABASE, SUPERUSER, data_directory, running_server, start_embedded
from extract.settings import ROOT, Settings


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
