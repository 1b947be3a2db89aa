"""Small workbooks as people lay them out, in every format, and what became of one in a line per row."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

import writers
from conftest import HEADER
from extract.table.records.results import FileResult

_HEAVY = [pytest.param(kind, marks=pytest.mark.heavy) for kind in ("xls", "xlsb", "ods")]
KINDS = ("xlsx", *_HEAVY, "csv")
"""Every format, as parameters of tests: what is laid out in one way in all of them."""
NAME = "2024-11_受托业绩"
SHORT = HEADER[2:]
"""A header without period columns: the file name gives the month."""
GOOD = "0.012300 1.2345 1000000.00"
"""The measures of `row()`."""
_WRITERS = {"xlsx": "openpyxl"}
Rows = Sequence[Sequence[object]]
Parts = dict[str, bytes]


@dataclass(frozen=True)
class Shown:
    """A number in a cell with a number format."""

    value: float
    code: str


def row(
    plan: object = "P1",
    rate: object = 0.0123,
    value: object = 1.2345,
    scale: object = 1000000,
    company: object = "C1",
    month: object = 11,
) -> tuple[object, ...]:
    """A row under the usual header."""
    return 2024, month, plan, company, rate, value, scale


def short(*cells: object, **named: object) -> tuple[object, ...]:
    """A row under `SHORT`."""
    return row(*cells, **named)[2:]  # type: ignore[arg-type]


def book(folder: Path, rows: Rows, kind: str = "xlsx", name: str = NAME) -> Path:
    """A workbook of one sheet in a format; `Shown` and merges need xlsx."""
    path = folder / f"{name}.{kind}"
    writers.WRITERS[_WRITERS.get(kind, kind)][1](rows, path)
    return path


def formatted(folder: Path, rows: Rows, name: str = NAME, merges: Sequence[str] = ()) -> Path:
    """An xlsx with the number formats of its cells, and merged cells."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = writers.SHEET
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            at = sheet.cell(number, column, cell.value if isinstance(cell, Shown) else cell)
            if isinstance(cell, Shown):
                at.number_format = cell.code
    for merge in merges:
        sheet.merge_cells(merge)
    path = folder / f"{name}.xlsx"
    workbook.save(path)
    return path


def respell(path: Path, change: Callable[[Parts], Mapping[str, bytes]]) -> Path:
    """The same package with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in change(parts).items():
            archive.writestr(name, content)
    return path


def outcome(result: FileResult) -> list[str]:
    """`plan return value scale` of every record that loads, then `cell code` of every reject."""
    fields = [line.split(",") for line in result.records.decode().splitlines()]
    loaded = [f"{record[1]} {record[3]} {record[4]} {record[5]}" for record in fields]
    return [*loaded, *(f"{reject.cell} {reject.code}" for row in result.rejected for reject in row.rejects)]


def warned(result: FileResult) -> list[str]:
    """The codes of the warnings about the file."""
    return [warning.code for warning in result.report.warnings]


def skipped(result: FileResult) -> dict[str, int]:
    """The reasons that skipped a row, with their numbers."""
    return {reason: count for reason, count in result.report.rows_skipped.items() if count}
