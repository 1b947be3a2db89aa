"""What `run.py report` makes of the records: comparisons, and runs that never came to an end."""

import os
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from conftest import Checkout
from extract.errors.base import ExitCode
from extract.errors.warehouse import RunUnknown
from extract.settings import ROOT
from orchestrate.dbt.outcomes import Outcome
from orchestrate.warehouse.preflight import NEEDED
from orchestrate.warehouse.report import summarised
from orchestrate.warehouse.runs import Run, Step, find_run

START = datetime(2026, 11, 20, tzinfo=UTC)


def a_run(number: int, seconds: float, **other: object) -> Run:
    """A finished run."""
    fields = {
        "run_id": f"2026112{number}T000000-aaaaaa",
        "command": "setup",
        "mode": "full",
        "status": "success",
        "pid": os.getpid(),
        "process_started": psutil.Process().create_time(),
        "started_at": START + timedelta(days=number),
        "seconds": seconds,
        "database": "here",
    }
    return Run.model_validate({**fields, **other})


@pytest.mark.parametrize(
    ("earlier", "now", "slower"),
    [
        ([10, 10, 10], 12, False),
        ([10, 10, 10], 12.5, False),
        ([10, 10, 10], 12.6, True),
        ([10, 30, 10], 13, True),
        ([0.5], 1.0, False),
        ([], 100, False),
    ],
)
def test_a_quarter_more_than_the_median_is_slower(earlier: list[float], now: float, slower: bool) -> None:
    known = [a_run(number, seconds) for number, seconds in enumerate(earlier)]
    assert summarised(a_run(9, now), known).comparison.slower is slower


@pytest.mark.parametrize(
    "other",
    [{"mode": "quick"}, {"database": "there"}, {"status": "failed"}, {"nodes": [
        {"unique_id": "a", "name": "a", "kind": "model", "path": "a", "status": "success", "seconds": 1}]}],
)  # fmt: skip
def test_what_cannot_be_compared(other: dict[str, object]) -> None:
    assert summarised(a_run(9, 100), [a_run(1, 1, **other)]).comparison.median is None


def test_seconds_of_waiting_do_not_count() -> None:
    assert not summarised(a_run(9, 100, waited_for_locks=90), [a_run(1, 10)]).comparison.slower


def test_a_run_without_an_end() -> None:
    assert a_run(1, 1, status="running").outcome == "running"
    assert a_run(1, 1, status="running", process_started=1.0).outcome == "did not finish"
    assert a_run(1, 1, status="running", pid=2**22 + 1).outcome == "did not finish"


def test_a_record_is_found_by_its_beginning(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / a_run(number, 1).run_id
        folder.mkdir()
        (folder / "run.json").write_text(a_run(number, number).model_dump_json())
    assert find_run(tmp_path, None).seconds == 2
    assert find_run(tmp_path, "20261121").seconds == 1
    for unknown in ("2026", "x"):
        with pytest.raises(RunUnknown):
            find_run(tmp_path, unknown)


def test_a_record_that_is_not_there_is_told_in_their_language(checkout: Checkout) -> None:
    done = checkout.run("report", "--language", "zh")
    assert done.returncode == ExitCode.USAGE
    assert not re.search("no run|none yet", done.stderr), done.stderr


def test_a_failed_run_names_nodes_and_queries(checkout: Checkout) -> None:
    node = Outcome(
        unique_id="test.p.t", name="t", kind="test", path="t.sql", status="fail", seconds=1, observed=3,
        severity="error", warn_if="!= 0", error_if=">2", failures_in='"d"."s"."t"',
    )  # fmt: skip
    step = Step(name="models", status="failed", seconds=1, detail="1 failed")
    run = a_run(1, 5, status="failed", nodes=[node], steps=[step], error="Setup failed: t")
    folder = checkout.root / ".wdh" / "runs" / run.run_id
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(run.model_dump_json())
    done = checkout.run("report")
    assert done.returncode == ExitCode.OK, done.stderr
    assert 'select * from "d"."s"."t"' in done.stdout
    assert "3 rows, limit >2" in done.stdout
    assert "failed" in done.stdout.splitlines()[0]


def test_the_versions_needed_are_those_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = {name: ".".join(map(str, limits[0])) for name, limits in NEEDED.items()}
    for name, version in lowest.items():
        assert any(line.startswith(f"{name}>={version}") for line in project["dependencies"])
