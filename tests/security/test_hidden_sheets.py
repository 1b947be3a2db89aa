"""A hidden sheet loads nothing unless it is named, whatever mark the workbook bears."""

from pathlib import Path

import pytest

from conftest import Checkout, plan_of
from extract.errors.base import ExitCode
from extract.table.sheet.mending_format import NAMES
from hostile import good, package, table

VISIBLE = table(*good(2))
HIDDEN = table(*good(3, "X"))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_mark_that_nobody_sees_is_none(checkout: Checkout, tmp_path: Path, state: str) -> None:
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(
        package({(NAMES["en"].summary, state): "", ("受托业绩", "visible"): VISIBLE, ("x", "hidden"): HIDDEN})
    )
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[1] for row in plan_of(tmp_path / "plan")] == ["P0", "P1"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_of_a_rejects_workbook_only_visible_sheets_load(checkout: Checkout, tmp_path: Path, state: str) -> None:
    path = tmp_path / "rejects.xlsx"
    path.write_bytes(package({(NAMES["en"].summary, "visible"): "", ("1", "visible"): VISIBLE, ("2", state): HIDDEN}))
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[1] for row in plan_of(tmp_path / "plan")] == ["P0", "P1"]


def test_discovery_knows_no_rejects_workbook(checkout: Checkout, tmp_path: Path) -> None:
    (checkout.root / "data" / "2024-11_受托业绩.xlsx").write_bytes(
        package({(NAMES["en"].summary, "visible"): VISIBLE, ("2", "visible"): HIDDEN})
    )
    done = checkout.run("--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[1] for row in plan_of(tmp_path / "plan")] == ["P0", "P1"]
