"""Ctrl-C of `run.py dagster`: its exit code, and that nothing of `dagster dev` lives on."""

import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

import psutil
import pytest

from checkouts import Checkout
from extract.errors.base import ExitCode
from failing import wait_until, wait_until_ended

Send = Callable[[subprocess.Popen[bytes]], None]
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to a group of processes"),
    pytest.mark.skipif(
        find_spec("dagster_webserver") is None, reason="Dagster is not installed: pip install -e '.[dagster]'"
    ),
]


def _ctrl_c(process: subprocess.Popen[bytes]) -> None:
    """What a terminal does: SIGINT to each process that was started from it, ours and those of Dagster."""
    os.killpg(process.pid, signal.SIGINT)


def _of(checkout: Checkout) -> list[psutil.Process]:
    """The processes of the instance of Dagster of a checkout, whoever started them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("DAGSTER_HOME", "").startswith(str(checkout.root)):
                found.append(process)
    return found


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (_ctrl_c, ExitCode.INTERRUPTED),
        (lambda process: process.send_signal(signal.SIGINT), ExitCode.INTERRUPTED),
        (lambda process: process.send_signal(signal.SIGTERM), ExitCode.TERMINATED),
    ],
    ids=["Ctrl-C", "SIGINT to run.py alone", "SIGTERM"],
)
def test_a_signal_ends_dagster_whole(checkout: Checkout, send: Send, code: ExitCode) -> None:
    with (checkout.root / "log").open("wb") as log:
        running = subprocess.Popen(
            checkout.command("dagster", "--port", "0"),
            cwd=checkout.root,
            env=checkout.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        assert running.stdout
        with running.stdout:
            told = running.stdout.readline().decode().split()
            assert told[0] == "Dagster:", (checkout.root / "log").read_text(encoding="utf-8")
            wait_until(lambda: _answers(told[1]), "its pages answer", seconds=120)
            served = _of(checkout)
            assert len(served) >= 4, "its webserver, its daemon and the code that both read"
            send(running)
            assert running.wait(120) == code
        wait_until_ended(served)
        assert _of(checkout) == []
        assert not _answers(told[1])
    finally:
        for process in (*_of(checkout), running):
            with suppress(psutil.Error, OSError):
                process.kill()
        running.wait()
