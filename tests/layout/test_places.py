"""Where a field's value may stand: titles, names, parameters, headings, over other columns; and agreement."""

from pathlib import Path

import pytest
from made import book, made, problems, records, result

NAME = 'str, Text(max_length=50, headers=("Name",))'
FIGURE = 'Decimal | None, figure("Amount")'
MONTH = 'date, Month(formats=("{MON} {YYYY}", "{YYYY}-{MM}", "{YYYY} Q{Q}"), of_span=MonthOf.LAST)'
ONE_ROW = "Layout(header=(NAMES,))"
HEADER = ("Name", "Amount")
ROWS = [HEADER, ("a", 1), ("b", 2.5)]
FOUND = ["2025-02-01 a 1.00", "2025-02-01 b 2.50"]

PLACES = {
    "a title": ("FromTitle(r'as of (.+)$')", [("Amounts",), (None, "as of  February 2025")], "Sheet", "made.xlsx"),
    "a group of the field's name": ("FromTitle(r'(as) of (?P<month>.+)$')", [("as of 2025-02",)], "Sheet", "made.xlsx"),
    "the name of the sheet": ("FromSheetName()", [], "February 2025", "made.xlsx"),
    "the name of the file": ("FromFileName(r'made (.+)')", [], "Sheet", "made february 2025.xlsx"),
    "beside a label": ("FromParameter('As of')", [("Unit", "USD"), ("As of:", None, "2025-02")], "Sheet", "made.xlsx"),
    "behind a label": ("FromParameter('as of')", [("As  of: February 2025",)], "Sheet", "made.xlsx"),
    "two that agree": (
        "FromParameter('as of'), FromSheetName()", [("As of: February 2025",)], "2025-02", "made.xlsx",
    ),
    "one of two": ("FromParameter('as of'), FromSheetName(r'\\d{4}')", [("As of", "2025-02")], "Sheet", "made.xlsx"),
    "a header over a named column": ("FromHeader(row=1, over='name', pattern=r'Name, (.+)')", [], "Sheet", "made.xlsx"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES)
def test_a_value_for_all_records(case: str, tmp_path: Path) -> None:
    place, titles, sheet, name = PLACES[case]
    over = "over" in place
    fields = {"month": f"{MONTH}, {place}", "name": NAME, "amount": FIGURE}
    if over:
        fields["name"] = "str, Text(max_length=50), FromColumn('A', header='Name, .+')"
    rows = [("Name, February 2025", "Amount"), *ROWS[1:]] if over else ROWS
    domain = made(tmp_path, ONE_ROW, fields, ("month", "name"))
    assert records(book(tmp_path, [*titles, *rows], sheet=sheet, name=name), domain) == FOUND


DIFFERENT: dict[str, tuple[str, list[tuple[object, ...]], str, str]] = {
    "two titles": (
        "FromTitle(r'as of (.+)$')", [("as of 2025-01",), ("as of 2025-02",)], "Sheet",
        "values_differ: made.xlsx, sheet Sheet: two values of month: 2025-01-01 from 2025-01 (A1), but 2025-02-01 from"
        " 2025-02 (A2)",
    ),
    "a title and the sheet": (
        "FromTitle(r'as of (.+)$'), FromSheetName()", [("as of 2025-01",)], "2025-02",
        "two values of month: 2025-01-01 from 2025-01 (A1), but 2025-02-01 from 2025-02 (name of the sheet)",
    ),
    "none": (
        "FromTitle(r'as of (.+)$'), FromParameter('month')", [("Amounts",)], "Sheet",
        "value_not_found: made.xlsx, sheet Sheet: no month was found by as of (.+)$ in rows 1 to 1; nor beside month in"
        " rows 1 to 1",
    ),
    "none, since there are no titles": (
        "FromTitle(r'as of (.+)$')", [], "Sheet", "no month was found by as of (.+)$ in the rows over the header",
    ),
    "no such value": (
        "FromTitle(r'as of (.+)$')", [("as of Smarch 2025",)], "Sheet", "value_unreadable: made.xlsx, sheet Sheet, A1:"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENT)
def test_values_that_differ_or_are_not_there_are_told_with_their_places(case: str, tmp_path: Path) -> None:
    place, titles, sheet, message = DIFFERENT[case]
    domain = made(tmp_path, ONE_ROW, {"month": f"{MONTH}, {place}", "name": NAME, "amount": FIGURE}, ("month", "name"))
    (found,) = problems(book(tmp_path, [*titles, *ROWS], sheet=sheet), domain)
    assert message in found


def test_a_column_that_contradicts_a_title_rejects_the_row(tmp_path: Path) -> None:
    month = 'date, Month(headers=("Month",)), FromColumn("A", header="Month"), FromTitle(r"as of (.+)$")'
    domain = made(tmp_path, ONE_ROW, {"month": month, "name": NAME, "amount": FIGURE}, ("month", "name"))
    rows = [("as of 2025-02",), ("Month", *HEADER), ("2025-02", "a", 1), (None, "b", 2), ("2025-01", "c", 3)]
    path = book(tmp_path, rows)
    assert records(path, domain) == ["2025-02-01 a 1.00", "2025-02-01 b 2.00"]
    assert problems(path, domain) == ["values_differ: A5 2025-01 is another month than 2025-02 (A1)"]


SECTIONS = [HEADER, ("Region: North",), ("a", 1), ("Total", 1), ("Region: South",), ("a", 2), (), ("b", 3)]
SECTION = 'str, Text(max_length=20), FromSection(r"^Region: (.+)")'


def test_headings_hold_for_the_rows_below_them(tmp_path: Path) -> None:
    domain = made(tmp_path, ONE_ROW, {"region": SECTION, "name": NAME, "amount": FIGURE}, ("region", "name"))
    path = book(tmp_path, SECTIONS)
    assert records(path, domain) == ["North a 1.00", "South a 2.00", "South b 3.00"]
    report = result(path, domain).report
    assert report.rows_skipped == {
        "blank": 1, "header": 2, "summary": 1, "note": 0, "duplicate": 0, "no_figures": 0,
    }  # fmt: skip
    assert report.rows_read == 7


def test_a_row_above_the_first_heading_has_no_value(tmp_path: Path) -> None:
    domain = made(tmp_path, ONE_ROW, {"region": SECTION, "name": NAME, "amount": FIGURE}, ("region", "name"))
    path = book(tmp_path, [HEADER, ("x", 9), *SECTIONS[1:]])
    assert problems(path, domain) == ["missing: A2 a text is required here"]


def test_a_heading_that_is_not_declared_is_told(tmp_path: Path) -> None:
    domain = made(tmp_path, ONE_ROW, {"name": NAME, "amount": FIGURE})
    (found, *_) = problems(book(tmp_path, SECTIONS[:4]), domain)
    assert found == "no_figures: A2: rows without a figure; see that they are no headings or notes"


def test_a_merged_key_holds_for_its_rows(tmp_path: Path) -> None:
    fields = {"region": 'str, Text(max_length=20, headers=("Region",))', "name": NAME, "amount": FIGURE}
    domain = made(tmp_path, ONE_ROW, fields, ("region", "name"))
    rows = [("Region", *HEADER), ("North", "a", 1), (None, "b", 2), ("South", "a", 3)]
    assert records(book(tmp_path, rows, ["A2:A3"]), domain) == ["North a 1.00", "North b 2.00", "South a 3.00"]
