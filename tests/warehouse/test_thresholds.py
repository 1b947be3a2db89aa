"""The limits that tests of the project declare: each result flips exactly at its limit, and the report tells both."""

from pathlib import Path

import pytest
from test_setup import report

from conftest import Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = [pytest.mark.heavy, pytest.mark.database]
LIMITED = ("plans_do_not_vanish_in_numbers", "rejects_stay_few")


def outcomes(checkout: Checkout) -> dict[str, tuple[str, int | None, str, str]]:
    """What the last run says of the limited tests: status, observed, and both limits."""
    nodes = {node["name"]: node for node in report(checkout)["nodes"]}
    keys = ("status", "observed", "warn_if", "error_if")
    return {name: tuple(nodes[name][key] for key in keys) for name in LIMITED}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("found", "status", "code"),
    [(0, "pass", ExitCode.OK), (1, "warn", ExitCode.OK), (2, "warn", ExitCode.OK), (3, "fail", ExitCode.DATA)],
)
def test_the_number_of_months_decides(
    loading: Checkout, database: Database, found: int, status: str, code: ExitCode
) -> None:
    for name in LIMITED:
        path: Path = loading.root / "dbt_project" / "tests" / f"{name}.sql"
        head = path.read_text().split("\n")[1]
        path.write_text(
            f"{head}\nselect month from generate_series(1, {found}) as month\n"
            "where (select count(*) from {{ ref('int_data_quality_monthly_next') }}) >= 0\n"
        )
    done = loading.run("setup")
    assert done.returncode == code, done.stderr
    assert outcomes(loading) == dict.fromkeys(LIMITED, (status, found, ">0", ">2"))
    if found:
        assert f"{found} rows, limit {'>2' if status == 'fail' else '>0'}" in loading.run("report").stdout


@pytest.mark.parametrize(("over", "status"), [(False, "pass"), (True, "warn")])
def test_a_twentieth_of_rejects_and_a_tenth_of_vanished_plans(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, over: bool, status: str
) -> None:
    less = int(over)
    months = {1: (40, 0), 2: (36 - less, 0), 3: (38 - less, 2)}  # 4 of 40 plans vanish; 2 of 40 rows are rejected
    for month, (good, bad) in months.items():
        rows = [(2024, month, f"P{number:02d}", "C1", 0.01, 1.5, 1000) for number in range(good)]
        rows += [(2024, month, f"B{number}", "C1", "about 3", 1.5, 1000) for number in range(bad)]
        write_workbook(rows, name=f"2024-{month:02d}_受托业绩.xlsx", folder=loading.root / "data")
    loaded = loading.run("--execute", "--max-files", "3")
    assert loaded.returncode == ExitCode.OK, loaded.stderr
    done = loading.run("setup")
    assert done.returncode == ExitCode.OK, done.stderr
    assert outcomes(loading) == dict.fromkeys(LIMITED, (status, less, ">0", ">2"))
