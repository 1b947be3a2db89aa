"""A mended row is read under what it was rejected under: it gives the record that mending the workbook itself gives."""

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from conftest import HEADER, NAME, Checkout, plan_of
from extract.errors.base import ExitCode
from extract.table.sheet.mending_format import NAMES

GOOD = [(2024, 11, f"G{number}", "C1", 0.01, 1.5, 1000) for number in range(4)]
WRONG = "about 3"
Rows = Sequence[Sequence[object]]
Format = Callable[[Worksheet], None]


def formatted(column: str, code: str) -> Format:
    """Gives the numbers of a column a number format."""

    def give(sheet: Worksheet) -> None:
        for cell in sheet[column]:
            if isinstance(cell.value, int | float):
                cell.number_format = code

    return give


def plain(_: Worksheet) -> None:
    """No number formats."""


SWAPPED = ("年", "月", "计划代码", "公司代码", "规模(亿元)", "净值", "收益率(%)")
BOOKS: dict[str, tuple[Rows, Format, str]] = {
    "a unit in the title": ([("单位：万元",), HEADER, *GOOD, (2024, 11, "P1", "C1", 0.02, WRONG, 12.5)], plain, "F7"),
    "a row of units": (
        [HEADER, ("", "", "", "", "%", "元", "万元"), *GOOD, (2024, 11, "P1", "C1", 0.5, WRONG, 12.5)], plain, "F7",
    ),
    "a literal in a number format": (
        [HEADER, *GOOD, (2024, 11, "P1", "C1", 0.5, WRONG, 12.5)], formatted("G", '0.00"万元"'), "F6",
    ),
    "a percentage by format under a header in percent": (
        [(*HEADER[:4], "收益率(%)", *HEADER[5:]), *GOOD, (2024, 11, "P1", "C1", 0.055, WRONG, 12.5)],
        formatted("E", "0.00%"), "F6",
    ),
    "a return in percent": (
        [(*HEADER[:4], "收益率(%)", *HEADER[5:]), *GOOD, (2024, 11, "P1", "C1", 0.55, WRONG, 12.5)], plain, "F6",
    ),
    "a second table with columns swapped": (
        [HEADER, *GOOD, (2024, 11, "P0", "C1", 0.02, 1.5, WRONG), (),
         SWAPPED, (2024, 11, "P1", "C1", 12.5, WRONG, 0.5)], plain, "F9",
    ),
    "a group that tells two columns apart": (
        [("", "", "", "", "本月", "", "", "本年累计"), (*HEADER, "收益率"), *GOOD,
         (2024, 11, "P1", "C1", 0.02, WRONG, 12.5, 0.3)], plain, "F7",
    ),
    "a column of the same name under a group that tells nothing": (
        [("", "", "", "", "当期", "", "", "考核"), (*HEADER, "收益率"), *GOOD,
         (2024, 11, "P1", "C1", 0.02, WRONG, 12.5, 0.3)], plain, "F7",
    ),
    "the month before a header": (
        [(*HEADER[:6], "11月规模(万元)"), *GOOD, (2024, 11, "P1", "C1", 0.02, WRONG, 12.5)], plain, "F6",
    ),
    "the period from the file name": (
        [HEADER[2:], *(row[2:] for row in GOOD), ("P1", "C1", 0.02, WRONG, 12.5)], plain, "D6",
    ),
}  # fmt: skip


def write(path: Path, rows: Rows, give: Format) -> Path:
    """A workbook of some rows."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "受托业绩"
    for row in rows:
        workbook.active.append(list(row))
    give(workbook.active)
    workbook.save(path)
    return path


def planned(checkout: Checkout, path: Path, folder: Path) -> dict[str, list[str]]:
    """The records of the plan of a workbook, by plan."""
    done = checkout.run("--file", path, "--plan-dir", folder)
    assert done.returncode == ExitCode.OK, done.stderr
    return {row[1]: row for row in plan_of(folder)}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.heavy if number > 3 else ()) for number, name in enumerate(BOOKS)]
)
def test_a_mended_row_gives_what_the_mended_workbook_gives(checkout: Checkout, tmp_path: Path, name: str) -> None:
    rows, give, cell = BOOKS[name]
    path = write(tmp_path / NAME, rows, give)
    assert "P1" not in planned(checkout, path, tmp_path / "plan")

    rejects = tmp_path / "plan" / "rejects.xlsx"
    workbook = openpyxl.load_workbook(rejects)
    column, number = cell.rstrip("0123456789"), int(cell.lstrip("ABCDEFGH"))
    (found,) = [
        (sheet, row[0].row)
        for sheet in workbook.worksheets[1:]
        for row in sheet.iter_rows(min_row=2)
        if row[[header.value for header in sheet[1]].index(NAMES["en"].place)].value == number
    ]
    sheet, row = found
    assert sheet[f"{column}{row}"].value == WRONG
    sheet[f"{column}{row}"] = 1.25
    workbook.save(rejects)
    mended = planned(checkout, rejects, tmp_path / "mended")["P1"]

    original = openpyxl.load_workbook(path)
    original.active[cell] = 1.25
    original.save(path)
    wanted = planned(checkout, path, tmp_path / "wanted")["P1"]
    assert mended == wanted


def test_a_comma_of_a_csv_with_semicolons_stays_in_doubt(checkout: Checkout, tmp_path: Path) -> None:
    path = tmp_path / NAME.replace(".xlsx", ".csv")
    good = [(*row[:4], "1%", "1.5", "1000") for row in GOOD]
    lines = [HEADER, *good, (2024, 11, "P1", "C1", "0.5%", WRONG, "1,234"), (2024, 11, "P2", "C1", "0.5%", WRONG, "7")]
    path.write_text("\n".join(";".join(map(str, line)) for line in lines), encoding="utf-8")
    first = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert first.returncode == ExitCode.OK, first.stderr
    rejects = tmp_path / "plan" / "rejects.xlsx"
    workbook = openpyxl.load_workbook(rejects)
    sheet = workbook.worksheets[1]
    sheet["F2"], sheet["F3"] = "1.25", 1.25
    workbook.save(rejects)
    mended = planned(checkout, rejects, tmp_path / "mended")
    assert {plan: row[3:6] for plan, row in mended.items()} == {"P2": ["0.005000", "1.2500", "7.00"]}
    assert "1,234" in (tmp_path / "mended" / "rejects.csv").read_text(encoding="utf-8-sig")


def test_a_month_that_was_refused_stays_refused(checkout: Checkout, tmp_path: Path) -> None:
    rows = [HEADER, *GOOD, (2024, 10, "P1", "C1", 0.02, 1.5, 1), (2024, 10, "P2", "C1", 0.02, 1.5, 1)]
    planned(checkout, write(tmp_path / NAME, rows, plain), tmp_path / "plan")
    rejects = tmp_path / "plan" / "rejects.xlsx"
    workbook = openpyxl.load_workbook(rejects)
    workbook.worksheets[1]["B3"] = 11
    workbook.save(rejects)
    assert [*planned(checkout, rejects, tmp_path / "mended")] == ["P2"]
    assert "period_mismatch" in (tmp_path / "mended" / "rejects.csv").read_text(encoding="utf-8-sig")

    # also where the rejects workbook has a month in its name, which says nothing of its rows
    other = rejects.rename(tmp_path / "2024-12_受托业绩_退回.xlsx")
    assert [*planned(checkout, other, tmp_path / "renamed")] == ["P2"]
