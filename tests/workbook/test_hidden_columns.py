"""A measure in a column that its sheet hides is read, and the run says so; hidden keys and others are as usual."""

import struct
from pathlib import Path

import openpyxl
import pytest
import xlwt

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from layouts import GOOD, NAME, book, outcome, respell, row, warned
from reading import read

ROWS = [HEADER, row(), row("P2")]


def hidden(folder: Path, kind: str, column: int) -> Path:
    """A workbook in which one column is hidden."""
    path = folder / f"{NAME}.{kind}"
    if kind == "xls":
        workbook = xlwt.Workbook()
        sheet = workbook.add_sheet(writers.SHEET)
        for number, cells in enumerate(ROWS):
            for index, cell in enumerate(cells):
                sheet.write(number, index, cell)
        sheet.col(column).hidden = True
        workbook.save(str(path))
        return path
    book(folder, ROWS, kind)
    if kind == "xlsx":
        opened = openpyxl.load_workbook(path)
        opened.active.column_dimensions["ABCDEFG"[column]].hidden = True
        opened.save(path)
    elif kind == "ods":
        shown = f'<table:table-column table:number-columns-repeated="{column}"/>' if column else ""
        columns = f'业绩">{shown}<table:table-column table:visibility="collapse"/>'
        respell(
            path,
            lambda parts: parts | {"content.xml": parts["content.xml"].decode().replace('业绩">', columns, 1).encode()},
        )
    else:
        spans = writers.xlsb_record(60, struct.pack("<IIIIH", column, column, 2000, 0, 1))
        begin = writers.xlsb_record(145)
        respell(path, lambda parts: {name: part.replace(begin, spans + begin, 1) for name, part in parts.items()})
    return path


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize(("column", "codes"), [(4, ["columns_hidden"]), (6, ["columns_hidden"]), (1, [])])
def test_a_hidden_measure_is_told(kind: str, column: int, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    result = read(hidden(tmp_path, kind, column), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], codes)
    assert all("ABCDEFG"[column] in warning.detail for warning in result.report.warnings)


def test_rows_that_a_sheet_hides_where_they_are_empty_are_shown(tmp_path: Path, domain: Domain) -> None:
    """With zeroHeight a sheet hides the rows that its part does not hold."""
    path = book(tmp_path, ROWS)
    zero = b'<sheetFormatPr zeroHeight="1" baseColWidth="8" defaultRowHeight="15"'
    old = b'<sheetFormatPr baseColWidth="8" defaultRowHeight="15"'
    respell(path, lambda parts: {name: part.replace(old, zero) for name, part in parts.items()})
    result = read(path, domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], [])
