"""Workbooks as regulators publish them, made by the tests, and the example domains that read them."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.errors.base import DataError
from extract.settings import ROOT
from extract.table.records.results import FileResult
from reading import read

EXAMPLES = ROOT / "examples" / "regulators"
Rows = Sequence[Sequence[object]]
Changes = Mapping[str, object]
"""What stands in some cells instead, by their addresses; None empties one."""

AFP, RATES, FUNDS, BANKS = (
    "FP-1220-2-fe2025.xlsx",
    "EIOPA_RFR_20250228_Term_Structures.xlsx",
    "super_fund_level_sample.xlsx",
    "Monthly authorised deposit-taking institution statistics December 2023.xlsx",
)


def example(name: str, folder: Path = EXAMPLES) -> Domain:
    """A domain of the examples, or of a changed copy of them."""
    path = folder / "data_sources.yml"
    return load_domain(load_data_sources(path), name, path)


def without(folder: Path, file: str, *changes: tuple[str, str]) -> Path:
    """A copy of the examples in which something is taken out of a file, or put in another way."""
    copy = Path(
        shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("target", "logs", "models"))
    )
    text = (copy / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (copy / file).write_text(text, encoding="utf-8")
    return copy


def saved(book: Workbook, sheet: str, rows: Rows, merges: Sequence[str], changes: Changes, path: Path) -> Path:
    """Write rows from A1 on into a new sheet, merge cells, change some, and save."""
    worksheet = book.create_sheet(sheet)
    for row in rows:
        worksheet.append(list(row))
    for address, value in changes.items():
        worksheet[address] = value
    for merge in merges:
        worksheet.merge_cells(merge)
    book.save(path)
    return path


def new_book(*sheets: str) -> Workbook:
    """A workbook with sheets that hold a text alone."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        book.create_sheet(sheet)["A1"] = sheet
    return book


def afp_book(folder: Path, name: str = AFP, fund: int = 3, sheet: str | None = None, **changes: object) -> Path:
    """Two tables one below the other: periods and years over pairs of columns, merged or centred; with stray cells."""
    periods = (None, "Feb 2025 / Feb 2024", None, "Feb 2025 / Feb 2023", None, "Feb 2025 / Feb 2022", None)
    years = (None, "(1 año)", None, "(2 años)", None, "(31 años)", None)
    names = (None, *("Nominal", "Real") * 3)

    def table(basis: str, factor: int) -> list[Sequence[object]]:
        return [
            (f"Rentabilidad Nominal y Real {basis} del Fondo de Pensiones Tipo {fund} por AFP",),
            ("(En porcentaje)",),
            (),
            periods,
            years,
            names,
            ("Habitat 3/", 6.2496, 4.3181, 15.760200000000001, -10.3198, "N.A.", "N.A."),
            ("Prima ", *(factor * number for number in (1.5, 2.25, 0, 0.1, 100, 3))),
            ("Promedio", 1, 2, 3, 4, 5, 6),
        ]

    rows = [
        (), *table("Acumulada", 1), (None, "  "), (), *table("Anualizada", 2), (None, None, "N.A"), ("Notas:",),
        ("1.- El Fondo Tipo 0 inició operaciones en abril de 2016.",), (), (None,) * 9 + (700, 300),
    ]  # fmt: skip
    book = new_book()
    return saved(
        book, sheet or f"Rent-Fondo{fund}", rows, ["A2:G2", "B5:C5", "D6:E6", "B17:C17"], changes, folder / name
    )


def rates_book(folder: Path, name: str = RATES, **changes: object) -> Path:
    """Countries over columns, the names of curves and their properties below, another sheet of the same layout."""
    curve = "_28_02_2025_SWP_LLP_20"
    rows = [
        (),
        (None, "Main menu", "Euro", "Czech Republic", "Switzerland"),
        (None, None, f"EUR{curve}", f"CZ{curve}", f"CH{curve}"),
        (None, "Coupon_freq", 1, 1, 1),
        (None, "LLP", 20, 15, 10),
        (None, "Convergence", 40, 45, 50),
        (None, "UFR", 3.3, 3.3, 2.3),
        (None, "alpha", 0.11, 0.08, 0.09),
        (None, "CRA", 10, 10, 0),
        (None, "VA"),
        (None, 1, 0.02293, 0.035, -0.00162),
        (None, 2, 0.02163, 0.03398, 0.00111),
    ]
    book = new_book("Main_Menu")
    saved(book, "RFR_spot_no_VA", rows, [], changes, folder / name)
    for column in book["RFR_spot_no_VA"]["C11:E12"]:
        for cell in column:
            cell.number_format = "0.000%"
    return saved(book, "RFR_spot_with_VA", [*rows[:-1], (None, 2, 9, 9, 9)], [], {}, folder / name)


def funds_book(folder: Path, name: str = FUNDS, **changes: object) -> Path:
    """A header of five rows with groups; figures kept back; two columns hidden."""
    groups = (
        "Number of member accounts by members' benefits bracket",
        "Proportion of number of member accounts by members' benefits bracket",
        "Members' benefits by members' benefit bracket",
        "Proportion of members' benefits by members' benefit bracket",
    )
    names = (
        "Period", "Fund name", "ABN", "Total number of member accounts at the end of period",
        "Total members' benefits at end of period", "Number of members accounts : female",
        "Number of members : Not stated or inadequately described", "Members' benefits : female",
        "Members' benefits : Not stated or inadequately described",
    )  # fmt: skip
    brackets = [text for group in groups for text in (group, None)]
    thousand, percent = "($'000)", "(%)"
    end = date(2025, 12, 31)
    rows = [
        ("Table 3: Fund's membership demographics by members' benefit segments",),
        (*(None,) * 9, *brackets),
        (*(None,) * 3, *map(get_column_letter, range(1, 15))),
        (*names, *("< $1,000", "$1,000 to $5,999") * 4),
        (*(None,) * 3, *("SRF 611.0",) * 14),
        (
            *(None,) * 4, thousand, None, None, thousand, thousand, None, None, percent, percent, thousand, thousand,
            percent, percent,
        ),
        (end, "AMG Super", 30, 31280, 2829015, 11330, 0, 1077305, 0, 4620, 9, 14.78, 9, 1244, 9, 0.04, 9),
        (end, "equipsuper (No 1)", 31, "<20", "*", "<20", "<20", "*", "*", "<20", 9, "*", 9, "*", 9, "*", 9),
    ]  # fmt: skip
    book = new_book("Cover", "Notes")
    merges = ["J2:K2", "L2:M2", "N2:O2", "P2:Q2"]
    saved(book, "Table 3", rows, merges, changes, folder / name)
    for letters in ("L", "P"):
        book["Table 3"].column_dimensions[letters].hidden = True
    book.save(folder / name)
    return folder / name


def banks_book(folder: Path, name: str = BANKS, **changes: object) -> Path:
    """The period over the banks, groups over two rows of names, the unit in a title, a total, neighbours."""
    households = ("Households", None)
    rows = [
        ("Table 2: Loans and finance leases on Australian books",),
        (" ($ million)",),
        (
            "December 2023", None, None, None, *households, *households, "Community service organisations",
            "Total residents loans and finance leases", "Intra-group loans and finance leases",
        ),
        (
            None, "Non-financial businesses", "Financial institutions", "General government", "Housing: Owner-occupied",
            "Housing: Investment", "Credit cards", "Other",
        ),
        ("AMP Bank Ltd", 1.5, 0, None, 15200.123, 8000, None, 12, 0.1, 23213.7, 4),
        ("Bank of China (Australia) Limited", 100, 200, 300, 400, 500, 600, 700, 800, 900, -1000),
        (),
        ("TOTAL", 101.5, 200, 300, 15600.123, 8500, 600, 712, 800.1, 24113.7, -996),
    ]  # fmt: skip
    book = new_book("Hidden", "Table 1")
    book["Hidden"].sheet_state = "veryHidden"
    book["Table 1"]["A3"] = "November 2023"
    merges = ["A3:A4", "E3:F3", "G3:H3", "I3:I4", "J3:J4", "K3:K4"]
    return saved(book, "Table 2 ", rows, merges, changes, folder / name)


BOOKS = {
    "afp_returns": afp_book,
    "risk_free_rates": rates_book,
    "super_funds": funds_book,
    "bank_statistics": banks_book,
}


def table(result: FileResult, columns: int) -> list[str]:
    """The first columns of the records, each record as one text."""
    return [" ".join(line.split(",")[:columns]) for line in result.records.decode().splitlines()]


def told(name: str, folder: Path, path: Path) -> str:
    """What a workbook is told about: its error, else its rejects and warnings, each with cells."""
    try:
        result = read(path, example(name, folder))
    except DataError as error:
        return f"{error.code()}: {error.message}"
    if result.failure:
        return f"{result.failure.code()}: {result.failure.message}"
    found = [f"{reject.code}: {reject.cell} {reject.value}" for row in result.rejected for reject in row.rejects]
    found += [f"{warning.code}: {warning.detail}" for warning in result.report.warnings]
    return "\n".join(found)
