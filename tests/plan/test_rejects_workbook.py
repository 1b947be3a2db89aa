"""rejects.xlsx: what a person sees in it, and that mended rows load."""

from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER, NAME, ROW, Checkout, WriteWorkbook, plan_of
from extract.errors.base import ExitCode
from extract.table.sheet.mending_format import NAMES

EN, ZH, BOTH = (NAMES[name] for name in ("en", "zh", "both"))
GOOD = [(*ROW[:2], f"G{number}", *ROW[3:]) for number in range(9)]


@pytest.fixture
def rejected(checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path) -> Path:
    """The plan of a workbook with a title, texts that look like formulas, and four rows to mend."""
    path = write_workbook(
        [
            ("标题",),
            (*HEADER[:4], "收益率(%)", *HEADER[5:], "备注"),
            *GOOD,
            (2024, 11, "00P1", "C1", 0.5, 1.5, "x", "=1+2"),
            (2024, 13, "P2", None, 0.055, 1.5, 2, "-5"),
            (2024, 11, "P3", "C1", 1, 1.5, 3, "@x"),
            (2024, 11, "P3", "C1", 2, 1.5, 3, "+y"),
        ],
        header=None,
    )
    workbook = openpyxl.load_workbook(path)
    for row in (12, 13):
        workbook.active[f"H{row}"].data_type = "s"
    workbook.active["E13"].number_format = "0.00%"
    workbook.save(path)
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    return tmp_path / "plan"


def test_what_a_person_sees(rejected: Path) -> None:
    workbook = openpyxl.load_workbook(rejected / "rejects.xlsx")
    summary, sheet = workbook.worksheets
    assert summary.title == EN.summary
    counts = {row[2].value: row[3].value for row in summary.iter_rows(min_row=2) if row[2].value}
    assert counts == {"invalid_number": 1, "invalid_period": 1, "missing": 1, "conflicting_duplicate": 2}
    assert summary["A2"].hyperlink.target.startswith("file:///")
    behind = [EN.reasons, *EN.always, EN.month]
    assert [cell.value for cell in sheet[1]] == [*HEADER[:4], "收益率(%)", *HEADER[5:], "备注", *behind]
    assert [cell.value for cell in sheet["M"]][1:] == [12, 13, 14, 15]
    assert {(sheet[f"K{row}"].value, sheet[f"L{row}"].value) for row in range(2, 6)} == {(NAME, "受托业绩")}
    coloured = {
        cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.fill.fgColor.rgb == "00FFC7CE"
    }
    assert coloured == {"G2", "B3", "D3", "E4", "E5"}
    assert "row 15 has 0.020000" in sheet["E4"].comment.text
    assert "invalid_number" in sheet["G2"].comment.text
    assert "规模: x cannot be read as a number" in sheet["I2"].value
    assert sheet["C2"].value == "00P1"
    assert (sheet["E3"].value, sheet["E3"].number_format[-1]) == (0.055, "%")
    texts = [sheet[f"H{row}"] for row in range(2, 6)]
    assert [cell.value for cell in texts] == ["=1+2", "-5", "@x", "+y"]
    assert {cell.data_type for cell in texts} == {"s"}


def test_mended_rows_load_with_the_place_they_were_rejected_from(
    rejected: Path, checkout: Checkout, tmp_path: Path
) -> None:
    path = rejected / "rejects.xlsx"
    unmended = checkout.run("--file", path, "--plan-dir", tmp_path / "unmended")
    assert unmended.returncode == ExitCode.OK, unmended.stderr
    assert "0 of 4 rejected rows of" in unmended.stdout
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[1]
    sheet["G2"], sheet["B3"], sheet["D3"], sheet["C5"] = 7, 11, "C2", "P4"
    workbook.save(path)
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "mended")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "4 of 4 rejected rows of" in done.stdout
    assert [row[:6] + row[8:] for row in plan_of(tmp_path / "mended")] == [
        ["2024-11-01", "00P1", "C1", "0.005000", "1.5000", "7.00", NAME, "受托业绩", "12"],
        ["2024-11-01", "P2", "C2", "0.055000", "1.5000", "2.00", NAME, "受托业绩", "13"],
        ["2024-11-01", "P3", "C1", "0.010000", "1.5000", "3.00", NAME, "受托业绩", "14"],
        ["2024-11-01", "P4", "C1", "0.020000", "1.5000", "3.00", NAME, "受托业绩", "15"],
    ]


def test_a_period_that_only_the_file_name_gave_is_kept(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    path = write_workbook([("P1", "C1", 0.1), ("P2", "C1", "x")], header=("计划代码", "公司代码", "收益率"))
    assert checkout.run("--file", path, "--plan-dir", tmp_path / "plan").returncode == ExitCode.OK
    workbook = openpyxl.load_workbook(tmp_path / "plan" / "rejects.xlsx")
    workbook.worksheets[1]["C2"] = 0.2
    workbook.save(tmp_path / "rejects.xlsx")
    done = checkout.run("--file", tmp_path / "rejects.xlsx", "--plan-dir", tmp_path / "mended")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[:4] for row in plan_of(tmp_path / "mended")] == [["2024-11-01", "P2", "C1", "0.200000"]]


def test_the_same_rejects_give_the_same_bytes(rejected: Path, checkout: Checkout, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("*.xlsx")
    first = rejected.rename(tmp_path / "first")
    checkout.run("--file", path, "--plan-dir", rejected)  # its path is told in the workbook
    assert (rejected / "rejects.xlsx").read_bytes() == (first / "rejects.xlsx").read_bytes()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_sheet_that_is_too_wide_for_our_columns_is_cut_behind_its_fields(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path, kind: str
) -> None:
    wrong = (*ROW[:2], "P2", *ROW[3:-1], "x")
    path = write_workbook([*GOOD, wrong])
    if kind == "xlsx":
        workbook = openpyxl.load_workbook(path)
        workbook.active["XFD1"] = "备注"
        workbook.save(path)
    else:
        lines = [",".join(map(str, row)) for row in (HEADER, *GOOD, wrong)]
        path = path.with_suffix(".csv")
        path.write_text("\n".join([lines[0] + "," * 20_000 + "备注", *lines[1:]]), "utf-8")
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    workbook = openpyxl.load_workbook(tmp_path / "plan" / "rejects.xlsx")
    sheet = workbook.worksheets[1]
    assert sheet.max_column <= 16_384
    assert [str(cell.value) for cell in sheet[2]][: len(ROW)] == [*map(str, wrong)]
    sheet.cell(row=2, column=len(ROW)).value = 7
    workbook.save(tmp_path / "rejects.xlsx")
    done = checkout.run("--file", tmp_path / "rejects.xlsx", "--plan-dir", tmp_path / "mended")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[:6] for row in plan_of(tmp_path / "mended")] == [
        ["2024-11-01", "P2", "C1", "0.010000", "1.5000", "7.00"]
    ]


def test_without_rejects_there_is_no_rejects_workbook(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    checkout.run("--file", write_workbook([ROW]), "--plan-dir", tmp_path / "plan")
    assert not (tmp_path / "plan" / "rejects.xlsx").exists()


def test_a_chinese_mender_finds_what_to_do_in_chinese(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    path = write_workbook(
        [*GOOD, (*ROW[:4], "5,5%", *ROW[5:]), (*ROW[:2], "P2", *ROW[3:]), (*ROW[:2], "P2", "C1", 0.02, 1.5, 1000)]
    )
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan", "--language", "zh")
    assert done.returncode == ExitCode.OK, done.stderr
    summary, sheet = openpyxl.load_workbook(tmp_path / "plan" / "rejects.xlsx").worksheets
    assert "在后面的工作表中更正着色的单元格" in summary.cell(summary.max_row, 1).value
    reasons = next(column for column in sheet.iter_cols() if column[0].value == ZH.reasons)
    told = "在收益率只写数字，例如比率写 5% 或 0.05，金额写 1234.56；没有数字时留空：5,5% 不是数字"
    assert reasons[1].value == f"收益率: invalid_number (E11) → {told}"
    assert reasons[2].value.endswith("→ 主键相同的行只保留一行，或使其收益率一致")
    assert (
        sheet["E2"].comment.text
        == "invalid_number: 在收益率只写数字，例如比率写 5% 或 0.05，金额写 1234.56；没有数字时留空：5,5% 不是数字"
    )
