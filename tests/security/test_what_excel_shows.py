"""What a workbook shows in Excel is what loads, however its XML is written; and nothing of a hostile size comes out."""

import csv
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from conftest import HEADER, TODAY, Checkout, plan_of
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.errors.workbook import WorkbookUnreadable
from extract.files.discovery import named_files
from extract.table.reading import extract_file
from extract.table.records.results import FileResult
from hostile import good, package, rows_of, table
from layouts import outcome


def read(folder: Path, domain: Domain, content: bytes, kind: str = "xlsx") -> FileResult:
    path = folder / f"2024-11_受托业绩.{kind}"
    path.write_bytes(content)
    (result,) = extract_file(named_files([path], folder, domain.config).files[0], domain, TODAY)
    return result


REAL = rows_of([HEADER, *good(2)])
SHOWN = ["P0 0.010000 1.5000 1000.00", "P1 0.010000 1.5000 1000.00"]


@pytest.mark.parametrize(
    "remark",
    [
        '<!--<c r="F2" t="e"><v>99999999</v></c>-->',
        '<!--<row r="2"><c r="F2"><v>7</v></c></row>-->',
        '<?xl <c r="F2" t="e"><v>7</v></c>?>',
        '<!-- ]]> <c r="F2"><f>1</f></c> -->',
    ],
)
@pytest.mark.parametrize("place", ["</row>", "<row ", "</c>"])
def test_what_stands_in_remarks_is_no_cell(tmp_path: Path, domain: Domain, remark: str, place: str) -> None:
    assert outcome(read(tmp_path, domain, package(REAL.replace(place, remark + place, 3)))) == SHOWN


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<c r='F2'><v>1<![CDATA[.]]>5</v></c>", SHOWN[0]),
        ('<c t="n" r="F2"><v>1.5</v></c>', SHOWN[0]),
        ('<c r="F2"><v>1<!-- 9 -->.5</v></c>', SHOWN[0]),
        ('<c r="F2"><v>1&#46;5</v></c>', SHOWN[0]),
        ('<c r="F2" t="e"><v>#N/A</v></c>', "P0 0.010000  1000.00"),
        ('<c r="F2" t="e"><v>#DIV/0!</v></c>', None),
    ],
)
def test_a_cell_in_any_spelling(tmp_path: Path, domain: Domain, written: str, expected: str | None) -> None:
    content = package(REAL.replace('<c r="F2"><v>1.5</v></c>', written))
    assert outcome(read(tmp_path, domain, content))[0] == (expected or SHOWN[1])


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="F2" t="e"><v>#REF!</v></c><c r="F2"><v>1.5</v></c>',  # two values in one cell
        '<c r="F2" t="e"><v>99999999</v></c>',  # no error of Excel
        '<c r="F2"><f>1</f><f>2</f><v>1.5</v></c>',
        '<c r="F2"><v>1.4</v></c><c r="F2"><v>1.5</v></c>',
        '<c r="F2"><v>1.5</v></c><c r="F2" s="0"/>',
        '<c r="F2"><v>1,234</v></c>',  # of a program that writes decimal commas
        '<c r="F2" t="n"><f>SUM(1,2)</f><v>-1,5</v></c>',
        '<c r="F2" t="inlineStr"><v>1.5</v></c>',
    ],
)
def test_cells_that_contradict_themselves_are_an_error(tmp_path: Path, domain: Domain, cells: str) -> None:
    with pytest.raises(WorkbookUnreadable):
        read(tmp_path, domain, package(REAL.replace('<c r="F2"><v>1.5</v></c>', cells)))


def test_a_comma_in_a_text_is_no_trouble(tmp_path: Path, domain: Domain) -> None:
    content = package(REAL.replace('<c r="F2"><v>1.5</v></c>', '<c r="F2" t="str"><f>"1,"&amp;"5"</f><v>1,500</v></c>'))
    assert outcome(read(tmp_path, domain, content))[0] == "P0 0.010000 1500.0000 1000.00"


@pytest.mark.parametrize("second", ['<row r="2">', '<row spans="1:7" r="2">'])
def test_two_rows_of_one_number_are_an_error(tmp_path: Path, domain: Domain, second: str) -> None:
    with pytest.raises(WorkbookUnreadable, match="one number"):
        read(tmp_path, domain, package(REAL.replace('<row r="3">', second)))


@pytest.mark.parametrize("value", ["on", "TRUE", " 1 ", "yes"])
def test_a_date_system_that_is_no_truth_value_is_an_error(tmp_path: Path, domain: Domain, value: str) -> None:
    with pytest.raises(WorkbookUnreadable, match="date1904"):
        read(tmp_path, domain, with_book(REAL, f'<workbookPr date1904="{value}"/><sheets>'))


@pytest.mark.parametrize(
    ("book", "value", "is_result"),
    [
        ("<sheets>", "0.0", False),  # as Apache POI writes it
        ("<calcPr/><sheets>", "0.0", False),
        ('<calcPr calcId="0"/><sheets>', "0.0", False),
        ('<calcPr calcId="191029"/><sheets>', "0.0", True),
        ("<sheets>", "0", True),
        ("<sheets>", "0.05", True),
        ('<calcPr calcId="191029" calcCompleted="0"/><sheets>', "0", False),
        ('<calcPr calcId="191029" calcCompleted="false"/><sheets>', "0.05", True),
    ],
)
def test_a_zero_that_nobody_calculated(tmp_path: Path, domain: Domain, book: str, value: str, is_result: bool) -> None:
    rows = REAL.replace('<c r="E2"><v>0.01</v></c>', f'<c r="E2" t="n"><f>A1+B1</f><v>{value}</v></c>')
    found = outcome(read(tmp_path, domain, with_book(rows, book)))
    assert found[-1] == (SHOWN[1] if is_result else "E2 uncalculated_formula")


def with_book(rows: str, book: str) -> bytes:
    """A package in whose workbook something else stands where its sheets begin."""
    source, target = io.BytesIO(package(rows)), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(b"<sheets>", book.encode()) if "workbook.xml" in name else content)
    return target.getvalue()


def test_an_attribute_in_another_order_changes_no_percentage(tmp_path: Path, domain: Domain) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="10"/></cellXfs>'
    for cell in (
        '<c r="E2" s="1"><v>1.5</v></c>',
        '<c s="1" r="E2"><v>1.5</v></c>',
        '<c  s = "1"  r="E2" ><v>1.5</v></c>',
    ):
        content = package(REAL.replace('<c r="E2"><v>0.01</v></c>', cell), styles=styles)
        assert outcome(read(tmp_path, domain, content))[0] == "P0 1.500000 1.5000 1000.00"


# --- texts that are too long -------------------------------------------------------------------------------------

LONG = "x" * 100_000


def test_texts_are_cut_where_they_enter(checkout: Checkout, tmp_path: Path) -> None:
    header = (*HEADER[:4], "收益率" + " " * 9000, *HEADER[5:], LONG)
    rows = [*[(*row, "备注") for row in good(9)], (2024, 11, "R1", "C1", "q" + LONG, 1.5, 1, LONG)]
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(package({(LONG, "visible"): rows_of([[LONG], header, *rows])}))
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert {row[9] for row in plan_of(tmp_path / "plan")} == {"x" * 31}
    with (tmp_path / "plan" / "rejects.csv").open(encoding="utf-8-sig", newline="") as lines:
        (reject,) = csv.DictReader(lines)
    assert [len(reject[name]) for name in ("source_sheet", "value")] == [31, 32_767]
    assert len(reject["column"]) <= 200
    assert len(reject["reason"]) < 400
    entry = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["files"][0]
    assert max(map(len, entry["ignored_columns"])) <= 200
    assert max(map(len, entry["title_rows"])) <= 1010
    mended = checkout.run("--file", tmp_path / "plan" / "rejects.xlsx", "--plan-dir", tmp_path / "again")
    assert mended.returncode == ExitCode.OK, mended.stderr
    assert "0 of 1 rejected rows" in mended.stdout


def test_a_conflict_names_five_rows(checkout: Checkout, tmp_path: Path) -> None:
    rows = [(2024, 11, "P", "C1", 0.01, 1.5, number) for number in range(800)]
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(package(table(*rows, *good(801))))
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan", "-q")
    assert done.returncode == ExitCode.OK, done.stderr
    assert sum(file.stat().st_size for file in (tmp_path / "plan").iterdir()) < 2 * 2**20
    with (tmp_path / "plan" / "rejects.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert all(reject["reason"].endswith("and 794 more too, with other values") for reject in csv.DictReader(lines))


@pytest.mark.parametrize("foreign", ["a\x01b\x1f", "a\x0b\ufffe", "\uffffx"])
def test_rejects_workbook_is_valid_whatever_names_and_cells_hold(
    checkout: Checkout, tmp_path: Path, foreign: str
) -> None:
    path = tmp_path / f"2024-11_受托业绩{foreign}.csv"
    bad = foreign if "\x01" not in foreign and "\x0b" not in foreign else "x"
    text = "\n".join([",".join(HEADER), *(",".join(map(str, row)) for row in good(3)), f"2024,11,R,C1,{bad},1.5,1"])
    path.write_text(text, encoding="utf-8")
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    rejects = tmp_path / "plan" / "rejects.xlsx"
    with zipfile.ZipFile(rejects) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                ET.fromstring(archive.read(name))
    assert len(openpyxl.load_workbook(rejects).worksheets) == 2
    assert "0 of 1 rejected rows" in checkout.run("--file", rejects, "--plan-dir", tmp_path / "again").stdout
