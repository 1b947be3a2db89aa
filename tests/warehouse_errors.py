"""Scenarios for tests/test_errors.py: what setup, status, reset and report refuse or fail with."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from conftest import variables
from extract.database.connection import BUILD_KEY, LOCK_KEY
from extract.settings import ROOT
from small_project import always_fails, write_small_project

if TYPE_CHECKING:
    from test_errors import Result, Stage


def project(stage: "Stage") -> Path:
    """A small dbt project in the checkout."""
    return write_small_project(stage.checkout.root)


def setup(stage: "Stage", *arguments: str, **environment: str) -> "Result":
    """A setup of the database of the test."""
    return stage.run("setup", *arguments, **{**stage.database.environment, **environment})


def build_locked(stage: "Stage") -> "Result":
    project(stage)
    holder = psycopg2.connect(**stage.database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (BUILD_KEY,))
        return stage.execute("--build")
    finally:
        holder.close()


def build_overtaken(stage: "Stage") -> "Result":
    folder = project(stage)
    (folder / "macros").mkdir(exist_ok=True)
    for name in ("build_horizon", "distribution", "domains"):
        shutil.copy(ROOT / "dbt_project/macros" / f"{name}.sql", folder / "macros")
    model = folder / "models" / "base" / "base.sql"
    model.write_text('{{ config(pre_hook="{{ horizon_is_held() }}") }}\n' + model.read_text())
    another = "select 'another' as invocation_id, now() as began_at"
    stage.database.query(f"create schema intermediate; create table intermediate.build_horizon as {another}")
    return stage.execute("--build")


def connection_lost(stage: "Stage") -> "Result":
    sql = "select asset_code from {{ ref('assets') }} where pg_terminate_backend(pg_backend_pid())\n"
    (project(stage) / "models" / "base" / "base.sql").write_text(sql)
    return setup(stage)


def jump_explained(stage: "Stage") -> "Result":
    jump = ("explain", "C1", "2024-11", "plans", "--reason", "merger")
    stage.run(*jump)
    return stage.run(*jump)


def reject_settled(stage: "Stage") -> "Result":
    rows = [(2024, 11, f"P{number}", "C1", 0.01, 1.5, 1000) for number in range(30)]
    book = stage.book([*rows, (2024, 11, "P", "C1", 0, 1, "x")])
    stage.run("--execute", "--file", book, **stage.database.environment)
    ((reject,),) = stage.database.query("select reject_id from staging.rejected_rows")
    waiver = ("waive", reject, "--reason", "a total")
    stage.run(*waiver, **stage.database.environment)
    return stage.run(*waiver, **stage.database.environment)


def submissions_overdue(stage: "Stage") -> "Result":
    stage.database.query(
        "create schema marts; create view marts.submission_status as select date '2024-11-01' as report_date,"
        " 'fees' as domain, 'C1' as company_code, 'missing' as status, true as is_overdue, date '2024-12-15' as due_on,"
        " now() as received_at, '' as workbook, 1 as batch_id, '' as confirmed_by, '' as note"
    )
    return stage.run("missing", "--fail", **stage.database.environment)


def dependents_exist(stage: "Stage") -> "Result":
    project(stage)
    stage.database.query("create schema marts; create table marts.base (a int); create view theirs as table marts.base")
    return setup(stage)


def profile_differs(stage: "Stage") -> "Result":
    project(stage)
    example = "workdatahub: {target: a, outputs: {a: {type: postgres, host: elsewhere, port: 1, user: u, dbname: d,"
    (stage.checkout.root / "profiles.yml").write_text(f"{example} password: '', schema: marts, threads: 1}}}}}}\n")
    return setup(stage)


def rights_missing(stage: "Stage") -> "Result":
    project(stage)
    return setup(stage, **variables(stage.server))


def seed_columns_differ(stage: "Stage") -> "Result":
    project(stage)
    stage.database.query("create schema marts; create table marts.owners (owner_code text, old text)")
    return setup(stage)


def seeds_invalid(stage: "Stage") -> "Result":
    (project(stage) / "seeds" / "owners.csv").write_text("")
    return setup(stage)


def selector_empty(stage: "Stage") -> "Result":
    project(stage)
    path = stage.checkout.root / "dbt_project.yml"
    path.write_text(path.read_text().replace("foundation", "cellar"))
    return setup(stage)


def patched(stage: "Stage", lines: str) -> dict[str, str]:
    """An environment in which Python runs these lines when it starts."""
    folder = stage.folder / "patch"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(lines)
    return {"PYTHONPATH": f"{folder}:{stage.checkout.root}"}


def server_too_old(stage: "Stage") -> "Result":
    project(stage)
    return setup(stage, **patched(stage, "from orchestrate.warehouse import preflight\npreflight.SERVER_NEEDED = 99\n"))


def setup_failed(stage: "Stage") -> "Result":
    always_fails(project(stage), "never", "base")
    return setup(stage)


def setup_locked(stage: "Stage") -> "Result":
    project(stage)
    holder = psycopg2.connect(**stage.database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        return setup(stage)
    finally:
        holder.close()


def target_protected(stage: "Stage") -> "Result":
    project(stage)
    path = stage.checkout.root / "dbt_project.yml"
    path.write_text(path.read_text().replace("[prod, production]", "[server]"))
    return stage.run("reset", "--yes", **stage.database.environment)


def version_unsupported(stage: "Stage") -> "Result":
    project(stage)
    lines = "from orchestrate.warehouse import preflight\npreflight.NEEDED['dbt-core'] = ((9, 0), (10, 0))\n"
    return setup(stage, **patched(stage, lines))


def warehouse_incomplete(stage: "Stage") -> "Result":
    project(stage)
    stage.database.query("create schema marts; create table marts.base (a int)")
    return stage.run("status", **stage.database.environment)


def exported(stage: "Stage", *arguments: str) -> "Result":
    """An export of a database in which nothing was built."""
    return stage.run("export", "--to", str(stage.folder / "figures.xlsx"), *arguments, **stage.database.environment)


def warnings_found(stage: "Stage") -> "Result":
    always_fails(project(stage), "warns", "base", "severity='warn'")
    return setup(stage, "--warnings-as-errors")


def month_not_published(stage: "Stage") -> "Result":
    stage.database.query(
        "create schema marts;"
        "create table marts.published as"
        " select 1::bigint as batch_id, now() as published_at, true as tested, 'a' as invocation_id;"
        "create table marts.data_quality_monthly as select date '2024-11-01' as report_date"
    )
    return stage.run("page", "--period", "2031-01", **stage.database.environment)


SCENARIOS: dict[str, Callable[["Stage"], "Result"]] = {
    scenario.__name__: scenario
    for scenario in (
        build_locked,
        build_overtaken,
        connection_lost,
        dependents_exist,
        jump_explained,
        reject_settled,
        submissions_overdue,
        month_not_published,
        profile_differs,
        rights_missing,
        seed_columns_differ,
        seeds_invalid,
        selector_empty,
        server_too_old,
        setup_failed,
        setup_locked,
        target_protected,
        version_unsupported,
        warehouse_incomplete,
        warnings_found,
    )
} | {
    "export_refused": lambda stage: stage.run("export", "--to", "figures.csv"),
    "mart_unknown": lambda stage: exported(stage, "--mart", "nothing"),
    "nothing_published": lambda stage: exported(stage),
    "pack_refused": lambda stage: stage.run("audit", "2024-11", "--to", "nowhere/pack.zip"),
    "page_refused": lambda stage: stage.run("page", "--to", "page.pdf"),
    "run_unknown": lambda stage: stage.run("report", "nothing"),
}
