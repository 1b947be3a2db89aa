"""xls by its records: errors, formulas that nobody calculated, charts inside sheets, sheets that do not go on."""

import io
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookUnreadable
from extract.workbook.cells import ErrorCell, UncalculatedCell
from extract.workbook.xls import XlsBook
from reading import by_address, cells, opened, read, records

Record = tuple[int, bytes]
BEGIN, END = (0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)), (0x000A, b"")
RECALCULATED = (0x01C1, struct.pack("<HHI", 0x01C1, 0, 191029))
UNCALCULATED = (0x005E, b"\0\0")
CHART = [
    (0x0809, struct.pack("<HHHHII", 0x0600, 0x0020, 0, 0, 0, 0)),
    (0x0006, b"\0" * 6 + b"\2\0\7\0\0\0\xff\xff" + b"\0" * 8),
    END,
]


def formula(column: int, value: bytes, flags: int = 0, row: int = 0) -> Record:
    """A formula with the eight bytes of its value."""
    return 0x0006, struct.pack("<HHH", row, column, 0) + value + struct.pack("<HIH", flags, 0, 0)


def number(value: float) -> bytes:
    """The value of a formula that is a number."""
    return struct.pack("<d", value)


def special(kind: int, content: int = 0) -> bytes:
    """The value of a formula that is a text that follows (0), a truth value (1), an error (2) or empty (3)."""
    return bytes([kind, 0, content, 0, 0, 0, 0xFF, 0xFF])


def text(value: str) -> Record:
    """The text of the formula before it."""
    return 0x0207, struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")


def plain(column: int, value: float, row: int = 0) -> Record:
    """A number that somebody typed."""
    return 0x0203, struct.pack("<HHH", row, column, 0) + struct.pack("<d", value)


def packed(records: Sequence[Record]) -> bytes:
    """The bytes of records."""
    return b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records)


def stream(sheets: Sequence[Sequence[Record]], globals_: Sequence[Record] = ()) -> bytes:
    """A stream of a workbook with sheets S1, S2, ... of the records given."""
    bodies = [packed([BEGIN, *records, END]) for records in sheets]

    def head(offset: int) -> bytes:
        names = []
        for index, body in enumerate(bodies, start=1):
            name = f"S{index}"
            names.append((0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le")))
            offset += len(body)
        return packed([BEGIN, *globals_, *names, END])

    return head(len(head(0))) + b"".join(bodies)


def container(content: bytes) -> bytes:
    """The stream in a compound file, as xlwt makes it."""
    target = io.BytesIO()
    XlsDoc().save(target, content.ljust(4096, b"\0"))
    return target.getvalue()


def write(path: Path, sheet: Sequence[Record], globals_: Sequence[Record] = ()) -> Path:
    """An xls of one sheet of records."""
    path.write_bytes(container(stream([sheet], globals_)))
    return path


# --- formulas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["A", "C", "D", "E", "F", "G"])
def test_a_formula_of_xlwt_is_rejected_in_every_column(column: str, tmp_path: Path, domain: Domain) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("受托业绩")
    for line, values in enumerate(
        (HEADER, (2024, 11, "P1", "C1", 0.01, 1.5, 1000), (2024, 11, "P2", "C1", 0.02, 1, 2))
    ):
        for index, value in enumerate(values):
            made = xlwt.Formula("I2-1") if (line, index) == (1, "ABCDEFG".index(column)) else value
            sheet.write(line, index, made)
    path = tmp_path / "2024-11_受托业绩.xls"
    workbook.save(str(path))
    result = read(path, domain)
    assert cells(result) == [(f"{column}2", "uncalculated_formula")]
    assert records(result) == ["2024-11-01,P2,C1,0.020000,1.0000,2.00,true"]


NOBODY = {
    "a text that does not follow": [formula(0, special(0))],
    "a text that does not follow, then another formula": [formula(0, special(0)), formula(1, number(1))],
    "an array before the end": [formula(0, special(0)), (0x0221, b"\0" * 14)],
    "empty, by a program that never calculates": [formula(0, special(3))],
    "empty, to be calculated on opening": [formula(0, special(3), flags=2)],
    "0, to be calculated on opening": [formula(0, number(0), flags=2)],
    "-0, to be calculated on opening": [formula(0, number(-0.0), flags=3)],
    "false, to be calculated on opening": [formula(0, special(1, 0), flags=2)],
    "0 in a sheet that says it was not calculated": [UNCALCULATED, formula(0, number(0))],
}


@pytest.mark.parametrize("sheet", NOBODY.values(), ids=NOBODY.keys())
def test_a_formula_that_nobody_calculated(sheet: list[Record], tmp_path: Path) -> None:
    found = by_address(opened(write(tmp_path / "x.xls", [*sheet, plain(2, 7)])))
    assert isinstance(found["A1"], UncalculatedCell)
    assert found["C1"] == 7


CALCULATED = {
    "a text": ([formula(0, special(0)), text("P1")], {"A1": "P1"}),
    "a text behind an array": ([formula(0, special(0)), (0x0221, b"\0" * 14), text("P1")], {"A1": "P1"}),
    "a text behind a shared formula": ([formula(0, special(0)), (0x04BC, b"\0" * 10), text("P1")], {"A1": "P1"}),
    "a number": ([formula(0, number(5), flags=2)], {"A1": 5}),
    "0": ([formula(0, number(0))], {"A1": 0}),
    "0 that is calculated each time": ([formula(0, number(0), flags=1)], {"A1": 0}),
    "true": ([formula(0, special(1, 1), flags=2)], {"A1": True}),
    "false": ([formula(0, special(1, 0))], {"A1": False}),
    "an error": ([formula(0, special(2, 0x07))], {"A1": ErrorCell("#DIV/0!")}),
    "an error, to be calculated on opening": ([formula(0, special(2, 0x2A), flags=2)], {"A1": ErrorCell("#N/A")}),
}


@pytest.mark.parametrize(("sheet", "expected"), CALCULATED.values(), ids=CALCULATED.keys())
def test_a_formula_with_a_value(sheet: list[Record], expected: dict[str, object], tmp_path: Path) -> None:
    found = by_address(opened(write(tmp_path / "x.xls", sheet)))
    assert found == expected
    assert {type(cell) for cell in found.values()} <= {int, float, str, bool, ErrorCell}


def test_an_empty_text_that_excel_calculated_is_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xls", [formula(0, special(3)), plain(1, 7)], [RECALCULATED])
    assert by_address(opened(path)) == {"B1": 7}


def test_a_chart_inside_a_sheet_is_no_part_of_its_cells(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xls", [plain(0, 1), *CHART, formula(1, special(2, 0x17))])
    assert by_address(opened(path)) == {"A1": 1, "B1": "#REF!"}  # and not that of the chart in A1


def test_a_record_that_is_continued(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xls", [(0x00EC, b"x" * 99), (0x003C, b"\x06\0" * 40), formula(1, special(2, 0x17))])
    assert by_address(opened(path)) == {"B1": "#REF!"}


# --- sheets ------------------------------------------------------------------------------------------------------


def test_what_its_pages_are_printed_with_stands_beside_its_cells(tmp_path: Path) -> None:
    printed = (0x14, struct.pack("<HB", 5, 1) + "单位：万元".encode("utf-16-le"))
    assert opened(write(tmp_path / "x.xls", [printed, plain(0, 1)])).marks.beside == {
        "page header or footer": "\n单位：万元"
    }


def test_each_sheet_has_its_own_marks(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    path.write_bytes(container(stream([[plain(0, 1)], [formula(0, special(2, 7)), plain(1, 2)]])))
    assert by_address(opened(path, "S1")) == {"A1": 1}
    assert by_address(opened(path, "S2")) == {"A1": "#DIV/0!", "B1": 2}


def test_marks_of_biff_5_do_not_depend_on_how_a_name_is_decoded(tmp_path: Path) -> None:
    begin = 0x0809, struct.pack("<HHHH", 0x0500, 0x0010, 0, 0)
    body = packed([begin, formula(0, special(2, 7)), plain(1, 2), END])
    code_page, name = (0x0042, struct.pack("<H", 936)), "业绩".encode("gbk")

    def head(offset: int) -> bytes:
        return packed([begin, code_page, (0x0085, struct.pack("<IBBB", offset, 0, 0, len(name)) + name), END])

    path = tmp_path / "x.xls"
    path.write_bytes(container(head(len(head(0))) + body))
    assert by_address(opened(path)) == {"A1": "#DIV/0!", "B1": 2}


SHEET = packed([BEGIN, plain(0, 1), formula(1, special(2, 7)), END])
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[:-30],
    "without an end": lambda content: content[:-4],
    "a length beyond the end": lambda content: content[:-4] + b"\x0a\0\xff\xff",
    "nothing but ones": lambda _: b"\xff" * 400_000,
    "a sheet that does not begin": lambda content: content[: -len(SHEET)] + b"\x08" + content[-len(SHEET) + 1 :],
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_a_stream_that_does_not_go_on_to_its_end(damage: Callable[[bytes], bytes]) -> None:
    content = damage(stream([[plain(0, 1), formula(1, special(2, 7))]]))
    with pytest.raises(ValueError, match="stream of records"):
        XlsBook(container(content)).marks(0)


def test_a_sheet_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="number 2 is missing"):
        XlsBook(container(stream([[plain(0, 1)]]))).marks(1)


def test_two_sheets_that_are_one_stream_are_refused(tmp_path: Path) -> None:
    content = stream([[plain(0, 1)], [plain(0, 1)]])
    first, second = (content.index(name.encode("utf-16-le")) for name in ("S1", "S2"))
    content = content[: second - 8] + content[first - 8 : first - 4] + content[second - 4 :]
    path = tmp_path / "x.xls"
    path.write_bytes(container(content))
    with pytest.raises(WorkbookUnreadable, match="one and the same"):
        opened(path)


def test_a_container_without_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    writers.write_xls([("a",)], path)
    path.write_bytes(path.read_bytes().replace("Workbook".encode("utf-16-le"), "Wxrkbook".encode("utf-16-le")))
    with pytest.raises(WorkbookUnreadable, match="no stream of a workbook"):
        opened(path)
