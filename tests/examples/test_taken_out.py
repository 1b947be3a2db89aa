"""Taking a capability out of a declaration loses no figure silently: an error, a reject or a warning tells where."""

from pathlib import Path

import pytest

from extract.errors.configuration import ConfigInvalid
from published import BOOKS, example, told, without

Change = tuple[str, str]
AFP = "afp_returns"
RATES = "risk_free_rates"
FUNDS = "super_funds"
BANKS = "bank_statistics"
YAML = "data_sources.yml"

TAKEN_OUT: dict[str, tuple[str, str, list[Change], str]] = {
    "the title of each table": (
        AFP, "py", [("        title=_TITLE,\n", "")], "rows_outside: A19, A20"
    ),
    "the field from the title": (
        AFP, "py", [('pattern="[0-3]"), FromTitle(_TITLE)', 'pattern="[0-3]")')],
        "layout_not_found: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3: no header of the declared layout below the"
        " title in row 2: A5:G7 holds nothing for fund_type",
    ),
    "a pattern that the title matches": (
        AFP, "py", [("(?P<basis>\\w+) del Fondo", "(?P<basis>\\w+) de los Fondos")],
        "layout_not_found: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3: no header of the declared layout was looked for",
    ),
    "the years over the figures": (
        AFP, "py", [('rf"^\\((\\d+) a[nñ]os?\\){_MARK}*$"', 'r"^(\\d+) años?$"')],
        "A5:G7 holds nothing for report_date, years",
    ),
    "the column by position": (AFP, "py", [('            FromColumn("A"),\n', "")], "A5:G7 holds nothing for afp"),
    "the end of the table": (AFP, "py", [('        end="^(Promedio|Notas)",\n', "")], "missing: A22 "),
    "the footnote marks": (
        AFP, "py", [('footnotes=rf"{_MARK}+\\s*$"', "footnotes=None")],
        "invalid_text: A8 Habitat 3/",
    ),
    "the words of the unit": (
        AFP, "py", [('{"En porcentaje": PERCENT, "En porcentajes": PERCENT}', "{}")],
        "unit_not_read: A3 ((En porcentaje))",
    ),
    "the texts for null": (AFP, YAML, [("nulls: [N.A., N.A]", "nulls: []")], "invalid_number: F8 N.A."),
    "the total": (AFP, YAML, [("[Promedio, Sistema, Total]", "[]")], "rows_outside: A10, A21"),
    "a month word": (
        AFP, YAML, [("fe: 2, feb: 2, ", "fe: 2, ")],
        "value_unreadable: FP-1220-2-fe2025.xlsx, sheet Rent-Fondo3, B5",
    ),
    "the name over the column by position": (
        RATES, "py", [('FromColumn("B", header="Main menu")', 'FromColumn("B")')], "A2:E3 holds nothing for maturity"
    ),
    "the rows of properties": (
        RATES, "py", [('        skip=("Coupon_freq", "LLP", "Convergence", "UFR", "alpha", "CRA", "VA"),\n', "")],
        "too_many_rejects",
    ),
    "the figures below the countries": (
        RATES, "py", [("            FromCells(),\n", "")], "layout_not_found"
    ),
    "the sheet": (RATES, YAML, [("sheet: RFR_spot_no_VA", "sheet: 0")], "layout_not_found: EIOPA_RFR_20250228"),
    "the groups over the names": (
        FUNDS, "py", [("(HeaderRow.NAMES, HeaderRow.SKIP,", "(HeaderRow.SKIP, HeaderRow.SKIP,")],
        "column_missing: no column of accounts_under_1000 in the header A2:Q6",
    ),
    "the row of units": (
        FUNDS, "py", [("HeaderRow.SKIP, HeaderRow.UNITS", "HeaderRow.SKIP, HeaderRow.SKIP")],
        "unit_not_found: super_fund_level_sample.xlsx, sheet Table 3, cell E4",
    ),
    "a row of the header": (
        FUNDS, "py", [("HeaderRow.NAMES, HeaderRow.SKIP, HeaderRow.UNITS", "HeaderRow.NAMES, HeaderRow.SKIP")],
        "unit_not_found",
    ),
    "the unit in a row of units": (
        FUNDS, "py", [('{"($\'000)": 3}', "{}")],
        "unknown_unit: super_fund_level_sample.xlsx, sheet Table 3, cell E6",
    ),
    "the marks": (
        FUNDS, YAML, [("{'*': suppressed, '<20': fewer than 20}", "{}")], "invalid_number: D8 <20"
    ),
    "the place of a mark": (
        FUNDS, "py", [('    member_accounts_mark: Column[Annotated[str | None, MarkOf("member_accounts")]]\n', "")],
        "mark_not_kept: D8 <20",
    ),
    "the unit in a title": (BANKS, "py", [('{"$ million": 6}', "{}")], "unit_not_read: A2 ( ($ million))"),
    "another unit in a title": (BANKS, "py", [('{"$ million": 6}', '{"$ thousand": 3}')], "cell B4"),
    "a header over a column by position": (
        BANKS, "py", [('FromColumn("A", header=None)', 'FromColumn("A")')], "A3:K4 holds nothing for bank"
    ),
    "the total below": (BANKS, YAML, [("summary_labels: [TOTAL]", "summary_labels: []")], "rows_outside: A8"),
    "a name": (
        BANKS, "py", [('_loans("Households Credit cards")', '_loans("Cards")')],
        "column_missing: no column of loans_credit_cards in the header A3:K4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN_OUT)
def test_what_is_taken_out_is_told_with_the_cell(case: str, tmp_path: Path) -> None:
    name, file, changes, message = TAKEN_OUT[case]
    folder = without(tmp_path, f"{name}.py" if file == "py" else file, *changes)
    assert message in told(name, folder, BOOKS[name](tmp_path))


def test_a_field_without_its_place_over_the_figures_is_refused_with_the_configuration(tmp_path: Path) -> None:
    for name, change in {
        AFP: ('            FromHeader(row=1, pattern=r"^(\\w+\\.? \\d{4}) ?[/-]"),\n', ""),
        RATES: ("            FromHeader(row=1),\n", ""),
    }.items():
        folder = without(tmp_path / name, f"{name}.py", change)
        with pytest.raises(ConfigInvalid, match="row 1 of the header is one of VALUES, and no field takes them"):
            example(name, folder)
