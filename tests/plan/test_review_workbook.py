"""plan.xlsx, which a reviewer prints and signs; and the BOM of the csv files that a Chinese Excel opens."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from conftest import HEADER, ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.plan.seal import BOM
from extract.spreadsheet import Book, Column, Line

FORMULA = "=1+1"
MART = """
    create schema marts;
    create table marts.trustee_performance as
    select report_date::date, plan_code::varchar(50), company_code::varchar(20), return_rate::numeric(8, 6),
        null::numeric(18, 4) as net_asset_value, fund_scale::numeric(18, 2),
        's'::text as data_source, 's'::text as source_sheet, 1 as source_row
    from (values ('2024-10-01', 'P1', 'C1', 0.01, 10), ('2024-11-01', 'P1', 'C1', 0.02, 1000))
        as mart (report_date, plan_code, company_code, return_rate, fund_scale)
"""


def planned(checkout: Checkout, folder: Path, *arguments: str) -> openpyxl.Workbook:
    """plan.xlsx of a plan of what is in data/."""
    done = checkout.run("--plan-dir", folder, *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    return openpyxl.load_workbook(folder / "plan.xlsx")


def texts(sheet: Worksheet) -> list[list[object]]:
    """The values of the rows of a sheet, without empty cells."""
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def test_a_plan_can_be_printed_and_signed(checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    odd = (2024, 10, "00012", "C1", 0.01, 1.5, 1)
    bad = (2024, 11, FORMULA, "C1", "x", 1.5, 1)
    write_workbook([ROW, bad, odd], header=(*HEADER, "备注"), folder=checkout.root / "data")
    book = planned(checkout, tmp_path / "plan", "--accept", "period_mismatch")
    assert book.sheetnames == ["Summary", "Rejects"]
    summary = texts(book["Summary"])
    plan_id = summary[1][1]
    assert summary[1] == ["Id of the plan", plan_id]
    assert f'"id": "{plan_id}"' in (tmp_path / "plan" / "plan.json").read_text(encoding="utf-8")
    for line in (
        ["State", "ready to be loaded"],
        ["Rows rejected", 1],
        ["Guards that were let pass"],
        ["Signature", "_" * 28],
    ):
        assert line in summary
    assert any(line and str(line[0]).startswith("period_mismatch: ") for line in summary)
    assert any("ignored_columns" in line and "备注" in line for line in summary)
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == ("9", "landscape") or (
            sheet.page_setup.paperSize, sheet.page_setup.orientation
        ) == (9, "landscape")  # fmt: skip
        assert plan_id in sheet.oddFooter.left.text
    rejects = book["Rejects"]
    assert [cell.value for cell in rejects[1]] == ["Workbook", "Sheet", "Row", "Column", "Value", "Code", "Reason"]
    assert rejects.freeze_panes == "A2"
    assert rejects["E2"].fill.start_color.rgb == "FFFFC7CE"


def test_nothing_in_it_is_a_formula(checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    rows = [(2024, 11, f"P{number}", "C1", value, 1.5, 1)
            for number, value in enumerate(("=1+1", "+1+x", "-x", "@SUM(A1)"))]  # fmt: skip
    write_workbook([ROW] * 1 + rows + [(*ROW[:2], f"Q{n}", *ROW[3:]) for n in range(9)], folder=checkout.root / "data",
                   sheet="=cmd")  # fmt: skip
    planned(checkout, tmp_path / "plan")
    with ZipFile(tmp_path / "plan" / "plan.xlsx") as package:
        for name in package.namelist():
            assert b"<f>" not in package.read(name)
    sheet = openpyxl.load_workbook(tmp_path / "plan" / "plan.xlsx")["Rejects"]
    assert {sheet.cell(row, 2).data_type for row in range(2, sheet.max_row + 1)} == {"s"}
    assert sheet["B2"].quotePrefix


def test_the_same_plan_gives_the_same_bytes(checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    write_workbook([ROW], folder=checkout.root / "data")
    for name in ("one", "two"):
        planned(checkout, tmp_path / name)
    assert (tmp_path / "one" / "plan.xlsx").read_bytes() == (tmp_path / "two" / "plan.xlsx").read_bytes()


def test_numbers_that_excel_would_round_stay_texts(tmp_path: Path) -> None:
    book = Book("numbers")
    values = (Decimal("12345678901234.5678"), Decimal("0.015000"), 7, "00012", None, True)
    book.page("a", "b").table([Column(str(n)) for n in range(6)], [Line(values)], alone=True)
    (tmp_path / "x.xlsx").write_bytes(book.close())
    row = openpyxl.load_workbook(tmp_path / "x.xlsx").active[2]
    assert [cell.value for cell in row] == ["12345678901234.5678", 0.015, 7, "00012", None, True]


def test_csv_files_that_people_open_begin_with_a_bom(
    checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)], folder=checkout.root / "data")
    planned(checkout, tmp_path / "plan")
    assert (tmp_path / "plan" / "rejects.csv").read_bytes().startswith(BOM + b"data_source,")
    for name in ("trustee_performance.csv", "rejected_rows.csv"):  # what COPY sends
        assert not (tmp_path / "plan" / name).read_bytes().startswith(BOM)


@pytest.mark.database
def test_changes_and_the_month_before_are_coloured(
    loading: Checkout, database: Database, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    database.query(MART)
    write_workbook([ROW, (*ROW[:2], "P2", *ROW[3:])], folder=loading.root / "data")
    planned(loading, tmp_path / "plain")
    shutil.copytree(tmp_path / "plain", tmp_path / "later")
    book = planned(loading, tmp_path / "plan", "--diff")
    assert book.sheetnames == ["Summary", "Month before", "Changes"]
    assert (tmp_path / "plan" / "diff.csv").read_bytes().startswith(BOM + b"change,")
    changes = book["Changes"]
    with (tmp_path / "plan" / "diff.csv").open(encoding="utf-8-sig", newline="") as lines:
        expected = list(csv.reader(lines))
    assert [str(cell.value) for cell in changes[1]] == expected[0]
    assert changes.max_row == len(expected)
    fills = {changes.cell(row, 1).value: changes.cell(row, 1).fill.start_color.rgb for row in range(2, changes.max_row)}
    assert fills == {"changed": "FFFFF2CC", "new": "FFE2EFDA"}
    assert changes["F2"].value == 0.02  # a number, with the code beside it a text
    before = [[cell.value for cell in row] for row in book["Month before"].iter_rows(min_row=2)]
    assert ["2024-11", "C1", "fund_scale", "sum", 10, 2000, 200] in [row[:7] for row in before]
    done = loading.run("apply", tmp_path / "later", "--diff")
    assert done.returncode == ExitCode.OK, done.stderr
    assert openpyxl.load_workbook(tmp_path / "later" / "plan.xlsx").sheetnames == book.sheetnames
    assert loading.run("apply", tmp_path / "later").returncode == ExitCode.OK
