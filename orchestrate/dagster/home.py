"""The instance of Dagster: what it keeps lies in .wdh/dagster, and it listens on this machine only."""

import os
import subprocess
import sys
from pathlib import Path

from extract.errors.plan import DiskFailed
from extract.extras import demand
from extract.settings import ROOT

HOME = Path(".wdh") / "dagster"
DEFINITIONS = "orchestrate.dagster.definitions"
_LOOPBACK = "127.0.0.1"
_CONFIGURATION = """\
# Written where it is missing; yours from then on.
telemetry:
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


def start(port: int) -> subprocess.Popen[bytes]:
    """Start `dagster dev` with the webserver on a port of this machine. Raises ExtraMissing and DiskFailed."""
    directory = home()
    demand("dagster", "dagster_webserver", "the pages of Dagster")
    command = [sys.executable, "-m", "dagster", "dev", "-m", DEFINITIONS, "-h", _LOOPBACK, "-p", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DAGSTER_HOME": str(directory)})
