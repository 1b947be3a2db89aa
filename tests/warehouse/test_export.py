"""`export`: the marts of a month in a workbook."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from conftest import Checkout, Database
from databases import Make, Templates
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database
MARTS = ["company_monthly_summary", "data_quality_monthly", "plan_monthly_performance", "trustee_performance"]


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[tuple[Checkout, Database]]:
    """A checkout whose commands use a database in which all samples are loaded and built."""
    for database in templates.copy(all_samples):
        yield Checkout(checkout.root, database.environment), database


@pytest.mark.heavy
def test_an_export_holds_what_the_marts_hold(warehouse: tuple[Checkout, Database], tmp_path: Path) -> None:
    checkout, database = warehouse
    for name in ("one.xlsx", "two.xlsx"):
        done = checkout.run("export", "--period", "2024-11", "--to", tmp_path / name)
        assert done.returncode == ExitCode.OK, done.stderr
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert {"Notes", *MARTS} <= set(book.sheetnames)
    assert "published" not in book.sheetnames
    assert "trustee_performance_history" not in book.sheetnames
    for mart in MARTS:
        columns = [cell.value for cell in book[mart][1]]
        expected = database.query(
            f"select {', '.join(columns)} from marts.{mart} where report_date = '2024-11-01' order by 1, 2, 3"
        )
        found = list(book[mart].iter_rows(min_row=2, values_only=True))
        assert len(found) == len(expected)
        for row, wanted in zip(found, expected, strict=True):
            for value, figure in zip(row, wanted, strict=True):
                if isinstance(figure, Decimal):
                    assert Decimal(str(value)) == figure
                elif isinstance(figure, str | int):
                    assert value == figure
        assert book[mart].freeze_panes == "A2"
    codes = [cell.data_type for cell in book["plan_monthly_performance"]["B"]]
    assert set(codes) == {"s"}
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows(max_row=12)}
    batch, _, tested = database.query("select batch_id, published_at, tested from marts.published")[0]
    assert tested
    assert (notes["Newest batch in them"], notes["Tests"], notes["First month"]) == (batch, "tested", "2024-11")
    with ZipFile(tmp_path / "one.xlsx") as package:
        assert all(b"<f>" not in package.read(name) for name in package.namelist())


def test_rows_that_tests_found_say_what_to_do(warehouse: tuple[Checkout, Database], tmp_path: Path) -> None:
    checkout, database = warehouse
    database.query("create table intermediate.companies_do_not_jump as select 'C1' as company_code, 31.5 as factor")
    done = checkout.run("export", "--mart", "company_monthly_summary", "--to", tmp_path / "x.xlsx")
    assert done.returncode == ExitCode.OK, done.stderr
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["Notes", "company_monthly_summary", "Tests"]
    rows = list(book["Tests"].iter_rows(min_row=2, values_only=True))
    assert "companies_do_not_jump" in [row[0] for row in rows]
    assert "company_code C1, factor 31.5" in [row[4] for row in rows]
    assert all(row[2] and row[3] for row in rows)


def test_the_newest_month_is_one_that_came_and_one_that_is_not_there_is_refused(
    warehouse: tuple[Checkout, Database], tmp_path: Path
) -> None:
    checkout, database = warehouse
    database.query(
        "insert into marts.submissions (report_date, domain, company_code, is_expected, is_received)"
        " values ('2027-05-01', 'trustee_performance', 'C1', true, false)"
    )
    newest = checkout.run("export", "--to", tmp_path / "x.xlsx")
    assert newest.returncode == ExitCode.OK, newest.stderr
    assert "x.xlsx: 2025-12, published" in newest.stdout
    owed = checkout.run("export", "--period", "2027-05", "--to", tmp_path / "x.xlsx")
    assert owed.returncode == ExitCode.OK, owed.stderr
    unknown = checkout.run("export", "--period", "2031-01", "--to", tmp_path / "y.xlsx")
    assert unknown.returncode == ExitCode.DATA
    assert "nothing is published of 2031-01" in unknown.stderr
    assert "2025-11, 2025-12" in unknown.stderr
    assert not (tmp_path / "y.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--mart", "plan_performance", "--to", "x.xlsx"), ExitCode.USAGE, "plan_performance is no mart"),
        (("--to", "x.csv"), ExitCode.USAGE, "does not end in .xlsx"),
        (("--to", "nowhere/x.xlsx"), ExitCode.USAGE, "does not end in .xlsx"),
        (("--to", "x.xlsx"), ExitCode.DATA, "nothing is published"),
    ],
)
@pytest.mark.heavy
def test_what_cannot_be_exported_says_why(loading: Checkout, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = loading.run("export", *arguments)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
