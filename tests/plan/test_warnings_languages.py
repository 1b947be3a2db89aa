"""A warning names sheet, cell and value in every language."""

import re
from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER, ROW, Checkout, WriteWorkbook
from extract.errors.base import ExitCode


@pytest.fixture
def doubtful(write_workbook: WriteWorkbook) -> Path:
    """A workbook of a hidden row, another month above the table, mixed shares, and a further sheet with a table."""
    rows = [(*ROW[:2], f"Q{number}", *ROW[3:]) for number in range(3)]
    path = write_workbook([("1-3月累计",), HEADER, *rows, (*ROW[:4], 55.5, *ROW[5:])], header=None)
    workbook = openpyxl.load_workbook(path)
    workbook.active.row_dimensions[4].hidden = True
    further = workbook.create_sheet("补充")
    for row in (HEADER, ROW):
        further.append(row)
    workbook.save(path)
    return path


def warned(checkout: Checkout, path: Path, language: str) -> tuple[dict[str, str], set[str]]:
    """The warnings of a plan on the screen by their codes, and the texts of plan.xlsx."""
    folder = checkout.root / language
    done = checkout.run("--file", path, "--plan-dir", folder, "--language", language)
    assert done.returncode == ExitCode.OK, done.stderr
    told = re.findall(
        r"^(?:warning|警告) ([a-z_]+)[:：]\s*(.*(?:\n(?!warning|警告|note|备注).*)*)", done.stdout, re.MULTILINE
    )
    sheets = openpyxl.load_workbook(folder / "plan.xlsx").worksheets
    texts = {cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    return {code: " ".join(text.split()) for code, text in told}, texts


def test_a_warning_names_its_cells_in_chinese_too(checkout: Checkout, doubtful: Path) -> None:
    english, _ = warned(checkout, doubtful, "en")
    chinese, texts = warned(checkout, doubtful, "zh")
    assert {"rows_hidden", "other_span", "ambiguous_unit", "sheets_not_read"} <= english.keys() == chinese.keys()
    for code, named in {
        "rows_hidden": ("4",),
        "other_span": ("A1", "1-3月累计"),
        "ambiguous_unit": ("收益率", "E6 55.5"),
        "sheets_not_read": ("补充",),
    }.items():
        assert all(name in english[code] for name in named), english[code]
        assert all(name in chinese[code] for name in named), chinese[code]
        assert any(all(name in text for name in named) and re.search("[，：；]", text) for text in texts), code
        assert re.findall(r"\b[a-z]+ [a-z]+ [a-z]+\b", chinese[code]) == [], code


@pytest.mark.parametrize(("separator", "told"), [(",", "以逗号分隔"), (";", "以分号分隔")])
def test_a_remark_speaks_chinese_too(separator: str, told: str, checkout: Checkout) -> None:
    path = checkout.root / "2024-11_受托业绩.csv"
    lines = ["计划代码,公司代码,收益率,净值,规模", "P1,C1,0.01,1.5,1000"]
    path.write_text("\n".join(lines).replace(",", separator), encoding="utf-8")
    done = checkout.run("--file", path, "--language", "zh")
    remarks = re.findall(r"备注：2024-11_受托业绩\.csv：(.*)", done.stdout)
    assert remarks == [f"按 UTF-8 读取，{told}", "没有期间列：期间 2024-11 取自文件名"]
