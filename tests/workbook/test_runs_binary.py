"""Raised and struck characters of an xls or xlsb are no part of a value, and an empty text is no 0."""

import io
import struct
from pathlib import Path

import olefile
import pytest
import xlwt

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.workbook.runs_binary import places_of, xls_marked_texts, xlsb_marked, xlsb_marked_texts, xlsb_marks
from extract.workbook.xls import XlsBook
from layouts import GOOD, NAME, outcome, row
from reading import read


def font(**marks: object) -> xlwt.Font:
    """A font that stands apart."""
    made = xlwt.Font()
    for name, value in marks.items():
        setattr(made, name, value)
    return made


RAISED, STRUCK = font(escapement=xlwt.Font.ESCAPEMENT_SUPERSCRIPT), font(struck_out=True)


@pytest.mark.parametrize("others", [0, 3000])
@pytest.mark.parametrize(
    ("column", "runs", "code"),
    [
        (6, ("1000", ("1", RAISED)), "G2 invalid_number"),
        (6, (("1000", STRUCK), "2000"), "G2 invalid_number"),
        (2, ("P1", ("1", font(escapement=xlwt.Font.ESCAPEMENT_SUBSCRIPT))), "C2 invalid_code"),
        (2, ("计划", ("1", RAISED)), "C2 invalid_code"),
        (2, ("P", ("1", font(bold=True))), None),
    ],
)
def test_marked_runs_of_an_xls(
    column: int, runs: tuple[object, ...], code: str | None, others: int, tmp_path: Path, domain: Domain
) -> None:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet, other = workbook.add_sheet(writers.SHEET), workbook.add_sheet("others")
    for place in range(others):  # more texts than a record holds, of both widths
        words = f"{'计划' if place % 3 else 'plan'} {place}"
        other.write_rich_text(place, 0, (words * (1 + place % 7), ("x", font(bold=True))))
    for number, cells in enumerate([HEADER, row(), row("P2")]):
        for index, cell in enumerate(cells):
            if (number, index) != (1, column):
                sheet.write(number, index, cell)
    sheet.write_rich_text(1, column, runs)
    path = tmp_path / f"{NAME}.xls"
    workbook.save(str(path))
    assert outcome(read(path, domain)) == ([f"P1 {GOOD}", f"P2 {GOOD}"] if code is None else [f"P2 {GOOD}", code])


def test_a_text_of_an_xls_goes_on_in_another_width() -> None:
    fonts = [(0x31, struct.pack("<HHHHHxx", 200, 0, 0, 400, raised)) for raised in (0, 1)]
    begun = struct.pack("<IIHBH", 1, 1, 7, 0x09, 1) + "计划".encode("utf-16-le")
    texts = [(0xFC, begun), (0x3C, b"\0" + b"10001" + struct.pack("<HH", 6, 1)), (0xFF, b"")]
    assert xls_marked_texts([*fonts, *texts]) == {0: "计划1000¹"}


def rich(value: str, *runs: tuple[int, int]) -> bytes:
    """A text of an xlsb with its runs."""
    text = struct.pack("<BI", bool(runs), len(value)) + value.encode("utf-16-le")
    return text + (struct.pack("<I", len(runs)) + b"".join(struct.pack("<HH", *run) for run in runs) if runs else b"")


def test_marked_runs_of_an_xlsb() -> None:
    fonts = [(43, struct.pack("<HHHH", 220, flags, 400, raised)) for flags, raised in ((0, 0), (0, 1), (8, 0))]
    marks = xlsb_marks(fonts)
    shared = [rich("P1"), rich("10001", (0, 0), (4, 1)), rich("10002000", (0, 2), (4, 0)), rich("P2", (1, 0))]
    texts = xlsb_marked_texts([(19, content) for content in shared], marks)
    assert texts == {1: "1000¹", 2: "1̶0̶0̶0̶2000"}
    cells = [(0, struct.pack("<I", 4)), *((7, struct.pack("<III", column, 0, column)) for column in range(4))]
    assert places_of(cells, texts, binary=True) == {5: {1: "1000¹", 2: "1̶0̶0̶0̶2000"}}
    place = struct.pack("<II", 6, 0)
    assert xlsb_marked(place + rich("10001", (4, 1)), marks) == "1000¹"
    assert xlsb_marked(place + rich("P1"), marks) is None


@pytest.mark.parametrize(("program", "nothing"), [(None, True), (b"Microsoft Excel", False)])
def test_a_0_of_a_workbook_that_names_no_program(
    program: bytes | None, nothing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LibreOffice writes the empty text of a formula as 0, and describes the workbook without its own name."""
    workbook, data, described = xlwt.Workbook(), io.BytesIO(), olefile.OleMetadata()
    workbook.add_sheet("a")
    workbook.save(data)
    described.creating_application = program
    book = XlsBook(data.getvalue())
    monkeypatch.setattr(olefile.OleFileIO, "exists", lambda *_: True)
    monkeypatch.setattr(olefile.OleFileIO, "get_metadata", lambda _: described)
    formula = struct.pack("<HHH", 0, 4, 15) + bytes(8) + struct.pack("<HIH", 0, 0, 0)
    assert (book._formula(formula, False) is not None) is nothing
