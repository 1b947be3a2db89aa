"""What an increment of the mart reads: the latest versions that its batch touches, by the indexes of staging."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = [pytest.mark.heavy, pytest.mark.database]
STAGED = "staging.trustee_performance"
LATEST = "intermediate.int_trustee_performance_latest"
KEY = "report_date, plan_code, company_code"
BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
INSERT = f"""
insert into {STAGED} (batch_id, file_id, processed_at, {KEY}, return_rate, net_asset_value, fund_scale,
    has_performance_data, validation_warnings, data_source, source_sheet, source_row, withdrawn)
"""
FIGURES = "0.01, 1.5, 1000, true, '[]', 'generated.xlsx', '受托业绩'"
BATCHES = """
insert into staging.load_batches (domain, mode, loaded_by, files, rows, rejects, version)
select 'trustee_performance', 'restate', 'test', 1, {rows}, 0, '' from generate_series(1, {count})
"""
MONTH = "(date '2000-01-01' + (batch_id - 1) * interval '1 month')::date"
GENERATED = f"""
{INSERT}
select batch_id, batch_id, now(), {MONTH}, 'P' || number, 'C' || number % 16, {FIGURES}, number, false
from staging.load_batches cross join generate_series(1, 10000) as number
where batch_id between {{first}} and {{last}}
"""
"""10,000 keys of a month of its own for each batch."""
RESTATED = f"""
{INSERT}
select 12, 12, now(), (date '2000-01-01' + 10 * interval '1 month')::date, 'P' || number, 'C' || number % 16, {FIGURES},
    number, number % 10 = 0
from generate_series(1, 10000) as number
"""
"""The keys of batch 11 once more, a tenth of them withdrawn."""
MIXED = f"""
{INSERT}
select batch, file, now(), date '2024-01-01' + interval '1 month' * (random() * 3)::int, 'M' || (random() * 40)::int,
    'C' || (random() * 2)::int, {FIGURES}, row_number() over (), random() < 0.3
from generate_series(20, 29) as batch cross join generate_series(1, 3) as file cross join generate_series(1, 40)
"""

ONE_ROW_OF_A_KEY = f"""
delete from {STAGED} as one using {STAGED} as other
where (one.batch_id, one.file_id, one.report_date, one.plan_code, one.company_code)
    = (other.batch_id, other.file_id, other.report_date, other.plan_code, other.company_code)
    and one.source_row < other.source_row
"""
"""A load refuses a file that has a key twice with other figures, and the history has its key by batch and file."""


@pytest.fixture
def started(loading: Checkout, database: Database, write_workbook: WriteWorkbook) -> Checkout:
    """A checkout whose database has one key in staging and the mart, of batch 1."""
    done = loading.run("--execute", "--file", write_workbook([ROW]))
    assert done.returncode == ExitCode.OK, done.stderr
    assert loading.dbt("seed").returncode == 0
    build_mart(loading)
    return loading


def build_mart(checkout: Checkout) -> None:
    """Build what the mart needs, and the mart."""
    done = checkout.dbt("--quiet", "run")
    assert done.returncode == 0, done.stdout


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def test_an_increment_scans_no_table_of_staging(started: Checkout, database: Database) -> None:
    database.query(BATCHES.format(rows=10_000, count=10))
    database.query(GENERATED.format(first=2, last=11))
    build_mart(started)
    assert database.query("select count(*) from marts.trustee_performance") == [(100_001,)]
    database.query(BATCHES.format(rows=10_000, count=1))
    database.query(RESTATED)
    database.query("update intermediate.build_horizon set batch_id = 12")  # a build that begins now
    database.query(f"analyze {STAGED}")

    rows, scans = explained(started, database, "int_trustee_performance_next")
    assert rows == 9_000
    staged = [kind for relation, kind in scans if relation == STAGED]
    assert set(staged) <= BY_INDEX, staged
    assert len(staged) == 2

    build_mart(started)
    assert database.query("select count(*) from marts.trustee_performance") == [(99_001,)]
    assert database.query("select count(*) from marts.trustee_performance where batch_id = 12") == [(9_000,)]


@pytest.mark.parametrize(
    ("model", "rows", "large"),
    [
        ("trustee_performance_history", 20_000, "intermediate.int_trustee_performance_history_next"),
        ("int_affected_months", 10_001, "intermediate.int_trustee_performance_next"),
        ("int_plan_ranks", 9_000, "intermediate.int_trustee_performance_next"),
        ("plan_monthly_performance", 9_001, "marts.plan_monthly_performance"),
    ],
)
def test_what_stands_on_it_scans_no_table_of_that_size(
    started: Checkout, database: Database, model: str, rows: int, large: str
) -> None:
    database.query(BATCHES.format(rows=10_000, count=10))
    database.query(GENERATED.format(first=2, last=11))
    build_mart(started)
    database.query(BATCHES.format(rows=10_000, count=1))
    database.query(RESTATED)
    build_mart(started)
    database.query("delete from marts.trustee_performance_history where batch_id = 12")  # as if it had not seen it
    for relation in ("trustee_performance_history", "plan_monthly_performance"):
        database.query(f"analyze marts.{relation}, intermediate.int_{relation}_next")
    found, scans = explained(started, database, model)
    assert found == rows
    assert {kind for relation, kind in scans if relation == large} <= BY_INDEX, scans


def explained(checkout: Checkout, database: Database, model: str) -> tuple[int, list[tuple[str, str]]]:
    """How many rows a model selects as an increment, and the relations of which it read more than one, and how."""
    compiled = checkout.dbt("--quiet", "compile", "--select", model)
    assert compiled.returncode == 0, compiled.stdout
    (path,) = (checkout.root / "target" / "compiled").rglob(f"{model}.sql")
    database.query(f"alter database {database.target.parameters['dbname']} set random_page_cost = 1.1")  # as in a build
    (((answer,),),) = [database.query(f"explain (analyze, verbose, format json) {path.read_text(encoding='utf-8')}")]
    (found,) = answer if isinstance(answer, list) else json.loads(str(answer))
    scans = [
        (f"{node['Schema']}.{node['Relation Name']}", node["Node Type"])
        for node in nodes(found["Plan"])
        if "Relation Name" in node and max(node["Actual Rows"], node["Actual Loops"]) > 1
    ]
    return found["Plan"]["Actual Rows"], scans


NOTED = """
create table public.costs (cost text);
create function public.note_cost() returns trigger language plpgsql as $$
begin
    insert into public.costs values (current_setting('random_page_cost'));
    return null;
end $$;
create trigger note_cost after insert on intermediate.int_trustee_performance_next
for each statement execute function public.note_cost()
"""


@pytest.mark.parametrize(("set_before", "seen"), [(None, "1.1"), ("2", "2")])
def test_an_increment_takes_an_index_for_cheap_unless_somebody_said_what_it_costs(
    started: Checkout, database: Database, write_workbook: WriteWorkbook, set_before: str | None, seen: str
) -> None:
    database.query(NOTED)
    if set_before:
        name = database.target.parameters["dbname"]
        database.query(f"alter database {name} set random_page_cost = {set_before}")
    done = started.run("--execute", "--file", write_workbook([(*ROW[:2], "P2", *ROW[3:])]))
    assert done.returncode == ExitCode.OK, done.stderr
    build_mart(started)
    assert database.query("select distinct cost from public.costs") == [(seen,)]


def test_the_latest_versions_are_those_of_a_sort(
    started: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    other = (*ROW[:2], "P2", *ROW[3:])
    more = [(*ROW[:2], f"Q{number}", *ROW[3:]) for number in range(8)]
    first = write_workbook([ROW, other, *more], name="2024-11_受托业绩_C1.xlsx")
    second = write_workbook([(*ROW[:6], 7), (*ROW[:2], "P3", *ROW[3:])], name="2024-11_受托业绩_C2.xlsx")
    replaced = write_workbook([other, *more], name="2024-11_受托业绩_修订.xlsx")
    for command in (
        ("--execute", "--file", first, "--file", second, "--accept", "keys_in_several_files"),
        ("--execute", "--file", replaced, "--mode", "replace_period"),
        ("undo", "3"),
        ("undo", "4"),
        ("undo", "2"),
    ):
        done = started.run(*command)
        assert done.returncode == ExitCode.OK, done.stderr
    assert database.query(f"select count(*) > 0 from {STAGED} where withdrawn") == [(True,)]
    database.query("alter table staging.load_batches alter batch_id restart with 20")
    database.query(BATCHES.format(rows=120, count=10))
    database.query(MIXED)
    database.query(ONE_ROW_OF_A_KEY)
    build_mart(started)
    columns = ", ".join(
        str(name)
        for (name,) in database.query(f"select attname from pg_attribute where attrelid = '{LATEST}'::regclass")
    )
    order = f"{KEY}, batch_id desc, file_id desc, source_row desc"
    wanted = f"select distinct on ({KEY}) {columns} from {STAGED} order by {order}"
    found = f"select {columns} from {LATEST}"
    assert database.query(f"select count(*) > 400 from {LATEST}") == [(True,)]
    assert database.query(f"({wanted}) except ({found})") == []
    assert database.query(f"({found}) except ({wanted})") == []
    counting = f"select count(*) from {LATEST} where not withdrawn"
    assert database.query(f"select count(*) from marts.trustee_performance except {counting}") == []
