"""Workbooks read by an executor: the same plan, the same errors, and what becomes of a worker that is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import ROW, WriteWorkbook
from extract.files.discovery import Wish
from extract.observer import Silent
from extract.settings import ROOT, Settings
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, RunOptions
from orchestrate.results import Planned

DASK = pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is not installed: pip install -e '.[dask]'")
MONTHS = [(year, month) for year in (2021, 2022, 2023, 2024) for month in range(1, 11)]
"""Of 40 workbooks."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "books").mkdir()
    return tmp_path / "books"


def write(book: WriteWorkbook, folder: Path, months: list[tuple[int, int]]) -> None:
    for year, month in months:
        rows = [(year, month, f"P{number}", *ROW[3:]) for number in range(20)]
        book([*rows, (year, month, "P99", "C1", "x", 1, 1)], name=f"{year}-{month:02}_受托业绩.xlsx", folder=folder)


def planned(
    folder: Path, target: Path, executor: str | Executor | None, observer: Any = None, config: Path | None = None
) -> Planned:
    """A plan of all workbooks of a folder."""
    settings = Settings(data_base_dir=folder, **({"data_sources_config": config} if config else {}))
    asked = RunOptions(
        domain="trustee_performance",
        execute=False,
        diff=False,
        wish=Wish(100),
        files=(),
        sheet=None,
        mode="delete_insert",
        plan_dir=target,
        workers=2,
        accepted=frozenset(),
        load=LoadOptions(0, reload=False),
        executor=executor,
    )
    done = plan_or_load(asked, settings, observer or Silent())
    assert isinstance(done, Planned)
    return done


def contents(plan: Planned) -> dict[str, bytes]:
    """The bytes of a plan; rejects.xlsx names its directory and holds the time it was made."""
    return {path.name: path.read_bytes() for path in plan.plan.directory.iterdir() if path.name != "rejects.xlsx"}


@dataclass
class Losing(Executor):
    """An executor that loses the worker of the first calls."""

    within: Executor
    losses: int

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        if not self.losses:
            return self.within.submit(function, *args, **named)
        self.losses -= 1
        lost: Future[Any] = Future()
        lost.set_exception(ConnectionError("the machine was switched off"))
        return lost


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_gives_the_plan_of_one_machine(
    folder: Path, tmp_path: Path, write_workbook: WriteWorkbook, kind: Callable[[int], Executor]
) -> None:
    write(write_workbook, folder, MONTHS[:4])
    with kind(2) as executor:
        elsewhere = planned(folder, tmp_path / "elsewhere", executor)
    assert contents(elsewhere) == contents(planned(folder, tmp_path / "here", None))


def test_a_file_whose_worker_is_lost_is_tried_once_more(
    folder: Path, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    write(write_workbook, folder, MONTHS[:2])
    with ThreadPoolExecutor(2) as threads:
        again = planned(folder, tmp_path / "again", Losing(threads, 1))
    assert contents(again) == contents(planned(folder, tmp_path / "here", None))


def test_a_file_whose_workers_are_lost_twice_is_an_error_of_that_file(
    folder: Path, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    write(write_workbook, folder, MONTHS[:1])
    with ThreadPoolExecutor(1) as threads:
        lost = planned(folder, tmp_path / "lost", Losing(threads, 2))
    (error,) = lost.errors
    assert error.code() == "reader_crashed"
    assert "2021-01_受托业绩.xlsx" in error.message
    assert "the machine was switched off" in error.message


def test_limits_hold_on_its_workers(folder: Path, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    write(write_workbook, folder, MONTHS[:1])
    (path,) = folder.iterdir()
    workbook = openpyxl.load_workbook(path)
    workbook.active["XFD1048576"] = 1
    workbook.save(path)
    text = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")
    config = tmp_path / "strict.yml"
    config.write_text(
        text.replace("discovery:", "limits: {cells: 100000000000, memory_mb: 500}\n\ndiscovery:", 1), encoding="utf-8"
    )
    with ThreadPoolExecutor(1) as threads:
        elsewhere = planned(folder, tmp_path / "elsewhere", threads, config=config)
    here = planned(folder, tmp_path / "here", None, config=config)
    assert [str(error) for error in elsewhere.errors] == [str(error) for error in here.errors] != []


# --- Dask ----------------------------------------------------------------------------------------------------------


@dataclass
class Cluster:
    """A scheduler and two workers of this machine."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with ExitStack() as ending:
        host, port = address.split(":")
        _started(ending, tmp_path, "scheduler", "--host", host, "--port", port, "--no-dashboard")
        _await(address)
        where = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
        yield Cluster(address, [_started(ending, tmp_path, "worker", f"tcp://{address}", *where) for _ in range(2)])


def _started(ending: ExitStack, folder: Path, what: str, *arguments: str) -> subprocess.Popen[bytes]:
    log = ending.enter_context((folder / f"{what}.log").open("ab"))
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
    process = ending.enter_context(
        subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    )
    ending.callback(process.kill)
    return process


def _await(address: str) -> None:
    host, port = address.split(":")
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens at {address}")


class Killing(Silent):
    """The observer that kills a worker once some workbooks are read."""

    def __init__(self, worker: subprocess.Popen[bytes], after: int) -> None:
        self.worker, self.after = worker, after

    def advanced(self, done: int, part: str) -> None:
        if done == self.after:
            self.worker.send_signal(signal.SIGKILL)


def _await_workers(cluster: Cluster) -> None:
    from distributed import Client

    with Client(f"tcp://{cluster.address}", set_as_default=False) as client:
        client.wait_for_workers(len(cluster.workers), timeout=60)


@DASK
def test_a_cluster_gives_the_plan_of_one_machine_also_when_it_loses_a_worker(
    folder: Path, tmp_path: Path, write_workbook: WriteWorkbook, cluster: Cluster
) -> None:
    write(write_workbook, folder, MONTHS)
    _await_workers(cluster)
    here = contents(planned(folder, tmp_path / "here", None))
    killing = Killing(cluster.workers[0], after=5)
    assert contents(planned(folder, tmp_path / "elsewhere", f"dask://{cluster.address}", killing)) == here
    assert cluster.workers[0].wait() == -signal.SIGKILL
    assert contents(planned(folder, tmp_path / "without", f"dask://{cluster.address}")) == here
