"""A small file takes neither the time limit nor the machine: it ends in a plan or in an error that names it.

All of them go through one command, as the workbooks of as many months; the parent stays small. What they take grows
with their size and no faster: a heavy test doubles each.
"""

import io
import json
import time
from contextlib import suppress
from pathlib import Path

import olefile
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from attacks import ATTACKS
from conftest import TODAY, Checkout
from extract.domains.registry import Domain
from extract.errors.base import DataError, ExitCode
from extract.errors.workbook import WorkbookProtected
from extract.files.discovery import named_files
from extract.limits import Limits
from extract.table.reading import ReadOptions, extract_file
from hostile import good, package, table
from peaks import watched

PARENT_MB = 300
QUICK = (
    "header_of_blanks", "brackets_in_header", "brackets_behind_label", "errors_in_comment", "last_row_hides_range",
    "array_formulas", "brackets_in_format", "marks_over_a_letter", "merges_of_header", "doctype", "xlsb_far_cell",
    "ods_far_error", "ods_repeated_rows", "csv_of_one_wide_row",
)  # fmt: skip


def write(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The attacks as the workbooks of as many months; gives file name to attack."""
    files = {}
    for number, name in enumerate(names):
        attack = ATTACKS[name]
        file = f"{2021 + number // 12}-{number % 12 + 1:02}_受托业绩_{name}.{attack.kind}"
        (folder / file).write_bytes(attack.write(attack.usual))
        files[file] = name
    return files


@pytest.mark.heavy
@pytest.mark.parametrize(
    "names", [QUICK, pytest.param(tuple(ATTACKS), marks=pytest.mark.heavy)], ids=["quick", "all of them"]
)
def test_small_inputs_end_in_a_plan_or_an_error(checkout: Checkout, tmp_path: Path, names: tuple[str, ...]) -> None:
    files = write(checkout.root / "data", names)
    arguments = ("--max-files", "99", "--accept", "period_mismatch", "--plan-dir", tmp_path / "plan", "-q")
    done, most = watched(checkout.start_bare(*arguments))
    assert done.returncode == ExitCode.DATA, done.stderr
    assert most < PARENT_MB * 2**20
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    found = {files[file["path"]]: "plan" for file in plan["files"]}
    for error in plan["errors"]:
        named = [name for file, name in files.items() if file in error["message"]]
        assert len(named) == 1, error
        found[named[0]] = error["code"]
    assert found == {name: ATTACKS[name].outcome for name in names}
    assert sum(path.stat().st_size for path in (tmp_path / "plan").iterdir()) < 50 * 2**20


def seconds(folder: Path, domain: Domain, name: str, size: int) -> float:
    """The processor time that reading an attack of a size takes, the least of some runs."""
    attack = ATTACKS[name]
    path = folder / f"2024-11_受托业绩.{attack.kind}"
    path.write_bytes(attack.write(size))
    (source,) = named_files([path], folder, domain.config).files
    options = ReadOptions(limits=Limits(ratio=10**6), accepted=frozenset({"period_mismatch"}))
    taken = []
    for _ in range(3):
        started = time.process_time()
        with suppress(DataError):
            extract_file(source, domain, TODAY, options)
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_small_input_takes_grows_with_its_size(tmp_path: Path, domain: Domain, name: str) -> None:
    size = ATTACKS[name].usual
    once = seconds(tmp_path, domain, name, size)
    assert seconds(tmp_path, domain, name, 2 * size) < 3 * max(once, 0.05)


def test_a_password_that_is_to_be_hashed_for_hours(tmp_path: Path, domain: Domain) -> None:
    plain, target = io.BytesIO(package(table(*good(3)))), io.BytesIO()
    OOXMLFile(plain).encrypt("geheim", target)
    with olefile.OleFileIO(target, write_mode=True) as container:
        described = container.openstream("EncryptionInfo").read()
        asking = described.replace(b'spinCount="100000"', b'spinCount="2000000000"').replace(b' standalone="yes"', b"")
        assert len(asking) <= len(described)
        container.write_stream("EncryptionInfo", asking.ljust(len(described)))
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(target.getvalue())
    (source,) = named_files([path], tmp_path, domain.config).files
    with pytest.raises(WorkbookProtected):
        extract_file(source, domain, TODAY, ReadOptions(password="geheim"))
