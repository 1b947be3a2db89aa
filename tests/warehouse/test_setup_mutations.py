"""Each step of a setup broken on purpose, by an exception, a failure or nonsense: no run ever reports success."""

import sys
from pathlib import Path

import pytest
from test_setup import report

import small_project
from checkouts import Result
from conftest import Checkout
from extract.errors.base import ExitCode

STEPS = {
    "preparation": "orchestrate.warehouse.setup:prepared",
    "preflight": "orchestrate.warehouse.preparation:_check",
    "parsing": "orchestrate.dbt.invoke:Dbt.list_nodes",
    "manifest": "orchestrate.dbt.invoke:read_manifest",
    "clear": "orchestrate.warehouse.setup:remove",
    "staging tables": "orchestrate.warehouse.setup:ensure_tables",
    "build": "orchestrate.dbt.invoke:Dbt.build",
    "results": "orchestrate.dbt.invoke:read_results",
    "outcomes": "orchestrate.warehouse.building:outcomes",
    "failure": "orchestrate.warehouse.building:failure",
    "validation": "orchestrate.warehouse.setup:validated",
    "report": "orchestrate.dbt.invoke:Dbt.keep_parsed",
}
RAISING = "def broken(*_, **__): raise ValueError('broken on purpose')"
NONE = "def broken(*_, **__): return None"
NOTHING = "def broken(*_, **__): return []"
NONSENSE = "def broken(*_, **__): return object()"
OTHER_STATUS = """
from dataclasses import replace
def broken(*given, **more): return [replace(result, status='{status}') for result in original(*given, **more)]
"""
CASES = [(name, place, RAISING) for name, place in STEPS.items()]
CASES += [
    (f"{name} gives {what}", STEPS[name], code)
    for what, code in (("none", NONE), ("nonsense", NONSENSE))
    for name in ("preparation", "preflight", "parsing", "manifest", "clear", "results", "outcomes", "validation")
]
CASES += [
    ("parsing gives other nodes", STEPS["parsing"], "def broken(*g): original(*g); return ['model.small.nothing']"),
    ("parsing gives no node", STEPS["parsing"], "def broken(*given): original(*given); return []"),
    ("dbt builds nothing", STEPS["build"], NOTHING),
    ("results are empty", STEPS["results"], NOTHING),
    ("outcomes are empty", STEPS["outcomes"], NOTHING),
    ("one result is lost", STEPS["results"], "def broken(path): return original(path)[1:]"),
    *((f"every node is {status}", STEPS["results"], OTHER_STATUS.format(status=status))
      for status in ("skipped", "error", "fail", "runtime error", "partial success", "gone astray", "")),
]  # fmt: skip
QUICK = {"build", "one result is lost"}


def broken_setup(checkout: Checkout, folder: Path, place: str, code: str, *arguments: str) -> Result:
    """A setup in a process in which one function is replaced."""
    module, _, name = place.partition(":")
    holder, _, function = f"it.{name}".rpartition(".")
    runner = folder / "broken.py"
    runner.write_text(
        f"import sys\nsys.path.insert(0, {str(checkout.root)!r})\nimport {module}\nit = sys.modules[{module!r}]\n"
        f"original = {holder}.{function}\n{code}\n{holder}.{function} = broken\nimport run\nsys.exit(run.run())\n"
    )
    return checkout.finish([sys.executable, str(runner), "setup", *arguments])


@pytest.mark.parametrize(
    ("place", "code"),
    [
        pytest.param(place, code, id=name, marks=() if name in QUICK else pytest.mark.heavy)
        for name, place, code in CASES
    ],
)
def test_a_step_that_breaks_is_never_a_success(loading: Checkout, tmp_path: Path, place: str, code: str) -> None:
    small_project.write_small_project(loading.root)
    done = broken_setup(loading, tmp_path, place, code, *(("--reset",) if place.endswith(":remove") else ()))
    assert done.returncode not in (ExitCode.OK, -9), done.stdout
    if code == RAISING:
        assert done.returncode == ExitCode.BUG
        assert "broken on purpose" in done.stderr
    assert "Ready" not in done.stdout
    assert report(loading)["outcome"] == "failed"


@pytest.mark.heavy
def test_a_quick_setup_that_builds_nothing_is_no_success_either(loading: Checkout, tmp_path: Path) -> None:
    small_project.write_small_project(loading.root)
    assert loading.run("setup").returncode == ExitCode.OK  # so that every relation exists
    done = broken_setup(loading, tmp_path, STEPS["build"], NOTHING, "--quick")
    assert done.returncode == ExitCode.DATA, done.stderr
    assert "did not run" in done.stderr
