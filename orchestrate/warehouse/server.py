"""`run.py server`: the embedded PostgreSQL started, stopped, or asked how it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from extract.database.embedded import data_directory, running_server, server_process, start_embedded, stop_embedded
from extract.database.targets import server_target
from extract.errors.database import NoEmbeddedServer
from extract.settings import ROOT, Settings
from orchestrate.dbt.profile import write_profile


@dataclass(frozen=True)
class Server:
    """The embedded server: whether it runs, as which process and where, and whether this command changed that."""

    state: Literal["running", "stopped"]
    directory: Path
    pid: int | None
    label: str
    changed: bool = False


def start_server(settings: Settings) -> Server:
    """Start the embedded server where it is stopped, and let dbt find it. Raises NoEmbeddedServer and its failures."""
    _check(settings)
    before = server_process(ROOT)
    target = start_embedded(ROOT)
    write_profile(target, settings.dbt_project)
    return Server("running", data_directory(ROOT), server_process(ROOT), target.label, changed=before is None)


def stop_server(settings: Settings) -> Server:
    """Stop the embedded server, with the sessions that it has. Raises NoEmbeddedServer and EmbeddedServerFailed."""
    _check(settings)
    changed = stop_embedded(ROOT)
    return Server("stopped", data_directory(ROOT), None, "", changed=changed)


def server_status(settings: Settings) -> Server:
    """How the embedded server is. Writes and starts nothing. Raises NoEmbeddedServer."""
    _check(settings)
    pid, target = server_process(ROOT), running_server(ROOT)
    return Server("running" if pid else "stopped", data_directory(ROOT), pid, target.label if target else "")


def _check(settings: Settings) -> None:
    if settings.database is not None:
        raise NoEmbeddedServer(target=server_target(settings.database).label)
