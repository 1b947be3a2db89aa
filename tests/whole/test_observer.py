"""What an observer is told while a command works, and what the command gives at its end: without any output."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Checkout
from extract.files.discovery import Wish
from extract.observer import Silent, observed
from extract.plan.landing import Extraction
from extract.settings import ROOT, Settings
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, RunOptions
from orchestrate.results import Planned, Progress

SAMPLES = ROOT / "data"


class Listening(Silent):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def began(self, step: str, total: int | None) -> None:
        self.told.append((step, total))

    def advanced(self, done: int, part: str) -> None:
        self.told.append((done, part))

    def ended(self) -> None:
        self.told.append("ended")

    def found(self, result: Progress) -> None:
        self.told.append(type(result))


def options(plan_dir: Path, **changes: object) -> RunOptions:
    """A plan of the newest sample, or as the changes say."""
    given = {
        "domain": "trustee_performance", "execute": False, "diff": False, "wish": Wish(1, None, None), "files": (),
        "sheet": None, "mode": "delete_insert", "plan_dir": plan_dir, "workers": 2,
        "load": LoadOptions(0, reload=False),
    }  # fmt: skip
    return RunOptions(**(given | {"accepted": frozenset()} | changes))  # type: ignore[arg-type]  # the flags of a table


def test_a_plan_tells_each_workbook_and_what_it_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    observer = Listening()
    asked = options(tmp_path / "plan", wish=Wish(2, None, None))
    done = plan_or_load(asked, Settings(data_base_dir=SAMPLES), observer)
    step, first, second, *rest = observer.told
    assert step == ("reading workbooks", 2)
    assert (first, second) == ((1, "2025-11_受托业绩报告.xlsx"), (2, "2025-12_受托业绩报告.xlsx"))
    assert rest == ["ended", Extraction]
    assert isinstance(done, Planned)
    assert (done.plan.ready, done.errors, done.diff) == (True, (), None)
    assert capfd.readouterr() == ("", "")


def test_a_plan_that_fails_is_a_result_with_its_errors(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = []
    for name in ("first", "second"):
        files.append(tmp_path / f"{name}.xlsx")
        files[-1].write_text("no workbook")
    done = plan_or_load(options(tmp_path / "plan", files=tuple(files)), Settings(), Silent())
    assert isinstance(done, Planned)
    assert not done.plan.ready
    assert [error.code() for error in done.errors] == ["not_a_workbook", "not_a_workbook"]
    assert (done.plan.directory / "plan.json").is_file()
    assert capfd.readouterr() == ("", "")


def test_where_nothing_is_found_the_plan_says_so(tmp_path: Path) -> None:
    observer = Listening()
    (tmp_path / "empty").mkdir()
    done = plan_or_load(options(tmp_path / "plan"), Settings(data_base_dir=tmp_path / "empty"), observer)
    assert isinstance(done, Planned)
    assert [error.code() for error in done.errors] == ["no_files_found"]
    assert observer.told == []


def test_a_step_ends_also_where_it_fails() -> None:
    observer = Listening()

    def work() -> None:
        with observed(observer, "a step", 3) as done:
            done("one")
            done("two")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert observer.told == [("a step", 3), (1, "one"), (2, "two"), "ended"]


def test_a_terminal_gets_a_bar_while_workbooks_are_read(checkout: Checkout, tmp_path: Path) -> None:
    """A pipe gets none: tests/plan."""
    pty = pytest.importorskip("pty")
    screen, terminal = pty.openpty()
    command = checkout.command("--data-dir", SAMPLES, "--max-files", "3", "--plan-dir", tmp_path / "plan")
    with subprocess.Popen(
        command, cwd=checkout.root, env=checkout.env(TERM="xterm"), stdout=subprocess.PIPE, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(screen, 4096):
                shown += part
        except OSError:  # the other end is closed
            pass
        process.communicate()
    os.close(screen)
    assert process.returncode == 0
    assert "reading workbooks" in shown.decode()
    assert "3/3" in shown.decode()


class Watching(Listening):
    """An observer that wants to know how many rows of one workbook are read."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def counting_rows(self) -> Callable[[int], None]:
        """Rows are kept."""
        return self.rows.append


def test_rows_of_a_single_large_workbook_are_told_as_they_are_read(tmp_path: Path) -> None:
    lines = ["年,月,计划代码,公司代码,收益率", *(f"2024,11,P{number},C1,0.01" for number in range(5_000))]
    (tmp_path / "2024-11_受托业绩报告.csv").write_text("\n".join(lines), encoding="utf-8")
    observer = Watching()
    asked = options(tmp_path / "plan")
    done = plan_or_load(asked, Settings(data_base_dir=tmp_path), observer)
    assert isinstance(done, Planned)
    assert observer.rows == sorted(observer.rows)
    assert observer.rows[-1] == 5_000
