"""Who has not reported, what became of each reject, and the jumps that are explained: by the commands."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database

SEEDS = Path("dbt_project") / "seeds"
EXPECTED = """trustee_performance,A,2024-10-01,2024-11-01,15,
trustee_performance,B,2024-10-01,2024-11-01,15,ask Bo
trustee_performance,C,2024-10-01,2024-11-01,15,small
trustee_performance,D,2024-10-01,2024-10-01,15,
"""
NOTHING = "trustee_performance,D,2024-10-01,Dora 2024-11-02,closed\n"


def rows(company: str, bad: int = 0, size: object = 1000) -> list[tuple[object, ...]]:
    """A month of a company: forty plans, and some rows that are rejected."""
    good = [(2024, 10, f"{company}{number:02}", company, 0.01, 1.5, size) for number in range(40)]
    return good + [(2024, 10, f"{company}X{number}", company, 0.01, 1.5, "=about 3") for number in range(bad)]


def answer(checkout: Checkout, *arguments: str, code: ExitCode = ExitCode.OK) -> Any:
    """What a command says as JSON."""
    done = checkout.run(*arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def load(checkout: Checkout, path: Path) -> None:
    done = checkout.run("--execute", "--file", path)
    assert done.returncode == ExitCode.OK, done.stderr


def build(checkout: Checkout) -> None:
    done = checkout.build()
    assert done.returncode == 0, done.stdout


def outcomes(checkout: Checkout) -> list[str]:
    """What became of the rejects, in the order of their rows."""
    return [reject["status"] for reject in answer(checkout, "rejects")["rejects"]]


def counts(database: Database) -> list[tuple[object, ...]]:
    """The rejects in the account of the month: all, open, mended, superseded, waived."""
    return database.query(
        "select rows_rejected, rows_rejected_open, rows_mended, rows_superseded, rows_waived"
        " from marts.data_quality_monthly where rows_rejected > 0"
    )


def expect(checkout: Checkout) -> None:
    """Fill the seeds of submissions."""
    for seed, lines in (("expected_submissions", EXPECTED), ("nothing_to_report", NOTHING)):
        path = checkout.root / SEEDS / f"{seed}.csv"
        path.write_text(path.read_text("utf-8") + lines, "utf-8")


@pytest.mark.heavy
def test_a_month_knows_who_is_missing_and_what_became_of_its_rejects(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    expect(loading)
    first = write_workbook([*rows("A", bad=2), *rows("E")], name="2024-10_A.xlsx")
    load(loading, first)
    load(loading, write_workbook(rows("B"), name="2024-10_B.xlsx"))
    database.query("update staging.load_batches set loaded_at = '2024-11-15 12:00+00' where batch_id = 1")
    database.query("update staging.load_batches set loaded_at = '2024-11-16 12:00+00' where batch_id = 2")
    build(loading)

    october = answer(loading, "missing", "--period", "202410")
    assert october["counts"] == {"on_time": 1, "late": 1, "missing": 1, "nothing_to_report": 1, "unexpected": 1}
    assert [
        (line["company_code"], line["due_on"], line["is_overdue"], line["note"]) for line in october["missing"]
    ] == [("C", "2024-11-15", True, "small")]
    status = "select company_code, status, workbook, batch_id from marts.submission_status where report_date = "
    assert database.query(status + "'2024-10-01' order by 1") == [
        ("A", "on_time", "2024-10_A.xlsx", 1),
        ("B", "late", "2024-10_B.xlsx", 2),
        ("C", "missing", None, None),
        ("D", "nothing_to_report", None, None),
        ("E", "unexpected", "2024-10_A.xlsx", 1),
    ]
    assert [line["company_code"] for line in october["unexpected"]] == ["E"]
    assert "Not expected: 2024-10 trustee_performance E: 2024-10_A.xlsx, batch 1" in loading.run("missing").stdout
    silent = answer(loading, "missing", "--period", "202411")  # a month without any workbook
    assert [line["company_code"] for line in silent["missing"]] == ["A", "B", "C"]
    failed = loading.run("missing", "--fail")
    assert failed.returncode == ExitCode.DATA
    assert "C has sent no trustee_performance of 2024-10, due on 2024-11-15" in failed.stderr
    assert loading.run("missing", "--fail", "--period", "202409").returncode == ExitCode.OK

    found = answer(loading, "rejects", "--open", "--xlsx", str(tmp_path / "list.xlsx"))
    ids = [reject["reject_id"] for reject in found["rejects"]]
    assert [(reject["path"], reject["source_row"]) for reject in found["rejects"]] == [
        (str(first), 42), (str(first), 43)]  # fmt: skip
    listed = list(openpyxl.load_workbook(tmp_path / "list.xlsx").active.iter_rows(values_only=True))
    assert [row[0] for row in listed[1:]] == ids
    assert counts(database) == [(2, 2, 0, 0, 0)]

    done = loading.run("waive", ids[0], "--reason", "a  total\nof B")
    assert done.returncode == ExitCode.OK, done.stderr
    assert loading.run("waive", ids[0], "--reason", "again").returncode == ExitCode.DATA
    assert loading.run("waive", ids[1], "R0", "--reason", "unknown").returncode == ExitCode.USAGE
    assert database.query("select reject_id, reason from staging.waivers") == [(ids[0], "a total of B")]
    build(loading)
    assert outcomes(loading) == ["waived", "open"]
    assert counts(database) == [(2, 1, 0, 0, 1)]
    audited = (
        "select rows_rejected, rows_rejected_open, rows_mended, rows_waived from marts.load_audit where file_id = 1"
    )
    assert database.query(audited) == [(2, 1, 0, 1)]

    # the workbook comes again without them; whoever was on time stays so
    write_workbook([*rows("A", size=1001), *rows("E")], name="2024-10_A.xlsx")
    load(loading, first)
    build(loading)
    assert outcomes(loading) == ["superseded", "superseded"]
    assert counts(database) == []
    assert database.query(status + "'2024-10-01' and status = 'on_time'") == [("A", "on_time", "2024-10_A.xlsx", 1)]
    shown = loading.run("rejects").stdout
    assert "2 superseded" in shown
    assert "List:" not in shown
    assert "List:" in loading.run("rejects", "--xlsx", str(tmp_path / "all.xlsx")).stdout

    # without the second load they are what they were
    assert loading.run("undo", "3").returncode == ExitCode.OK
    build(loading)
    assert outcomes(loading) == ["waived", "open"]
    assert loading.run("undo", "1").returncode == ExitCode.OK
    build(loading)
    assert outcomes(loading) == ["superseded", "superseded"]
    assert database.query(status + "'2024-10-01' and company_code in ('A', 'E')") == [("A", "missing", None, None)]


def test_a_load_that_is_not_built_yet_is_told(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    load(loading, write_workbook(rows("A"), name="2024-10_A.xlsx"))
    database.query(
        "create schema marts;"
        "create table marts.published (batch_id bigint, published_at timestamptz, tested boolean, invocation_id text);"
        "insert into marts.published values (0, now(), true, 'x');"
        "create view marts.submission_status as select null::date as report_date, ''::text as domain,"
        " ''::text as company_code, ''::text as status, false as is_overdue, null::date as due_on,"
        " null::timestamptz as received_at, ''::text as workbook, 0 as batch_id, ''::text as confirmed_by,"
        " ''::text as note where false;"
    )
    done = loading.run("missing")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "tested; 1 later loads are not in it yet: run `dbt build`" in " ".join(done.stdout.split())


def test_who_is_to_fail_where_somebody_is_missing_fails_where_nothing_can_tell(loading: Checkout) -> None:
    failed = loading.run("missing", "--fail")
    assert (failed.returncode, "marts.submission_status" in failed.stderr) == (ExitCode.DATA, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing",), "Nothing was built yet"),
        (("rejects",), "Nothing was built yet"),
        (("missing", "--json"), '"missing": []'),
        (("rejects", "--json"), '"rejects": []'),
    ],
    ids=" ".join,
)
def test_an_empty_database_has_an_answer(loading: Checkout, arguments: tuple[str, ...], said: str) -> None:
    done = loading.run(*arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    assert said in done.stdout
    assert ("python run.py setup" in done.stdout) == ("--json" not in arguments)


@pytest.mark.parametrize(
    "change", ["update {} set reason = 'x'", "delete from {}", "truncate {}", "update {} set reason = 'x' where false"]
)
def test_not_even_the_owner_changes_a_waiver(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, change: str
) -> None:
    load(loading, write_workbook(rows("A", bad=1), name="2024-10_A.xlsx"))
    ((reject,),) = database.query("select reject_id from staging.rejected_rows")
    waived = answer(loading, "waive", reject, "--reason", "no row")
    assert [waiver["reject_id"] for waiver in waived] == [reject]
    with pytest.raises(psycopg2.Error, match=r"staging\.waivers is append-only"):
        database.query(change.format("staging.waivers"))
    assert database.query("select reject_id, reason from staging.waivers") == [(reject, "no row")]


def test_an_explanation_is_one_line_more_in_the_seed(checkout: Checkout) -> None:
    seed = checkout.root / SEEDS / "explained_jumps.csv"
    before = seed.read_text("utf-8")
    explanation = ("explain", "512065202", "2024-03", "fund_scale", "--reason", 'a merger, says "B"')
    done = answer(checkout, *explanation)
    assert done["line"] == '512065202,2024-03-01,fund_scale,"a merger, says ""B"""'
    assert seed.read_text("utf-8") == f"{before}{done['line']}\n"
    assert checkout.run(*explanation).returncode == ExitCode.USAGE
    assert checkout.run("explain", "C", "2024-13", "plans", "--reason", "x").returncode == ExitCode.USAGE
    assert checkout.run("explain", "C", "2024-12", "plans", "--reason", " ").returncode == ExitCode.USAGE
    assert seed.read_text("utf-8") == f"{before}{done['line']}\n"


@pytest.mark.heavy
def test_status_lists_jumps_that_nobody_has_explained(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    load(loading, write_workbook(rows("A"), name="2024-10_A.xlsx"))
    later = [(2024, 11, *row[2:]) for row in rows("A", size=5000)]
    load(loading, write_workbook(later, name="2024-11_A.xlsx"))
    build(loading)
    (jump,) = answer(loading, "status")["database"]["unexplained_jumps"]
    assert (jump["company_code"], jump["report_date"], jump["measure"], jump["fails"]) == (
        "A", "2024-11-01", "fund_scale", False)  # fmt: skip
    assert "A 2024-11 fund_scale: 40000.00 -> 200000.00, factor 5.0" in loading.run("status").stdout
    assert loading.run("explain", "A", "2024-11", "fund_scale", "--reason", "merger").returncode == ExitCode.OK
    build(loading)
    assert answer(loading, "status")["database"]["unexplained_jumps"] == []


EARLIER = """
drop view marts.submission_status;
drop table marts.submissions, marts.reject_status, intermediate.int_submissions_received,
    intermediate.int_reject_status_next, staging.waivers cascade;
drop function staging.refuse_change() cascade;
alter table marts.load_audit drop column rows_rejected_open, drop column rows_mended, drop column rows_waived;
alter table marts.data_quality_monthly drop column rows_superseded, drop column rows_waived;
alter table intermediate.int_data_quality_monthly_next drop column rows_superseded, drop column rows_waived;
"""


@pytest.mark.heavy
def test_a_warehouse_of_the_version_before_keeps_what_it_holds(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    load(loading, write_workbook(rows("A", bad=1), name="2024-10_A.xlsx"))
    build(loading)
    kept = "select md5(string_agg(row::text, chr(10) order by row::text)) from marts.{} as row"
    marts = ("trustee_performance", "trustee_performance_history", "company_monthly_summary")
    before = [database.query(kept.format(mart)) for mart in marts]
    database.query(EARLIER)
    ((reject,),) = database.query("select reject_id from staging.rejected_rows")
    assert loading.run("waive", reject, "--reason", "a total").returncode == ExitCode.OK
    build(loading)
    assert [database.query(kept.format(mart)) for mart in marts] == before
    assert outcomes(loading) == ["waived"]
    assert counts(database) == [(1, 0, 0, 0, 1)]
    assert [line[0] for line in database.query("select status from marts.submission_status")] == ["unexpected"]
