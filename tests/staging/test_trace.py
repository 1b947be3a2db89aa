"""Where a figure comes from: every version down to the cell, what stands there, and the unit that it was read under."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import HEADER, ROW, Checkout, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database


def load(checkout: Checkout, path: Path, *more: str) -> None:
    """Load one workbook."""
    done = checkout.run("--execute", "--file", path, *more)
    assert done.returncode == ExitCode.OK, done.stderr


def trace(checkout: Checkout, *arguments: str) -> list[dict[str, Any]]:
    """The versions of P1 in November 2024, as JSON."""
    done = checkout.run("trace", "P1", "2024-11", "--json", *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    versions: list[dict[str, Any]] = json.loads(done.stdout)["versions"]
    return versions


def cells(version: dict[str, Any]) -> dict[str, tuple[str, str, str, str]]:
    """Field to cell, value, unit and where that stands."""
    return {cell["field"]: (cell["cell"], cell["value"], cell["unit"], cell["unit_from"]) for cell in version["cells"]}


def test_every_version_has_its_cells_and_units(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    load(loading, write_workbook([ROW], name="2024-11_受托业绩.xlsx"))
    header = (*HEADER[:4], "收益率(%)", *HEADER[5:])
    rows = [("受托业绩",), ("单位：万元",), header, (*ROW[:4], 5.5, ROW[5], 2), (*ROW[:2], "P2", "C1", 1, 1, "3亿")]
    titled = write_workbook(rows, header=None, name="2024-11_受托业绩_修订.xlsx")
    load(loading, titled)
    second, first = trace(loading)
    assert second["version"]["batch_id"] == 2
    assert [version["version"]["counts"] for version in (second, first)] == [True, False]
    assert cells(second)["return_rate"] == ("E4", "5.5", "%", "the header E3")
    assert cells(second)["fund_scale"] == ("G4", "2", "万元", "A2: 单位：万元")
    assert cells(first)["return_rate"] == ("E2", "0.01", "fraction", "no unit is stated; a plain number up to 1")
    assert second["version"]["figures"] == {
        "return_rate": "0.055000",
        "net_asset_value": "1.5000",
        "fund_scale": "20000.00",
    }

    shown = loading.run("trace", "p1", "202411", "--company", "C1").stdout
    assert "E4 '5.5' under 收益率(%) (E3), read as % (the header E3)" in " ".join(shown.split())


def test_a_unit_in_the_cell_counts(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([(*ROW[:4], "5.5%", ROW[5], 2)])
    workbook = openpyxl.load_workbook(path)
    workbook.active["G2"].number_format = '0.00"万元"'
    workbook.save(path)
    load(loading, path)
    (only,) = trace(loading)
    assert cells(only)["return_rate"] == ("E2", "5.5%", "%", "the cell itself")
    assert cells(only)["fund_scale"][2:] == ("万", "the number format of the cell")


def test_a_mended_row_leads_to_both_workbooks(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([(*ROW[:4], "x", *ROW[5:]), (*ROW[:2], "P2", *ROW[3:])])
    load(loading, path, "--plan-dir", "plan")
    rejects = loading.root / "plan" / "rejects.xlsx"
    workbook = openpyxl.load_workbook(rejects)
    sheet = workbook.worksheets[1]
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "x"]
    cell.value = 0.02
    place = cell.coordinate
    workbook.save(rejects)
    load(loading, rejects)
    (only,) = trace(loading)
    assert only["version"]["data_source"] == path.name
    assert only["version"]["source_row"] == 2
    assert only["version"]["path"] == str(rejects)
    assert cells(only)["return_rate"][:2] == (place, "0.02")


def test_a_workbook_that_is_gone_or_changed_is_told(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([ROW])
    load(loading, path)
    write_workbook([(*ROW[:6], 7)])
    (only,) = trace(loading)
    assert only["cells"] == []
    assert "has changed since" in only["why_not"]
    path.unlink()
    (only,) = trace(loading)
    assert only["why_not"].endswith("is gone")


@pytest.mark.parametrize("arguments", [("P9", "2024-11"), ("P1", "2024-10")])
def test_what_nobody_loaded_is_unknown(loading: Checkout, arguments: tuple[str, ...]) -> None:
    done = loading.run("trace", *arguments)
    assert done.returncode == ExitCode.DATA
    assert "no load brought a figure of plan" in done.stderr


def test_codes_are_typed_as_they_stand_in_a_workbook(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    load(loading, write_workbook([(*ROW[:2], "P-1", "c_1", *ROW[4:])]))
    done = loading.run("trace", "p-１", "2024-11", "--company", "C-1")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "2024-11-01 P1 C1: counts" in done.stdout
    unknown = loading.run("trace", "P1", "2024-11", "--company", "C9")
    assert unknown.returncode == ExitCode.DATA
    assert "no load brought a figure of plan P1 of company C9 for 2024-11" in unknown.stderr
