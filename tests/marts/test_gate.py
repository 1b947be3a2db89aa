"""Audit, then publish: what a test finds never reaches the marts, by no selection; what others made on them stays."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import Checkout, Database
from databases import Make, Templates
from extract.errors.base import ExitCode
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

Warehouse = tuple[Checkout, Database]
STEPS = "dbt_project/models/intermediate"
COMPANY, MONTH = "512065202", "2024-03-01"
PUBLISHED = "select batch_id, tested, invocation_id from marts.published"


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[Warehouse]:
    """All samples, loaded and built, for one test."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)  # as the load did, elsewhere
        yield Checkout(checkout.root, database.environment), database


def state(database: Database) -> list[tuple[object, ...]]:
    """Every relation of marts: its identity, where its bytes are, and what it holds."""
    relations = database.query(
        "select relname::text, oid::bigint, relfilenode::bigint from pg_class"
        " where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v', 'm') order by 1"
    )
    contents = [
        database.query(
            f"select count(*), md5(string_agg(row::text, chr(10) order by row::text)) from marts.{name} as row"
        )
        for name, *_ in relations
    ]
    return [relation + content for relation, (content,) in zip(relations, contents, strict=True)]


def restated(database: Database, figure: str, value: str, where: str) -> None:
    """A further batch in which rows of the first one come again with another figure."""
    where = f"{where} and trustee_performance.batch_id = 1"
    database.query(
        "with batch as (insert into staging.load_batches (domain, mode, loaded_by, files, rows, rejects, version)"
        f" select domain, mode, loaded_by, 1, count(*) filter (where {where}), 0, version from staging.load_batches"
        " cross join staging.trustee_performance where load_batches.batch_id = 1 group by 1, 2, 3, version"
        " returning batch_id, rows),"
        " file as (insert into staging.source_files (batch_id, path, sha256, size, modified_at, sheet, header_row,"
        " rows_read, rows_loaded, rows_rejected, rows_skipped)"
        " select batch_id, '/planted.xlsx', repeat('0', 64), 1, now(), 's', 1, rows, rows, 0, 0 from batch"
        " returning batch_id, file_id)"
        " insert into staging.trustee_performance (batch_id, file_id, processed_at, report_date, plan_code,"
        " company_code, return_rate, net_asset_value, fund_scale, has_performance_data, validation_warnings,"
        " data_source, source_sheet, source_row)"
        " select file.batch_id, file.file_id, now(), report_date, plan_code, company_code,"
        f" {value if figure == 'return_rate' else 'return_rate'}, net_asset_value,"
        f" {value if figure == 'fund_scale' else 'fund_scale'}, has_performance_data, validation_warnings,"
        f" data_source, source_sheet, source_row from staging.trustee_performance cross join file where {where}"
    )


@dataclass(frozen=True)
class Plant:
    """A violation: statements or files that bring it about, and what mends it."""

    statement: str = ""
    mending: str = ""
    figure: tuple[str, str, str] | None = None
    edits: dict[str, Callable[[str], str]] = field(default_factory=dict)

    def apply(self, checkout: Checkout, database: Database) -> Callable[[], None]:
        """Bring it about; gives what mends it."""
        originals = {checkout.root / path: (checkout.root / path).read_text("utf-8") for path in self.edits}
        for path, edit in zip(originals, self.edits.values(), strict=True):
            path.write_text(edit(originals[path]), "utf-8")
        if self.statement:
            database.query(self.statement)
        if self.figure:
            restated(database, *self.figure)

        def mend() -> None:
            for path, text in originals.items():
                path.write_text(text, "utf-8")
            if self.mending:
                database.query(self.mending)
            if self.figure:
                assert checkout.run("undo", "2").returncode == ExitCode.OK

        return mend


def doubled(model: str, statement: str = "", mending: str = "") -> Plant:
    """A view that has every row twice."""

    def twice(text: str) -> str:
        return f"with original as (\n{text}\n)\nselect * from original union all select * from original\n"

    return Plant(statement, mending, edits={f"{STEPS}/{model}.sql": twice})


def line(seed: str, text: str) -> Plant:
    """A seed with one more line."""
    return Plant(edits={f"dbt_project/seeds/{seed}.csv": lambda old: f"{old}{text}\n"})


def changed(table: str, column: str, wrong: str, right: str, where: str) -> Plant:
    """Rows of a table with another value."""
    change = "update {} set {} = {} where {}"
    return Plant(change.format(table, column, wrong, where), change.format(table, column, right, where))


FIRST = (
    "(report_date, plan_code) = (select report_date, plan_code from marts.trustee_performance order by 1, 2 limit 1)"
)
ONE_MONTH = f"company_code = '{COMPANY}' and report_date = '{MONTH}'"
THREE_MONTHS = "period in (select distinct period from staging.source_files order by 1 desc limit 3)"
HISTORIES = ("marts.trustee_performance_history", "intermediate.int_trustee_performance_history_next")
BOTH_HISTORIES = ["; ".join(f"update {table} set fund_scale = fund_scale {sign} 1 where {FIRST}" for table in HISTORIES)
                  for sign in "+-"]  # fmt: skip
REJECTED = (
    "insert into staging.rejected_rows (batch_id, file_id, source_row, row, errors)"
    " select batch_id, file_id, 1000 + number, '{}', '[]' from staging.source_files, generate_series(1, 100) as number"
    f" where {THREE_MONTHS};"
    " update staging.source_files set rows_rejected = rows_rejected + 100, rows_read = rows_read + 100"
    f" where {THREE_MONTHS}"
)
ACCEPTED = (
    "delete from staging.rejected_rows;"
    " update staging.source_files set rows_rejected = 0, rows_read = rows_read - rows_rejected"
)
TWICE = (
    "insert into staging.trustee_performance select * from staging.trustee_performance where batch_id = 2;"
    " update staging.source_files set rows_loaded = 2 * rows_loaded, rows_read = 2 * rows_read where batch_id = 2"
)
PLANTS = {
    "batch_counts_equal_landed_rows": changed(
        "staging.source_files", "(rows_loaded, rows_read)", "(rows_loaded + 1, rows_read + 1)",
        "(rows_loaded - 1, rows_read - 1)", "file_id = 1"),
    "closed_months_stay_as_they_are": Plant(
        "insert into staging.closings (period, batch_id, closed_by, fingerprints, version) values"
        f" ('{MONTH}', 1, 'anna', '{{\"trustee_performance\": {{\"sha256\": \"0\", \"columns\": []}}}}', '0')",
        f"insert into staging.reopenings (batch_id, period, reason) values (2, '{MONTH}', 'planted')"),
    "companies_do_not_jump": Plant(figure=("fund_scale", "fund_scale * 10000", ONE_MONTH)),
    "companies_of_plans_have_names": line("plans", "NEW-PLAN,A plan,NOBODY,,IL"),
    "company_totals_equal_their_plans": changed(
        "intermediate.int_company_monthly_summary_next", "plans_reported", "plans_reported + 1", "plans_reported - 1",
        ONE_MONTH),
    "current_versions_equal_the_mart": Plant(*BOTH_HISTORIES),
    "history_is_as_published": changed(HISTORIES[0], "fund_scale", "fund_scale + 1", "fund_scale - 1", FIRST),
    "history_versions_follow_one_another": changed(HISTORIES[0], "valid_to", "valid_from", "null", FIRST),
    "mart_equals_latest_staging_rows": changed(
        "staging.trustee_performance", "fund_scale", "fund_scale + 1", "fund_scale - 1", FIRST),
    "plans_do_not_vanish_in_numbers": changed(
        "intermediate.int_plan_movements", "plans_vanished", "plans_vanished + 1000", "plans_vanished - 1000",
        "report_date > (select max(report_date) - interval '4 months' from marts.trustee_performance)"),
    "rejects_stay_few": Plant(REJECTED, ACCEPTED),
    "rules_of_companies": line("companies", "512065202,Twice,IL"),
    "rules_of_expected_submissions": line("expected_submissions", "trustee_performance,512065202,2024-03-01,,0,"),
    "rules_of_explained_jumps": line("explained_jumps", "512065202,2024-03-01,colour,why not"),
    "rules_of_int_company_jumps": doubled("int_company_jumps"),
    "rules_of_int_company_monthly_summary_next": Plant(figure=("return_rate", "50", ONE_MONTH)),
    "rules_of_int_data_quality_monthly_next": changed(
        "staging.source_files", "rows_skipped", "rows_skipped + 1", "rows_skipped - 1", "file_id = 1"),
    "rules_of_int_load_audit_next": doubled("int_load_audit_next"),
    "rules_of_int_load_batches_in_effect": doubled("int_load_batches_in_effect"),
    "rules_of_int_plan_monthly_performance_next": changed(
        "intermediate.int_plan_monthly_performance_next", "drawdown", "drawdown + 2", "drawdown - 2", ONE_MONTH),
    "rules_of_int_rejects_in_account": doubled("int_rejects_in_account", REJECTED, ACCEPTED),
    "rules_of_int_sheets_in_account": doubled("int_sheets_in_account"),
    "rules_of_int_submissions_next": line(
        "expected_submissions",
        f"trustee_performance,{COMPANY},2024-01-01,,15,\ntrustee_performance,{COMPANY},{MONTH},,9,"),
    "rules_of_nothing_to_report": line("nothing_to_report", f"trustee_performance,{COMPANY},{MONTH},,"),
    "rules_of_plans": line("plans", "NEW-PLAN,One,512065202,,IL\nNEW-PLAN,Two,512065202,,IL"),
    "rules_of_stg_load_batches": changed("staging.load_batches", "mode", "'guess'", "'delete_insert'", "batch_id = 1"),
    "rules_of_stg_trustee_performance": Plant(figure=("fund_scale", "fund_scale", ONE_MONTH)),
}  # fmt: skip
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


TOTALS = "company_totals_equal_their_plans"
SELECTIONS = {
    "--select trustee_performance": "not audited",
    f"--exclude {TOTALS}": "these tests were not chosen",
    "--select marts": "not audited",
    "--select +trustee_performance": f"Failure in test {TOTALS}",
    "--exclude test_type:data": "these tests were not chosen",
    "--exclude int_trustee_performance_next": "the marts are published together",
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
        "int_trustee_performance_restatements_next", "trustee_performance_restatements",  # a row of the history each
        "int_quality_codes", "int_quality_counts",  # the month that they are joined to has the key
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
