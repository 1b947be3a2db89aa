"""What commands say: which workbooks were left, names instead of patterns, plain words, and no colours in a pipe."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from conftest import HEADER, ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.settings import ROOT
from small_project import write_small_project


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def test_workbooks_that_match_but_were_not_taken_are_named(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--data-dir", ROOT / "data", "--plan-dir", tmp_path / "plan")
    assert "not taken: 23 more workbooks match: 2025-11_受托业绩报告.xlsx, " in done.stdout
    assert "--max-files 24 takes all" in done.stdout
    alone = checkout.run("--data-dir", ROOT / "data", "--period", "2024-11", "--plan-dir", tmp_path / "alone")
    assert "2024-11" in alone.stdout
    assert "not taken" not in alone.stdout


def test_an_example_name_is_shown_and_no_pattern(checkout: Checkout) -> None:
    (checkout.root / "data" / "Book1.xlsx").write_bytes(b"x")
    done = checkout.run()
    assert done.returncode == ExitCode.DATA
    assert "2024-11_受托业绩.xlsx" in flat(done.stderr)
    assert "(?" not in done.stderr


def test_a_sheet_without_a_table_leads_to_the_other_sheets(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([("x",)], header=("备注",), folder=checkout.root / "data")
    done = checkout.run("--file", path)
    assert "--sheet auto" in flat(done.stderr)
    assert "┃" not in done.stdout  # no table of nothing
    assert "The run failed, and nothing was loaded" in done.stdout


def test_piped_output_has_no_colours(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)], folder=checkout.root / "data", header=HEADER)
    done = checkout.run()
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.database
def test_a_build_shows_what_was_published(loading: Checkout, database: Database) -> None:
    write_small_project(loading.root)
    done = loading.run("--execute", "--data-dir", ROOT / "data", "--build")
    assert "marts published" in done.stdout, done.stderr
    assert "tests passed" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.heavy
def test_an_interruption_while_reading_says_that_nothing_was_loaded(
    checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    rows = [(2024, 11, f"P{number}", "C1", 0.01, 1.5, 1000) for number in range(40_000)]
    for month in (9, 10, 11):
        of_month = [(2024, month, *row[2:]) for row in rows]
        write_workbook(of_month, name=f"2024-{month:02}_受托业绩.xlsx", folder=checkout.root / "data")
    running = checkout.start_bare("--max-files", "3", "--workers", "1", "--plan-dir", tmp_path / "plan")
    while not any(child for child in children(running.pid)):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == ExitCode.INTERRUPTED
    assert "nothing was loaded" in stderr
    assert not (tmp_path / "plan").exists()


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    import psutil

    return [child.pid for child in psutil.Process(pid).children()]


def test_plans_are_listed_and_tidied(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)], folder=checkout.root / "data")
    for name in ("a", "b", "c"):
        assert checkout.run("--plan-dir", checkout.root / "plans" / name).returncode == ExitCode.OK
    for age, name in enumerate(("c", "b", "a")):
        for file in ("plan.json", "rejects.xlsx"):
            moment = time.time() - 100 * (age + 1)
            os.utime(checkout.root / "plans" / name / file, (moment, moment))
    (checkout.root / "plans" / "mine").mkdir()
    (checkout.root / "plans" / "mine" / "notes.txt").write_text("mine")
    listed = checkout.run("plans")
    assert [name for name in ("a", "b", "c") if f"plans/{name}" in listed.stdout] == ["a", "b", "c"]
    (checkout.root / "plans" / "b" / "rejects.xlsx").touch()  # saved by whoever mends it
    shown = checkout.run("plans", "--prune", "--keep", "1")
    assert "1 plans would be removed: a" in flat(shown.stdout)
    assert (checkout.root / "plans" / "a").is_dir()
    assert checkout.run("plans", "--prune", "--keep", "1", "--yes").returncode == ExitCode.OK
    assert sorted(path.name for path in (checkout.root / "plans").iterdir()) == ["b", "c", "mine"]
    assert checkout.run("plans", "--yes").returncode == ExitCode.USAGE
