"""Who decides: with the roles of config/roles.sql only the approver adds lines to the tables of decisions."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from conftest import NAME, ROW, Checkout, Database, Target, copy_checkout, write_book
from extract.errors.base import ExitCode
from extract.settings import ROOT
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


CHANGES = [
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
