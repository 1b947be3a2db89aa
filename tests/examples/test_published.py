"""The example domains on workbooks in the layouts that regulators publish: every record, and what is left out."""

import csv
from pathlib import Path

import openpyxl
import pytest

from conftest import TODAY
from extract.config import load_data_sources
from extract.files.discovery import Wish, discover
from extract.settings import ROOT
from extract.table.reading import extract_file
from published import BOOKS, EXAMPLES, afp_book, banks_book, example, funds_book, rates_book, table, told
from reading import read

PUBLISHED = ROOT.parent / "shared" / "regulators"
"""The workbooks of the publishers, which are no part of the project."""


def test_two_tables_of_one_sheet_with_pairs_of_columns_by_years(tmp_path: Path) -> None:
    result = read(afp_book(tmp_path), example("afp_returns"))
    assert table(result, 7) == [
        "2025-02-01 3 HABITAT acumulada 1 0.06249600 0.04318100",
        "2025-02-01 3 HABITAT acumulada 2 0.15760200 -0.10319800",
        "2025-02-01 3 PRIMA acumulada 1 0.01500000 0.02250000",
        "2025-02-01 3 PRIMA acumulada 2 0.00000000 0.00100000",
        "2025-02-01 3 PRIMA acumulada 31 1.00000000 0.03000000",
        "2025-02-01 3 HABITAT anualizada 1 0.06249600 0.04318100",
        "2025-02-01 3 HABITAT anualizada 2 0.15760200 -0.10319800",
        "2025-02-01 3 PRIMA anualizada 1 0.03000000 0.04500000",
        "2025-02-01 3 PRIMA anualizada 2 0.00000000 0.00200000",
        "2025-02-01 3 PRIMA anualizada 31 2.00000000 0.06000000",
    ]
    places = [line.split(",")[-2:] for line in result.records.decode().splitlines()]
    assert places[:3] == [["8", "B"], ["8", "D"], ["9", "B"]]
    report = result.report
    assert (result.rejected, report.warnings) == ((), ())
    assert report.rows_skipped == {
        "blank": 4, "header": 5, "summary": 2, "note": 4, "duplicate": 0, "no_figures": 2,
    }  # fmt: skip
    assert (report.rows_read, report.rows_loaded, report.sheet_rows) == (27, 10, 19)
    assert "fund_type: 3 (A2)" in report.notes
    assert "years: 3 values of the header (B6 to F6)" in report.notes


def test_countries_over_columns_and_maturities_beside_rows(tmp_path: Path) -> None:
    result = read(rates_book(tmp_path), example("risk_free_rates"))
    assert table(result, 4) == [
        "2025-02-01 EURO 1 0.02293000",
        "2025-02-01 CZECHIA 1 0.03500000",
        "2025-02-01 SWITZERLAND 1 -0.00162000",
        "2025-02-01 EURO 2 0.02163000",
        "2025-02-01 CZECHIA 2 0.03398000",
        "2025-02-01 SWITZERLAND 2 0.00111000",
    ]
    assert (result.rejected, result.report.rows_skipped["note"], result.report.sheet_rows) == ((), 7, 9)
    assert [warning.code for warning in result.report.warnings] == ["sheets_not_read"]


def test_names_in_groups_units_by_column_and_marks(tmp_path: Path) -> None:
    result = read(funds_book(tmp_path), example("super_funds"))
    first, second = result.records.decode().splitlines()
    assert first.startswith(
        "2025-12-01,AMG Super,31280,2829015000.00,11330,0,1077305000.00,0.00,4620,0.147800,1244000.00,0.000400,,"
    )
    assert second.startswith("2025-12-01,equipsuper (No 1),,,,,,,,,,,fewer than 20,suppressed,")
    assert (result.rejected, result.report.warnings) == ((), ())
    assert "ABN" in result.report.ignored_columns


def test_a_period_over_the_first_column_and_a_unit_in_a_title(tmp_path: Path) -> None:
    result = read(banks_book(tmp_path), example("bank_statistics"))
    assert table(result, 12) == [
        "2023-12-01 AMP Bank Ltd 1500000.00 0.00  15200123000.00 8000000000.00  12000000.00 100000.00 23213700000.00"
        " 4000000.00",
        "2023-12-01 Bank of China (Australia) Limited 100000000.00 200000000.00 300000000.00 400000000.00 500000000.00"
        " 600000000.00 700000000.00 800000000.00 900000000.00 -1000000000.00",
    ]
    assert (result.rejected, result.report.warnings) == ((), ())
    assert result.report.rows_skipped["summary"] == 1
    assert "report_date: December 2023 (A3)" in result.report.notes or "report_date" in result.report.notes[0]


@pytest.mark.parametrize("name", BOOKS)
def test_published_workbooks_give_the_expected_records(name: str) -> None:
    folder = PUBLISHED / name
    if not (folder / "expected.csv").exists():
        pytest.skip(f"the workbooks of {name} are not there: {folder.name}/expected.csv")
    domain = example(name)
    path = domain.path
    files = discover(folder, domain.config, load_data_sources(path).discovery, Wish()).files
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as lines:
        header, *expected = csv.reader(lines)
    found = []
    for source in files:
        for result in extract_file(source, domain, TODAY):
            assert not result.rejected
            rows = csv.reader(result.records.decode().splitlines())
            found += [row[: len(header)] for row in rows]
    assert list(domain.column_names[: len(header)]) == header
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"B5": "Mar 2025 / Mar 2024"}, "values_differ: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3: two values of report_"
         "date: 2025-02-01 (name of the file), but 2025-03-01 from Mar 2025 (B5)"),
        ({"A13": "Rentabilidad Nominal y Real Anualizada del Fondo de Pensiones"}, "rows_outside: A19, A20"),
        ({"A2": "Rentabilidad Nominal y Real Mensual del Fondo de Pensiones Tipo 3 por AFP"},
         "value_unreadable: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3, A2: Mensual is no basis"),
        ({"A3": "(En tanto por uno)"}, "unit_not_found: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3, cell B7"),
        ({"A3": "(En porcentaje)", "D6": "(1 año)"},
         "sheet Rent-Fondo3: column B of report_date Feb 2025, years 1 and column D"),
        ({"F6": "(treinta años)"}, "header_not_read: F6 ((treinta años))"),
        ({"E7": "Rael"}, "column_missing: no column of real beside D7"),
        ({"B7": "N", "D7": "N", "F7": "N"}, "column_missing: no column of nominal in the header A5:G7"),
        ({"A8": 7.5}, "invalid_text: A8 7.5"),
        ({"C9": "x"}, "invalid_number: C9 x"),
        ({"A9": "Habitat"}, "conflicting_duplicate: A8 Habitat 3/"),
        ({"A11": "Integra", "B11": 5}, "rows_outside: A11"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_published_workbook_is_told_with_its_cell(
    cells: dict[str, object], message: str, tmp_path: Path
) -> None:
    assert message in told("afp_returns", EXAMPLES, afp_book(tmp_path, **cells))


def test_rates_in_percent_without_a_sign_are_told(tmp_path: Path) -> None:
    path = rates_book(tmp_path, C11=2.293, D11=3.5, E11=0.162)
    book = openpyxl.load_workbook(path)
    for cell in book["RFR_spot_no_VA"][11]:
        cell.number_format = "General"
    book.save(path)
    assert "ambiguous_unit: of the plain numbers of rate, 1 up to 1" in told("risk_free_rates", EXAMPLES, path)


@pytest.mark.parametrize("name", ["Table 2", "TABLE 2"])
def test_a_blank_or_the_case_of_the_name_of_a_sheet_is_no_matter(name: str, tmp_path: Path) -> None:
    path = banks_book(tmp_path)
    book = openpyxl.load_workbook(path)
    book["Table 2 "].title = name
    book.save(path)
    assert read(path, example("bank_statistics")).report.sheet == name


@pytest.mark.parametrize("mark", [" 3/ 4/", " (1)", "*"])
def test_footnote_marks_of_a_company_are_taken_off(mark: str, tmp_path: Path) -> None:
    result = read(afp_book(tmp_path, A8=f"Habitat{mark}", A19=f"Habitat{mark}"), example("afp_returns"))
    assert (result.rejected, "HABITAT" in result.records.decode()) == ((), True)
