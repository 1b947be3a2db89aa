"""One parser of cells: a package in any spelling gives, cell by cell, what openpyxl reads from it.

Where openpyxl does not read a spelling (parts in other cases, the strict namespace), it reads the same cells in the
plain one.
"""

import io
import re
import warnings
import zipfile
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from extract.errors.workbook import WorkbookUnreadable
from extract.limits import Limits
from extract.workbook.cells import ErrorCell, FormattedNumber, UncalculatedCell
from extract.workbook.opening import open_workbook
from hostile import package
from packages import Book, Cell, SheetOf, write_package
from packages_xml import FEATURES, UNREADABLE, Spelling, random_spelling
from reading import opened

FORMATS = ("General", "0.00", "0.00%", "0%", '0.00"%"', '#,##0.00"万元"', "0!.0,", "000000", "#,##0", '"99JH"00000000')
SAYING_NOTHING = ("General", "0.00", "#,##0", "yyyy-mm-dd", "mm-dd-yy")
ERRORS = ("#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")

TEXTS = st.text("aZ09 年月计划万元<>&\"'%]\n-.,（）😀", min_size=1, max_size=8).map(
    lambda text: text.replace("]]>", "]")
)
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**15),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.sampled_from([0.1, 0.29, 1e-7, 1e20, 0.0, -0.0]),
)
FORMULAS = st.sampled_from([None, None, None, "A1+1", 'IF(A1<2,"a&b","")'])
CELLS = st.one_of(
    st.builds(Cell, NUMBERS, st.sampled_from(FORMATS), FORMULAS),
    st.builds(Cell, TEXTS, st.sampled_from(FORMATS), FORMULAS),
    st.builds(Cell, st.booleans(), formula=FORMULAS),
    st.builds(Cell, st.sampled_from(ERRORS), st.sampled_from(FORMATS), FORMULAS, error=st.just(True)),
    st.builds(Cell, st.dates(date(1950, 1, 1), date(2030, 1, 1)), st.sampled_from(("yyyy-mm-dd", "mm-dd-yy"))),
    st.builds(Cell, st.none(), st.sampled_from(FORMATS), FORMULAS),
    st.builds(Cell, st.none(), st.sampled_from(FORMATS), FORMULAS, empty=st.just(True)),
)
PHASES = [Phase.generate]
PLACES = st.tuples(st.one_of(st.integers(1, 5), st.just(9)), st.one_of(st.integers(1, 4), st.just(27)))


def without_covered(sheet: SheetOf) -> SheetOf:
    """The sheet without cells that a merged range hides: openpyxl does not show them."""
    covered = {
        (row, column)
        for top, left, bottom, right in sheet.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    sheet.cells = {place: cell for place, cell in sheet.cells.items() if place not in covered}
    return sheet


BOOKS = st.builds(
    Book,
    st.builds(
        SheetOf,
        st.sampled_from(("受托业绩", "a&b <1>")),
        st.dictionaries(PLACES, CELLS, min_size=1, max_size=12),
        st.sampled_from(([], [(1, 1, 2, 1)], [(2, 2, 2, 4), (4, 1, 5, 1)])),
    ).map(lambda sheet: [without_covered(sheet)]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("General", "General", "0.00%", '0.00"%"')),
)
Seen = dict[tuple[int, int], tuple[str, Any, str]]
"""Row and column (from 1) to kind, value, and the number format where it says something."""


def by_openpyxl(data: bytes, plain: bytes, book: Book) -> Seen:
    """The cells that hold something, as openpyxl reads them from `data`.

    That a formula lacks a value is told by the plain spelling: openpyxl shows an empty value as none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml").decode()
    without = set(re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f(?:/>|>[^<]*</f>)</c>', part))
    seen: Seen = {}
    for row in values.iter_rows():
        for cell in row:
            above = formulas[cell.coordinate]
            place, value = (cell.row, cell.column), cell.value
            zero = isinstance(value, bool | int | float) and not value
            if above.data_type == "f" and (cell.coordinate in without or (book.full_calculation and zero)):
                seen[place] = ("uncalculated", above.value, "")
            elif cell.data_type == "e":
                seen[place] = ("error", value, "")
            elif value not in (None, ""):
                seen[place] = normal(value, cell.number_format)
    return seen


def normal(value: Any, number_format: str) -> tuple[str, Any, str]:
    """Kind, value and telling number format of a value."""
    if isinstance(value, bool):
        return "bool", value, ""
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return "date", moment, ""
    if isinstance(value, int | float):
        return "number", float(value), "" if number_format in SAYING_NOTHING else number_format
    return "text", value, ""


def by_us(data: bytes) -> Seen:
    """The cells that hold something, as extract.workbook reads them."""
    workbook = open_workbook(data, "x.xlsx", None, Limits())
    seen: Seen = {}
    for number, row in workbook.read(workbook.sheets[0].name).rows():
        for column, cell in enumerate(row, start=1):
            if isinstance(cell, UncalculatedCell):
                seen[number, column] = ("uncalculated", str(cell), "")
            elif isinstance(cell, ErrorCell):
                seen[number, column] = ("error", str(cell), "")
            elif cell != "":
                code = cell.format.code if isinstance(cell, FormattedNumber) else ""
                seen[number, column] = normal(cell, code)
    return seen


def check(book: Book, spelling: Spelling) -> None:
    """Both readers see the same cells and merges, in the spelling and in the plain one."""
    plain = write_package(book)
    odd = write_package(book, spelling)
    expected = by_openpyxl(plain, plain, book)
    assert by_us(plain) == expected
    assert by_us(odd) == expected, sorted(spelling.features)
    if not spelling.features & UNREADABLE:
        assert by_openpyxl(odd, plain, book) == expected, sorted(spelling.features)
    workbook = open_workbook(odd, "x.xlsx", None, Limits())
    assert [sheet.name for sheet in workbook.sheets] == [book.sheets[0].name]
    merges = workbook.read(workbook.sheets[0].name).merges
    assert sorted(merges) == sorted(
        ((top, left - 1), (bottom, right - 1)) for top, left, bottom, right in book.sheets[0].merges
    )


@settings(max_examples=80, deadline=None, derandomize=True, phases=PHASES)
@given(BOOKS, st.integers(0, 2**32))
def test_any_package_is_read_as_openpyxl_reads_it(book: Book, seed: int) -> None:
    check(book, random_spelling(Random(seed)))


@pytest.mark.parametrize("feature", FEATURES)
def test_each_spelling_alone(feature: str) -> None:
    sheet = SheetOf()
    values = [
        (Cell("年"), Cell(0.055, "0.00%"), Cell("#DIV/0!", error=True), Cell(None, formula="A1"), Cell(True)),
        (Cell('a <b> & "c" ]] \''), Cell(12.5, '0.00"%"'), Cell("#REF!", formula="A1", error=True), Cell(3)),
        (Cell(None, "0.00"), Cell(12, "000000"), Cell(None, empty=True), Cell("", formula="A1", empty=True)),
        (Cell(date(2024, 11, 30), "yyyy-mm-dd"), Cell(0, formula="A1<1"), Cell("x", formula="A1&1"), Cell(1e-7)),
    ]
    for row, cells in enumerate(values, start=1):
        for column, cell in enumerate(cells, start=1):
            sheet.put(row, column, cell)
    for seed in range(3):
        check(Book([sheet], full_calculation=seed == 1), Spelling(Random(seed), frozenset((feature,))))


def test_an_unknown_encoding_is_an_error_of_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    part = '<?xml version="1.0" encoding="x-none"?><worksheet><sheetData/></worksheet>'
    path.write_bytes(package({("S", "visible"): part}))
    with pytest.raises(WorkbookUnreadable, match="unknown encoding"):
        opened(path)
