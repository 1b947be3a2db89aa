"""Published tables through the command line: a plan that is read by a person, a load, and what staging then holds."""

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from conftest import Checkout, Database
from extract.errors.base import ExitCode
from published import EXAMPLES, afp_book, banks_book, funds_book, rates_book, without

CONFIG = ("--config", str(EXAMPLES / "data_sources.yml"))


def test_a_plan_tells_sheet_rows_beside_records_and_what_cannot_be_mended(checkout: Checkout, tmp_path: Path) -> None:
    path = afp_book(tmp_path, B8="x", B9="y", D9="z")
    plan = tmp_path / "plan"
    done = checkout.run(*CONFIG, "--domain", "afp_returns", "--file", path, "--plan-dir", plan)
    assert done.returncode == ExitCode.OK, done.stderr
    (file,) = json.loads((plan / "plan.json").read_text(encoding="utf-8"))["files"]
    counts = ("rows_read", "rows_loaded", "rows_rejected", "records_rejected", "sheet_rows")
    assert [file[name] for name in counts] == [26, 7, 2, 3, 19]
    assert "rejects.xlsx --execute" not in done.stdout
    assert "mend all or some of them there" not in done.stdout
    guide = openpyxl.load_workbook(plan / "rejects.xlsx").worksheets[0]
    assert "mend them in the workbooks" in str([row[0].value for row in guide.iter_rows()])


def test_files_that_differ_only_in_what_the_key_lacks_are_refused(checkout: Checkout, tmp_path: Path) -> None:
    examples = without(
        tmp_path,
        "afp_returns.py",
        ('    fund_type: Column[Annotated[str, Text(max_length=1, pattern="[0-3]"), FromTitle(_TITLE)]]\n', ""),
    )
    config = examples / "data_sources.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[report_date, fund_type, ", "[report_date, "), encoding="utf-8")
    (tmp_path / "data").mkdir()
    afp_book(tmp_path / "data", "FP-1219-0-fe2025.xlsx", fund=0)
    afp_book(tmp_path / "data", "FP-1220-1-fe2025.xlsx", fund=1, B9=9.5)
    arguments = ("--config", config, "--domain", "afp_returns", "--data-dir", tmp_path / "data")
    done = checkout.run(*arguments, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.DATA
    assert "FP-1219-0-fe2025.xlsx and FP-1220-1-fe2025.xlsx share 10 keys, for example 2025-02-01 HABITAT" in " ".join(
        done.stderr.split()
    )
    accepted = checkout.run(*arguments, "--accept", "keys_in_several_files", "--plan-dir", tmp_path / "accepted")
    assert accepted.returncode == ExitCode.OK, accepted.stderr


@pytest.mark.database
def test_published_tables_load_into_tables_with_their_places(
    checkout: Checkout, database: Database, tmp_path: Path
) -> None:
    books = {
        "afp_returns": afp_book(tmp_path, B8="x"),
        "risk_free_rates": rates_book(tmp_path),
        "super_funds": funds_book(tmp_path),
        "bank_statistics": banks_book(tmp_path),
    }
    for name in books:
        done = checkout.run(
            *CONFIG, "--domain", name, "--data-dir", tmp_path, "--execute", "--plan-dir", tmp_path / name,
            **database.environment,
        )  # fmt: skip
        assert done.returncode == ExitCode.OK, done.stderr
    assert database.query("select source_row, source_column, years, nominal from staging.afp_returns limit 2") == [
        (8, "D", "2", Decimal("0.15760200")),
        (9, "B", "1", Decimal("0.01500000")),
    ]
    assert database.query("select count(*) from staging.risk_free_rates") == [(6,)]
    assert database.query("select member_accounts_mark from staging.super_funds order by 1 nulls last") == [
        ("fewer than 20",), (None,),
    ]  # fmt: skip
    assert database.query("select count(*) from staging.bank_statistics") == [(2,)]
    counts = "select rows_read = rows_loaded + rows_rejected + rows_skipped from staging.source_files"
    assert database.query(counts) == [(True,)] * 4
    assert database.query("select source_row from staging.rejected_rows") == [(8,)]


@pytest.mark.database
def test_a_column_that_the_last_file_had_and_this_one_lacks_is_a_warning(
    checkout: Checkout, database: Database, tmp_path: Path
) -> None:
    load = (*CONFIG, "--domain", "super_funds", "--execute")
    first = funds_book(tmp_path)
    done = checkout.run(*load, "--file", first, "--plan-dir", tmp_path / "first", **database.environment)
    assert done.returncode == ExitCode.OK, done.stderr
    (tmp_path / "later").mkdir()
    later = funds_book(tmp_path / "later", C4=None, C7=None, C8=None)
    done = checkout.run(*load, "--file", later, "--plan-dir", tmp_path / "second", **database.environment)
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"warning column_gone: {later.name}: columns that {first} had are gone: ABN" in " ".join(done.stdout.split())
