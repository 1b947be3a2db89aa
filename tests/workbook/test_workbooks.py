"""Workbooks as people send them: every format in every condition loads rightly or says precisely what is wrong."""

import shutil
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import writers
from conftest import HEADER, ROW, TODAY, Extract
from extract.domains.registry import Domain
from extract.errors.table import ColumnMissing, HeaderNotFound, SheetAmbiguous, SheetNotFound, UnknownUnit
from extract.errors.workbook import NotAWorkbook, WorkbookProtected, WorkbookTooLarge, WorkbookUnreadable
from extract.files.discovery import named_files
from extract.limits import Limits
from extract.pipeline import extracting, gather
from extract.table.reading import ReadOptions
from reading import cells, read, read_all, records

ROWS = [(2024, 11, "P1", "C1", 0.01, 1.5, 1000), (2024, 11, "00P2", "C1", "2.5%", None, "1,234.50")]
GOOD = ["2024-11-01,P1,C1,0.010000,1.5000,1000.00,true", "2024-11-01,00P2,C1,0.025000,,1234.50,true"]
FORMATS = list(writers.WRITERS)


def write(kind: str, rows: Sequence[Sequence[object]], folder: Path, name: str = "2024-11_受托业绩") -> Path:
    """A workbook of the kind."""
    suffix, writer = writers.WRITERS[kind]
    path = folder / f"{name}.{suffix}"
    writer(rows, path)
    return path


# --- every format by condition -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_ok(kind: str, tmp_path: Path, domain: Domain) -> None:
    result = read(write(kind, [HEADER, *ROWS], tmp_path), domain)
    assert records(result) == GOOD
    assert result.report.header_row == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_title_rows_above_the_header_are_reported(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [("受托业绩月报",), (), (None, "单位：元"), HEADER, *ROWS, (2024, 11, "P3", "C1", "x", 1, 1)]
    result = read(write(kind, rows, tmp_path), domain)
    assert records(result) == GOOD
    assert result.report.header_row == 4
    assert result.report.title_rows == ("A1: 受托业绩月报", "B3: 单位：元")
    assert cells(result) == [("E7", "invalid_number")]


@pytest.mark.parametrize("kind", FORMATS)
def test_two_row_header(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], "业绩", None, None), (None, None, None, None, *HEADER[4:]), *ROWS]
    result = read(write(kind, rows, tmp_path), domain)
    assert records(result) == GOOD
    assert result.report.header_row == 2


@pytest.mark.parametrize("kind", FORMATS)
def test_units_in_the_header(kind: str, tmp_path: Path, domain: Domain) -> None:
    header = (*HEADER[:4], "收益率（%）", "净值\n(元)", "规模(万元)")
    result = read(write(kind, [header, (2024, 11, "P1", "C1", 0.5, 1.5, 2)], tmp_path), domain)
    assert records(result) == ["2024-11-01,P1,C1,0.005000,1.5000,20000.00,true"]
    warned = [warning.code for warning in result.report.warnings]
    assert warned == (["unit_not_verified"] if kind in ("xlsb", "xls") else [])


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_excel_errors_are_never_empty(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [*ROWS, (2024, 11, "P3", "C1", "#DIV/0!", "#N/A", 1), (2024, 11, "#REF!", "C1", 0.1, 1, "#DIV/0!")]
    result = read(write(kind, [HEADER, *rows], tmp_path), domain)
    assert records(result) == GOOD
    assert cells(result) == [("E4", "invalid_number"), ("C5", "invalid_code"), ("G5", "invalid_number")]


@pytest.mark.parametrize("kind", FORMATS)
def test_header_only(kind: str, tmp_path: Path, domain: Domain) -> None:
    result = read(write(kind, [HEADER], tmp_path), domain)
    assert (result.records, [warning.code for warning in result.report.warnings]) == (b"", ["no_rows"])


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_empty_sheet(kind: str, tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(HeaderNotFound, match="empty"):
        read(write(kind, [], tmp_path), domain)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated(kind: str, share: float, tmp_path: Path, domain: Domain) -> None:
    path = write(kind, [HEADER, *ROWS * 30], tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(WorkbookUnreadable, match=path.name):
        read(path, domain)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods", "csv"])
def test_a_wrong_extension_is_recognised_by_content(kind: str, suffix: str, tmp_path: Path, domain: Domain) -> None:
    path = write(kind, [HEADER, *ROWS], tmp_path)
    renamed = path.rename(path.with_name(f"renamed.{suffix}"))
    assert records(read(renamed, domain)) == GOOD


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 50, "no workbook"),
        (b"just words\n", "a text"),
    ],
)
def test_wrong_content(content: bytes, what: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(content)
    with pytest.raises(NotAWorkbook, match=what):
        read(path, domain)


def test_an_archive_that_is_no_workbook(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(NotAWorkbook, match="Word"):
        read(path, domain)


@pytest.mark.heavy
@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_what_libreoffice_writes(suffix: str, tmp_path: Path, domain: Domain) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed: its files were not read")
    path = write("openpyxl", [("标题",), (*HEADER[:4], "收益率(%)", *HEADER[5:]), *ROWS], tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active["E3"].number_format = "0.00%"
    workbook.active.merge_cells("A3:A4")
    for column, value in enumerate((2024, 11, "P9", "C1", "=1/0", 1, 1), start=1):
        workbook.active.cell(5, column).value = value
    workbook.save(path)
    result = read(writers.convert(path, suffix, soffice), domain)
    assert records(result)[0] == "2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"
    assert result.report.rows_loaded == 2
    assert ("E5", "invalid_number") in cells(result)


# --- passwords ---------------------------------------------------------------------------------------------------


def protect(path: Path, password: str) -> Path:
    """The workbook under a password."""
    import msoffcrypto.format.ooxml

    target = path.with_name("2024-11_受托业绩_protected.xlsx")
    with path.open("rb") as plain, target.open("wb") as secret:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt(password, secret)
    return target


def test_password(tmp_path: Path, domain: Domain) -> None:
    path = protect(write("openpyxl", [HEADER, *ROWS], tmp_path), "geheim")
    with pytest.raises(WorkbookProtected, match="none is given"):
        read(path, domain)
    with pytest.raises(WorkbookProtected, match="does not open it"):
        read(path, domain, ReadOptions(password="wrong"))
    assert records(read(path, domain, ReadOptions(password="geheim"))) == GOOD
    listed = ReadOptions(passwords={"2023*": "other", "2024*": "geheim"}, password="wrong")
    assert records(read(path, domain, listed)) == GOOD


# --- limits ------------------------------------------------------------------------------------------------------


def replace_part(path: Path, part: str, content: bytes) -> None:
    """Replace one part of a package."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, old in parts.items():
            archive.writestr(name, content if name == part else old)


def test_zip_bomb(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    replace_part(path, "xl/theme/theme1.xml", b" " * 60 * 2**20)
    with pytest.raises(WorkbookTooLarge, match=r"limits\.ratio"):
        read(path, domain)


@pytest.mark.parametrize(
    ("limits", "key"),
    [
        ({"file_mb": 1}, "file_mb"),
        ({"unpacked_mb": 1}, "unpacked_mb"),
        ({"parts": 3}, "parts"),
        ({"cells": 5}, "cells"),
    ],
)
def test_limits(limits: dict[str, int], key: str, tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    if key in ("file_mb", "unpacked_mb"):
        import os

        replace_part(path, "xl/theme/theme1.xml", os.urandom(2 * 2**20))
    with pytest.raises(WorkbookTooLarge, match=rf"limits\.{key}"):
        read(path, domain, ReadOptions(limits=Limits(**limits)))


def test_a_stray_cell_far_away_is_named(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active["XFD1048576"] = "x"
    workbook.save(path)
    with pytest.raises(WorkbookTooLarge, match="XFD1048576"):
        read(path, domain)


def test_the_used_range_decides_not_the_declared_one(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    replace_part(path, "xl/worksheets/sheet1.xml", xml.replace(b'ref="A1:G3"', b'ref="A1:XFD1048576"'))
    assert records(read(path, domain)) == GOOD
    empty = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    replace_part(path, "xl/worksheets/sheet1.xml", xml.replace(b"</sheetData>", empty))
    assert records(read(path, domain)) == GOOD


def test_16384_columns(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [(*HEADER, *(f"x{number}" for number in range(16377))), *ROWS], tmp_path)
    result = read(path, domain)
    assert records(result) == GOOD
    assert len(result.report.ignored_columns) == 16377


def test_a_million_formatted_empty_rows(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(4, 1_000_001))
    replace_part(path, "xl/worksheets/sheet1.xml", xml.replace(b"</sheetData>", empty + b"</sheetData>"))
    result = read(path, domain, ReadOptions(limits=Limits(ratio=100_000)))
    assert records(result) == GOOD
    assert result.report.rows_read == 2


def test_external_entities_are_not_read(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS], tmp_path)
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    doctype = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    replace_part(path, "xl/worksheets/sheet1.xml", (doctype + xml.replace("<t>P1</t>", "<t>&e;</t>")).encode())
    try:
        shown = read(path, domain).records.decode()
    except WorkbookUnreadable as error:
        shown = error.message
    assert "SECRET" not in shown


def test_a_crash_of_the_reader_takes_only_its_file_down(tmp_path: Path, domain: Domain) -> None:
    good = write("openpyxl", [HEADER, *ROWS], tmp_path)
    greedy = write("openpyxl", [HEADER, *ROWS], tmp_path, "2024-12_受托业绩")
    workbook = openpyxl.load_workbook(greedy)
    workbook.active["XFD1048576"] = "x"
    workbook.save(greedy)
    files = named_files([good, greedy], tmp_path, domain.config).files
    options = ReadOptions(limits=Limits(cells=10**12, memory_mb=1024))
    with extracting(files, domain, TODAY, options, 2) as outcomes:
        extraction = gather(outcomes, domain)
    with extraction:
        assert [file.report.rows_loaded for file in extraction.files] == [2]
        (error,) = extraction.errors
    assert error.code() == "reader_crashed"
    assert "2024-12_受托业绩.xlsx" in error.message


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    import time

    from extract.workers import Crash, IsolatedMap

    started = time.monotonic()
    with IsolatedMap(lambda seconds, _: time.sleep(seconds), [60, 0], 2, Limits(memory_mb=1024, seconds=1)) as answers:
        assert [answer.result for answer in answers] == [Crash("it took longer than limits.seconds 1"), None]
    assert time.monotonic() - started < 20


# --- the header --------------------------------------------------------------------------------------------------


def grouped(
    tmp_path: Path, upper: Sequence[object], lower: Sequence[object], merges: Sequence[str], row: object
) -> Path:
    """A workbook with a group row over its header."""
    workbook = openpyxl.Workbook()
    for cells_of_row in (upper, lower, row):
        workbook.active.append(list(cells_of_row))
    for merge in merges:
        workbook.active.merge_cells(merge)
    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook.save(path)
    return path


def test_a_merged_group_row_over_the_names(tmp_path: Path, domain: Domain) -> None:
    upper = (*HEADER[:4], "业绩", None, None)
    merges = [f"{letter}1:{letter}2" for letter in "ABCD"] + ["E1:G1"]
    path = grouped(tmp_path, upper, (None, None, None, None, *HEADER[4:]), merges, ROWS[0])
    result = read(path, domain)
    assert records(result) == GOOD[:1]
    assert result.report.ignored_columns == ()


def test_all_names_below_a_group_row(tmp_path: Path, domain: Domain) -> None:
    path = grouped(tmp_path, ("基本信息", None, None, None, "业绩"), HEADER, ["A1:D1", "E1:G1"], ROWS[0])
    result = read(path, domain)
    assert records(result) == GOOD[:1]
    assert result.report.title_rows == ("A1: 基本信息", "E1: 业绩")


def test_the_group_completes_a_name(tmp_path: Path, domain: Domain) -> None:
    upper = (*HEADER[:4], "收益率(%)", None, "净值", "规模")
    lower = (None, None, None, None, "当期", "累计", None, None)
    path = grouped(tmp_path, upper, lower, ["E1:F1"], (2024, 11, "P1", "C1", 0.5, 9, 1.5, 1000))
    result = read(path, domain)
    assert records(result) == ["2024-11-01,P1,C1,0.005000,1.5000,1000.00,true"]
    assert result.report.ignored_columns == ("累计",)


def test_the_group_decides_between_two_names(tmp_path: Path, domain: Domain) -> None:
    upper = (*HEADER[:6], "期初", "期末")
    lower = (None, None, None, None, None, None, "资产规模", "资产规模")
    path = grouped(tmp_path, upper, lower, [], (2024, 11, "P1", "C1", 0.01, 1.5, 7, 1000))
    assert records(read(path, domain)) == GOOD[:1]


def test_the_unit_of_a_group_applies(tmp_path: Path, domain: Domain) -> None:
    upper = (*HEADER[:6], "金额(万元)")
    lower = (None, None, None, None, None, None, "规模")
    path = grouped(tmp_path, upper, lower, [], (2024, 11, "P1", "C1", 0.01, 1.5, 0.1))
    assert records(read(path, domain)) == GOOD[:1]


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        (HEADER, (*[None] * 4, "(%)", "(元)", "(万元)"), "2024-11-01,P1,C1,0.005000,1.5000,20000.00,true"),
        (
            (*HEADER[:4], "业绩(%)", None, None),
            (*[None] * 4, *HEADER[4:]),
            "2024-11-01,P1,C1,0.005000,1.5000,2.00,true",
        ),
        (
            (*HEADER[:4], "业绩(本期)", None, None),
            (*[None] * 4, *HEADER[4:]),
            "2024-11-01,P1,C1,0.500000,1.5000,2.00,true",
        ),
        (("2024年11月业绩(%)", *[None] * 6), HEADER, "2024-11-01,P1,C1,0.500000,1.5000,2.00,true"),
    ],
)
def test_units_in_two_rows(
    upper: Sequence[object], lower: Sequence[object], expected: str, tmp_path: Path, domain: Domain
) -> None:
    merge = "A1:G1" if upper[1] is None else "E1:G1" if upper[5] is None else "A1:A1"
    path = grouped(tmp_path, upper, lower, [merge], (2024, 11, "P1", "C1", 0.5, 1.5, 2))
    assert records(read(path, domain)) == [expected]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (HEADER, (*[None] * 6, "(万美元)")),
        ((*HEADER[:4], "资产规模(万美元)", None), (*[None] * 4, "期末", "期初")),
        ((*HEADER[:4], "净值(千美元)"), (*[None] * 4, "单位")),
        ((*HEADER[:4], "业绩(万美元)"), (*[None] * 4, "规模")),
    ],
)
def test_unknown_units_in_two_rows(
    upper: Sequence[object], lower: Sequence[object], tmp_path: Path, domain: Domain
) -> None:
    path = grouped(tmp_path, upper, lower, [], (2024, 11, "P1", "C1", 0.5, 1.5, 2))
    with pytest.raises(UnknownUnit):
        read(path, domain)


def test_a_repeated_two_row_header_is_skipped(tmp_path: Path, domain: Domain) -> None:
    header = [(*HEADER[:4], "业绩", None, None), (*[None] * 4, *HEADER[4:])]
    result = read(write("openpyxl", [*header, ROWS[0], *header, ROWS[1]], tmp_path), domain)
    assert records(result) == GOOD
    assert result.report.rows_skipped["header"] == 2


@pytest.mark.parametrize("name", ["2099_12_受托业绩.xlsx", "2026_12_受托业绩.xlsx", "99年12月受托业绩.xlsx"])
def test_an_impossible_period_in_the_name_is_no_period(name: str, extract: Extract) -> None:
    with pytest.raises(ColumnMissing, match="年"):
        extract([("P1", "C1")], header=("计划代码", "公司代码"), name=name)


def test_a_header_beyond_row_30_is_not_found(tmp_path: Path, domain: Domain) -> None:
    titles = [(f"标题{number}",) for number in range(29)]
    assert records(read(write("openpyxl", [*titles, HEADER, *ROWS], tmp_path), domain)) == GOOD
    with pytest.raises(HeaderNotFound, match="标题0"):
        read(write("openpyxl", [*titles, ("x",), HEADER, *ROWS], tmp_path), domain)


def test_long_and_broken_texts_stay_one_line_in_a_message(tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(HeaderNotFound) as caught:
        read(write("openpyxl", [("x\ny" * 500,), ("z",)], tmp_path), domain)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250


def test_the_nearest_row_and_what_it_lacks_are_named(tmp_path: Path, domain: Domain) -> None:
    rows = [("标题",), ("年", "月", "计划代码", "受托人", "收益率"), ROWS[0]]
    with pytest.raises(ColumnMissing, match=r"row 2: no column for company_code .*D 受托人"):
        read(write("openpyxl", rows, tmp_path), domain)


def test_missing_optional_columns_are_named(extract: Extract) -> None:
    result = extract([ROW[:5]], header=HEADER[:5])
    assert result.report.missing_columns == ("net_asset_value", "fund_scale")


def test_aliases_of_the_configuration(tmp_path: Path, domain: Domain) -> None:
    header = ("年度", *HEADER[1:6], "期末市值(元)")
    path = write("openpyxl", [header, *ROWS], tmp_path)
    assert records(read(path, domain, aliases={"year": ("年度",), "fund_scale": ("期末市值",)})) == GOOD


# --- cells -------------------------------------------------------------------------------------------------------


def test_merged_key_cells_give_their_value_to_each_row(tmp_path: Path, domain: Domain) -> None:
    workbook = openpyxl.Workbook()
    for row in (HEADER, ROWS[0], (None, None, "P2", None, None, None, None), (), (None, None, "小计"),
                (None, None, "P3", None, 0.03, 3, 3), (2024, 11, "P4", "C2", 0.04, 4, 4)):  # fmt: skip
        workbook.active.append(list(row))
    for merge in ("A2:A6", "B2:B6", "D2:D6", "E2:E3", "F2:G3"):
        workbook.active.merge_cells(merge)
    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook.save(path)
    result = read(path, domain)
    assert records(result) == [
        "2024-11-01,P1,C1,0.010000,1.5000,,true",
        "2024-11-01,P2,C1,,,,false",  # measures are never filled down or across
        "2024-11-01,P3,C1,0.030000,3.0000,3.00,true",
        "2024-11-01,P4,C2,0.040000,4.0000,4.00,true",
    ]
    assert {name: count for name, count in result.report.rows_skipped.items() if count} == {"blank": 1, "summary": 1}


@pytest.mark.parametrize("column", ["A", "C"])
def test_a_merged_label_makes_all_of_its_rows_totals(column: str, tmp_path: Path, domain: Domain) -> None:
    workbook = openpyxl.Workbook()
    for row in (HEADER, ROWS[0], (2024, 11, "x", "T1", 0.1, 1, 1), (2024, 11, None, "T2", 0.1, 1, 1)):
        workbook.active.append(list(row))
    workbook.active[f"{column}3"] = "合计"
    workbook.active.merge_cells(f"{column}3:{column}4")
    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook.save(path)
    result = read(path, domain)
    assert records(result) == GOOD[:1]
    assert result.report.rows_skipped["summary"] == 2


def test_only_the_leftmost_column_of_a_merge_counts(tmp_path: Path, domain: Domain) -> None:
    workbook = openpyxl.Workbook()
    for row in (HEADER, ROWS[0], (2024, 11, None, None, 0.02, 2, 2)):
        workbook.active.append(list(row))
    workbook.active.merge_cells("C2:D3")
    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook.save(path)
    assert cells(read(path, domain)) == [("D2", "missing"), ("D3", "missing")]


@pytest.mark.parametrize("column", ["A", "C", "E", "G"])
def test_a_formula_without_a_value_is_rejected_and_never_empty(column: str, tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS, (2024, 11, "P3", "C1", 0.1, 1, 1)], tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active[f"{column}2"] = "=1+1"
    workbook.save(path)
    result = read(path, domain)
    assert cells(result) == [(f"{column}2", "uncalculated_formula")]
    assert result.rejected[0].rejects[0].value == "=1+1"


def test_rows_that_hold_only_such_formulas_are_not_lost(tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [HEADER, *ROWS, tuple("=A2" for _ in HEADER)], tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active["E8"] = "=E2"
    workbook.save(path)
    result = read(path, domain)
    assert (result.report.rows_read, result.report.rows_skipped["blank"]) == (7, 3)
    assert [code for _, code in cells(result)].count("uncalculated_formula") == 8


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_an_error_beyond_the_last_column_is_no_trouble(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, ROWS[0], (*ROWS[1], None, None, "#DIV/0!"), (2024, 11, "P3", "C1", 0.1, 1, 1)]
    result = read(write(kind, rows, tmp_path), domain)
    assert records(result)[:2] == GOOD
    assert result.report.rows_loaded == 3


def test_an_uncalculated_formula_beyond_the_last_column_is_no_trouble(tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, ROWS[0], (*ROWS[1], None, None, "=1+1"), (2024, 11, "P3", "C1", 0.1, 1, 1)]
    result = read(write("openpyxl", rows, tmp_path), domain)
    assert records(result)[:2] == GOOD
    assert result.report.rows_loaded == 3


def test_a_formula_with_a_value_is_its_value(tmp_path: Path, domain: Domain) -> None:
    import xlsxwriter

    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ROWS[0])
    sheet.write_formula(1, 6, "=500*2", None, 1000)
    sheet.write_formula(1, 5, '=IF(1,"","")', None, "")
    sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
    sheet.write_row(2, 0, ROWS[1])
    workbook.close()
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    replace_part(path, "xl/worksheets/sheet1.xml", xml.replace(b'<c r="F2">', b'<c r="F2" t="str">'))  # as Excel does
    result = read(path, domain)
    assert cells(result) == [("E2", "invalid_number")]
    assert result.rejected[0].row["规模"] == "1000"


def test_merged_key_cells_in_xls(tmp_path: Path, domain: Domain) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("受托业绩")
    for number, row in enumerate((HEADER, ROWS[0], (None, None, "P2", None, 0.02, 2, 2))):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    for column in (0, 1, 3):
        sheet.merge(1, 2, column, column)
    path = tmp_path / "2024-11_受托业绩.xls"
    workbook.save(str(path))
    assert records(read(path, domain)) == [GOOD[0], "2024-11-01,P2,C1,0.020000,2.0000,2.00,true"]


def test_merged_key_cells_in_ods(tmp_path: Path, domain: Domain) -> None:
    path = write("ods", [HEADER, ROWS[0], (None, None, "P2", None, 0.02, 2, 2)], tmp_path)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    for value in ('office:value-type="float" office:value="2024"', 'office:value-type="float" office:value="11"'):
        content = content.replace(value, f'{value} table:number-rows-spanned="2"')
    spanned = '<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>C1'
    content = content.replace('<table:table-cell office:value-type="string"><text:p>C1', spanned)
    replace_part(path, "content.xml", content.encode())
    assert records(read(path, domain)) == [GOOD[0], "2024-11-01,P2,C1,0.020000,2.0000,2.00,true"]


@pytest.mark.parametrize("number_format", ["0.00%", "0%", "0.0%;[Red]-0.0%", '"率"0.00%'])
def test_a_percent_formatted_cell_holds_a_fraction(number_format: str, tmp_path: Path, domain: Domain) -> None:
    header = (*HEADER[:4], "收益率(%)", *HEADER[5:])
    path = write(
        "openpyxl", [header, *((2024, 11, f"P{n}", "C1", v, 1, 1) for n, v in enumerate((0.055, 1.5, 0.5)))], tmp_path
    )
    workbook = openpyxl.load_workbook(path)
    for cell in ("E2", "E3"):
        workbook.active[cell].number_format = number_format
    workbook.save(path)
    result = read(path, domain)
    assert [record.split(",")[3] for record in records(result)] == ["0.055000", "1.500000", "0.005000"]
    configured = Domain(domain.name, domain.config, (("return_rate", -2),))
    assert [record.split(",")[3] for record in records(read(path, configured))] == ["0.055000", "1.500000", "0.005000"]


@pytest.mark.parametrize("number_format", ['0.00"%"', r"0.00\%", "0.00", "[>1]0.0", r"0.00_%_);\(0.00_%\)", "0.00*%"])
def test_a_literal_percent_sign_is_no_percent_format(number_format: str, tmp_path: Path, domain: Domain) -> None:
    path = write("openpyxl", [(*HEADER[:4], "收益率(%)", *HEADER[5:]), ROWS[0]], tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active["E2"].number_format = number_format
    workbook.save(path)
    assert records(read(path, domain))[0].split(",")[3] == "0.000100"


@pytest.mark.parametrize("system", ["1900", "1904"])
def test_dates_in_both_date_systems(system: str, tmp_path: Path, domain: Domain) -> None:
    workbook = openpyxl.Workbook()
    if system == "1904":
        workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(("报告期", "计划代码", "公司代码"))
    workbook.active.append((date(2024, 11, 30), "P1", "C1"))
    workbook.active.append((datetime(2024, 11, 30, 12), "P2", "C1"))
    path = tmp_path / "受托业绩.xlsx"
    workbook.save(path)
    assert [record[:10] for record in records(read(path, domain))] == ["2024-11-01", "2024-11-01"]


def test_cells_that_name_no_position(tmp_path: Path, domain: Domain) -> None:
    import re

    path = write("openpyxl", [HEADER, *ROWS, (2024, 11, "P3", "C1", "#DIV/0!", "=1+1", 3)], tmp_path)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    xml = re.sub(rb'(<(?:c|row)) r="[A-Z]*[0-9]+"', rb"\1", xml)
    replace_part(path, "xl/worksheets/sheet1.xml", xml)
    result = read(path, domain)
    assert cells(result) == [("E4", "invalid_number"), ("F4", "uncalculated_formula")]


# --- sheets ------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_sheets(tmp_path: Path) -> Path:
    """Sheets 说明 (no table), 数据 (the whole table), 旧数据 (fewer columns), and hidden 隐藏 (a whole table too)."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "说明"
    workbook.active.append(("请看下一页",))
    for title, columns, plan in (("数据", 7, "P1"), ("旧数据", 4, "P8"), ("隐藏", 7, "P9")):
        sheet = workbook.create_sheet(title)
        sheet.append(HEADER[:columns])
        sheet.append((*ROWS[0][:2], plan, *ROWS[0][3:])[:columns])
    workbook["隐藏"].sheet_state = "hidden"
    path = tmp_path / "2024-11_受托业绩.xlsx"
    workbook.save(path)
    return path


@pytest.mark.parametrize(("wanted", "plan"), [("数据", "P1"), ("1", "P1"), ("2", "P8"), ("隐藏", "P9"), ("auto", "P1")])
def test_sheet_by_name_index_or_auto(three_sheets: Path, domain: Domain, wanted: str, plan: str) -> None:
    assert records(read(three_sheets, domain, ReadOptions(sheet=wanted)))[0].split(",")[1] == plan
    config: dict[str, object] = {"sheet": int(wanted) if wanted.isdecimal() else wanted}
    assert records(read(three_sheets, domain, **config))[0].split(",")[1] == plan


def test_a_hidden_sheet_of_an_xls_is_read_only_when_named(tmp_path: Path, domain: Domain) -> None:
    workbook = xlwt.Workbook()
    for title, plan in (("隐藏", "P9"), ("数据", "P1")):
        sheet = workbook.add_sheet(title)
        for number, row in enumerate((HEADER, (*ROWS[0][:2], plan, *ROWS[0][3:]))):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    workbook.get_sheet(0).visibility = 1
    workbook.set_active_sheet(1)
    path = tmp_path / "2024-11_受托业绩.xls"
    workbook.save(str(path))
    assert records(read(path, domain))[0].split(",")[1] == "P1"
    assert records(read(path, domain, ReadOptions(sheet="隐藏")))[0].split(",")[1] == "P9"


@pytest.mark.parametrize("kind", ["xlsb", "ods"])
def test_a_hidden_sheet_of_other_formats_is_read_only_when_named(kind: str, tmp_path: Path, domain: Domain) -> None:
    path = write(kind, [HEADER, *ROWS], tmp_path)
    part = "xl/workbook.bin" if kind == "xlsb" else "content.xml"
    with zipfile.ZipFile(path) as archive:
        content = archive.read(part)
    if kind == "xlsb":  # the state of the sheet stands before its number
        content = content.replace(b"\x00\x00\x00\x00\x01\x00\x00\x00\x04", b"\x01\x00\x00\x00\x01\x00\x00\x00\x04")
    else:
        style = (
            b'<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><style:style '
            b'style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
            b"</office:automatic-styles><office:body>"
        )
        content = content.replace(b"<office:body>", style).replace(
            b"<table:table ", b'<table:table table:style-name="h" '
        )
    replace_part(path, part, content)
    with pytest.raises(SheetNotFound, match="has no sheet 0") as caught:
        read(path, domain)
    assert "(hidden)" in caught.value.sheets
    assert records(read(path, domain, ReadOptions(sheet="受托业绩"))) == GOOD


def test_an_unknown_sheet_lists_those_there_are_similar_first(three_sheets: Path, domain: Domain) -> None:
    with pytest.raises(SheetNotFound) as caught:
        read(three_sheets, domain, ReadOptions(sheet="旧数據"))
    assert caught.value.sheets == "旧数据, 数据, 说明, 隐藏 (hidden)"
    with pytest.raises(SheetNotFound):
        read(three_sheets, domain, ReadOptions(sheet="3"))  # an index never reaches a hidden sheet


def test_auto_refuses_a_tie(three_sheets: Path, domain: Domain) -> None:
    workbook = openpyxl.load_workbook(three_sheets)
    workbook["隐藏"].sheet_state = "visible"
    workbook.save(three_sheets)
    with pytest.raises(SheetAmbiguous, match="数据 and 隐藏"):
        read(three_sheets, domain, sheet="auto")


def test_auto_is_not_stopped_by_the_fault_of_another_sheet(three_sheets: Path, domain: Domain) -> None:
    workbook = openpyxl.load_workbook(three_sheets)
    workbook["旧数据"]["E1"] = "规模(美元)"
    workbook.save(three_sheets)
    assert records(read(three_sheets, domain, sheet="auto"))[0].split(",")[1] == "P1"


@pytest.mark.parametrize(("sheets", "plans"), [(("数据", "隐藏"), ["P1", "P9"]), ("数据$", ["P1", "P8"])])
def test_several_sheets(three_sheets: Path, domain: Domain, sheets: object, plans: list[str]) -> None:
    results = read_all(three_sheets, domain, sheets=sheets)
    assert [record.split(",")[1] for result in results for record in records(result)] == plans
    assert len({result.report.sheet for result in results}) == 2


def test_a_key_in_two_sheets_of_a_workbook_is_one_key_of_the_file(three_sheets: Path, domain: Domain) -> None:
    workbook = openpyxl.load_workbook(three_sheets)
    workbook["隐藏"].append(ROWS[0])
    workbook["隐藏"].append((*ROWS[1][:6], 5))
    workbook["数据"].append(ROWS[1])
    workbook.save(three_sheets)
    first, second = read_all(three_sheets, domain, sheets=("数据", "隐藏"))
    assert second.report.rows_skipped["duplicate"] == 1
    assert cells(first) == [("A3", "conflicting_duplicate")]
    assert cells(second) == [("A4", "conflicting_duplicate")]
    assert "row 4 of sheet 隐藏" in first.rejected[0].rejects[0].reason


# --- csv ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with BOM"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t"), ("csv", ";"), ("csv", "\t")])
def test_encodings_and_delimiters(
    encoding: str, shown: str, suffix: str, delimiter: str, tmp_path: Path, domain: Domain
) -> None:
    path = tmp_path / f"2024-11_受托业绩.{suffix}"
    writers.write_csv([HEADER, *ROWS], path, encoding, delimiter)
    result = read(path, domain)
    assert records(result) == GOOD
    assert result.report.notes[0].startswith(f"read as {shown}, ")


def test_a_csv_that_is_no_text(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes("年,月\n".encode() + b"\xff\xff\x80,\n")
    with pytest.raises(WorkbookUnreadable, match="neither UTF-8 nor GB18030"):
        read(path, domain)
