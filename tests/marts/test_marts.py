"""The marts as dbt builds them, through the commands: every figure of the samples, restatements, and idempotence."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import yaml

import small_project
from conftest import DATA, HEADER, Checkout, Database, copy_checkout
from databases import Make, Templates
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

SAMPLES = ROOT / "data"
MEASURES = "report_date::text, plan_code, company_code, return_rate::text, net_asset_value::text, fund_scale::text"
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def warehouse(
    templates: Templates, all_samples: Make, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Checkout, Database]]:
    """All samples, loaded and built, for this module; and a checkout to go on with."""
    for database in templates.copy(all_samples):
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("warehouse")), database.environment)
        write_profile(database.target, checkout.root)  # as the load did, elsewhere
        yield checkout, database


def mart(database: Database) -> Rows:
    """The whole mart, provenance included, in the order of its key."""
    return database.query("select * from marts.trustee_performance order by report_date, plan_code, company_code")


def figures(database: Database) -> Rows:
    """Key and measures of the mart."""
    return database.query(f"select {MEASURES} from marts.trustee_performance order by 1, 2, 3")


def test_the_mart_equals_the_expected_records(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    lines = (DATA / "expected.csv").read_text(encoding="utf-8").splitlines()[1:]
    expected = {tuple(field or None for field in line.split(",")) for line in lines}
    found = figures(database)
    assert len(found) == len(expected) == 7494
    assert set(found) == expected


def test_the_schemas_are_exactly_three(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    schemas = database.query("select nspname::text from pg_namespace where nspname !~ '^(pg_|information_schema)'")
    assert {name for (name,) in schemas} == {"staging", "intermediate", "marts", "public"}
    tables = database.query("select count(*) from pg_class where relnamespace = 'public'::regnamespace")
    assert tables == [(0,)]


def test_codes_of_the_seeds_are_text(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    types = database.query(
        "select data_type from information_schema.columns where table_schema = 'marts'"
        " and table_name in ('plans', 'companies') and column_name like '%code'"
    )
    assert set(types) == {("character varying",)}


def test_the_audit_has_one_row_per_batch_and_file(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    assert database.query("select count(*), sum(rows_loaded) from marts.load_audit") == [(24, 7494)]


def corrected(folder: Path) -> Path:
    """The workbook of 2024-03, corrected: one figure changed, one key added, the rest withdrawn from it."""
    sheet = openpyxl.load_workbook(next(SAMPLES.glob("2024-03*"))).active
    first = [cell.value for cell in sheet[2]]
    workbook = openpyxl.Workbook()
    for row in (HEADER, (*first[:4], "9.99%", None, "18.00"), (*first[:2], "NEW-1", *first[3:])):
        workbook.active.append(row)
    path = folder / "2024-03_受托业绩报告_更正.xlsx"
    workbook.save(path)
    return path


@pytest.mark.heavy
def test_loading_and_building_again_changes_nothing_and_a_correction_exactly_its_keys(
    warehouse: tuple[Checkout, Database], tmp_path: Path
) -> None:
    checkout, database = warehouse
    before = mart(database)

    # the same build again, and the same months loaded again
    assert checkout.dbt("run").returncode == 0
    assert mart(database) == before
    first = figures(database)
    assert checkout.run("--execute", "--data-dir", SAMPLES, "--max-files", "2", "--reload").returncode == ExitCode.OK
    assert checkout.dbt("run").returncode == 0
    assert figures(database) == first

    # a correction of one month
    assert checkout.run("--execute", "--file", corrected(tmp_path)).returncode == ExitCode.OK
    built = checkout.build()
    assert built.returncode == 0, built.stdout
    changed = set(figures(database)) ^ set(first)
    assert changed == {
        ("2024-03-01", "1560", "512065202", "0.031700", None, "17.45"),
        ("2024-03-01", "1560", "512065202", "0.099900", None, "18.00"),
        ("2024-03-01", "NEW1", "512065202", "0.031700", None, "17.45"),
    }

    # from the history in staging, the same table
    incremental = mart(database)
    assert checkout.dbt("run", "--full-refresh").returncode == 0
    assert mart(database) == incremental


@pytest.mark.heavy
def test_every_unit_test_of_the_models_passes(warehouse: tuple[Checkout, Database]) -> None:
    checkout, _ = warehouse
    done = checkout.dbt("test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout
    files = (ROOT / "dbt_project" / "models").rglob("*.yml")
    written = sum(len(yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", ())) for path in files)
    assert f"PASS={written + 2} " in done.stdout  # and the hooks, which do nothing in `dbt test`
    assert written > 30


def test_a_plain_build_leaves_the_unit_tests_out(warehouse: tuple[Checkout, Database]) -> None:
    checkout, _ = warehouse
    listed = checkout.dbt("--quiet", "ls", "--output", "json", "--output-keys", "resource_type")
    assert listed.returncode == 0, listed.stdout
    kinds = Counter(json.loads(line)["resource_type"] for line in listed.stdout.splitlines())
    assert set(kinds) == {"model", "seed", "source", "exposure", "test"}
    everything = checkout.dbt("--quiet", "ls", "--select", "fqn:*", "source:*", "exposure:*", "--output", "json")
    assert len(everything.stdout.splitlines()) - kinds.total() > 30


def test_marts_and_their_columns_have_comments(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    without = database.query(
        "select relname::text, attname::text from pg_class inner join pg_attribute on attrelid = pg_class.oid"
        " where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v') and attnum >= 0 and not attisdropped"
        " and col_description(pg_class.oid, attnum) is null"
        " union all select relname::text, '' from pg_class where relnamespace = 'marts'::regnamespace"
        " and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null"
    )
    assert without == []


def test_build_in_the_same_process(loading: Checkout, database: Database) -> None:
    done = loading.run("--execute", "--build", "--data-dir", SAMPLES)
    assert done.returncode == ExitCode.OK, done.stderr
    assert re.search(r"published.*\btrustee_performance,", done.stdout, re.DOTALL)
    assert len(figures(database)) == 329
    assert "dbt build\n" not in done.stdout.split("Loaded:")[1].replace("dbt build  ", "")


def test_a_failing_test_is_exit_1_and_a_broken_project_exit_5(loading: Checkout, database: Database) -> None:
    project = small_project.write_small_project(loading.root)
    small_project.always_fails(project, "always_fails", "base")
    done = loading.run("--execute", "--build", "--data-dir", SAMPLES)
    assert done.returncode == ExitCode.DATA
    assert "always_fails" in done.stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    (project / "tests" / "always_fails.sql").unlink()
    (project / "models" / "later.sql").write_text("select * from {{ ref('nowhere') }}\n", encoding="utf-8")
    broken = loading.run("--execute", "--build", "--data-dir", SAMPLES)
    assert broken.returncode == ExitCode.PROJECT
    assert "nowhere" in broken.stderr


def test_the_model_and_dbt_name_the_same_columns(domain: Domain) -> None:
    """The Pydantic model is the one list of columns; sources and contract must not drift from it."""
    folder = ROOT / "dbt_project" / "models"
    sources = yaml.safe_load((folder / "staging" / "sources.yml").read_text(encoding="utf-8"))
    tables = {table["name"]: table for table in sources["sources"][0]["tables"]}
    source = [column["name"] for column in tables[domain.config.table]["columns"]]
    assert source == ["batch_id", "file_id", *domain.column_names, "withdrawn", "processed_at"]
    (model,) = yaml.safe_load((folder / "marts" / "trustee_performance.yml").read_text(encoding="utf-8"))["models"]
    contract = {column["name"]: column["data_type"] for column in model["columns"]}
    assert {column.name: column.sql_type for column in domain.columns}.items() <= contract.items()
    assert model["constraints"][0]["columns"] == list(domain.config.pk)


def test_every_ledger_column_is_documented(warehouse: tuple[Checkout, Database]) -> None:
    _, database = warehouse
    folder = ROOT / "dbt_project" / "models" / "staging"
    documented = {
        (table["name"], column["name"])
        for path in folder.rglob("sources.yml")
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"][0]["tables"]
        for column in table["columns"]
    }
    query = "select table_name::text, column_name::text from information_schema.columns where table_schema = 'staging'"
    assert documented == set(database.query(query))


@pytest.mark.heavy
def test_dbt_docs_make_one_page(warehouse: tuple[Checkout, Database]) -> None:
    checkout, _ = warehouse
    done = checkout.dbt("docs", "generate", "--static")
    assert done.returncode == 0, done.stdout
    page = (checkout.root / "target" / "static_index.html").read_text(encoding="utf-8")
    for name in ("stg_trustee_performance", "int_trustee_performance_latest", "model.workdatahub.trustee_performance"):
        assert name in page
