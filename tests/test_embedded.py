"""The embedded PostgreSQL: started by the first load, found by the next, and restarted after every kind of death."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Checkout, Database
from extract.database import Target
from extract.errors import ExitCode
from extract.settings import ROOT

SAMPLES = ROOT / "data"
EXECUTE = ("--execute", "--reload", "--data-dir", str(SAMPLES))


def postmaster(checkout: Checkout) -> int | None:
    """Process of the embedded server of a copy of the checkout."""
    try:
        return int((checkout.root / ".wdh" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    except OSError:
        return None


@pytest.fixture
def embedded(checkout: Checkout) -> Iterator[Checkout]:
    """A copy of the checkout without any database setting; its server is stopped afterwards."""
    yield checkout
    pid = postmaster(checkout)
    if pid:
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 30
        while postmaster(checkout) == pid and time.monotonic() < deadline:
            time.sleep(0.05)


def batches(checkout: Checkout) -> int:
    """Number of loads in the embedded database."""
    socket = str(checkout.root / ".wdh" / "postgres")
    target = Target({"host": socket, "port": "5432", "user": "postgres", "dbname": "workdatahub"})
    ((count,),) = Database(target).query("select count(*) from staging.load_batches")
    return int(str(count))


def test_the_server_stays_up_between_commands_and_dbt_uses_it(embedded: Checkout) -> None:
    first = embedded.run(*EXECUTE)
    assert first.returncode == ExitCode.OK, first.stderr
    assert "embedded PostgreSQL" in first.stdout
    pid = postmaster(embedded)
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    assert postmaster(embedded) == pid
    assert batches(embedded) == 2
    directory = embedded.root / ".wdh" / "postgres"
    assert directory.stat().st_mode & 0o077 == 0
    debug = embedded.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout


def test_a_killed_server_is_started_again_with_all_it_had(embedded: Checkout) -> None:
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    pid = postmaster(embedded)
    os.kill(pid, signal.SIGKILL)
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr
    assert postmaster(embedded) != pid
    assert batches(embedded) == 2


def test_a_lock_file_of_a_foreign_process_is_no_server(embedded: Checkout) -> None:
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    pid = postmaster(embedded)
    lock = embedded.root / ".wdh" / "postgres" / "postmaster.pid"
    content = lock.read_text()
    os.kill(pid, signal.SIGINT)
    while lock.exists():
        time.sleep(0.05)
    lock.write_text(content.replace(str(pid), str(os.getpid()), 1))
    again = embedded.run(*EXECUTE)
    assert again.returncode == ExitCode.OK, again.stderr


def test_a_half_made_data_directory_is_made_anew(embedded: Checkout) -> None:
    leftover = embedded.root / ".wdh" / "postgres.new-1"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    assert embedded.run(*EXECUTE).returncode == ExitCode.OK
    assert not leftover.exists()


def test_four_first_loads_at_once_share_one_server(embedded: Checkout) -> None:
    command = embedded.command(*EXECUTE, "--lock-timeout", "60", "-q")
    running = [subprocess.Popen(command, env=embedded.env(), stderr=subprocess.PIPE) for _ in range(4)]
    results = [(process.communicate(timeout=90)[1], process.returncode) for process in running]
    assert [code for _, code in results] == [0] * 4, results
    assert batches(embedded) == 4


def test_no_server_can_be_started_where_its_directory_is_a_file(embedded: Checkout) -> None:
    (embedded.root / ".wdh").mkdir()
    (embedded.root / ".wdh" / "postgres").write_text("in the way")
    done = embedded.run(*EXECUTE)
    assert done.returncode == ExitCode.DATABASE
    assert str(Path(".wdh") / "postgres") in done.stderr
    assert "Traceback" not in done.stderr
