"""rules.md, Finding the table: what sheets that are not read say, and sheets that are read together."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from layouts import NAME, Rows, row
from reading import read_all


def sheets(folder: Path, *parts: tuple[str, Rows]) -> Path:
    """A workbook of several sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in parts:
        sheet = workbook.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    path = folder / f"{NAME}.xlsx"
    workbook.save(path)
    return path


DATA = ("数据", [HEADER, row()])
CASES: dict[str, tuple[Sequence[tuple[str, Rows]], str, str]] = {
    "a unit on a sheet of notes": ([DATA, ("说明", [("本表金额单位：万元",)])], "unit_not_read", "sheet 说明, A1"),
    "a unit far down": ([DATA, ("说明", [("x",)] * 40 + [("单位：万元",)])], "unit_not_read", "sheet 说明, A41"),
    "how to fill in": ([DATA, ("说明", [("收益率请填写百分数，如5%填5",)])], "unit_not_read", "sheet 说明, A1"),
    "a span": ([DATA, ("说明", [("收益率为今年以来收益率",)])], "other_span", "sheet 说明, A1"),
    "rows that go on": ([DATA, ("续表", [row("P2"), row("P3")])], "sheets_not_read", "sheet 续表 holds rows"),
}


@pytest.mark.parametrize(("parts", "code", "place"), CASES.values(), ids=CASES.keys())
def test_another_sheet_is_told(
    parts: Sequence[tuple[str, Rows]], code: str, place: str, tmp_path: Path, domain: Domain
) -> None:
    (result,) = read_all(sheets(tmp_path, *parts), domain)
    assert [(warning.code, place in warning.detail) for warning in result.report.warnings] == [(code, True)]


@pytest.mark.parametrize(
    "rows",
    [
        [("封面",)],
        [("规模为月末资产净值，单位为元",)],
        [("合计", None, None, None, 0.1, 1, 5)],
        [("公司", "户数"), ("甲", 3)],
        [],
    ],
)
def test_a_sheet_of_something_else_is_not(rows: Rows, tmp_path: Path, domain: Domain) -> None:
    (result,) = read_all(sheets(tmp_path, DATA, ("其他", rows)), domain)
    assert result.report.warnings == ()


def test_a_unit_that_one_of_several_sheets_states_is_told(tmp_path: Path, domain: Domain) -> None:
    path = sheets(tmp_path, ("C1", [("单位：万元",), HEADER, row()]), ("C2", [HEADER, row("P2")]))
    results = read_all(path, domain, sheets="^C")
    warnings = [warning for result in results for warning in result.report.warnings]
    assert [(one.code, "sheet C2 none" in one.detail) for one in warnings] == [("unit_unclear", True)]
