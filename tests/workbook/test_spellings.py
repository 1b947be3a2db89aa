"""rules.md, Numbers and Units: one workbook in every spelling of its package is read to the same rows, or refused."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import msoffcrypto
import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.workbook import WorkbookProtected, WorkbookUnreadable
from extract.table.reading import ReadOptions
from layouts import GOOD, NAME, SHORT, Parts, Shown, book, formatted, outcome, respell, row, short
from reading import read

SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
RELATIONS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
ROWS = [
    (*HEADER[:4], "收益率(%)", "净值", "规模(万元)"),
    row("P1", Shown(0.055, "0.00%"), 1.2, 100),
    row("P2", Shown(1.5, "0.00%"), 1.2, 100),
    row("P3", "#DIV/0!", 1.2, 100),
    row("P4", 5.5, "#REF!", 100),
    row("P5", 5.5, 1.2, "=1+1"),
    row("P6", 5.5, 1.2, Shown(100, '0.00"千元"')),
    row(Shown(7, "000"), "5.5%", 1.2, 100),
]
READ = [
    "P1 0.055000 1.2000 1000000.00",
    "P2 1.500000 1.2000 1000000.00",
    "P6 0.055000 1.2000 100000.00",
    "007 0.055000 1.2000 1000000.00",
    "E4 invalid_number",
    "F5 invalid_number",
    "G6 uncalculated_formula",
]


def sub(part: str, pattern: str, by: str) -> Callable[[Parts], Parts]:
    """Replaces a pattern in a part; it must be there."""

    def change(parts: Parts) -> Parts:
        text, count = re.subn(pattern, by, parts[part].decode(), flags=re.DOTALL)
        assert count, pattern
        return parts | {part: text.encode()}

    return change


def moved(old: str, new: str, *named: str) -> Callable[[Parts], Parts]:
    """Moves a part, and names its new place (what follows xl/) in the parts given."""

    def change(parts: Parts) -> Parts:
        found = {new if name == old else name: content for name, content in parts.items()}
        for name in named:
            for before, after in ((f"/{old}", f"/{new}"), (f'"{old[3:]}"', f'"{new[3:]}"')):
                found[name] = found[name].replace(before.encode(), after.encode())
        return found

    return change


def utf16(part: str) -> Callable[[Parts], Parts]:
    """A part in UTF-16."""

    def change(parts: Parts) -> Parts:
        text = re.sub(r"^<\?xml[^>]*\?>", "", parts[part].decode())
        return parts | {part: f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")}

    return change


def prefixed(parts: Parts) -> Parts:
    """The sheet with a prefix before each element."""
    text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", re.sub(r"^<\?xml[^>]*\?>", "", parts[SHEET].decode()))
    return parts | {SHEET: text.replace("xmlns=", "xmlns:x=").encode()}


SPELLINGS: dict[str, Callable[[Parts], Parts]] = {
    "as openpyxl writes it": lambda parts: parts,
    "the style before the place": sub(SHEET, r'<c (r="[A-Z]+[0-9]+") (s="[0-9]+")', r"<c \2 \1"),
    "two orders within one sheet": sub(SHEET, r'<c (r="[A-Z]+[24]") (s="[0-9]+")', r"<c \2 \1"),
    "the type before the style": sub(SHEET, r'(s="[0-9]+") (t="[a-z]+")', r"\2 \1"),
    "single quotes": sub(SHEET, r'<c r="([A-Z]+[0-9]+)"', r"<c r='\1'"),
    "line breaks within tags": sub(SHEET, r"<c r=", "<c\n  r="),
    "two spaces": sub(SHEET, r'" (s|t)="', r'"  \1="'),
    "no places of cells": sub(SHEET, r'<c r="[A-Z]+[0-9]+"', "<c"),
    "no places of cells and rows": sub(SHEET, r'<(c|row) r="[A-Z]*[0-9]+"', r"<\1"),
    "lower-case places": sub(SHEET, r'<c r="E([0-9])"', r'<c r="e\1"'),
    "a comment in each cell": sub(SHEET, r"<v>", "<!-- x --><v>"),
    "a comment with a cell": sub(SHEET, r"<sheetData>", '<sheetData><!-- <c r="E2" s="0"><v>9</v></c> -->'),
    "CDATA values": sub(SHEET, r"<v>([^<]*)</v>", r"<v><![CDATA[\1]]></v>"),
    "entities": sub(SHEET, r"<v>#DIV/0!</v>", "<v>&#35;DIV/0&#33;</v>"),
    "a space behind each value": sub(SHEET, r"</c>", " </c>"),
    "an extension in each cell": sub(SHEET, r"</c>", '<extLst><ext uri="{x}"><v>9</v></ext></extLst></c>'),
    "an extension of a row": sub(SHEET, r"</row>", '<extLst><ext uri="{x}"/></extLst></row>'),
    "an attribute nobody knows": sub(SHEET, r'<c r="', r'<c ph="1" r="'),
    "prefixes": prefixed,
    "a sheet in UTF-16": utf16(SHEET),
    "styles in UTF-16": utf16(STYLES),
    "the workbook in UTF-16": utf16(BOOK),
    "a byte order mark": lambda parts: parts | {SHEET: b"\xef\xbb\xbf" + parts[SHEET]},
    "Styles.xml": moved(STYLES, "xl/Styles.xml", RELATIONS, TYPES),
    "styles in another case than they are named": lambda parts: {
        name.replace("styles.xml", "STYLES.XML"): content for name, content in parts.items()
    },
    "styles elsewhere": moved(STYLES, "xl/other/formats.xml", RELATIONS, TYPES),
    "the sheet elsewhere": moved(SHEET, "xl/sheets/a.xml", RELATIONS, TYPES),
    "a target without a slash": sub(RELATIONS, r"/xl/worksheets", "worksheets"),
    "a tab in the name of the sheet": sub(BOOK, r'name="受托业绩"', 'name="受托&#9;业绩"'),
    "an apostrophe and an ampersand": sub(BOOK, r'name="受托业绩"', 'name="a&apos;b &amp;amp; c"'),
    "a built-in style of percent": sub(
        STYLES, r'<numFmt numFmtId="[0-9]+" formatCode="0.00%" ?/>|<xf numFmtId="10"', '<xf numFmtId="10"'
    ),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_gives_the_same_rows(spell: Callable[[Parts], Parts], tmp_path: Path, domain: Domain) -> None:
    path = formatted(tmp_path, ROWS)
    assert outcome(read(respell(path, spell), domain)) == READ


MISSING: dict[str, Callable[[Parts], Parts]] = {
    "styles that are named": lambda parts: {name: part for name, part in parts.items() if name != STYLES},
    "the sheet": lambda parts: {name: part for name, part in parts.items() if name != SHEET},
    "the relationship of the sheet": sub(BOOK, r'r:id="rId1"', 'r:id="rId99"'),
    "half of the sheet": lambda parts: parts | {SHEET: parts[SHEET][: len(parts[SHEET]) // 2]},
    "half of the styles": lambda parts: parts | {STYLES: parts[STYLES][: len(parts[STYLES]) // 2]},
    "a place that is none": sub(SHEET, r'<c r="E2"', '<c r="2E"'),
}


@pytest.mark.parametrize("spell", MISSING.values(), ids=MISSING.keys())
def test_a_part_that_is_missing_or_broken_is_an_error_of_the_file(
    spell: Callable[[Parts], Parts], tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(WorkbookUnreadable):
        read(respell(formatted(tmp_path, ROWS), spell), domain)


def test_an_error_beside_a_text_with_spaces_around_it_stays_an_error(tmp_path: Path, domain: Domain) -> None:
    cell = r'<c r="E4" (?:s="[0-9]+" )?t="e"><v>#DIV/0!</v></c>'
    text = '<c r="H4" t="str"><f>A1&amp;" "</f><v xml:space="preserve"> 某某 </v></c>'
    path = respell(formatted(tmp_path, ROWS), sub(SHEET, f"({cell}.*?)(</row>)", rf"\1{text}\2"))
    assert outcome(read(path, domain)) == READ


def test_texts_that_are_missing_are_an_error_of_the_file(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.xlsx"
    writers.write_xlsxwriter([HEADER, row()], path)
    assert outcome(read(path, domain)) == [f"P1 {GOOD}"]
    respell(path, lambda parts: {name: part for name, part in parts.items() if "sharedStrings" not in name})
    with pytest.raises(WorkbookUnreadable, match="sharedStrings"):
        read(path, domain)


# --- formulas that nobody calculated -----------------------------------------------------------------------------

FORMULAS: dict[str, tuple[str, bool, str]] = {
    "no value": ("<f>H2</f>", False, "uncalculated_formula"),
    "no value, as a text": ('t="str"><f>H2</f>', False, "uncalculated_formula"),
    "no value, an empty tag of a formula": ("<f/>", False, "uncalculated_formula"),
    "no value, a shared formula": ('<f t="shared" si="0"/>', False, "uncalculated_formula"),
    "no value, an array": ('<f t="array" ref="E2">H2</f>', False, "uncalculated_formula"),
    "no value, to be calculated": ("<f>H2</f>", True, "uncalculated_formula"),
    "a 0 to be calculated": ("<f>H2</f><v>0</v>", True, "uncalculated_formula"),
    "a 0.0 to be calculated": ("<f>H2</f><v>0.0</v>", True, "uncalculated_formula"),
    "a 0 in CDATA to be calculated": ("<f>H2</f><v><![CDATA[0]]></v>", True, "uncalculated_formula"),
    "a 0": ("<f>H2</f><v>0</v>", False, "0.000000"),
    "a number to be calculated": ("<f>H2</f><v>0.02</v>", True, "0.020000"),
    "a 0 that somebody typed": ("<v>0</v>", True, "0.000000"),
    "an empty text": ('t="str"><f>""</f><v></v>', False, ""),
    "an empty text in one tag": ('t="str"><f>""</f><v/>', False, ""),
    "a text": ('t="str"><f>H2</f><v>2%</v>', False, "0.020000"),
    "an error": ('t="e"><f>1/0</f><v>#DIV/0!</v>', False, "invalid_number"),
    "an error in CDATA": ('t="e"><f>1/0</f><v><![CDATA[#DIV/0!]]></v>', False, "invalid_number"),
    "an error of no value": ('t="e"><f>1/0</f>', False, "uncalculated_formula"),
    "#N/A": ('t="e"><v>#N/A</v>', False, ""),
}


@pytest.mark.parametrize(("cell", "on_load", "loads"), FORMULAS.values(), ids=FORMULAS.keys())
def test_a_formula_and_its_value(cell: str, on_load: bool, loads: str, tmp_path: Path, domain: Domain) -> None:
    inner = cell if cell.startswith("t=") else f">{cell}"
    path = respell(
        book(tmp_path, [HEADER, row(rate=0.77), row("P2")]), sub(SHEET, r'(<c r="E2")[^>]*>.*?</c>', rf"\1 {inner}</c>")
    )
    respell(path, lambda parts: parts | {BOOK: re.sub(rb"<calcPr[^>]*>", b"", parts[BOOK])})
    if on_load:
        respell(path, sub(BOOK, "</workbook>", '<calcPr fullCalcOnLoad="1"/></workbook>'))
    found = outcome(read(path, domain))
    if loads.isalpha() or "_" in loads:
        assert found == [f"P2 {GOOD}", f"E2 {loads}"]
    else:
        assert found == [f"P1 {loads} 1.2345 1000000.00", f"P2 {GOOD}"]


def test_an_xls_of_formulas_that_were_never_calculated(tmp_path: Path, domain: Domain) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("受托业绩")
    for line, cells in enumerate([HEADER, row(), row("P2", rate=xlwt.Formula("H3/I3-1"), scale=xlwt.Formula("I3*35"))]):
        for column, cell in enumerate(cells):
            sheet.write(line, column, cell)
    workbook.save(str(tmp_path / f"{NAME}.xls"))
    assert outcome(read(tmp_path / f"{NAME}.xls", domain)) == [
        f"P1 {GOOD}",
        "E3 uncalculated_formula",
        "G3 uncalculated_formula",
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize("column", range(7))
def test_an_error_in_any_column_is_rejected(column: int, kind: str, tmp_path: Path, domain: Domain) -> None:
    code = ("invalid_period", "invalid_period", "invalid_code", "invalid_code", *["invalid_number"] * 3)[column]
    broken = [*row()]
    broken[column] = "#DIV/0!"
    path = book(tmp_path, [HEADER, broken, row("P2")], kind)
    assert outcome(read(path, domain)) == [f"P2 {GOOD}", f"{'ABCDEFG'[column]}2 {code}"]


ODS_ERRORS: dict[str, tuple[str, str]] = {
    "a 0 with the text of the error, as Excel writes it": (
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
        "<text:p>#DIV/0!</text:p></table:table-cell>",
        "E2 invalid_number",
    ),
    "an error of LibreOffice": (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>',
        "E2 invalid_number",
    ),
    "a formula without a value": ('<table:table-cell table:formula="of:=1/0"/>', "E2 uncalculated_formula"),
}


@pytest.mark.parametrize(("cell", "reject"), ODS_ERRORS.values(), ids=ODS_ERRORS.keys())
def test_an_error_of_an_ods(cell: str, reject: str, tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(rate=0.77), row("P2")], "ods")
    old = '<table:table-cell office:value-type="float" office:value="0.77"/>'
    respell(path, sub("content.xml", re.escape(old), cell))
    assert outcome(read(path, domain)) == [f"P2 {GOOD}", reject]


def test_an_error_of_an_ods_that_stands_for_two_columns(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row(rate="#REF!", value="#REF!"), row("P2")], "ods")
    error = r'(<table:table-cell) (office:value-type="string" office:string-value="")'
    pair = rf"{error}([^>]*>\s*<text:p>#REF!</text:p></table:table-cell>)<table:table-cell [^>]*><text:p>#REF!.*?cell>"
    respell(path, sub("content.xml", pair, r'\1 table:number-columns-repeated="2" \2\3'))
    assert outcome(read(path, domain)) == [f"P2 {GOOD}", "E2 invalid_number", "F2 invalid_number"]


# --- protected ---------------------------------------------------------------------------------------------------


def encrypted(path: Path, password: str) -> Path:
    """The workbook, protected by a password."""
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(path.read_bytes())).encrypt(password, target)
    path.write_bytes(target.getvalue())
    assert msoffcrypto.OfficeFile(io.BytesIO(target.getvalue())).is_encrypted()
    return path


def large(folder: Path) -> Path:
    """A workbook of more than 4096 bytes; the encryption of the tests' library breaks smaller ones."""
    path = book(folder, [SHORT, *(short(f"P{number * 7919 % 10007}") for number in range(400))])
    assert path.stat().st_size > 8192
    return path


def test_the_password_that_excel_enters_by_itself_is_tried_first(tmp_path: Path, domain: Domain) -> None:
    for options in (None, ReadOptions(password="another")):
        result = read(encrypted(large(tmp_path), "VelvetSweatshop"), domain, options)
        assert result.report.rows_loaded == 400


def test_another_password_must_be_given(tmp_path: Path, domain: Domain) -> None:
    path = encrypted(large(tmp_path), "another")
    with pytest.raises(WorkbookProtected, match="none is given"):
        read(path, domain)
    assert read(path, domain, ReadOptions(password="another")).report.rows_loaded == 400
    with pytest.raises(WorkbookProtected, match="does not open it"):
        read(path, domain, ReadOptions(password="wrong"))
