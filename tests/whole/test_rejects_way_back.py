"""The way of rejects back, through real processes: planned, mended in Excel's place, loaded, built, undone."""

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from conftest import NAME, Checkout, Database, WriteWorkbook, plan_of
from extract.errors.base import ExitCode
from extract.table.sheet.mending_format import NAMES

GOOD = [(2024, 11, f"G{number:02}", "C1", 0.01, 1.5, 1000) for number in range(19)]
BAD = [(2024, 11, f"B{number:02}", "C1", 0.02, 1.5, "about 3") for number in range(9)]
TWICE = [(2024, 11, "T1", "C1", 0.02, 1.5, 7), (2024, 11, "T1", "C1", 0.02, 1.5, 8)]
ROWS = [*GOOD, TWICE[0], *BAD, TWICE[1]]


def change(path: Path, mend: Callable[[Worksheet], object]) -> None:
    """Open the rejects workbook, mend its first sheet of rows, save."""
    workbook = openpyxl.load_workbook(path)
    mend(workbook.worksheets[1])
    workbook.save(path)


def column(sheet: Worksheet, name: str) -> list[object]:
    """What stands below a header."""
    (header,) = (cell for cell in sheet[1] if cell.value == name)
    return [cell.value for cell in sheet[header.column_letter][1:]]


def three(sheet: Worksheet) -> None:
    """Mend the repeated key and one of the others; delete two."""
    assert column(sheet, NAMES["en"].place) == [21, 31, *range(22, 31)]  # rows with one key stand one below the other
    coloured = {cell.coordinate for row in sheet["A2:G3"] for cell in row if cell.fill.fgColor.rgb == "00FFC7CE"}
    assert coloured == {"G2", "G3"}
    assert "row 31 has 8.00" in sheet["G2"].comment.text
    sheet["G2"] = 8  # the same as the other: one of them loads, and both are settled
    sheet["G4"] = 3
    sheet.delete_rows(11, 2)


def account(checkout: Checkout, database: Database) -> list[tuple[object, ...]]:
    """What the month says of its rows."""
    built = checkout.dbt("--quiet", "run")
    assert built.returncode == 0, built.stdout
    return database.query(
        "select sheets, rows_read, rows_loaded, rows_rejected, rows_rejected_open, rows_mended, rows_counting"
        " from marts.data_quality_monthly"
    )


@pytest.mark.heavy
@pytest.mark.database
def test_a_part_is_mended_and_the_rest_stays_open(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    path = write_workbook(ROWS, folder=loading.root / "data")
    planned = loading.run("--plan-dir", loading.root / "plans" / "november")
    assert planned.returncode == ExitCode.OK, planned.stderr
    command = re.search(r"python run\.py (--execute --file plans/november/rejects\.xlsx) && dbt build", planned.stdout)
    assert command
    rejects = loading.root / "plans" / "november" / "rejects.xlsx"
    guide = [row[0].value for row in openpyxl.load_workbook(rejects).worksheets[0].iter_rows()][-1]
    assert guide.endswith("python run.py --execute --file plans/november/rejects.xlsx")

    # the plan stays applicable while its rejects are mended
    change(rejects, three)
    assert loading.run("apply", "plans/november").returncode == ExitCode.OK
    assert loading.dbt("--quiet", "seed").returncode == 0
    assert account(loading, database) == [(1, 30, 19, 11, 11, 0, 19)]

    done = loading.run(*command[1].split())
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"3 of 11 rejected rows of {NAME} mended, 8 still open" in done.stdout
    built = loading.dbt("build")
    assert built.returncode == 0, built.stdout
    assert account(loading, database) == [(1, 30, 19, 11, 8, 3, 21)]
    lineage = "select plan_code, data_source, source_sheet, source_row from marts.trustee_performance"
    assert database.query(f"{lineage} where plan_code in ('B00', 'T1') order by 1") == [
        ("B00", NAME, "受托业绩", 22), ("T1", NAME, "受托业绩", 21),
    ]  # fmt: skip
    ledger = "select path, mends from staging.source_files order by file_id"
    assert database.query(ledger) == [(str(path), None), (str(rejects), NAME)]

    # the rest, from the rejects of that load
    (second,) = (folder for folder in (loading.root / "plans").iterdir() if folder.name != "november")
    sheet = openpyxl.load_workbook(second / "rejects.xlsx").worksheets[1]
    first = openpyxl.load_workbook(rejects).worksheets[1]
    assert column(sheet, NAMES["en"].reject_id) == column(first, NAMES["en"].reject_id)[3:]
    change(second / "rejects.xlsx", lambda sheet: [sheet.cell(row, 7, 5) for row in range(2, sheet.max_row + 1)])
    assert loading.run("--execute", "--file", second / "rejects.xlsx").returncode == ExitCode.OK
    assert account(loading, database) == [(1, 30, 19, 11, 2, 9, 27)]

    # the same workbook again has the same rejects, which are mended already
    assert loading.run("--execute", "--reload").returncode == ExitCode.OK
    assert account(loading, database) == [(1, 30, 19, 11, 2, 9, 27)]

    # what was mended by a load is open again once that is undone
    assert loading.run("undo", "2").returncode == ExitCode.OK
    assert account(loading, database) == [(1, 30, 19, 11, 5, 6, 25)]

    # and a workbook without these rows leaves none open
    write_workbook([*GOOD, *((*row[:6], 1) for row in [*BAD, TWICE[0]])], folder=loading.root / "data")
    assert loading.run("--execute").returncode == ExitCode.OK
    assert account(loading, database) == [(1, 29, 29, 0, 0, 0, 29)]


@pytest.fixture
def rejects(checkout: Checkout, write_workbook: WriteWorkbook) -> Path:
    """The rejects workbook of a plan."""
    done = checkout.run("--file", write_workbook(ROWS), "--plan-dir", checkout.root / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    return checkout.root / "plan" / "rejects.xlsx"


def records(checkout: Checkout, path: Path, folder: str) -> list[list[str]]:
    """Plan and place of the records of a plan."""
    done = checkout.run("--file", path, "--plan-dir", checkout.root / folder)
    assert done.returncode == ExitCode.OK, done.stderr
    return [[row[1], *row[8:]] for row in plan_of(checkout.root / folder)]


def test_a_row_that_does_not_tell_its_reject_is_a_row_of_this_workbook(checkout: Checkout, rejects: Path) -> None:
    def mend(sheet: Worksheet) -> None:
        (identity,) = (cell.column for cell in sheet[1] if cell.value == NAMES["en"].reject_id)
        for row in (4, 5, 6):
            sheet.cell(row, 7, 3)
        sheet.cell(5, identity, sheet.cell(4, identity).value)  # filled down
        sheet.cell(6, identity).value = None

    change(rejects, mend)
    title = openpyxl.load_workbook(rejects).worksheets[1].title
    assert records(checkout, rejects, "mended") == [
        ["B00", NAME, "受托业绩", "22"],
        ["B01", "rejects.xlsx", title, "5"],
        ["B02", "rejects.xlsx", title, "6"],
    ]
    told = checkout.run("--file", rejects, "--plan-dir", checkout.root / "again").stdout
    assert "warning origin_unknown: rejects.xlsx: rows 5, 6 bear no id" in " ".join(told.split())
    assert f"1 of 11 rejected rows of {NAME} mended, 10 still open" in told


def test_only_a_workbook_that_shows_the_mark_and_is_named_is_one_of_rejects(checkout: Checkout, rejects: Path) -> None:
    change(rejects, lambda sheet: sheet.cell(4, 7, 3))
    found = checkout.root / "data" / "2024-11_受托业绩.xlsx"
    found.write_bytes(rejects.read_bytes())
    done = checkout.run("--plan-dir", checkout.root / "found")
    assert done.returncode == ExitCode.DATA
    assert f"sheet {NAMES['en'].summary}: no header" in " ".join(done.stderr.split())
    workbook = openpyxl.load_workbook(rejects)
    workbook.worksheets[0].sheet_state = "hidden"
    workbook.active = 1
    workbook.save(found)
    done = checkout.run("--file", found, "--plan-dir", checkout.root / "hidden")
    assert done.returncode == ExitCode.DATA
    assert "10 of 11 rows are rejected" in " ".join(done.stderr.split())
