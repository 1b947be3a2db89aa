"""Paths that no disk takes or that are no text are errors of ours, through real processes."""

import os
from pathlib import Path

import pytest

from conftest import NAME, ROW, Checkout, WriteWorkbook

BYTES = "\udcff\udcfe"
LONG = "很" * 90  # 270 bytes
LONGEST = "计" * 85  # 255 bytes, the most that a disk takes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names of bytes, and of at most 255 of them")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--file", f"{BYTES}.xlsx"), "is not valid text (UTF-8)"),
        (("--file", f"{LONG}.xlsx"), "File name too long"),
        (("--file", "a/" * 3000), "File name too long"),
        (("--data-dir", BYTES), "is not valid text (UTF-8)"),
        (("--data-dir", LONG), "File name too long"),
        (("--config", LONG), "File name too long"),
        (("--config", BYTES), "there is no configuration file"),
        (("--plan-dir", LONG), "File name too long"),
        (("--plan-dir", f"{LONG}/below"), "File name too long"),
        (("--plan-dir", "a/" * 3000), "File name too long"),
        (("apply", LONG), "File name too long"),
        (("apply", BYTES), "there is no plan in"),
    ],
)
def test_a_path_that_cannot_be(checkout: Checkout, arguments: tuple[str, ...], message: str) -> None:
    done = checkout.run(*arguments)
    assert done.returncode in (1, 2), done.stderr
    assert message in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_whose_name_is_no_text(checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path) -> None:
    for path in (tmp_path / f"2024-11_{BYTES}_受托业绩.xlsx", tmp_path / BYTES / NAME):
        path.parent.mkdir(exist_ok=True)
        write_workbook([ROW]).rename(path)
        for arguments in (("--file", path), ("--data-dir", path.parent)):
            done = checkout.run(*arguments)
            assert done.returncode == (2 if arguments[0] == "--file" or path.parent.name == BYTES else 1), done.stderr
            assert "not valid text" in done.stderr
            assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", [LONGEST, BYTES, "esc\x1b[2J"])
def test_a_plan_directory_of_any_name_that_the_disk_takes(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path, name: str
) -> None:
    directory = tmp_path / name
    done = checkout.run("--file", write_workbook([ROW]), "--plan-dir", directory, "--log-format", "json")
    assert done.returncode == 0, done.stderr
    assert (directory / "plan.json").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_named_by_several_months(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([ROW], name="2024年10月-11月受托业绩.xlsx")
    for arguments in (("--file", path), ("--data-dir", path.parent)):
        done = checkout.run(*arguments)
        assert done.returncode == 1
        assert "2024-10 and 2024-11" in done.stderr
        assert "--period" in done.stderr
    done = checkout.run("--data-dir", path.parent, "--period", "202411")
    assert done.returncode == 0, done.stderr
