"""The option --postgres of the tests: which PostgreSQL the database tests run on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Database
from extract.database.connection import Target
from extract.settings import ROOT
from servers import version

pytestmark = pytest.mark.database


def test_the_servers_are_of_the_version_that_the_header_names(
    server: Target, strict_server: Target, programs: Path
) -> None:
    (number,) = re.findall(r"PostgreSQL\) (\d+\.\d+)", version(programs))
    for target in (server, strict_server):
        assert str(Database(target).query("show server_version")[0][0]).split()[0] == number


def test_a_directory_without_postgresql_is_a_usage_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", f"--postgres={tmp_path}", "--collect-only", "tests/test_servers.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--postgres: there is no initdb in {tmp_path}" in done.stderr
