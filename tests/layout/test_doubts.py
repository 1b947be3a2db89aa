"""Rows of published tables that are read though something about them is in doubt: the account says so."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from made import book, made, problems, result

FIELDS = {
    "name": 'str, Text(max_length=50), FromColumn("A")',
    "year": "int, Integer(minimum=1900), FromHeader(row=1)",
    "amount": "Decimal | None, figure(), FromCells()",
}
Rows = Sequence[Sequence[object]]
HEADER = (None, 2023, 2024)

CASES: dict[str, tuple[Rows, Sequence[str], list[str]]] = {
    "figures under no value of the header": (
        [(None, 2023, None, 2024, None), ("a", 1, 2, 3, 4), ("b", 5, "x", 6, None)], (),
        ["header_not_read: C2, E2"],
    ),
    "a figure merged over two years": ([HEADER, ("a", 1, None)], ("B2:C2",), ["measure_merged: B2:C2"]),
    "a figure merged over two rows": ([HEADER, ("a", 1, 2), ("b", 3, None)], ("C2:C3",), ["measure_merged: C2:C3"]),
    "a label merged over its row": ([HEADER, ("a", None, None), ("b", 3, 4)], ("A2:C2",), ["no_figures: A2"]),
    "labels that begin like totals": (
        [HEADER, ("Total Risk Super", 1, 2), ("Total of funds", 3, 4), ("Average - all", 5, 6), ("Suma de AFP", 7, 8)],
        (), ["label_like_total: A3 (Total of funds), A4 (Average - all), A5 (Suma de AFP)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_doubt_is_told(case: str, tmp_path: Path) -> None:
    rows, merges, told = CASES[case]
    domain = made(tmp_path, "Layout(header=(VALUES,), empty_records=False)", FIELDS, ("name", "year"))
    warnings = result(book(tmp_path, rows, merges), domain).report.warnings
    found = [f"{warning.code}: {warning.detail}" for warning in warnings]
    assert len(found) == len(told)
    assert all(warning.startswith(beginning) for warning, beginning in zip(found, told, strict=True))


def test_two_columns_of_one_value_are_named_before_rows_that_are_no_header(tmp_path: Path) -> None:
    fields = FIELDS | {"name": 'str, Text(max_length=50), FromColumn("A", header="Fund")'}
    domain = made(tmp_path, "Layout(header=(VALUES,))", fields, ("name", "year"))
    path = book(tmp_path, [("Fund", 2023, 2023), ("a", 1, 2, 3)])
    assert problems(path, domain) == [
        "column_ambiguous: made.xlsx, sheet Sheet: column B of year 2023 and column C of year 2023 are both headers of "
        "amount"
    ]
