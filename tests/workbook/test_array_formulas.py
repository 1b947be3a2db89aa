"""rules.md, Numbers: the cells that an array formula fills are formulas too, although only the first one says so."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula

from extract.domains.registry import Domain
from layouts import SHORT, short
from reading import cells, read

NAME = "2024-11_受托业绩.xlsx"


def test_an_array_that_openpyxl_wrote_was_never_calculated(tmp_path: Path, domain: Domain) -> None:
    workbook = openpyxl.Workbook()
    for row in (SHORT, *(short(f"P{number}") for number in range(1, 6))):
        workbook.active.append(list(row))
    workbook.active["C2"] = ArrayFormula("C2:C3", "=D2:D3/100")
    workbook.active["C3"] = None
    workbook.save(tmp_path / NAME)
    assert cells(read(tmp_path / NAME, domain)) == [("C2", "uncalculated_formula"), ("C3", "uncalculated_formula")]


@pytest.mark.parametrize(("value", "rejected"), [(0, ["C2", "C3"]), (0.0123, ["C3"])])
def test_xlsxwriter_fills_an_array_with_zeros(
    value: float, rejected: list[str], tmp_path: Path, domain: Domain
) -> None:
    workbook = xlsxwriter.Workbook(tmp_path / NAME)
    sheet = workbook.add_worksheet("受托业绩")
    for number, row in enumerate((SHORT, *(short(f"P{number}") for number in range(1, 6)))):
        sheet.write_row(number, 0, row)
    sheet.write_array_formula("C2:C3", "{=D2:D3/100}", None, value)
    workbook.close()
    result = read(tmp_path / NAME, domain)
    assert cells(result) == [(cell, "uncalculated_formula") for cell in rejected]


def test_a_calculated_array_loads(tmp_path: Path, domain: Domain) -> None:
    workbook = xlsxwriter.Workbook(tmp_path / NAME)
    sheet = workbook.add_worksheet("受托业绩")
    for number, row in enumerate((SHORT, short(), short("P2"))):
        sheet.write_row(number, 0, row)
    sheet.write_array_formula("C2:C3", "{=D2:D3/100}", None, 0.02)
    sheet.write_number("C3", 0.03)
    workbook.close()
    assert read(tmp_path / NAME, domain).report.rows_loaded == 2
