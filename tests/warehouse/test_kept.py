"""A manifest that was kept counts as long as the project, its environment and its database are what they were."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extract.database.connection import Target
from orchestrate.dbt.kept import keep, kept, state_of
from orchestrate.dbt.manifest import Manifest

HERE = Target({"host": "here", "dbname": "one"}, embedded=True)
CHANGES: dict[str, Callable[[Path], object]] = {
    "a model": lambda root: (root / "models" / "one.sql").write_text("select 2"),
    "a model more": lambda root: (root / "models" / "two.sql").write_text("select 1"),
    "a model less": lambda root: (root / "models" / "one.sql").unlink(),
    "a seed": lambda root: (root / "seeds" / "one.csv").write_text("a\n2\n"),
    "a package": lambda root: (root / "dbt_packages").mkdir() or (root / "dbt_packages" / "a.sql").touch(),
    "the project": lambda root: (root / "dbt_project.yml").write_text("name: other"),
    "the profile": lambda root: (root / "profiles.yml").write_text("one: {}"),
    "the selectors": lambda root: (root / "selectors.yml").write_text("selectors: []"),
    "a name of a variable that is put together": lambda root: (root / "models" / "one.sql").write_text(
        "{{ env_var('A' ~ 'B') }}"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: one")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text("select '{{ env_var('NAMED') }}'")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "one.csv").write_text("a\n1\n")
    keep(tmp_path, state_of(tmp_path, HERE), Manifest({"nodes": {}}, tmp_path), ["a"], HERE)
    return tmp_path


def test_what_was_kept_is_what_is_asked_for(root: Path) -> None:
    found = kept(root, HERE)
    assert found
    assert (found.manifest.content, found.foundation) == ({"nodes": {}}, ["a"])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_asks_for_a_parse(root: Path, change: Callable[[Path], object]) -> None:
    change(root)
    assert kept(root, HERE) is None


@pytest.mark.parametrize("name", ["NAMED", "DBT_ANYTHING"])
def test_another_environment_asks_for_a_parse(root: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "other")
    assert kept(root, HERE) is None


def test_another_database_asks_for_a_parse(root: Path) -> None:
    assert kept(root, Target({"host": "there", "dbname": "one"}, embedded=True)) is None


def test_nothing_is_kept_of_a_project_that_changed_while_it_was_parsed(root: Path) -> None:
    state = state_of(root, HERE)
    (root / "models" / "one.sql").write_text("select 3")
    keep(root, state, Manifest({"nodes": {"new": {}}}, root), None, HERE)
    assert kept(root, HERE) is None


def test_a_broken_file_asks_for_a_parse(root: Path) -> None:
    (root / ".wdh" / "manifest.json").write_text("{")
    assert kept(root, HERE) is None
