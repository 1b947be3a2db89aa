"""A model that is there is made in one statement, in which hooks, contract and locks have their place."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from conftest import ROOT, Checkout, Database
from databases import Make, Templates, held
from orchestrate.dbt.profile import write_profile
from violations import contents, restated, state

pytestmark = pytest.mark.database

Warehouse = tuple[Checkout, Database]


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[Warehouse]:
    """All samples, loaded and built."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)
        yield Checkout(checkout.root, database.environment), database


def test_a_model_that_is_there_is_made_in_one_statement(warehouse: Warehouse) -> None:
    checkout, _ = warehouse
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    log = (checkout.root / "logs" / "dbt.log").read_text("utf-8")
    asked = Counter(re.findall(r"/\* dbt model\.workdatahub\.(\w+) \*/", log))
    assert len(asked) > 40
    assert {name: count for name, count in asked.items() if count > 1} == {
        "stg_trustee_performance": 2,  # whether its table is there
        "int_plan_returns": 2,  # whether this is Citus
    }
    begun = re.findall(r"On (?:model|seed)\.workdatahub\.(\w+): (?:BEGIN|COMMIT|ROLLBACK)$", log, re.MULTILINE)
    assert begun == []  # the statement is a transaction of its own
    truncated = re.findall(r"On seed\.workdatahub\.(\w+): commit;", log)
    assert len(truncated) == len(list((checkout.root / "dbt_project" / "seeds").glob("*.csv")))


FORBID = """
create function marts.forbid() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
create trigger forbid before insert on {table} for each statement execute function marts.forbid();
"""


@pytest.mark.parametrize(
    "table", ["marts.trustee_performance", "marts.plan_monthly_performance", "intermediate.int_touched_keys"]
)
def test_what_fails_behind_its_deletes_has_deleted_nothing(warehouse: Warehouse, table: str) -> None:
    checkout, database = warehouse
    restated(database, "return_rate", "0.5 * return_rate", "report_date >= '2025-06-01'")
    database.query(FORBID.format(table=table))
    before = contents(database, table)
    failed = checkout.build()
    assert failed.returncode == 1
    assert "not today" in failed.stdout
    assert contents(database, table) == before
    database.query(f"drop trigger forbid on {table}; drop function marts.forbid()")
    mended = checkout.build()
    assert mended.returncode == 0, mended.stdout
    assert contents(database, table) != before


WITHOUT_AUTOVACUUM = """
do $$
declare
    made regclass;
begin
    for made in
        select oid from pg_class
        where relkind = 'r' and relnamespace in ('intermediate'::regnamespace, 'marts'::regnamespace)
    loop
        execute format('alter table %s set (autovacuum_enabled = false)', made);
    end loop;
end $$
"""


def test_the_planner_knows_tables_that_were_empty_as_they_were_made(loading: Checkout, database: Database) -> None:
    assert loading.run("setup").returncode == 0
    database.query(WITHOUT_AUTOVACUUM)
    assert loading.run("--execute", "--data-dir", ROOT / "data", "--max-files", "24").returncode == 0
    built = loading.build()
    assert built.returncode == 0, built.stdout
    known = database.query(
        "select oid::regclass::text, reltuples from pg_class where relkind = 'r'"
        " and relnamespace in ('intermediate'::regnamespace, 'marts'::regnamespace)"
    )
    for table, estimated in known:
        ((rows,),) = database.query(f"select count(*) from {table}")
        assert rows <= 1000 or 0.5 * rows <= estimated <= 2 * rows, (table, rows, estimated)
    assert max(estimated for _, estimated in known) > 5000


HOOKED = """
create schema analysts;
create table analysts.hooks (number integer generated always as identity, said text, loads bigint);
"""
HOOKS = """{{{{
    config(
        pre_hook=[{before}"insert into analysts.hooks (said, loads) select 'before', count(*) from marts.loads"],
        post_hook="insert into analysts.hooks (said, loads) select 'after', count(*) from marts.loads"
    )
}}}}
"""


@pytest.mark.heavy
@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize(
    "model",
    ["marts/loads", "intermediate/int_load_batches_in_effect", "intermediate/int_company_monthly_summary_next"],
)
def test_hooks_of_others_run_once_and_in_their_place(warehouse: Warehouse, model: str, outside: bool) -> None:
    checkout, database = warehouse
    database.query(HOOKED)
    file = checkout.root / "dbt_project/models" / f"{model}.sql"
    begin = "before_begin(\"insert into analysts.hooks (said) values ('outside')\"), " if outside else ""
    file.write_text(HOOKS.format(before=begin) + file.read_text("utf-8"), "utf-8")
    before = state(database)
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    said = database.query("select said, loads from analysts.hooks order by number")
    assert said == [*([("outside", None)] if outside else []), ("before", 1), ("after", 1)]
    assert {name: rows for name, rows, *_ in state(database)} == {name: rows for name, rows, *_ in before}


@pytest.mark.heavy
def test_a_view_that_selects_other_columns_than_its_contract_has_is_refused(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    file = checkout.root / "dbt_project/models/marts/submission_status.sql"
    text = file.read_text("utf-8")
    columns = "select column_name from information_schema.columns where table_name = 'submission_status' order by 1"
    before = database.query(columns)
    file.write_text(f"select *, 1 as extra from (\n{text}) as status\n", "utf-8")
    built = checkout.build()
    assert built.returncode == 1
    assert "the model submission_status selects other columns than its contract has: extra integer" in built.stdout
    assert database.query(columns) == before
    file.write_text(text, "utf-8")
    assert checkout.build().returncode == 0


@pytest.mark.heavy
def test_a_table_whose_model_or_database_has_other_columns_is_refused(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    file = checkout.root / "dbt_project/models/marts/loads.sql"
    text = file.read_text("utf-8")
    before = state(database)
    file.write_text(f"select *, 1::bigint as extra from (\n{text}) as loads\n", "utf-8")
    of_the_model = checkout.build()
    assert of_the_model.returncode == 1
    assert "the model loads selects other columns than its contract has: extra bigint" in of_the_model.stdout
    assert [row for row in state(database) if row[0] == "loads"] == [row for row in before if row[0] == "loads"]

    file.write_text(text, "utf-8")
    database.query("alter table marts.loads add column extra numeric(3, 1)")
    of_the_table = checkout.build()
    assert of_the_table.returncode == 1
    assert "the columns of marts.loads are not those of its model: extra numeric(3,1)" in of_the_table.stdout
    database.query("alter table marts.loads drop column extra")
    assert checkout.build().returncode == 0


@pytest.mark.heavy
def test_who_holds_a_seed_is_named(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    waiting = Checkout(checkout.root, checkout.environment | {"WDH_DATABASE__LOCK_TIMEOUT": "1"})
    with held(database, "select * from intermediate.plans limit 1") as pid:
        built = waiting.build()
    assert built.returncode == 1
    assert f"intermediate.plans is held by server process {pid} (other run," in built.stdout
    mended = checkout.build()
    assert mended.returncode == 0, mended.stdout
    assert database.query("select count(*) from marts.plans") == database.query(
        "select count(*) from intermediate.plans"
    )


@pytest.mark.heavy
def test_medians_that_an_earlier_version_did_not_make_are_filled(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    medians = (
        "select report_date, company_code, median_return::text from intermediate.int_company_monthly_summary_next"
        " order by 1, 2"
    )
    before, jumps = database.query(medians), database.query("select * from marts.company_jumps order by 1, 2, 3")
    assert any(median for _, _, median in before)
    database.query(
        "drop view intermediate.int_company_jumps;"
        "alter table intermediate.int_company_monthly_summary_next drop column median_return"
    )
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    assert database.query(medians) == before
    assert database.query("select * from marts.company_jumps order by 1, 2, 3") == jumps
