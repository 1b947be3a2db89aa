"""Mutated workbooks end in a plan or in an error of ours that names them, within limits, and the parent stays small."""

import json
from pathlib import Path

import pytest

from conftest import Checkout
from extract.errors.base import ExitCode
from extract.settings import ROOT
from mutations import KINDS, mutated
from peaks import watched

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")
PARENT_MB = 300
AT_ONCE = 250
FEW = 4
"""Of each kind in the default suite."""


def plan_of_mutations(checkout: Checkout, files: dict[Path, bytes], plan: Path) -> None:
    """Plan all of them by one command, and check what became of each."""
    for path, content in files.items():
        path.write_bytes(content)
    named = [part for path in files for part in ("--file", path)]
    config = plan.with_name("limits.yml")
    text = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")
    config.write_text(text + "\nlimits: {seconds: 60, memory_mb: 2048, cells: 5000000}\n", encoding="utf-8")
    arguments = (*named, "--config", config, "--plan-dir", plan, "--workers", "2", "-q")
    done, most = watched(checkout.start_bare(*arguments))
    assert done.returncode in (ExitCode.OK, ExitCode.DATA), done.stderr
    assert most < PARENT_MB * 2**20
    found = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    read = {file["path"] for file in found["files"]}
    codes = {error["code"] for error in found["errors"]}
    unknown = {path.name for path in files} - read
    unknown -= {name for name in unknown for error in found["errors"] if name in error["message"]}
    assert not unknown
    assert "reader_failed" not in codes
    assert not [error["message"] for error in found["errors"] if "limits.seconds" in error["message"]]


def test_some_mutations_of_each_kind(checkout: Checkout, tmp_path: Path) -> None:
    files = {
        tmp_path / f"2024-11_受托业绩_{kind}{seed}.{kind}": mutated(kind, seed) for kind in KINDS for seed in range(FEW)
    }
    plan_of_mutations(checkout, files, tmp_path / "plan")


@pytest.mark.heavy
@pytest.mark.parametrize("start", range(0, 10_000, AT_ONCE))
@pytest.mark.parametrize("kind", KINDS)
def test_mutations(checkout: Checkout, tmp_path: Path, kind: str, start: int) -> None:
    seeds = range(start, start + AT_ONCE)
    files = {tmp_path / f"2024-11_受托业绩_{seed:05}.{kind}": mutated(kind, seed) for seed in seeds}
    plan_of_mutations(checkout, files, tmp_path / "plan")
