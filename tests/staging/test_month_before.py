"""`--diff`: each company's month, as a load would leave it, against its month before; and what diff.csv lists."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from conftest import NAME, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database

MART = """
    create schema marts;
    create table marts.trustee_performance as
    select report_date::date, plan_code::varchar(50), company_code::varchar(20), return_rate::numeric(8, 6),
        null::numeric(18, 4) as net_asset_value, fund_scale::numeric(18, 2),
        's'::text as data_source, 's'::text as source_sheet, 1 as source_row
    from (values
        ('2024-10-01', 'P1', 'C1', 0.01, 100), ('2024-10-01', 'P2', 'C1', 0.02, 50),
        ('2024-10-01', 'P3', 'C1', -0.04, null), ('2024-10-01', 'P1', 'C2', 0.01, 1),
        ('2024-11-01', 'P9', 'C1', 0.08, 7), ('2024-11-01', 'P1', 'C3', 0.01, 1)
    ) as mart (report_date, plan_code, company_code, return_rate, fund_scale)
"""
ROWS = [(2024, 11, "P1", "C1", "4%", None, 443), (2024, 11, "P4", "C1", None, None, None)]


@pytest.fixture
def built(loading: Checkout, database: Database, write_workbook: WriteWorkbook) -> Checkout:
    """A checkout whose mart has October and a part of November; data/ has two plans of November."""
    database.query(MART)
    write_workbook(ROWS, folder=loading.root / "data", name=NAME)
    return loading


def compared(checkout: Checkout, *arguments: str) -> tuple[dict[str, Any], list[list[str]], str]:
    """The comparison of plan.json, the lines of diff.csv (change, plan, field, old, new), and what the screen shows."""
    folder = checkout.root / "plan"
    done = checkout.run("--diff", "--plan-dir", folder, *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    with (folder / "diff.csv").open(encoding="utf-8-sig", newline="") as lines:
        table = [[line[0], line[2], *line[4:7]] for line in list(csv.reader(lines))[1:]]
    return json.loads((folder / "plan.json").read_bytes())["diff"], table, done.stdout


def test_what_the_load_leaves_is_compared_with_the_month_before(built: Checkout) -> None:
    diff, lines, shown = compared(built)
    assert diff["month_before"] == {
        "companies": [
            {
                "period": "2024-11",
                "company": "C1",
                "keys": {"old": 3, "new": 3, "factor": "1.0000"},
                "missing": {"number": 2, "keys": ["P2", "P3"]},
                "new": {"number": 2, "keys": ["P4", "P9"]},
                "measures": {
                    "return_rate": {"kind": "median", "old": "0.0200000", "new": "0.0600000", "factor": "3.0000"},
                    "net_asset_value": {"kind": "sum", "old": None, "new": None, "factor": None},
                    "fund_scale": {"kind": "sum", "old": "150.00", "new": "450.00", "factor": "3.0000"},
                },
            }
        ],
        "gone": [{"period": "2024-11", "number": 1, "companies": ["C2"]}],
    }
    assert "missing  2024-11 C1: P2, P3" in shown
    assert "new      2024-11 C1: P4, P9" in shown
    assert "Only in the month before 2024-11: C2" in shown
    assert "net_asset_value" not in shown.split("Against the month before")[1].split("Plan:")[0]
    # P9 stays, so it is counted but not listed; what was null and is null is no change
    assert diff["absent"] == 1
    assert lines == [["new", "P1", "return_rate", "", "0.040000"], ["new", "P1", "fund_scale", "", "443.00"]]


def test_replace_period_removes_what_the_workbooks_do_not_have(built: Checkout) -> None:
    diff, lines, _ = compared(built, "--mode", "replace_period")
    (company,) = diff["month_before"]["companies"]
    assert company["keys"] == {"old": 3, "new": 2, "factor": "1.5000"}
    assert company["new"] == {"number": 1, "keys": ["P4"]}
    assert company["measures"]["fund_scale"]["new"] == "443.00"
    assert [line[:3] for line in lines if line[0] == "absent"] == [
        ["absent", "P9", "return_rate"],
        ["absent", "P9", "fund_scale"],
    ]


def test_the_month_before_comes_from_the_plan_where_it_has_it(built: Checkout, write_workbook: WriteWorkbook) -> None:
    october = [(2024, 10, plan, "C1", "1%", None, 0) for plan in ("P1", "P2", "P3")]
    write_workbook(october, folder=built.root / "data", name=NAME.replace("-11", "-10"))
    diff, _, shown = compared(built, "--max-files", "2")
    of = {company["period"]: company for company in diff["month_before"]["companies"]}
    assert of["2024-10"]["keys"] == {"old": 0, "new": 3, "factor": None}
    assert of["2024-11"]["measures"]["return_rate"]["old"] == "0.0100000"
    assert of["2024-11"]["measures"]["fund_scale"] == {"kind": "sum", "old": "0.00", "new": "450.00", "factor": None}
    assert "1 of 2 months of companies have no month before" in shown


def test_a_domain_without_a_company_says_so(built: Checkout) -> None:
    path: Path = built.root / "config" / "data_sources.yml"
    text = path.read_text(encoding="utf-8")
    assert "replace_scope: [report_date, company_code]" in text
    path.write_text(text.replace("replace_scope: [report_date, company_code]", "replace_scope: [report_date]"), "utf-8")
    diff, _, shown = compared(built)
    assert "replace_scope of trustee_performance is report_date" in diff["month_before"]["why_not"]
    assert "Not compared with the month before" in shown


def test_a_changed_figure_breaks_the_seal(built: Checkout) -> None:
    compared(built)
    path = built.root / "plan" / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"450.00"', '"150.00"'), encoding="utf-8")
    done = built.run("apply", "plan")
    assert done.returncode == ExitCode.DATA
    assert "plan.json" in done.stderr


def test_without_a_mart_nothing_has_a_month_before(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    write_workbook(ROWS, folder=loading.root / "data", name=NAME)
    diff, _, shown = compared(loading)
    assert [company["keys"]["old"] for company in diff["month_before"]["companies"]] == [0]
    assert "1 of 1 months of companies have no month before" in shown
