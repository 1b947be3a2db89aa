"""`run.py reset` removes what the project built, and nothing else."""

import re

import psycopg2
import pytest
from test_setup import relations

import small_project
from conftest import Checkout, Database
from extract.database.connection import LOCK_KEY, Target
from extract.errors.base import ExitCode
from small_project import RELATIONS


def test_without_yes_it_only_shows(built: Checkout, ready: Database) -> None:
    ready.query("create view public.on_ours as select * from marts.base")
    done = built.run("reset")
    assert done.returncode == ExitCode.OK, done.stderr
    assert all(f"marts.{name}" in done.stdout for name in RELATIONS)
    assert re.search(r"marts\.base +│ table +│ +3 ", done.stdout)
    assert "public.on_ours" in done.stdout
    assert "staging" not in done.stdout
    assert relations(ready) == RELATIONS


def test_what_is_not_ours_stays(built: Checkout, ready: Database) -> None:
    ready.query("create table marts.paint_log as select 1 as colour")
    ready.query("create table marts.user_notes as select 'mine' as note")
    ready.query("create view marts.their_view as select * from marts.user_notes")
    done = built.run("reset", "--yes")
    assert done.returncode == ExitCode.OK, done.stderr
    assert relations(ready) == {"paint_log", "user_notes", "their_view"}
    assert ready.query("select note from marts.their_view") == [("mine",)]
    assert ready.query("select to_regclass('staging.load_batches') is not null") == [(True,)]
    ready.query("create table staging.paint_log as select 2 as colour")
    assert built.run("reset", "--yes", "--include-staging").returncode == ExitCode.OK
    assert ready.query("select relname::text from pg_class where relnamespace = 'staging'::regnamespace") == [
        ("paint_log",)
    ]
    assert ready.query("select colour from marts.paint_log union all select colour from staging.paint_log") == [
        (1,),
        (2,),
    ]


def test_failing_rows_that_tests_stored_go_too(built: Checkout, ready: Database) -> None:
    small_project.always_fails(built.root / "dbt_project", "finds_one", "base", "store_failures=true, schema='kept'")
    assert built.run("setup").returncode == ExitCode.DATA
    ((schema,),) = ready.query("select relnamespace::regnamespace::text from pg_class where relname = 'finds_one'")
    assert "1 more, with failing rows that tests stored" in built.run("reset").stdout
    done = built.run("reset", "--yes")
    assert done.returncode == ExitCode.OK, done.stderr
    assert ready.query(f"select relname from pg_class where relnamespace = '{schema}'::regnamespace") == []


@pytest.mark.heavy
def test_what_prune_may_have_left_alone_is_told(built: Checkout, ready: Database) -> None:
    model = built.root / "dbt_project" / "models" / "base" / "base.sql"
    model.write_text("{{ config(materialized='incremental', full_refresh=false) }}\n" + model.read_text())
    told = "a build brings back only what `prune` left in staging"
    assert told in built.run("setup", "--reset", "--dry-run").stdout
    done = built.run("setup", "--reset")
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"marts.base had 3 rows, {told}" in done.stdout


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        pytest.param(
            "create view public.their_view as select * from marts.base", "public.their_view", marks=pytest.mark.heavy
        ),
        ("create view public.far as select * from marts.later_view", "public.far"),
        pytest.param(
            "create table public.child (code varchar(10) references marts.owners)",
            "public.child",
            marks=pytest.mark.heavy,
        ),
        pytest.param(
            "create function public.their_function() returns setof marts.base language sql"
            " return (select b from marts.base as b limit 1)",
            "their_function",
            marks=pytest.mark.heavy,
        ),
    ],
)
def test_a_dependent_that_is_not_ours_is_named(built: Checkout, ready: Database, statement: str, name: str) -> None:
    ready.query(
        "alter table marts.owners add unique (owner_code); alter table marts.owners add primary key (owner_code)"
    )
    ready.query(statement)
    refused = built.run("reset", "--yes")
    assert refused.returncode == ExitCode.DATA
    assert name in refused.stderr
    assert relations(ready) >= RELATIONS
    done = built.run("reset", "--yes", "--cascade")
    assert done.returncode == ExitCode.OK, done.stderr
    assert not relations(ready) & RELATIONS


def test_a_failure_in_the_middle_removes_nothing(built: Checkout, ready: Database, server: Target) -> None:
    administered = Database(Target({**server.parameters, "dbname": ready.target.parameters["dbname"]}))
    administered.query(
        "create function public.refuse() returns event_trigger language plpgsql as $$ begin"
        " if exists (select 1 from pg_event_trigger_dropped_objects() where object_name = 'owners')"
        " then raise 'not today'; end if; end $$;"
        " create event trigger refuse on sql_drop execute function public.refuse()"
    )
    done = built.run("reset", "--yes")
    assert done.returncode == ExitCode.DATABASE
    assert "not today" in done.stderr
    assert relations(ready) == RELATIONS


@pytest.mark.heavy
def test_a_protected_target(built: Checkout, ready: Database) -> None:
    path = built.root / "profiles.yml"
    text = "\n".join(path.read_text().splitlines()[1:])
    path.write_text(text.replace("target: server", "target: prod").replace("    server:", "    prod:"))
    for command in (("reset", "--yes"), ("setup", "--reset")):
        done = built.run(*command)
        assert done.returncode == ExitCode.USAGE, done.stderr
        assert "prod is protected" in done.stderr
        assert "--allow-protected" in done.stderr
    assert relations(ready) == RELATIONS
    assert built.run("reset", "--yes", "--allow-protected").returncode == ExitCode.OK
    assert relations(ready) == set()


def test_the_lock_is_shared_with_loads(built: Checkout, ready: Database) -> None:
    holder = psycopg2.connect(**ready.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        done = built.run("reset", "--yes")
    finally:
        holder.close()
    assert done.returncode == ExitCode.LOCKED
    assert relations(ready) == RELATIONS
