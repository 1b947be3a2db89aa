"""The instance of Dagster: what it keeps lies in .wdh/dagster, and it listens on this machine only."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from extract.config import load_data_sources
from extract.errors.dbt import PortTaken
from extract.errors.plan import DiskFailed
from extract.extras import demand
from extract.settings import ROOT, Settings

HOME = Path(".wdh") / "dagster"
DEFINITIONS = "orchestrate.dagster.definitions"
_LOOPBACK = "127.0.0.1"
_CONFIGURATION = """\
# Written where it is missing; yours from then on.
telemetry:
  enabled: false
nux:
  enabled: false
# Loads wait for one lock, and builds for another: more runs at once would only wait.
concurrency:
  pools:
    default_limit: 1
"""


def home() -> Path:
    """The directory of the instance, made where it is missing. Raises ExtraMissing and DiskFailed."""
    demand("dagster", "dagster_dbt", "Dagster")
    directory = ROOT / HOME
    configuration = directory / "dagster.yaml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not configuration.exists():
            configuration.write_text(_CONFIGURATION, encoding="utf-8")
    except OSError as error:
        raise DiskFailed(path=str(directory), problem=error.strerror or str(error)) from None
    return directory


@dataclass(frozen=True)
class Server:
    """A running `dagster dev`: its webserver, and the daemon that evaluates schedules and sensors."""

    address: str
    process: subprocess.Popen[bytes]

    def wait(self) -> int:
        """Wait for its end; gives its exit code."""
        return self.process.wait()


@contextmanager
def serving(port: int, settings: Settings) -> Iterator[Server]:
    """Run `dagster dev` on a port of this machine while the block runs.

    Raises ExtraMissing, PortTaken, DiskFailed and the errors of the configuration.
    """
    directory = home()
    demand("dagster", "dagster_webserver", "the pages of Dagster")
    load_data_sources(settings.data_sources_config)
    port = _free(port)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: Dagster would ignore SIGTERM too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "dagster", "dev", "-m", DEFINITIONS, "-h", _LOOPBACK, "-p", str(port)]
    configuration = str(settings.data_sources_config.absolute())
    environment = os.environ | {"DAGSTER_HOME": str(directory), "WDH_DATA_SOURCES_CONFIG": configuration}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield Server(f"http://{_LOOPBACK}:{port}", process)
    finally:
        process.terminate()  # the same for a signal that only we got
        process.wait()


def _free(port: int) -> int:
    """The port itself, which nobody listens on; for 0 one that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
            return int(probe.getsockname()[1])
        except OSError as error:
            raise PortTaken(address=f"{_LOOPBACK}:{port}", problem=error.strerror or str(error)) from None
