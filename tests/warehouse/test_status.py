"""`run.py status`: one verdict, whatever state the warehouse is in, and nothing written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import small_project
from conftest import SECRET, Checkout, Database, variables
from databases import Make, Templates
from extract.database.connection import Target
from extract.errors.base import ExitCode
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile


def status(checkout: Checkout, code: ExitCode = ExitCode.OK, **environment: str) -> dict[str, Any]:
    """The status as JSON; the exit code must be that."""
    done = checkout.run("status", "--json", **environment)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def files(root: Path) -> dict[str, int]:
    """Every file below a directory with its time of change."""
    found = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path): path.stat().st_mtime_ns for path in found}


@pytest.mark.heavy
def test_from_empty_to_ready_incomplete_and_orphaned(loading: Checkout, database: Database) -> None:
    project = small_project.write_small_project(loading.root)
    before = files(loading.root)
    fresh = status(loading)
    assert fresh["state"] == "empty"
    assert "run.py setup" in fresh["reasons"][0]
    assert files(loading.root) == before
    assert database.query("select count(*) from pg_class where relnamespace = 'public'::regnamespace") == [(0,)]

    assert loading.run("setup").returncode == ExitCode.OK
    before = files(loading.root)
    ready = status(loading)
    assert files(loading.root) == before
    assert ready["state"] == "ready"
    assert ready["project"] == {"seed": 2, "model": 3, "test": small_project.TESTS}
    assert ready["database"]["built"] == {"seed": 2, "model": 3}
    assert ready["database"]["role"] == database.target.parameters["user"]
    assert ready["database"]["name"] == database.target.parameters["dbname"]
    assert ready["last_run"]["outcome"] == "success"
    text = loading.run("status").stdout
    assert text.startswith("ready")

    database.query("drop view marts.later_view")
    broken = status(loading, ExitCode.DATA)
    assert broken["state"] == "incomplete"
    assert broken["database"]["missing"] == ["marts.later_view"]
    assert "marts.later_view" in loading.run("status").stderr

    (project / "models" / "later_view.sql").unlink()
    (project / "models" / "later.sql").rename(project / "models" / "newer.sql")
    (project / "models" / "later.yml").unlink()
    assert status(loading, ExitCode.DATA)["database"]["orphaned"] == ["marts.later"]
    shown = loading.run("reset")
    assert "marts.later:" in shown.stdout
    assert loading.run("reset", "--yes").returncode == ExitCode.OK
    assert database.query("select to_regclass('marts.later') is not null") == [(True,)]


@pytest.fixture
def samples(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[tuple[Checkout, Database]]:
    """A checkout whose commands use a database in which dbt has built all samples."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)  # as a load does
        yield Checkout(checkout.root, database.environment), database


@pytest.mark.heavy
def test_rows_that_the_marts_have_not_seen_make_it_stale(samples: tuple[Checkout, Database]) -> None:
    loading, _ = samples
    assert status(loading)["state"] == "ready"
    loaded = loading.run("--execute", "--data-dir", ROOT / "data", "--max-files", "2", "--reload")
    assert loaded.returncode == ExitCode.OK, loaded.stderr
    stale = status(loading)
    assert stale["state"] == "stale"
    (waiting,) = stale["database"]["waiting"]
    assert waiting["rows"] == stale["database"]["last_load"]["rows"] > 0
    assert loading.run("setup").returncode == ExitCode.OK
    assert status(loading)["state"] == "ready"


def test_without_a_database_the_rest_is_shown(checkout: Checkout, strict_server: Target) -> None:
    down = status(checkout, ExitCode.DATABASE, **variables(strict_server, PORT="1"))
    assert (down["state"], down["reachable"]) == ("unknown", False)
    assert down["project"]["seed"] == 5
    assert down["versions"]["dbt-core"]
    assert SECRET not in json.dumps(down)


@pytest.mark.heavy
def test_an_embedded_server_that_was_never_started(checkout: Checkout) -> None:
    before = files(checkout.root)
    assert status(checkout)["state"] == "empty"
    assert files(checkout.root) == before


def test_a_project_that_does_not_parse(loading: Checkout, database: Database) -> None:
    small_project.write_small_project(loading.root)
    (loading.root / "dbt_project" / "models" / "later.sql").write_text("select {{ ref('nowhere') }}")
    found = status(loading, ExitCode.PROJECT)
    assert found["reachable"]
    assert "nowhere" in found["project_problem"]


@pytest.mark.parametrize(
    ("package", "does", "found"),
    [
        ("dbt-postgres", "raise m.PackageNotFoundError(name)", "not installed"),
        pytest.param("dbt-core", "raise m.PackageNotFoundError(name)", "not installed", marks=pytest.mark.heavy),
        ("dbt-core", "return '1.2.3'", "1.2.3"),
        pytest.param("dbt-postgres", "return '0.9'", "0.9", marks=pytest.mark.heavy),
    ],
)
def test_without_a_dbt_that_fits(loading: Checkout, tmp_path: Path, package: str, does: str, found: str) -> None:
    hidden = "import importlib.metadata as m\noriginal = m.version\n"
    hidden += f"def version(name):\n    if name == {package!r}:\n        {does}\n"
    hidden += "    return original(name)\nm.version = version\n"
    (tmp_path / "sitecustomize.py").write_text(hidden)
    shown = status(loading, ExitCode.USAGE, PYTHONPATH=f"{tmp_path}:{loading.root}")
    assert shown["versions"][package] == found
    assert f"{package} is {found}" in shown["project_problem"]
    assert shown["state"] == "unknown"
    assert shown["reachable"]


def test_a_load_without_a_build_leaves_it_empty(loading: Checkout, database: Database) -> None:
    assert loading.run("--execute", "--data-dir", ROOT / "data").returncode == ExitCode.OK
    assert status(loading)["state"] == "empty"


@pytest.mark.heavy
def test_after_a_plain_dbt_build(samples: tuple[Checkout, Database]) -> None:
    loading, database = samples
    built = status(loading)
    assert (built["state"], built["last_run"]) == ("ready", None)
    assert built["database"]["built"] == {kind: built["project"][kind] for kind in ("seed", "model")}
    assert "no setup of this database is recorded here" in loading.run("status").stdout
    database.query("drop view intermediate.stg_source_files cascade")
    assert status(loading, ExitCode.DATA)["state"] == "incomplete"


@pytest.mark.parametrize("key", ["selekt"])
def test_a_wrong_configuration(loading: Checkout, key: str) -> None:
    path = loading.root / "config" / "data_sources.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("select:", f"{key}:"), encoding="utf-8")
    for command in ("status", "setup", "reset"):
        done = loading.run(command)
        assert done.returncode == ExitCode.USAGE
        assert key in done.stderr
        assert "select" in done.stderr
