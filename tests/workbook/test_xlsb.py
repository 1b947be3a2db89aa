"""xlsb by its records: errors, formulas that nobody calculated, and parts wherever the package says they are."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookUnreadable
from extract.workbook.cells import ErrorCell, UncalculatedCell
from extract.workbook.xlsb import XlsbBook
from reading import by_address, cells, opened, read, records

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
NO_FORMULA = struct.pack("<HII", 0, 0, 0)


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of MS-XLSB."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return head + length + bytes([size]) + content


def text(value: str) -> bytes:
    """A text with its length."""
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(kind: int, column: int, content: bytes) -> bytes:
    """A cell of a kind."""
    return record(kind, struct.pack("<II", column, 0) + content)


def line(number: int, *items: bytes) -> bytes:
    """A row with its cells."""
    return record(0, struct.pack("<IIHBBI", number, 0, 300, 0, 0, 0)) + b"".join(items)


def number(column: int, value: float) -> bytes:
    """A number that somebody typed."""
    return cell(5, column, struct.pack("<d", value))


def sheet(*lines: bytes) -> bytes:
    """The part of a sheet."""
    dimension = record(148, struct.pack("<IIII", 0, 9, 0, 9))
    return record(129) + dimension + record(145) + b"".join(lines) + record(146) + record(130)


def calculation(on_load: bool) -> bytes:
    """How the workbook is calculated."""
    return record(157, struct.pack("<IIIdIH", 191029, 1, 100, 0.001, 1, on_load))


def write(
    path: Path,
    sheets: Sequence[tuple[str, bytes]],
    more: bytes = b"",
    main: str = "xl/workbook.bin",
    folder: str = "worksheets",
    targets: Sequence[str] = (),
    extra: Sequence[tuple[str, str]] = (),
) -> Path:
    """An xlsb of sheets by name, with its parts under the names given."""
    bundle = b"".join(
        record(156, struct.pack("<II", 0, index) + text(f"rId{index}") + text(name))
        for index, (name, _) in enumerate(sheets, start=1)
    )
    workbook = record(131) + record(143) + bundle + record(144) + more + record(132)
    base, name = main.rpartition("/")[::2]
    parts = [f"{folder}/sheet{index}.bin" for index in range(1, len(sheets) + 1)]
    links = "".join(
        f'<Relationship Id="rId{index}" Type="{RELATIONS}/worksheet" Target="{target}"/>'
        for index, target in enumerate(targets or parts, start=1)
    )
    links += "".join(
        f'<Relationship Id="x{index}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for index, (kind, target) in enumerate(extra)
    )
    root = f'<Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="{main}"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>')
        archive.writestr(f"{base}/_rels/{name}.rels", f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>')
        archive.writestr(main, workbook)
        for part, (_, content) in zip(parts, sheets, strict=True):
            archive.writestr(f"{base}/{part}", content)
    return path


# --- cells -------------------------------------------------------------------------------------------------------

CELLS = {
    "an error": (cell(3, 0, b"\x07"), ErrorCell("#DIV/0!")),
    "a formula that gives an error": (cell(11, 0, b"\x17" + NO_FORMULA), ErrorCell("#REF!")),
    "a formula that gives #N/A": (cell(11, 0, b"\x2a" + NO_FORMULA), ErrorCell("#N/A")),
    "an error of later versions": (cell(3, 0, b"\x2b"), ErrorCell("#GETTING_DATA")),
    "a formula that gives a number": (cell(9, 0, struct.pack("<d", 5) + NO_FORMULA), 5),
    "a formula that gives 0": (cell(9, 0, struct.pack("<d", 0) + NO_FORMULA), 0),
    "a formula that gives a text": (cell(8, 0, text("P1") + NO_FORMULA), "P1"),
    "a formula that gives false": (cell(10, 0, b"\0" + NO_FORMULA), False),
    "a text with formatting": (cell(62, 0, b"\0" + text("P1")), "P1"),
}


@pytest.mark.parametrize(("item", "expected"), CELLS.values(), ids=CELLS.keys())
def test_a_cell(item: bytes, expected: object, tmp_path: Path) -> None:
    found = by_address(opened(write(tmp_path / "x.xlsb", [("S", sheet(line(0), line(2, item, number(1, 7))))])))
    assert found == {"A3": expected, "B3": 7}
    assert isinstance(found["A3"], ErrorCell) == isinstance(expected, ErrorCell)


def test_a_formula_that_gives_an_empty_text_is_empty(tmp_path: Path) -> None:
    item = cell(8, 0, text("") + NO_FORMULA)
    path = write(tmp_path / "x.xlsb", [("S", sheet(line(0, item, number(1, 7))))], calculation(on_load=True))
    assert by_address(opened(path)) == {"B1": 7}


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (cell(9, 0, struct.pack("<d", 0) + NO_FORMULA), 0),
        (cell(9, 0, struct.pack("<d", -0.0) + NO_FORMULA), 0),
        (cell(10, 0, b"\0" + NO_FORMULA), False),
    ],
)
@pytest.mark.parametrize("on_load", [True, False])
def test_a_0_of_a_workbook_to_be_calculated_on_opening(
    item: bytes, value: object, on_load: bool, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.xlsb", [("S", sheet(line(0, item, number(1, 0))))], calculation(on_load))
    found = by_address(opened(path))
    assert isinstance(found["A1"], UncalculatedCell) is on_load
    assert on_load or found["A1"] == value
    assert found["B1"] == 0  # no formula


@pytest.mark.parametrize("column", ["C", "E", "G"])
def test_an_uncalculated_formula_is_rejected(column: str, tmp_path: Path, domain: Domain) -> None:
    items = [cell(6, index, text(name)) for index, name in enumerate(HEADER)]
    values = [number(0, 2024), number(1, 11), cell(6, 2, text("P1")), cell(6, 3, text("C1")),
              number(4, 0.01), number(5, 1.5), number(6, 1000)]  # fmt: skip
    other = [*values[:2], cell(6, 2, text("P2")), *values[3:]]
    index = "ABCDEFG".index(column)
    values[index] = cell(9, index, struct.pack("<d", 0) + NO_FORMULA)
    part = sheet(line(0, *items), line(1, *values), line(2, *other))
    result = read(write(tmp_path / "2024-11_受托业绩.xlsb", [("S", part)], calculation(on_load=True)), domain)
    assert cells(result) == [(f"{column}2", "uncalculated_formula")]
    assert records(result) == ["2024-11-01,P2,C1,0.010000,1.5000,1000.00,true"]


# --- parts -------------------------------------------------------------------------------------------------------

SHEETS = [("甲", sheet(line(0, number(0, 1)))), ("乙", sheet(line(0, cell(3, 0, b"\x07"), number(1, 2))))]


@pytest.mark.parametrize(
    ("main", "folder", "targets"),
    [
        ("xl/workbook.bin", "worksheets", ()),
        ("xl/book2.bin", "worksheets", ()),
        ("a/b/w.bin", "tables", ()),
        ("xl/workbook.bin", "worksheets", ("/xl/worksheets/sheet1.bin", "/XL/Worksheets/Sheet2.BIN")),
        ("xl/workbook.bin", "worksheets", ("worksheets/sheet2.bin", "worksheets/sheet1.bin")),
    ],
)
def test_parts_are_found_by_relationships(main: str, folder: str, targets: tuple[str, ...], tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsb", SHEETS, main=main, folder=folder, targets=targets)
    marked, plain = ("甲", "乙") if targets and targets[0].endswith("2.bin") else ("乙", "甲")
    assert by_address(opened(path, plain)) == {"A1": 1}
    assert by_address(opened(path, marked)) == {"A1": "#DIV/0!", "B1": 2}


def test_a_part_with_the_usual_name_that_is_not_the_one(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsb", SHEETS[1:], main="xl/other.bin")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/workbook.bin", b"\xff" * 100)
    assert by_address(opened(path)) == {"A1": "#DIV/0!", "B1": 2}


def test_a_chart_is_no_sheet_of_cells(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsb", SHEETS)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    relations = parts["xl/_rels/workbook.bin.rels"].decode().replace("/worksheet", "/chartsheet", 1)
    parts["xl/_rels/workbook.bin.rels"] = relations.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert by_address(opened(path)) == {"A1": "#DIV/0!", "B1": 2}


@pytest.mark.parametrize(
    ("targets", "extra", "problem"),
    [
        (("worksheets/sheet9.bin",) * 2, (), "sheet9.bin is missing"),
        (("worksheets/sheet1.bin",), (), "relationship rId2 is missing"),
        ((), (("styles", "styles.bin"),), "styles.bin is missing"),
        ((), (("styles", "a.bin"), ("styles", "b.bin")), "several parts"),
    ],
)
def test_a_part_that_is_missing_is_an_error_of_the_file(
    targets: tuple[str, ...], extra: tuple[tuple[str, str], ...], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkbookUnreadable, match=problem):
        opened(write(tmp_path / "x.xlsb", SHEETS, targets=targets, extra=extra))


def test_two_sheets_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreadable, match="two sheets"):
        opened(write(tmp_path / "x.xlsb", [SHEETS[0], SHEETS[0]]))


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no part for the sheet 丙"):
        XlsbBook(write(tmp_path / "x.xlsb", SHEETS).read_bytes()).marks("丙")


BROKEN = {
    "nothing but ones": b"\xff" * 400_000,
    "cut off": SHEETS[1][1][:-12],
    "without an end": SHEETS[1][1].replace(record(146), b""),
    "without cells": record(129) + record(130),
    "empty": b"",
    "a length beyond the end": sheet()[: -len(record(146) + record(130))] + b"\x05\xff\xff\xff\x7f",
    "a row beyond the last": sheet(line(2**20, number(0, 1))),
    "a cell without its column": sheet(line(0, record(16, b"\0" * 12))),
}


@pytest.mark.parametrize("part", BROKEN.values(), ids=BROKEN.keys())
def test_a_sheet_that_cannot_be_read_to_its_end(part: bytes, tmp_path: Path) -> None:
    book = XlsbBook(write(tmp_path / "x.xlsb", [("S", part)]).read_bytes())
    with pytest.raises(ValueError, match=r"cut off|beyond|names no column"):
        book.marks("S")


def test_the_writer_of_the_tests_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsb"
    writers.write_xlsb([("a", "#REF!", 5)], path)
    assert by_address(opened(path)) == {"A1": "a", "B1": "#REF!", "C1": 5}
