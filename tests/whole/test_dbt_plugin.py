"""dbt finds the plugin of the project, which keeps the garbage collector off the command dbt and off nothing else."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from dbt.plugins import PluginManager

import dbt_workdatahub
from orchestrate.dbt.collector import OBJECTS

PROFILE = (
    "workdatahub: {outputs: {default: {type: postgres, host: h, port: 1, user: u, password: p, dbname: d, schema: s}}}"
)
OUTPUT = "{type: postgres, host: h, port: 1, user: u, password: p, dbname: d, schema: s}"
TOLD_AT_EXIT = """
import atexit, gc, runpy, sys
atexit.register(lambda: print("threshold", gc.get_threshold()[0], "frozen", gc.get_freeze_count() > 0))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def told(root: Path, project: str) -> list[str]:
    """What is true of the collector as `dbt parse` of a project without models ends."""
    (root / "dbt_project.yml").write_text(f"{{name: {project}, profile: workdatahub}}")
    (root / "profiles.yml").write_text(f"workdatahub: {{outputs: {{default: {OUTPUT}}}}}")
    dbt = str(Path(sys.executable).with_name("dbt"))
    command = [sys.executable, "-c", TOLD_AT_EXIT, dbt, "--no-send-anonymous-usage-stats", "parse"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith("threshold")]


def test_the_command_dbt_does_without_the_collector(tmp_path: Path) -> None:
    assert told(tmp_path, dbt_workdatahub.PROJECT) == [f"threshold {OBJECTS} frozen True"]


@pytest.mark.parametrize(("program", "project"), [("run.py", "workdatahub"), ("dbt", "another"), ("pytest", "another")])
def test_another_program_and_another_project_keep_it(
    program: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = gc.get_threshold()
    monkeypatch.setattr(sys, "argv", [program, "build"])
    try:
        PluginManager.from_modules(project)
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*before)
