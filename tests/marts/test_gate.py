"""Audit, then publish: what a test finds never reaches the marts, by no selection; what others made on them stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Checkout, Database
from databases import Make, Templates
from extract.errors.base import ExitCode
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile
from violations import COMPANY, MONTH, ONE_MONTH, PLANTS, PUBLISHED, STEPS, TWICE, restated, state

pytestmark = pytest.mark.database

Warehouse = tuple[Checkout, Database]


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[Warehouse]:
    """All samples, loaded and built, for one test."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)  # as the load did, elsewhere
        yield Checkout(checkout.root, database.environment), database


USUAL = ("rules_of_int_company_monthly_summary_next",)


@pytest.mark.parametrize(
    "test", [pytest.param(name, marks=() if name in USUAL else pytest.mark.heavy) for name in sorted(PLANTS)]
)
def test_a_failed_test_leaves_the_marts_as_they_are_and_once_mended_they_follow(
    warehouse: Warehouse, test: str
) -> None:
    checkout, database = warehouse
    plant = PLANTS[test]
    mend = plant.apply(checkout, database)
    if test == "rules_of_stg_trustee_performance":
        database.query(TWICE)
    before = state(database)
    failed = checkout.build()
    assert failed.returncode == 1
    assert f"Failure in test {test}" in failed.stdout
    assert f"select * from intermediate.{test};" in failed.stdout
    assert "The marts were kept as they were published at" in failed.stdout
    assert state(database) == before

    (published,) = database.query(PUBLISHED)
    if test == "rules_of_stg_trustee_performance":
        database.query("delete from staging.trustee_performance where batch_id = 2 and ctid not in"
                       " (select min(ctid) from staging.trustee_performance where batch_id = 2 group by plan_code);"
                       " update staging.source_files set rows_loaded = rows_loaded / 2, rows_read = rows_read / 2"
                       " where batch_id = 2")  # fmt: skip
    mend()
    mended = checkout.build()
    assert mended.returncode == 0, mended.stdout
    (again,) = database.query(PUBLISHED)
    assert again[1] is True
    assert again[2] != published[2]


def test_every_error_test_of_the_project_has_a_plant(warehouse: Warehouse) -> None:
    checkout, _ = warehouse
    listed = checkout.dbt(
        "--quiet", "ls", "--resource-type", "test", "--output", "json", "--output-keys", "name", "config"
    )
    assert listed.returncode == 0, listed.stdout
    tests = [json.loads(text) for text in listed.stdout.splitlines() if text.startswith("{")]
    assert {test["name"] for test in tests if test["config"]["severity"].lower() == "error"} == set(PLANTS)


LARGE = ("--vars", "compared_whole_up_to: 0")
EQUAL = "trustee_performance_equals_latest_versions"


@pytest.mark.heavy
def test_of_a_large_mart_a_build_compares_what_it_touches_and_a_test_run_all(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    mend = PLANTS[EQUAL].apply(checkout, database)  # in a row that no new batch touches
    unseen = checkout.build(*LARGE)
    assert unseen.returncode == 0, unseen.stdout
    assert "its tests compared the keys of new batches; `dbt test` compares all" in unseen.stdout
    whole = checkout.dbt("test", *LARGE)
    assert whole.returncode == 1
    assert f"Failure in test {EQUAL}" in whole.stdout
    assert checkout.build(*LARGE, "--full-refresh").returncode == 0
    mend()
    assert checkout.build("--full-refresh").returncode == 0

    step = checkout.root / STEPS / "int_trustee_performance_next.sql"
    text = step.read_text("utf-8")
    assert "    fund_scale," in text
    step.write_text(text.replace("    fund_scale,", "    fund_scale + 1 as fund_scale,"), "utf-8")
    restated(database, "fund_scale", "fund_scale + 100", ONE_MONTH)
    before = state(database)
    seen = checkout.build(*LARGE)
    assert seen.returncode == 1
    assert f"Failure in test {EQUAL}" in seen.stdout
    assert state(database) == before


TOTALS = "company_totals_equal_their_plans"
SELECTIONS = {
    "--select trustee_performance": "not audited",
    f"--exclude {TOTALS}": "these tests were not chosen",
    "--select marts": "not audited",
    "--select +trustee_performance": f"Failure in test {TOTALS}",
    "--exclude test_type:data": "these tests were not chosen",
    f"--exclude int_trustee_performance_next {TOTALS}": "the marts are published together",
    "--resource-type model": "were not chosen",
}


@pytest.mark.parametrize(
    "selections",
    [list(SELECTIONS)[:1], pytest.param(list(SELECTIONS)[1:], marks=pytest.mark.heavy)],
    ids=["one", "all"],
)
def test_no_selection_goes_round_the_gate(warehouse: Warehouse, selections: list[str]) -> None:
    checkout, database = warehouse
    PLANTS[TOTALS].apply(checkout, database)
    before = state(database)
    for selection in selections:
        done = checkout.dbt("build", *selection.split())
        assert done.returncode == 1, selection
        assert SELECTIONS[selection] in done.stdout, selection
        assert state(database) == before, selection


@pytest.mark.heavy
def test_a_run_without_tests_publishes_and_says_so(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    PLANTS[USUAL[0]].apply(checkout, database)
    assert checkout.dbt("run").returncode == 0
    assert [row[:2] for row in database.query(PUBLISHED)] == [(2, False)]
    shown = checkout.run("status", "--json")
    assert json.loads(shown.stdout)["database"]["published"]["tested"] is False
    assert "published without tests" in checkout.run("status").stdout


OTHERS = f"""
create schema analysts;
create view analysts.of_mart as select * from marts.trustee_performance;
create view analysts.of_summary as select * from marts.company_monthly_summary;
create view analysts.of_plans as select * from marts.plan_monthly_performance;
create view analysts.of_restatements as select * from marts.trustee_performance_restatements;
create view analysts.of_names as select * from marts.companies;
create table analysts.notes (
    report_date date, company_code varchar(20),
    foreign key (report_date, company_code) references marts.company_monthly_summary
);
insert into analysts.notes values ('{MONTH}', '{COMPANY}');
grant select on marts.company_monthly_summary, marts.plan_monthly_performance, marts.trustee_performance_restatements
    to public;
create index of_analysts on marts.plan_monthly_performance (rank_in_company);
"""
THEIRS = """
select relnamespace::regnamespace::text || '.' || relname, oid::bigint, relacl::text from pg_class
where relnamespace::regnamespace::text in ('marts', 'analysts') and relkind in ('r', 'v', 'i')
union all
select conname || ' ' || conrelid::regclass || ' ' || confrelid::regclass, oid::bigint, null from pg_constraint
where contype = 'f' and connamespace::regnamespace::text in ('marts', 'analysts') order by 1
"""


def test_a_quick_setup_stops_before_the_marts(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    relations = (
        "select relnamespace::regnamespace::text, relname::text, relkind::text from pg_class"
        " where relnamespace::regnamespace::text in ('staging', 'intermediate', 'marts') order by 1, 2"
    )
    before, relations_before = state(database), database.query(relations)
    restated(database, "fund_scale", "fund_scale + 1", ONE_MONTH)
    quick = checkout.run("setup", "--quick")
    assert quick.returncode == 0, quick.stderr
    assert "validation partial" in quick.stdout
    assert (state(database), database.query(relations)) == (before, relations_before)
    of_next = "select max(batch_id) from intermediate.int_trustee_performance_next"
    assert database.query(of_next) == [(2,)]


@pytest.mark.heavy
@pytest.mark.parametrize("builds", [1, pytest.param(20, marks=pytest.mark.heavy)])
def test_what_others_made_on_the_marts_stays(warehouse: Warehouse, builds: int) -> None:
    checkout, database = warehouse
    database.query(OTHERS)
    before = database.query(THEIRS)
    for number in range(builds):
        restated(database, "fund_scale", f"fund_scale + {number + 1}", ONE_MONTH)
        done = checkout.build(*(("--full-refresh",) if number == 1 else ()))
        assert done.returncode == 0, done.stdout
        assert database.query(THEIRS) == before
    assert database.query("select max(batch_id) from analysts.of_mart") == [(builds + 1,)]
    sizes = database.query(f"select fund_scale from analysts.of_summary where {ONE_MONTH}")
    assert sizes == database.query(f"select sum(fund_scale) from analysts.of_mart where {ONE_MONTH}")


def test_every_model_has_a_key_that_is_enforced_or_tested() -> None:
    folder = ROOT / "dbt_project" / "models"
    without = []
    for path in sorted(folder.rglob("*.sql")):
        described, text = path.with_suffix(".yml").read_text("utf-8"), path.read_text("utf-8")
        if not ("type: primary_key" in described or "            key: [" in described or "'unique': true" in text):
            without.append(path.stem)
    assert set(without) == {
        "stg_mended_rejects", "stg_rejected_rows", "stg_source_files", "stg_waivers",  # staging has the key
        "stg_closings",  # staging too
        "submission_status",  # a row of the mart `submissions` each
        "int_trustee_performance_latest",  # what is made of it has the key
        "trustee_performance_restatements",  # a row of the history each
        "int_month_accounts",  # what is made of it has the key
        "int_touched_keys", "int_affected_months",
    }  # fmt: skip


def test_the_gate_stands_behind_every_step_and_before_every_mart(warehouse: Warehouse) -> None:
    checkout, _ = warehouse
    assert checkout.dbt("--quiet", "parse").returncode == 0
    nodes = json.loads((checkout.root / "target" / "manifest.json").read_text("utf-8"))["nodes"]
    parents = {name: set(node["depends_on"].get("nodes", ())) for name, node in nodes.items()}
    marts = {name for name, node in nodes.items() if node["resource_type"] == "model" and node["schema"] == "marts"}
    gate = "model.workdatahub.int_audit_gate"
    assert all(gate in parents[mart] for mart in marts)
    assert parents["model.workdatahub.published"] >= marts - {"model.workdatahub.published"}
    assert Path(nodes[gate]["original_file_path"]).stem == "int_audit_gate"


EARLIER = """
drop table marts.published;
drop schema intermediate cascade;
alter table marts.companies drop constraint companies_pkey;
alter table staging.load_batches drop column database_user;
alter table marts.plan_monthly_performance drop constraint {key},
    add foreign key (report_date, company_code) references marts.company_monthly_summary;
"""


@pytest.mark.heavy
def test_a_warehouse_of_an_earlier_version_goes_on(warehouse: Warehouse) -> None:
    checkout, database = warehouse
    ((key,),) = database.query(
        "select conname::text from pg_constraint where contype = 'f' and connamespace = 'marts'::regnamespace"
    )
    before = state(database)
    database.query(EARLIER.format(key=key))
    assert checkout.run("status").returncode == ExitCode.DATA  # relations of the project are missing
    undone = checkout.run("undo", "1")
    assert undone.returncode == ExitCode.OK, undone.stderr
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    assert database.query("select count(*) from marts.plan_monthly_performance") == [(0,)]
    assert database.query("select count(*) from marts.trustee_performance_history where withdrawn") == [(7494,)]
    assert [name for name, *_ in state(database)] == [name for name, *_ in before]
    keys = "select count(*) from pg_constraint where conrelid = 'marts.companies'::regclass and contype = 'p'"
    assert database.query(keys) == [(1,)]
