"""A closed month: what is in its way, what a later load needs, and the test that finds a change without."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from conftest import HEADER, Checkout, Database, copy_checkout, write_book
from databases import Make, Templates
from extract.errors.base import ExitCode
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database with two months of one company, loaded and built."""

    def make(database: Database) -> None:
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("closings")), database.environment)
        for month in (1, 2):
            book = write_book(
                [(2024, month, f"P{number}", "C1", 0.01, 1.5, 1000 + number) for number in range(6)],
                checkout.root / "data" / f"2024-{month:02d}_受托业绩.xlsx",
                HEADER,
            )
            done = checkout.run("--execute", "--file", book)
            assert done.returncode == ExitCode.OK, done.stderr
        built = checkout.build()
        assert built.returncode == 0, built.stdout

    return make


@pytest.fixture
def ready(checkout: Checkout, templates: Templates, two_months: Make) -> Iterator[tuple[Checkout, Database]]:
    """That database, and a checkout that uses it."""
    for database in templates.copy(two_months):
        write_profile(database.target, checkout.root)
        yield Checkout(checkout.root, database.environment), database


def restate(checkout: Checkout, month: int, size: float) -> tuple[str, ...]:
    """The arguments of a load that restates a plan's month."""
    book = write_book([(2024, month, "P0", "C1", 0.01, 1.5, size)],
                      checkout.root / "later" / f"2024-{month:02d}_受托业绩_{size:.0f}.xlsx", HEADER)  # fmt: skip
    return "--execute", "--file", str(book)


@pytest.mark.heavy
def test_a_closed_month_needs_a_reason_to_be_changed(ready: tuple[Checkout, Database]) -> None:
    checkout, database = ready
    for month in ("2024-01", "2024-02"):
        closed = checkout.run("close", month, "--json")
        assert closed.returncode == ExitCode.OK, closed.stderr
        assert json.loads(closed.stdout)["written"] is True
    again = checkout.run("close", "202401")
    assert again.returncode == ExitCode.OK
    assert "Already closed: 2024-01 at batch 2" in again.stdout
    assert database.query("select count(*) from staging.closings") == [(2,)]
    rebuilt = checkout.build()
    assert rebuilt.returncode == 0, rebuilt.stdout

    refused = checkout.run(*restate(checkout, 1, 1001))
    assert refused.returncode == ExitCode.DATA
    assert "months that are closed: 2024-01 (by" in " ".join(refused.stderr.split())
    assert database.query("select max(batch_id) from staging.load_batches") == [(2,)]
    march = checkout.run(*restate(checkout, 3, 1000))
    assert march.returncode == ExitCode.OK, march.stderr  # a later month changes neither

    let_in = checkout.run(*restate(checkout, 1, 1001), "--reopen", "the trustee corrected P0")
    assert let_in.returncode == ExitCode.OK, let_in.stderr
    assert database.query("select period::text, reason from staging.reopenings order by 1") == [
        ("2024-01-01", "the trustee corrected P0"), ("2024-02-01", "the trustee corrected P0")
    ]  # fmt: skip
    history = checkout.run("history").stdout
    assert "reopened 2024-01: the trustee corrected P0" in history
    assert "(reopened by batch" in history
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    closed = checkout.run("close", "2024-01")
    assert closed.returncode == ExitCode.OK, closed.stderr
    assert checkout.build().returncode == 0
    ((batch,),) = database.query("select max(batch_id) from staging.load_batches")
    undone = checkout.run("undo", str(batch))
    assert undone.returncode == ExitCode.DATA, undone.stdout
    assert "closed" in undone.stderr


PAST_THE_PROGRAM = """
with batch as (
    insert into staging.load_batches (domain, mode, loaded_by, files, rows, rejects, version)
    values ('trustee_performance', 'undo', 'somebody', 0, 1, 0, '0') returning batch_id
)
insert into staging.trustee_performance (batch_id, file_id, processed_at, report_date, plan_code, company_code,
    fund_scale, has_performance_data, validation_warnings, data_source, source_sheet, source_row)
select batch.batch_id, file_id, processed_at, report_date, plan_code, company_code, 7, true, '[]', data_source,
    source_sheet, source_row
from staging.trustee_performance cross join batch where report_date = '2024-02-01' and plan_code = 'P0'
"""


@pytest.mark.heavy
def test_a_change_without_a_reason_fails_the_build(ready: tuple[Checkout, Database]) -> None:
    checkout, database = ready
    assert checkout.run("close", "2024-02").returncode == ExitCode.OK
    database.query(PAST_THE_PROGRAM)
    failed = checkout.build()
    assert failed.returncode == 1
    assert "Failure in test closed_months_stay_as_they_are" in failed.stdout


@pytest.mark.heavy
def test_everything_in_the_way_is_named_with_its_command(ready: tuple[Checkout, Database]) -> None:
    checkout, _ = ready
    rows = [(2024, 3, f"P{number}", "C1", 0.2, 1.5, 1000) for number in range(6)]
    book = write_book(
        [*rows, (2024, 3, "P9", "C1", "x", 1.5, 1)], checkout.root / "data" / "2024-03_受托业绩.xlsx", HEADER
    )
    assert checkout.run("--execute", "--file", book).returncode == ExitCode.OK
    unbuilt = checkout.run("close", "2024-03")
    assert unbuilt.returncode == ExitCode.DATA
    assert "not published: batch 3 is loaded, the marts are of batch 2 (dbt build)" in " ".join(unbuilt.stderr.split())

    seeds = checkout.root / "dbt_project" / "seeds"
    with (seeds / "expected_submissions.csv").open("a", encoding="utf-8") as lines:
        lines.write("trustee_performance,C2,2024-03-01,2024-03-01,15,\n")
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    refused = checkout.run("close", "2024-03")
    text = " ".join(refused.stderr.split())
    assert refused.returncode == ExitCode.DATA
    assert "submissions missing: C2 (due 2024-04-15) (python run.py missing --period 202403)" in text
    assert "rejects open: " in text
    assert "(python run.py rejects --open --period 202403)" in text
    assert "jumps unexplained: C1 return_rate (factor 20.0000)" in text


@pytest.mark.heavy
def test_a_month_that_is_not_over_or_holds_nothing_is_not_closed(ready: tuple[Checkout, Database]) -> None:
    checkout, _ = ready
    empty = checkout.run("close", "2019-01")
    assert empty.returncode == ExitCode.DATA
    assert "nothing of it: no figure counts, and nobody is expected to report" in " ".join(empty.stderr.split())
    month = datetime.now(UTC).date().replace(day=1)
    this_month = checkout.run("close", f"{month:%Y-%m}")
    assert this_month.returncode == ExitCode.DATA
    assert "not over: it ends before" in " ".join(this_month.stderr.split())


def test_a_batch_without_an_approval_is_in_the_way_where_one_is_required(ready: tuple[Checkout, Database]) -> None:
    checkout, _ = ready
    config = checkout.root / "config" / "data_sources.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("    max_removed", "    require_approval: true\n    max_removed", 1), "utf-8")
    refused = checkout.run("close", "2024-01")
    assert refused.returncode == ExitCode.DATA
    said = " ".join(refused.stderr.split())
    assert "approval lacking: batches 1 of trustee_performance were loaded without an approval" in said


@pytest.mark.heavy
def test_a_publication_without_tests_is_in_the_way(ready: tuple[Checkout, Database]) -> None:
    checkout, _ = ready
    assert checkout.dbt("run").returncode == 0
    refused = checkout.run("close", "2024-01")
    assert refused.returncode == ExitCode.DATA
    assert "untested: batch 2 was published without tests (dbt build)" in " ".join(refused.stderr.split())


def test_a_build_that_failed_since_is_in_the_way(ready: tuple[Checkout, Database]) -> None:
    checkout, database = ready
    database.query("update intermediate.build_horizon set invocation_id = 'a build that failed'")
    refused = checkout.run("close", "2024-01")
    assert refused.returncode == ExitCode.DATA
    assert "tests failing: the build of" in " ".join(refused.stderr.split())


def test_an_empty_database_has_nothing_to_close(loading: Checkout) -> None:
    refused = loading.run("close", "2024-01")
    assert refused.returncode == ExitCode.DATA
    assert "the ledger has no batch" in " ".join(refused.stderr.split())


EARLIER = """
drop table staging.approvals, staging.closings, staging.reopenings, staging.waivers, marts.company_jumps cascade;
drop function staging.refuse_change() cascade;
drop view intermediate.stg_load_batches cascade;
alter table staging.load_batches drop column planned_by, drop column approved_by, drop column approval_id;
alter table marts.load_audit drop column planned_by, drop column approved_by;
drop view marts.trustee_performance_restatements;
drop table marts.loads;
create view marts.trustee_performance_restatements as
    select report_date, plan_code, company_code, batch_id, file_id, 'x'::text as field,
        batch_id as previous_batch_id, 1::numeric(22, 6) as old_value, 1::numeric(22, 6) as new_value,
        1::numeric(22, 6) as difference, ''::text as kind,
        data_source, source_sheet, source_row, valid_from as restated_at
    from marts.trustee_performance_history;
create view public.of_others as select * from marts.trustee_performance_restatements;
"""


@pytest.mark.heavy
def test_a_warehouse_of_the_version_before_keeps_what_it_holds(ready: tuple[Checkout, Database]) -> None:
    checkout, database = ready
    kept = "select md5(string_agg(row::text, chr(10) order by row::text)) from {} as row"
    tables = [
        "staging.trustee_performance", "staging.source_files", "marts.trustee_performance",
        "marts.trustee_performance_history", "marts.plan_monthly_performance",
    ]  # fmt: skip
    before = [database.query(kept.format(table)) for table in tables]
    database.query(EARLIER)
    for command in (("history",), ("status",), ("trace", "P0", "2024-01")):
        done = checkout.run(*command)
        assert done.returncode in (ExitCode.OK, ExitCode.DATA), done.stderr  # status: relations are missing
    assert checkout.run("audit", "2024-01", "--to", checkout.root / "pack.zip").returncode == ExitCode.OK
    made = checkout.run("setup", "--staging")
    assert made.returncode == ExitCode.OK, made.stderr
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    assert [database.query(kept.format(table)) for table in tables] == before
    assert database.query("select count(*) from public.of_others") == [(0,)]
    assert database.query("select count(*) from marts.load_audit where planned_by = loaded_by") == [(2,)]
    closed = checkout.run("close", "2024-01")
    assert closed.returncode == ExitCode.OK, closed.stderr
