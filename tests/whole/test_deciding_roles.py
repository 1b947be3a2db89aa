"""Who decides: with the roles of config/roles.sql only the approver adds lines to the tables of decisions."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from conftest import NAME, ROW, Checkout, Database, Target, copy_checkout, write_book
from extract.errors.base import ExitCode
from extract.settings import ROOT
from persons import by
from servers import Clusters, temporary_server

pytestmark = pytest.mark.database

SCRIPT = (ROOT / "config" / "roles.sql").read_text(encoding="utf-8")
TABLES = "workdatahub_staging"


class Office:
    """A database with the roles, on the PostgreSQL of `--postgres`, in which one row was rejected."""

    def __init__(self, maintenance: Target, root: Path) -> None:
        self.maintenance, self.root = maintenance, root

    def login(self, role: str) -> Database:
        """A connection as a role."""
        return Database(Target({**self.maintenance.parameters, "user": role, "dbname": "warehouse"}))

    def run(self, role: str, *arguments: str | Path) -> int:
        """A command as a role: its exit code."""
        return Checkout(self.root, self.login(role).environment).run(*arguments).returncode


@pytest.fixture(scope="module")
def office(programs: Path, clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with temporary_server(programs, clusters) as running:
        maintenance = running.target()
        Database(maintenance).query("create database warehouse")
        office = Office(maintenance, copy_checkout(tmp_path_factory.mktemp("office")))
        superuser = office.login(maintenance.parameters["user"])
        superuser.query(SCRIPT)
        superuser.query(f"create role wdh_tables login in role {TABLES}")
        assert office.run("wdh_tables", "setup", "--staging") == ExitCode.OK
        superuser.query(SCRIPT)  # with the tables of decisions there
        rows = [(*ROW[:2], f"P{number}", *ROW[3:]) for number in range(30)]
        write_book([*rows, (*ROW[:2], "P", "C1", 0, 1, "x")], office.root / "data" / NAME)
        assert office.run("workdatahub_loader", "--execute") == ExitCode.OK
        yield office


def waivers(office: Office) -> list[tuple[object, ...]]:
    return office.login("workdatahub_transformer").query("select reject_id, database_user from staging.waivers")


def test_the_approver_waives_and_nobody_else(office: Office) -> None:
    ((reject,),) = office.login("workdatahub_approver").query("select reject_id from staging.rejected_rows")
    for role in ("workdatahub_loader", "workdatahub_transformer", "workdatahub_reader"):
        assert office.run(role, "waive", str(reject), "--reason", "mine") == ExitCode.DATABASE
    assert waivers(office) == []
    assert office.run("workdatahub_approver", "waive", str(reject), "--reason", "a total") == ExitCode.OK
    assert waivers(office) == [(reject, "workdatahub_approver")]
    assert office.run("workdatahub_approver", "--execute", "--reload") == ExitCode.DATABASE


def test_the_approver_approves_and_closes_and_nobody_else(office: Office) -> None:
    """A plan of anna's: neither she nor the loader writes a line, the approver does, and then it loads."""
    config = office.root / "config" / "data_sources.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("    max_removed", "    require_approval: true\n    max_removed", 1), "utf-8")
    book = write_book([(*ROW[:2], "NEW", *ROW[3:])], office.root / "later" / "2024-11_受托业绩_新.xlsx")
    plan = office.root / "plan"
    try:
        nobody = Checkout(office.root)
        assert by("anna", nobody, "--file", book, "--plan-dir", plan).returncode == ExitCode.OK
        assert office.run("workdatahub_loader", "apply", plan) == ExitCode.DATA
        assert office.run("workdatahub_loader", "--execute", "--file", book) == ExitCode.USAGE
        for role in ("loader", "transformer", "reader"):
            checkout = Checkout(office.root, office.login(f"workdatahub_{role}").environment)
            refused = by("bob", checkout, "approve", plan, "--comment", "mine")
            assert refused.returncode == ExitCode.DATABASE, refused.stderr
            if role == "loader":
                assert "run as workdatahub_approver" in " ".join(refused.stderr.split())
        approver = Checkout(office.root, office.login("workdatahub_approver").environment)
        assert by("bob", approver, "approve", plan, "--comment", "seen").returncode == ExitCode.OK
        assert office.run("workdatahub_loader", "apply", plan) == ExitCode.OK
        approvals = office.login("workdatahub_loader").query("select database_user from staging.approvals")
        assert approvals == [("workdatahub_approver",)]
    finally:
        config.write_text(text, encoding="utf-8")


@pytest.mark.heavy
def test_a_month_is_closed_by_the_approver_and_by_nobody_else(office: Office) -> None:
    transformer = Checkout(office.root, office.login("workdatahub_transformer").environment)
    (office.root / "profiles.yml").write_bytes((ROOT / "profiles.yml.example").read_bytes())
    ((reject,),) = office.login("workdatahub_approver").query("select reject_id from staging.rejected_rows limit 1")
    office.run("workdatahub_approver", "waive", str(reject), "--reason", "a total")
    built = transformer.build()
    assert built.returncode == 0, built.stdout
    for role in ("loader", "transformer", "reader"):
        assert office.run(f"workdatahub_{role}", "close", "2024-11") == ExitCode.DATABASE, role
    approver = Checkout(office.root, office.login("workdatahub_approver").environment)
    closed = approver.run("close", "2024-11")
    assert closed.returncode == ExitCode.OK, closed.stderr
    assert office.run("workdatahub_approver", "audit", "2024-11", "--to", office.root / "pack.zip") == ExitCode.OK
    assert office.run("workdatahub_approver", "trace", "P1", "2024-11", "--column", "ytd_return") == ExitCode.OK
    assert office.run("workdatahub_loader", "trace", "P1", "2024-11") == ExitCode.OK
    assert office.run("workdatahub_loader", "--execute", "--reload") == ExitCode.DATA
    assert office.run("workdatahub_loader", "--execute", "--reload", "--reopen", "a test") == ExitCode.OK
    assert office.run("workdatahub_transformer", "status") == ExitCode.OK


CHANGES = [
    "insert into staging.approvals (plan_id, domain, planned_by, approved_by, comment, figures, version, database_user)"
    " values (repeat('0', 64), 'd', 'a', 'b', 'c', '{}', '0', 'somebody')",
    "update staging.approvals set comment = 'x'",
    "delete from staging.approvals",
    "insert into staging.closings (period, batch_id, closed_by, fingerprints, version, closed_at)"
    " values ('2024-01-01', 1, 'a', '{}', '0', now())",
    "update staging.closings set batch_id = 9",
    "delete from staging.closings",
    "truncate staging.closings",
    "delete from staging.reopenings",
    "update staging.waivers set reason = 'x'",
    "delete from staging.waivers",
    "truncate staging.waivers",
    "insert into staging.waivers (reject_id, reason, waived_by, database_user) values ('R', 'x', 'x', 'somebody')",
    "insert into staging.waivers (reject_id, reason, waived_by, waived_at) values ('R', 'x', 'x', '2024-01-01')",
    "alter table staging.waivers disable trigger append_only",
    "drop table staging.waivers",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", ["approver", "loader", "transformer", "reader"])
def test_no_login_changes_a_line_or_says_who_and_when(office: Office, role: str, change: str) -> None:
    before = waivers(office)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        office.login(f"workdatahub_{role}").query(change)
    assert waivers(office) == before


def test_roles_of_an_earlier_version_get_theirs_once_the_script_runs_again(office: Office) -> None:
    superuser = office.login(office.maintenance.parameters["user"])
    superuser.query("revoke all on staging.waivers from workdatahub_approver")
    superuser.query("grant insert on staging.waivers to workdatahub_loader")
    superuser.query(SCRIPT)
    rights = "select has_any_column_privilege('workdatahub_{}', 'staging.waivers', 'insert')"
    assert superuser.query(rights.format("approver")) == [(True,)]
    assert superuser.query(rights.format("loader")) == [(False,)]


def test_a_trigger_of_others_is_still_foreign_code(office: Office) -> None:
    superuser = office.login(office.maintenance.parameters["user"])
    superuser.query(
        "create function staging.theirs() returns trigger language plpgsql as 'begin return new; end';"
        "create trigger append_only before insert on staging.load_batches"
        " for each row execute function staging.theirs()"
    )
    with pytest.raises(psycopg2.Error, match=r"trigger append_only of staging\.load_batches"):
        superuser.query(SCRIPT)
    superuser.query("drop function staging.theirs() cascade")
