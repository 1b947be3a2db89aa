"""Headers as regulators make them: rows of names in either order, merged and centred, values over figures, units."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from made import book, made, problems, records, result

NAME = 'str, Text(max_length=50, headers=("Name",))'
AT_A = 'str, Text(max_length=50), FromColumn("A")'
YEAR = "int, Integer(minimum=1900), FromHeader(row={row})"
Rows = Sequence[Sequence[object]]

NAMES: dict[str, tuple[str, Rows, Sequence[str]]] = {
    "the last row alone": ("Assets", [("Name", "Bank"), (None, "Assets")], ()),
    "from the top": ("Bank Assets", [("Name", "Bank"), (None, "Assets")], ()),
    "from the bottom": ("Assets Bank", [("Name", "Bank"), (None, "Assets")], ()),
    "typographic apostrophes": ("members' benefits", [("Name", "Members’"), (None, "Benefits")], ()),
    "line breaks and blanks": ("Bank Assets", [("Name", "Bank\n"), (None, "  as sets")], ()),
    "the whole name before a part of it": (
        "Bank Assets", [("Name", "Bank", "Fund", "Fund"), (None, "Assets", "Bank Assets", "Assets")], (),
    ),
    "merged across": ("Bank Assets", [("Name", "Bank", None), (None, "Debts", "Assets")], ("B2:C2",)),
    "centred across": ("Bank Assets", [("Name", "Bank", None), (None, "Debts", "Assets")], ()),
    "merged down": ("Assets", [("Name", "Assets"), (None, None)], ("A2:A3", "B2:B3")),
    "four rows": (
        "Bank Assets Net Domestic",
        [(None, "Bank", None), (None, "Assets", None), (None, "Gross", "Net"), ("Name", "Domestic", "Domestic")],
        ("B2:C2",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_a_column_by_its_name(case: str, tmp_path: Path) -> None:
    header, rows, merges = NAMES[case]
    layout = f"Layout(header=({'NAMES,' * len(rows)}))"
    domain = made(tmp_path, layout, {"name": NAME, "amount": f'Decimal | None, figure("{header}")'})
    width = max(map(len, rows))
    expected = next(index for index in range(width - 1, 0, -1) if width == 2 or index == width - 1)
    if case == "the whole name before a part of it":
        expected = 1
    path = book(tmp_path, [("a title",), *rows, ("a", *range(1, width))], merges)
    assert records(path, domain) == [f"a {expected}.00"]


def test_a_column_without_a_second_name_is_not_of_the_group_on_its_left(tmp_path: Path) -> None:
    fields = {name: f'Decimal | None, figure("{header}")' for name, header in
              (("net", "Return Net"), ("gross", "Return Gross"), ("cost", "Cost"), ("assets", "Assets"))}  # fmt: skip
    domain = made(tmp_path, "Layout(header=(NAMES, NAMES, SKIP))", {"name": NAME, **fields})
    header = [("Name", "Return", None, "Cost", "Assets"), (None, "Net", "Gross"), (None, "%", "%", "bp", "m")]
    path = book(tmp_path, [("a title",), *header, ("a", 1, 2, 3, 4)], ("B2:C2",))
    assert records(path, domain) == ["a 1.00 2.00 3.00 4.00"]


def test_two_columns_of_one_name_are_an_error_that_names_both(tmp_path: Path) -> None:
    domain = made(tmp_path, "Layout(header=(NAMES,))", {"name": NAME, "amount": 'Decimal | None, figure("Assets")'})
    path = book(tmp_path, [("Name", "Assets", "Assets"), ("a", 1, 2)])
    assert problems(path, domain) == [
        "column_ambiguous: made.xlsx, sheet Sheet: B1 and C1 are both headers of amount"
    ]  # fmt: skip


SPREAD: dict[str, tuple[str, dict[str, str], Rows, Sequence[str], list[str]]] = {
    "years over one measure": (
        "Layout(header=(VALUES,))",
        {"name": AT_A, "year": YEAR.format(row=1), "amount": "Decimal | None, figure(), FromCells()"},
        [(None, 2023, "2024"), ("a", 1, 2), ("b", 3, 4)], (),
        ["a 2023 1.00", "a 2024 2.00", "b 2023 3.00", "b 2024 4.00"],
    ),
    "years over two measures": (
        "Layout(header=(VALUES, NAMES))",
        {"name": AT_A, "year": YEAR.format(row=1), "amount": 'Decimal | None, figure("Assets")',
         "debts": 'Decimal | None, figure("Debts")'},
        [(None, 2023, None, 2024, None), (None, "Assets", "Debts", "Assets", "Debts"), ("a", 1, 2, 3, 4)], ("B1:C1",),
        ["a 2023 1.00 2.00", "a 2024 3.00 4.00"],
    ),
    "measures over years": (
        "Layout(header=(NAMES, VALUES))",
        {"name": AT_A, "year": YEAR.format(row=2), "amount": 'Decimal | None, figure("Assets")',
         "debts": 'Decimal | None, figure("Debts")'},
        [(None, "Assets", None, "Debts", None), (None, 2023, 2024, 2023, 2024), ("a", 1, 2, 3, 4)], (),
        ["a 2023 1.00 3.00", "a 2024 2.00 4.00"],
    ),
    "months as words, beside a column for all records of a row": (
        "Layout(header=(VALUES, NAMES))",
        {"name": NAME, "year": 'date, Month(formats=("{MON} {YYYY}",)), FromHeader(row=1, pattern="^[A-Z].+ 20..$")',
         "amount": 'Decimal | None, figure("Assets")', "rank": "int, Integer(headers=('Rank',))"},
        [(None, None, "January 2024", "February 2024"), ("Name", "Rank", "Assets", "Assets"), ("a", 7, 1, 2)], (),
        ["a 2024-01-01 1.00 7", "a 2024-02-01 2.00 7"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPREAD)
def test_values_over_figures(case: str, tmp_path: Path) -> None:
    layout, fields, rows, merges, expected = SPREAD[case]
    domain = made(tmp_path, layout, fields, ("name", "year"))
    path = book(tmp_path, rows, merges)
    assert records(path, domain) == expected
    assert result(path, domain).report.warnings == ()


def test_rejected_records_stand_with_their_row_and_are_counted_one_by_one(tmp_path: Path) -> None:
    layout, fields, rows, merges, _ = SPREAD["years over two measures"]
    domain = made(tmp_path, layout, fields, ("name", "year"))
    path = book(tmp_path, [*rows, ("b", "x", 2, "y", 4), ("c", 1, 2, 3, 4)], merges)
    found = result(path, domain)
    (row,) = found.rejected
    assert [(reject.cell, reject.value, reject.column) for reject in row.rejects] == [
        ("B4", "x", "Assets"), ("D4", "y", "Assets"),
    ]  # fmt: skip
    assert (found.report.rows_read, found.report.rows_loaded, found.report.rows_rejected) == (5, 4, 1)
    assert (found.report.records_rejected, found.report.sheet_rows) == (2, 3)


def test_a_key_twice_in_a_spread_sheet_names_row_and_column(tmp_path: Path) -> None:
    layout, fields, rows, merges, _ = SPREAD["years over one measure"]
    domain = made(tmp_path, layout, fields, ("name", "year"))
    path = book(tmp_path, [*rows, ("a", 1, 9)], merges)
    found = result(path, domain)
    assert [(row.source_row, row.rejects[0].reason) for row in found.rejected] == [
        (2, "the key stands in row 4 column C too, with other values"),
        (4, "the key stands in row 2 column C too, with other values"),
    ]
    assert records(path, domain) == ["a 2023 1.00", "b 2023 3.00", "b 2024 4.00"]
    assert found.report.rows_skipped["duplicate"] == 1


POWERS = 'unit_powers={"$ million": 6, "\'000": 3}'
UNITS: dict[str, tuple[str, Rows, list[str]]] = {
    "a title": ("NAMES", [("Loans ($ million)",), ("Name", "Assets"), ("a", 1.5)], ["a 1500000.00"]),
    "all of a title": ("NAMES", [("$ Million",), ("Name", "Assets"), ("a", 1.5)], ["a 1500000.00"]),
    "a bracket behind the name": ("NAMES", [("Name", "Assets ('000)"), ("a", 1.5)], ["a 1500.00"]),
    "a row of units": ("NAMES, UNITS", [("Name", "Assets"), (None, "[’000]"), ("a", 1.5)], ["a 1500.00"]),
    "a unit that is not declared": ("NAMES, UNITS", [("Name", "Assets"), (None, "[m]"), ("a", 1.5)], []),
    "the column before the title": ("NAMES", [("($ million)",), ("Name", "Assets ('000)"), ("a", 1.5)], ["a 1500.00"]),
}  # fmt: skip


@pytest.mark.parametrize("case", UNITS)
def test_a_unit_in_declared_words(case: str, tmp_path: Path) -> None:
    roles, rows, expected = UNITS[case]
    fields = {"name": NAME, "amount": f'Decimal | None, figure("Assets", {POWERS})'}
    domain = made(tmp_path, f"Layout(header=({roles},))", fields)
    if expected:
        assert records(book(tmp_path, rows), domain) == expected
    else:
        (found,) = problems(book(tmp_path, rows), domain)
        assert found.startswith("unknown_unit: made.xlsx, sheet Sheet, cell B2: the header Assets bears [m]")


def test_units_that_contradict_each_other_are_named_with_their_cells(tmp_path: Path) -> None:
    fields = {"name": NAME, "amount": f'Decimal | None, figure("Assets", {POWERS})'}
    domain = made(tmp_path, "Layout(header=(NAMES,))", fields)
    path = book(tmp_path, [("($ million)",), ("('000)",), ("Name", "Assets"), ("a", 1)])
    assert problems(path, domain) == [
        "unit_conflict: made.xlsx, sheet Sheet: two units are stated for amount: ($ million) (A1) and ('000) (A2)"
    ]


def test_a_required_column_that_vanishes_fails_the_file_and_another_one_is_told(tmp_path: Path) -> None:
    fields = {
        "name": NAME,
        "amount": 'Decimal | None, figure("Assets"), RequiredColumn()',
        "debts": 'Decimal | None, figure("Debts")',
    }
    domain = made(tmp_path, "Layout(header=(NAMES,))", fields)
    path = book(tmp_path, [("Name", "Assets"), ("a", 1)])
    assert problems(path, domain) == ["column_missing: no column of debts in the header A1:B1: it is null"]
    assert records(path, domain) == ["a 1.00 "]
    (found,) = problems(book(tmp_path, [("Name", "Debts"), ("a", 1)]), domain)
    assert found.startswith("required_column_missing: made.xlsx, sheet Sheet, header in row 1: no column of amount")


def test_a_table_ends_at_a_blank_row_or_a_text_and_what_looks_like_a_record_below_is_told(tmp_path: Path) -> None:
    fields = {"name": NAME, "amount": 'Decimal | None, figure("Assets")'}
    rows = [("Name", "Assets"), ("a", 1), (), ("b", 2), ("Notes:",)]
    ended = made(tmp_path, "Layout(header=(NAMES,), end_at_blank=True)", fields)
    assert records(book(tmp_path, rows), ended) == ["a 1.00"]
    assert problems(book(tmp_path, rows), ended) == [
        "rows_outside: A4: rows outside the tables that look like records are not read"
    ]


def test_a_heading_like_the_header_is_passed_over(tmp_path: Path) -> None:
    fields = {"name": NAME, "amount": 'Decimal | None, figure("Assets")'}
    domain = made(tmp_path, "Layout(header=(NAMES,), end='^Notes')", fields)
    path = book(tmp_path, [("Name", "Assets"), ("a", 1), ("Name", "Assets"), ("b", 2), ("Notes:",), ("c",)])
    assert records(path, domain) == ["a 1.00", "b 2.00"]


def test_a_total_that_is_not_declared_is_a_reject(tmp_path: Path) -> None:
    fields = {"name": AT_A, "year": YEAR.format(row=1), "amount": "Decimal | None, figure(), FromCells()"}
    domain = made(tmp_path, "Layout(header=(VALUES,))", fields, ("name", "year"))
    path = book(tmp_path, [(None, 2023, 2024), ("a", 1, 2), ("Promedio", 3, 4), ("Total", 3, 4)])
    assert problems(path, domain) == [
        "suspected_summary: A3 Promedio is no name but a total or a mean: name it in summary_labels"
    ]
    assert records(path, domain) == ["a 2023 1.00", "a 2024 2.00"]
