"""Approvals: only somebody else than the planner gives one, and a domain that requires it loads nothing without."""

import json
from pathlib import Path

import psycopg2
import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from persons import by

pytestmark = pytest.mark.database


def require_approval(checkout: Checkout) -> None:
    """Set it for the domain."""
    path = checkout.root / "config" / "data_sources.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("max_removed_ratio: 0.2", "require_approval: true\n    max_removed_ratio: 0.2", 1))


@pytest.fixture
def plan(loading: Checkout, write_workbook: WriteWorkbook) -> Path:
    """A plan by anna, of a domain that requires approval."""
    require_approval(loading)
    made = by("anna", loading, "--file", write_workbook([ROW]), "--plan-dir", "plan")
    assert made.returncode == ExitCode.OK, made.stderr
    return loading.root / "plan"


def test_a_plan_loads_once_somebody_else_has_approved_it(loading: Checkout, database: Database, plan: Path) -> None:
    refused = loading.run("apply", plan)
    assert refused.returncode == ExitCode.DATA
    assert "nobody has approved it since anna@" in " ".join(refused.stderr.split())

    own = by("anna", loading, "approve", plan, "--comment", "mine")
    assert own.returncode == ExitCode.DATA
    assert "was made by anna@" in " ".join(own.stderr.split())

    approved = by("bob", loading, "approve", plan, "--comment", "compared with the mail of 3 December", "--json")
    assert approved.returncode == ExitCode.OK, approved.stderr
    shown = json.loads(approved.stdout)
    assert shown["comment"] == "compared with the mail of 3 December"
    assert shown["figures"]["totals"]["rows_loaded"] == 1
    assert shown["figures"]["files"][0]["rows_loaded"] == 1

    applied = by("carla", loading, "apply", plan)
    assert applied.returncode == ExitCode.OK, applied.stderr
    ((batch,),) = database.query(
        "select concat_ws(' ', batch.planned_by, batch.approved_by, batch.loaded_by) from staging.load_batches as batch"
        " inner join staging.approvals using (approval_id)"
    )
    anna, bob, _, user, carla = str(batch).split()
    assert [name.split("@")[0] for name in (anna, bob, carla)] == ["anna", "bob", "carla"]
    assert user == database.target.parameters["user"]
    history = " ".join(loading.run("history").stdout.split())
    assert f"planned by {anna}, approved by {bob} as {user}" in history


def test_execute_loads_nothing_of_such_a_domain(loading: Checkout, plan: Path, write_workbook: WriteWorkbook) -> None:
    refused = loading.run("--execute", "--file", write_workbook([ROW]))
    assert refused.returncode == ExitCode.USAGE
    assert "require_approval" in refused.stderr


def test_an_approval_is_of_one_plan(loading: Checkout, plan: Path, write_workbook: WriteWorkbook) -> None:
    assert by("bob", loading, "approve", plan, "--comment", "seen").returncode == ExitCode.OK
    other = write_workbook([(*ROW[:6], 7)])
    assert by("anna", loading, "--file", other, "--plan-dir", "other").returncode == ExitCode.OK
    refused = loading.run("apply", "other")
    assert refused.returncode == ExitCode.DATA
    assert "nobody has approved it" in refused.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "update staging.approvals set comment = 'x'",
        "delete from staging.approvals",
        "truncate staging.approvals",
        "update staging.closings set period = '2020-01-01'",
        "delete from staging.closings",
        "truncate staging.closings",
        "delete from staging.reopenings",
    ],
)
def test_nobody_changes_a_line(loading: Checkout, database: Database, statement: str) -> None:
    assert loading.run("setup", "--staging").returncode == ExitCode.OK
    with pytest.raises(psycopg2.Error, match="is append-only"):
        database.query(statement)
