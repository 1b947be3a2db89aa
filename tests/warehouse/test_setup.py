"""`run.py setup`: from an empty database to a warehouse, and what it says when something is wrong."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

import small_project
from conftest import SECRET, Checkout, Database, variables
from extract.database.connection import CONNECT_TIMEOUT, Target
from extract.errors.base import ExitCode
from failing import Proxy, never_answer, over_tcp, starting_up
from small_project import always_fails


@pytest.fixture
def project(loading: Checkout) -> Path:
    """The directory of a small dbt project in the checkout of the test."""
    return small_project.write_small_project(loading.root)


def report(checkout: Checkout) -> dict[str, Any]:
    """The last run as JSON."""
    done = checkout.run("report", "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def relations(database: Database) -> set[str]:
    """The relations of the schema marts."""
    found = database.query("select relname::text from pg_class where relnamespace = to_regnamespace('marts')")
    return {str(name) for (name,) in found if not str(name).endswith(("_pkey", "_idx"))}


def content(database: Database) -> dict[str, object]:
    """A hash of each relation of marts, whatever the order of its rows."""
    hashes = {}
    for name in sorted(relations(database)):
        rows = database.query(f"select md5(string_agg(t::text, '|' order by t::text)), count(*) from marts.{name} as t")
        hashes[name] = rows[0]
    return hashes


def test_an_empty_database_becomes_a_warehouse(loading: Checkout, database: Database, project: Path) -> None:
    done = loading.run("setup")
    assert done.returncode == ExitCode.OK, done.stderr + done.stdout
    assert relations(database) == small_project.RELATIONS
    assert database.query("select owner_code from marts.owners order by 1") == [("007",), ("010",)]
    run = report(loading)
    assert [step["name"] for step in run["steps"]] == [
        "preflight", "seeds", "foundation", "models", "validation", "report"]  # fmt: skip
    assert {step["status"] for step in run["steps"]} == {"ok"}
    ids = [node["unique_id"] for node in run["nodes"]]
    assert len(ids) == len(set(ids)) == len(small_project.RELATIONS) + small_project.TESTS
    assert run["not_run"] == {}
    assert run["outcome"] == "success"
    assert run["dbt_invocations"] == 2
    assert database.query("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]


@pytest.mark.heavy
def test_twice_or_quick_then_full_gives_the_same_tables(loading: Checkout, database: Database, project: Path) -> None:
    quick = loading.run("setup", "--quick")
    assert quick.returncode == ExitCode.OK, quick.stderr
    assert "validation partial" in quick.stdout
    assert relations(database) == {"owners", "assets", "base"}
    run = report(loading)
    assert set(run["not_run"].values()) == {"--quick leaves it out"}
    assert loading.run("setup").returncode == ExitCode.OK
    first = content(database)
    assert loading.run("setup").returncode == ExitCode.OK
    assert content(database) == first
    database.query("insert into marts.base values ('junk', '007', 1)")
    database.query("insert into marts.owners values ('junk', 'junk')")
    database.query("truncate marts.later")
    assert loading.run("setup", "--reset").returncode == ExitCode.OK
    assert content(database) == first
    assert report(loading)["steps"][1]["name"] == "clear"


@pytest.mark.heavy
def test_each_run_keeps_its_own_artifacts(loading: Checkout, project: Path, tmp_path: Path) -> None:
    command = loading.command("setup")
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, env=loading.env(), capture_output=True, check=False)
        assert done.returncode == ExitCode.OK
    runs = sorted((loading.root / ".wdh" / "runs").iterdir())
    assert len(runs) == 2
    for run in runs:
        dbt = run / "dbt"
        # one invocation lists, one builds
        assert sorted(path.name for path in dbt.glob("run_results-*")) == ["run_results-2.json"]
        results = [json.loads(path.read_text())["results"] for path in dbt.glob("run_results-*")]
        nodes = json.loads((run / "run.json").read_text())["nodes"]
        assert sum(map(len, results)) == len(nodes)
        log = (dbt / "logs" / "dbt.log").read_text()
        assert log.count("Running with dbt=") == 2
    assert not (tmp_path / "target").exists()
    assert not (tmp_path / "logs").exists()
    assert not (loading.root / "target").exists()
    assert not (loading.root / "logs").exists()


@pytest.mark.heavy
def test_quiet_says_nothing_unless_it_fails(loading: Checkout, project: Path) -> None:
    done = loading.run("setup", "--quiet")
    assert (done.returncode, done.stdout) == (ExitCode.OK, ""), done.stderr
    always_fails(project, "never", "base")
    failed = loading.run("setup", "--quiet")
    assert (failed.returncode, failed.stdout) == (ExitCode.DATA, "")
    assert "run.json" in failed.stderr
    assert "never" in failed.stderr


def test_a_dry_run_touches_nothing(loading: Checkout, database: Database, project: Path) -> None:
    before = sorted(loading.root.rglob("*"))
    done = loading.run("setup", "--dry-run")
    assert done.returncode == ExitCode.OK, done.stderr
    assert all(name in done.stdout for name in small_project.RELATIONS)
    assert "resource_type:seed" in loading.run("setup", "--quick", "--dry-run").stdout
    assert relations(database) == set()
    assert [path for path in sorted(loading.root.rglob("*")) if "__pycache__" not in path.parts] == [
        path for path in before if "__pycache__" not in path.parts
    ]


@pytest.mark.heavy
def test_a_new_seed_and_model_are_picked_up(loading: Checkout, database: Database, project: Path) -> None:
    (project / "seeds" / "extra.csv").write_text("a,b\nx,1\n")
    (project / "models" / "of_extra.sql").write_text("select * from {{ ref('extra') }}\n")
    assert loading.run("setup").returncode == ExitCode.OK
    assert relations(database) == small_project.RELATIONS | {"extra", "of_extra"}


def test_an_empty_selector_is_an_error(loading: Checkout, database: Database, project: Path) -> None:
    path = loading.root / "dbt_project.yml"
    path.write_text(path.read_text().replace("foundation", "cellar"))
    done = loading.run("setup")
    assert done.returncode == ExitCode.USAGE
    assert "foundation" in done.stderr
    assert relations(database) == set()


def test_a_failing_foundation_stops_what_follows(loading: Checkout, database: Database, project: Path) -> None:
    (project / "models" / "base" / "base.sql").write_text("select 1 / 0 as asset_code from {{ ref('assets') }}\n")
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA
    assert "division by zero" in done.stderr
    assert relations(database) == {"owners", "assets"}
    run = report(loading)
    assert run["outcome"] == "failed"
    assert [step["name"] for step in run["steps"]] == ["preflight", "seeds", "foundation"]
    assert run["failed"] == ["model.small.base"]
    assert "model.small.later" in run["not_run"]


def test_a_failing_model_leaves_the_others_built(loading: Checkout, database: Database, project: Path) -> None:
    (project / "models" / "broken.sql").write_text("select nothing from {{ ref('base') }}\n")
    (project / "models" / "after.sql").write_text("select * from {{ ref('broken') }}\n")
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA
    assert relations(database) == small_project.RELATIONS
    states = {node["name"]: node["status"] for node in report(loading)["nodes"]}
    assert (states["broken"], states["after"], states["later"]) == ("error", "skipped", "success")


@pytest.mark.parametrize(
    ("config", "limit", "code", "status"),
    [
        pytest.param("severity='error', store_failures=true", "!= 0", ExitCode.DATA, "fail", marks=pytest.mark.heavy),
        pytest.param("severity='warn'", "!= 0", ExitCode.OK, "warn", marks=pytest.mark.heavy),
        ("error_if='>1', warn_if='>0'", ">0", ExitCode.OK, "warn"),
        pytest.param("error_if='>0'", ">0", ExitCode.DATA, "fail", marks=pytest.mark.heavy),
        pytest.param("error_if='>1', warn_if='>1'", ">1", ExitCode.OK, "pass", marks=pytest.mark.heavy),
    ],
)
def test_the_result_of_a_test_flips_at_its_limit(
    loading: Checkout, database: Database, project: Path, config: str, limit: str, code: ExitCode, status: str
) -> None:
    always_fails(project, "finds_one", "base", config)
    done = loading.run("setup")
    assert done.returncode == code, done.stderr
    run = report(loading)
    (test,) = [node for node in run["nodes"] if node["name"] == "finds_one"]
    assert (test["status"], test["observed"]) == (status, 1 if status != "pass" else test["observed"])
    assert limit in (test["warn_if"], test["error_if"])
    assert run["outcome"] == {"fail": "failed", "warn": "warnings", "pass": "success"}[status]
    if "store_failures" in config:
        assert test["failures_query"] in done.stderr
        assert database.query(test["failures_query"]) == [(1,)]
    if status == "warn":
        assert loading.run("setup", "--warnings-as-errors").returncode == ExitCode.DATA
        assert report(loading)["outcome"] == "failed"


def test_a_test_that_crashes_could_not_run(loading: Checkout, project: Path) -> None:
    (project / "tests" / "crashes.sql").write_text("select no_such_column from {{ ref('later') }}\n")
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA
    assert "crashes could not run" in done.stderr
    (test,) = [node for node in report(loading)["nodes"] if node["name"] == "crashes"]
    assert test["status"] == "could not run"


@pytest.mark.heavy
def test_unit_tests_are_run_by_name_only(loading: Checkout, database: Database, project: Path) -> None:
    path = project / "models" / "later.yml"
    path.write_text(path.read_text().replace("assets: 2", "assets: 3"))
    done = loading.run("setup")
    assert done.returncode == ExitCode.OK, done.stderr
    assert report(loading)["not_run"] == {}
    for command in (("build",), ("test",)):
        plain = loading.dbt(*command)
        assert plain.returncode == 0, plain.stdout
    by_name = loading.dbt("test", "--select", "test_type:unit")
    assert by_name.returncode == 1
    assert "counts_assets" in by_name.stdout


def test_a_child_without_its_parent_and_a_key_twice(loading: Checkout, database: Database, project: Path) -> None:
    with (project / "seeds" / "assets.csv").open("a") as lines:
        lines.write("4,099,1\n1,007,10.5\n")
    path = project / "seeds" / "seeds.yml"
    path.write_text(
        path.read_text().replace("field: owner_code}}}", "field: owner_code}, config: {store_failures: true}}}")
    )
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA
    assert "relationships_assets_owner_code" in done.stderr
    assert "1 rows" in done.stderr
    assert "unique_assets_asset_code" in done.stderr
    (test,) = [node for node in report(loading)["nodes"] if node["name"].startswith("relationships")]
    assert test["failures_query"] in done.stderr
    assert [row[0] for row in database.query(test["failures_query"])] == ["099"]


@pytest.mark.heavy
def test_a_contract_that_is_broken_tells_both_types(loading: Checkout, project: Path) -> None:
    (project / "models" / "typed.sql").write_text("select asset_code from {{ ref('base') }}\n")
    (project / "models" / "typed.yml").write_text(
        "models: [{name: typed, config: {contract: {enforced: true}}, columns: [{name: asset_code, data_type: int}]}]\n"
    )
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA, done.stderr
    assert "asset_code" in done.stderr
    assert "INTEGER" in done.stderr.upper()
    assert "typed" in done.stderr


@pytest.mark.heavy
def test_models_linked_by_a_foreign_key_need_no_list(loading: Checkout, database: Database, project: Path) -> None:
    contract = "config: {contract: {enforced: true}}"
    parents = (
        f"{{name: zz_parents, {contract}, constraints: [{{type: primary_key, columns: [code]}}],"
        " columns: [{name: code, data_type: text}]}"
    )
    children = (
        f"{{name: aa_children, {contract}, constraints: [{{type: foreign_key, columns: [code], to: ref('zz_parents'),"
        " to_columns: [code]}], columns: [{name: code, data_type: text}]}"
    )
    (project / "models" / "linked.yml").write_text(f"models: [{parents}, {children}]\n")
    (project / "models" / "zz_parents.sql").write_text("select owner_code::text as code from {{ ref('owners') }}\n")
    (project / "models" / "aa_children.sql").write_text("select owner_code::text as code from {{ ref('assets') }}\n")
    assert loading.run("setup").returncode == ExitCode.OK
    assert loading.run("setup").returncode == ExitCode.OK
    assert database.query(
        "select count(*) from pg_constraint where contype = 'f' and connamespace = 'marts'::regnamespace"
    ) == [(1,)]


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        ("models/later.sql", "select 1\nfrom {{ ref('nowhere') }}\n", 2, "nowhere"),
        ("models/later.sql", "select 1\nfrom {{ ref('base') \n", 2, "unexpected"),
        ("models/later.yml", "models:\n  - name: later\n   columns: []\n", 3, ""),
    ],
)
def test_a_project_that_does_not_compile(
    loading: Checkout, database: Database, project: Path, file: str, text: str, line: int, said: str
) -> None:
    (project / file).write_text(text)
    done = loading.run("setup")
    assert done.returncode == ExitCode.PROJECT, done.stderr
    assert f"dbt_project/{file}:{line}" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert database.query("select count(*) from pg_namespace where nspname in ('marts', 'staging')") == [(0,)]
    assert report(loading)["outcome"] == "failed"


@pytest.mark.heavy
def test_an_unknown_macro_is_found_when_its_model_is_built(loading: Checkout, project: Path) -> None:
    (project / "models" / "later.sql").write_text("select 1 from {{ ref('base') }}\nwhere {{ no_such_macro() }}\n")
    done = loading.run("setup")
    assert done.returncode == ExitCode.PROJECT, done.stderr
    assert "no_such_macro" in done.stderr
    assert "later" in done.stderr


@pytest.mark.heavy
def test_other_peoples_tables_and_views_stay(loading: Checkout, database: Database, project: Path) -> None:
    assert loading.run("setup").returncode == ExitCode.OK
    database.query("create table marts.paint_log as select 1 as colour")
    database.query("create table public.user_notes as select 'mine' as note")
    database.query("create view public.notes_view as select * from public.user_notes")
    assert loading.run("setup", "--reset").returncode == ExitCode.OK
    assert database.query("select colour from marts.paint_log") == [(1,)]
    assert database.query("select note from public.notes_view") == [("mine",)]
    # dbt would drop a view on a table that it replaces, without a word
    database.query("create view public.on_ours as select * from marts.base")
    refused = loading.run("setup")
    assert refused.returncode == ExitCode.DATA
    assert "public.on_ours" in refused.stderr
    assert database.query("select count(*) from public.on_ours") == [(3,)]
    assert loading.run("setup", "--cascade").returncode == ExitCode.OK
    assert database.query("select to_regclass('public.on_ours') is null") == [(True,)]


@pytest.mark.heavy
def test_a_profile_of_ones_own_must_name_the_same_database(loading: Checkout, project: Path) -> None:
    assert loading.run("setup").returncode == ExitCode.OK
    path = loading.root / "profiles.yml"
    own = "\n".join(path.read_text().splitlines()[1:])
    path.write_text(own)
    assert loading.run("setup").returncode == ExitCode.OK
    path.write_text(own.replace("dbname: test_", "dbname: other_"))
    done = loading.run("setup")
    assert done.returncode == ExitCode.USAGE
    assert "other_" in done.stderr
    assert "test_" in done.stderr


@pytest.mark.heavy
def test_the_new_rights_that_are_needed(loading: Checkout, server: Target, database: Database, project: Path) -> None:
    stranger = f"stranger_{database.target.parameters['user']}"
    maintenance = Database(Target({**server.parameters, "dbname": database.target.parameters["dbname"]}))
    maintenance.query(f"create role {stranger} login")
    try:
        done = loading.run("setup", WDH_DATABASE__USER=stranger)
        assert done.returncode == ExitCode.DATABASE
        assert 'GRANT CREATE ON DATABASE "test_' in done.stderr
        assert f'TO "{stranger}"' in done.stderr
        maintenance.query(f"grant create on database {database.target.parameters['dbname']} to {stranger}")
        assert loading.run("setup", WDH_DATABASE__USER=stranger).returncode == ExitCode.OK
        maintenance.query("alter table marts.base owner to postgres")
        done = loading.run("setup", WDH_DATABASE__USER=stranger)
        assert done.returncode == ExitCode.DATABASE
        assert "marts.base" in done.stderr
    finally:
        maintenance.query(f"drop owned by {stranger} cascade")
        maintenance.query(f"drop role {stranger}")


@pytest.mark.parametrize(
    ("warn", "error", "code", "outcome"),
    [
        pytest.param(4, 5, ExitCode.OK, "success", marks=pytest.mark.heavy),
        pytest.param(2, 5, ExitCode.OK, "warnings", marks=pytest.mark.heavy),
        (1, 2, ExitCode.DATA, "failed"),
    ],
)
def test_freshness_warns_and_fails(
    built: Checkout, ready: Database, warn: int, error: int, code: ExitCode, outcome: str
) -> None:
    ready.query(
        "insert into staging.load_batches (domain, mode, loaded_at, loaded_by, files, rows, rejects, version)"
        " values ('d', 'append', now() - interval '3 days', 'me', 1, 0, 0, '1')"
    )
    path = built.root / "dbt_project" / "models" / "base" / "base.yml"
    text = path.read_text()
    criteria = f"warn_after: {{count: {warn}, period: day}}, error_after: {{count: {error}, period: day}}"
    config = f"        config: {{loaded_at_field: loaded_at, freshness: {{{criteria}}}}}\n"
    path.write_text(text.replace("      - name: load_batches\n", "      - name: load_batches\n" + config))
    done = built.run("setup")
    assert done.returncode == code, done.stderr
    run = report(built)
    assert run["outcome"] == outcome
    assert 3 * 86400 <= run["freshness"][0]["seconds"] < 4 * 86400
    assert "3 d" in done.stdout


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"PORT": "1"}, "no PostgreSQL server answers"),
        ({"PASSWORD": "wrong"}, "rejects the login"),
        ({"DB": "nowhere"}, "the database is missing"),
        ({}, "GRANT CREATE ON DATABASE"),
    ],
)
def test_a_database_that_cannot_be_used(
    checkout: Checkout, strict_server: Target, changed: dict[str, str], said: str
) -> None:
    small_project.write_small_project(checkout.root)
    done = checkout.run("setup", **variables(strict_server, **changed))
    assert done.returncode == ExitCode.DATABASE, done.stderr
    assert said in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr
    everything = done.stdout + done.stderr + checkout.run("report", "--json").stdout
    assert SECRET not in everything
    for path in (checkout.root / ".wdh").rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes()


@pytest.mark.heavy
def test_the_password_stays_out_of_every_file(checkout: Checkout, strict_server: Target) -> None:
    small_project.write_small_project(checkout.root)
    done = checkout.run("setup", "--debug", **variables(strict_server, DB="owned"))
    assert done.returncode == ExitCode.OK, done.stderr
    assert SECRET not in done.stdout + done.stderr
    for path in checkout.root.rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.heavy
def test_a_connection_that_fails_once_is_tried_again(checkout: Checkout, database: Database) -> None:
    folder = small_project.write_small_project(checkout.root)
    always_fails(folder, "disabled_one", "base", "enabled=false")
    with Proxy(database.target, starting_up, failures=1) as proxy:
        done = checkout.run("setup", **over_tcp(database, proxy.port, WDH_DATABASE__SSLMODE="disable"))
    assert done.returncode == ExitCode.OK, done.stderr
    run = report(checkout)
    (reason,) = run["connections_retried"]
    assert "starting up" in reason
    text = checkout.run("report").stdout
    assert "Connected again 1 time" in text
    assert run["disabled"] == ["test disabled_one"]
    assert "Disabled in the project: test disabled_one" in text


@pytest.mark.heavy
def test_a_host_that_never_answers(checkout: Checkout, database: Database) -> None:
    with Proxy(database.target, never_answer, failures=float("inf")) as proxy:
        begun = time.monotonic()
        done = checkout.run("setup", **over_tcp(database, proxy.port))
        assert done.returncode == ExitCode.DATABASE
        assert proxy.accepted == 1
        assert time.monotonic() - begun < 2 * CONNECT_TIMEOUT + 10
