"""`apply`: exactly the plan that was reviewed is loaded, on any machine, or nothing and the reason."""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import psycopg2
import pytest

from conftest import HEADER, ROW, Checkout, Database, WriteWorkbook, copy_checkout, make_database, write_book
from extract.config import load_data_sources
from extract.database.connection import Target
from extract.errors.base import ExitCode
from extract.errors.domains import UnknownDomain
from extract.errors.plan import PlanChanged, PlanNotReady, PlanOutdated
from extract.plan.seal import identity, render
from extract.plan.sealed import open_plan
from extract.plan.writing import default_directory
from extract.settings import ROOT

pytestmark = pytest.mark.database

CSV = "trustee_performance.csv"
MONTH, OTHER = "2024-11_受托业绩报告.xlsx", "2024-12_受托业绩报告.xlsx"
BAD = (*ROW[:2], "P9", "C1", "x", 0, "1,5元")


def plan_two(checkout: Checkout) -> tuple[Checkout, Path]:
    """The plan of workbooks of two months in `data`, with rejects, compared with the (missing) mart."""
    data = checkout.root / "data"
    write_book([ROW, BAD, (*ROW[:2], "P2", *ROW[3:])], data / f"'a',\"b\"/{MONTH}")
    write_book([(2024, 12, *ROW[2:]), (2024, 12, "P3", "C1", None, None, 7), BAD], data / OTHER)
    folder = checkout.root / "plan"
    done = checkout.run("--max-files", "2", "--plan-dir", folder, "--diff")
    assert done.returncode == ExitCode.OK, done.stderr
    return checkout, folder


@pytest.fixture
def planned_here(loading: Checkout, database: Database) -> tuple[Checkout, Path]:
    """A plan that was made in the checkout of the test, whose workbooks are in `data`."""
    return plan_two(loading)


@pytest.fixture(scope="module")
def two_workbooks(server: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with two workbooks and their plan."""
    root = copy_checkout(tmp_path_factory.mktemp("planned"))
    for database in make_database(server):
        plan_two(Checkout(root, database.environment))
    return root


@pytest.fixture
def planned(loading: Checkout, database: Database, two_workbooks: Path) -> tuple[Checkout, Path]:
    """A plan that was made elsewhere, of workbooks that are there still; the checkout has copies of both."""
    for name in ("data", "plan"):
        shutil.copytree(two_workbooks / name, loading.root / name, dirs_exist_ok=True)
    return loading, loading.root / "plan"


def exported(database: Database, table: str, columns: str) -> bytes:
    """Columns of a staging table as CSV, in the order in which COPY wrote them."""
    connection = psycopg2.connect(**database.target.parameters)
    target = io.BytesIO()
    with connection, connection.cursor() as cursor:
        query = f"copy (select {columns} from staging.{table} order by ctid) to stdout csv header"
        cursor.copy_expert(query, target)
    connection.close()
    return target.getvalue()


def as_planned(folder: Path, database: Database) -> bool:
    """Whether staging holds the bytes of the plan; a boolean and JSON are only written in another way."""
    records = exported(
        database,
        "trustee_performance",
        "report_date, plan_code, company_code, return_rate, net_asset_value, fund_scale, has_performance_data::text,"
        " validation_warnings, data_source, source_sheet, source_row",
    )
    rejected = database.query('select source_row, "row", errors, reject_id from staging.rejected_rows order by ctid')
    with (folder / "rejected_rows.csv").open(encoding="utf-8", newline="") as lines:
        planned_rejects = [
            (int(row), json.loads(cells), json.loads(errors), reject)
            for row, cells, errors, reject in list(csv.reader(lines))[1:]
        ]
    return records == (folder / CSV).read_bytes() and rejected == planned_rejects


def loaded(database: Database) -> int:
    """Number of batches in staging."""
    if database.query("select to_regclass('staging.load_batches')") == [(None,)]:
        return 0
    ((count,),) = database.query("select count(*) from staging.load_batches")
    return count


def resealed(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """plan.json changed by someone who knows how its identity is made."""
    summary = json.loads((folder / "plan.json").read_bytes())
    summary.pop("diff", None)
    change(summary)
    summary["id"] = identity(summary)
    (folder / "plan.json").write_bytes(render(summary))


def test_an_untouched_plan_loads_byte_for_byte(planned_here: tuple[Checkout, Path], database: Database) -> None:
    checkout, folder = planned_here
    done = checkout.run("apply", folder)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "batch 1, 4 rows of 2 workbook(s)" in done.stdout
    assert as_planned(folder, database)
    assert database.query("select data_source from staging.trustee_performance limit 1") == [(f"'a',\"b\"/{MONTH}",)]
    plan = json.loads((folder / "plan.json").read_bytes())
    assert database.query("select plan_id, mode, rejects from staging.load_batches") == [
        (plan["id"], "delete_insert", 2)
    ]
    ledger = "select path, sha256, sheet, header_row, rows_read, rows_loaded, rows_rejected, modified_at"
    from_plan = database.query(f"{ledger} from staging.source_files order by file_id")

    # the same workbooks loaded without a plan give the same account
    assert checkout.run("--execute", "--max-files", "2", "--reload").returncode == ExitCode.OK
    assert database.query(f"{ledger} from staging.source_files where batch_id = 2 order by file_id") == from_plan

    # and a second time the plan is loaded already
    again = checkout.run("apply", folder)
    assert again.returncode == ExitCode.OK
    assert "--reload loads them again" in again.stdout
    assert loaded(database) == 2
    assert checkout.run("apply", folder, "--reload").returncode == ExitCode.OK
    assert loaded(database) == 3


def test_a_plan_is_applied_on_another_checkout(
    planned: tuple[Checkout, Path], database: Database, tmp_path: Path
) -> None:
    here, folder = planned
    (tmp_path / "elsewhere").mkdir()
    there = Checkout(copy_checkout(tmp_path / "elsewhere"), database.environment)
    shutil.rmtree(there.root / "data")
    shutil.move(here.root / "data", there.root / "data")
    shutil.move(folder, there.root / "from-mail")
    done = there.run("apply", "from-mail")
    assert done.returncode == ExitCode.OK, done.stderr
    assert as_planned(there.root / "from-mail", database)


NAMES = ["plan.json", "plan.sql", "rejects.csv", "rejected_rows.csv", CSV, "diff.csv"]


def test_these_are_the_files_of_a_plan(planned: tuple[Checkout, Path]) -> None:
    assert sorted(path.name for path in planned[1].iterdir()) == sorted([*NAMES, "plan.xlsx", "rejects.xlsx"])


def mend(path: Path) -> None:
    """Change a cell, as a person does."""
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[1]["E2"] = 0.02
    workbook.save(path)


@pytest.mark.parametrize("change", [mend, Path.unlink])
def test_a_plan_whose_rejects_are_being_mended_stays_applicable(
    planned: tuple[Checkout, Path], database: Database, change: Callable[[Path], object]
) -> None:
    checkout, folder = planned
    change(folder / "rejects.xlsx")
    done = checkout.run("apply", folder)
    assert done.returncode == ExitCode.OK, done.stderr
    assert as_planned(folder, database)


@pytest.mark.parametrize(
    ("name", "changes"),
    [*((name, 20) for name in NAMES if name != "plan.json"), ("plan.json", 200),
     pytest.param("plan.json", 1_000_000, id="every byte of plan.json", marks=pytest.mark.heavy)],
)  # fmt: skip
def test_a_plan_with_one_byte_changed_is_refused(
    planned: tuple[Checkout, Path], database: Database, domain: object, name: str, changes: int
) -> None:
    checkout, folder = planned
    path, original = folder / name, (folder / name).read_bytes()
    step = max(1, len(original) // changes)
    configuration = ROOT / "config" / "data_sources.yml"
    sources = load_data_sources(configuration)
    refusals = (PlanChanged, PlanNotReady, PlanOutdated, UnknownDomain)
    for position in range(0, len(original), step):
        path.write_bytes(original[:position] + bytes([original[position] ^ 1]) + original[position + 1 :])
        with pytest.raises(refusals):
            open_plan(folder, sources, configuration)
    done = checkout.run("apply", folder)  # the last of them through the command
    assert done.returncode == ExitCode.DATA
    assert name in done.stderr
    assert loaded(database) == 0
    path.unlink()
    done = checkout.run("apply", folder)
    assert done.returncode == (ExitCode.USAGE if name == "plan.json" else ExitCode.DATA)
    assert name in done.stderr
    path.write_bytes(original)
    assert checkout.run("apply", folder).returncode == ExitCode.OK


def test_a_plan_of_a_failed_run_is_refused(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    write_workbook([ROW[:3]], folder=loading.root / "data")
    assert loading.run("--plan-dir", "plan").returncode == ExitCode.DATA
    done = loading.run("apply", "plan")
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0)
    assert "failed run" in done.stderr
    assert "max_reject_ratio" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("units: {}", "units: {return_rate: percent}", True),
        ("    units: {}", "    units: {}\n    aliases: {fund_scale: [期末市值]}", True),
        ("sheet: 0", "sheet: 1", True),
        ("summary_labels: [合计, ", "summary_labels: [", True),
        ("replace_scope: [report_date, company_code]", "replace_scope: [report_date]", True),
        ("description: 受托业绩", "description: other words", False),
        pytest.param("max_depth: 5", "max_depth: 6", False, marks=pytest.mark.heavy),
        pytest.param("max_removed_ratio: 0.2", "max_removed_ratio: 0.9", False, marks=pytest.mark.heavy),
    ],
)
def test_a_plan_of_another_configuration_is_refused_if_it_decides_rows(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook, old: str, new: str, refused: bool
) -> None:
    write_workbook([ROW], folder=loading.root / "data")
    assert loading.run("--plan-dir", "plan", "--mode", "replace_period").returncode == ExitCode.OK
    path = loading.root / "config" / "data_sources.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = loading.run("apply", "plan")
    assert done.returncode == (ExitCode.DATA if refused else ExitCode.OK), done.stderr
    assert ("another configuration" in done.stderr) is refused
    assert loaded(database) == (0 if refused else 1)


@pytest.mark.parametrize("change", ["changed", "changed in one byte", "gone"])
def test_changed_workbooks_are_refused_unless_allowed(
    planned_here: tuple[Checkout, Path], database: Database, write_workbook: WriteWorkbook, change: str
) -> None:
    checkout, folder = planned_here
    path = checkout.root / "data" / OTHER
    content = path.read_bytes()
    path.unlink()
    if change == "changed":
        write_workbook([ROW], folder=checkout.root / "data", name=OTHER)
    elif change == "changed in one byte":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = checkout.run("apply", folder)
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0)
    assert ("has SHA-256" in done.stderr) is (change == "changed in one byte")
    assert OTHER in done.stderr
    assert MONTH not in done.stderr
    assert "--allow-changed-sources" in done.stderr
    done = checkout.run("apply", folder, "--allow-changed-sources")
    assert done.returncode == ExitCode.OK, done.stderr
    assert as_planned(folder, database)


def test_a_plan_directory_that_vanishes_after_the_check_is_loaded_all_the_same(
    planned: tuple[Checkout, Path], database: Database
) -> None:
    checkout, folder = planned
    kept = shutil.copytree(folder, folder.with_name("kept"))
    script = (
        "import sys, shutil; sys.path.insert(0, sys.argv[1]); sys.argv = ['run.py', 'apply', sys.argv[2]];"
        "import run; from extract.database import targets; real = targets.database_target;"
        "targets.database_target = lambda settings: (shutil.rmtree(sys.argv[2]), real(settings))[1];"
        "sys.exit(run.run())"
    )
    command = [sys.executable, "-c", script, str(checkout.root), str(folder)]
    done = subprocess.run(command, env=checkout.env(), capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.OK, done.stderr
    assert not folder.exists()
    assert as_planned(kept, database)


def test_a_plan_directory_that_vanishes_while_it_is_written_is_an_error(
    loading: Checkout, write_workbook: WriteWorkbook
) -> None:
    write_workbook([ROW], folder=loading.root / "data")
    script = (
        "import sys, shutil; sys.path.insert(0, sys.argv[1]); sys.argv = ['run.py', '--plan-dir', 'parent/plan'];"
        "import run; from extract.plan import writing as plan; real = plan.plan_sql;"
        "plan.plan_sql = lambda statements: (shutil.rmtree('parent'), real(statements))[1];"
        "sys.exit(run.run())"
    )
    command = [sys.executable, "-c", script, str(loading.root)]
    done = subprocess.run(
        command, env=loading.env(), cwd=loading.root, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == ExitCode.DATA, done.stderr
    assert "parent/plan" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["../secret.csv", "{absolute}", "link.csv", "sub/../plan.sql", ""])
def test_a_crafted_path_cannot_leave_the_plan(
    planned: tuple[Checkout, Path], database: Database, tmp_path: Path, name: str
) -> None:
    checkout, folder = planned
    secret = folder.parent / "secret.csv"
    shutil.copy2(folder / CSV, secret)
    (folder / "link.csv").symlink_to(secret)
    name = name.format(absolute=secret)
    sha256 = hashlib.sha256(secret.read_bytes()).hexdigest()
    resealed(folder, lambda summary: summary["plan_files"].update({name: sha256}))
    done = checkout.run("apply", folder)
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0), done.stderr
    assert "no plain file of the plan directory" in done.stderr

    # nor the records themselves by a link
    resealed(folder, lambda summary: summary["plan_files"].pop(name))
    (folder / CSV).unlink()
    (folder / CSV).symlink_to(secret)
    done = checkout.run("apply", folder)
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0), done.stderr


CRAFTED: dict[str, Callable[[dict[str, object]], object]] = {
    "no records": lambda plan: plan["plan_files"].pop(CSV),
    "a workbook left out": lambda plan: plan["files"].pop(0),
    "rows read twice": lambda plan: plan["files"].append(plan["files"][0]),
    "a negative offset": lambda plan: plan["files"][0]["records"].update(offset=-1),
    "a huge length": lambda plan: plan["files"][1]["records"].update(length=10**18),
    "a huge number": lambda plan: plan["files"][1].update(header_row=10**30),
    "NUL in a text": lambda plan: plan["files"][1].update(path="a\0b"),
    "a month that is none": lambda plan: plan["files"][1].update(period="2024-13"),
    "a mode that is none": lambda plan: plan.update(mode="drop"),
    "a number as text": lambda plan: plan.update(keys_in_several_files="1"),
    "nothing at all": lambda plan: plan.clear(),
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=name, marks=pytest.mark.heavy if number > 3 else ())
        for number, (name, change) in enumerate(CRAFTED.items())
    ],
)
def test_a_crafted_plan_is_refused(
    planned: tuple[Checkout, Path], database: Database, change: Callable[[dict[str, object]], object]
) -> None:
    checkout, folder = planned
    resealed(folder, change)
    done = checkout.run("apply", folder)
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0), done.stderr
    assert "is not what was planned" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode("utf-16"),
        pytest.param(lambda text: text.encode("gb18030"), marks=pytest.mark.heavy),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text[: len(text) // 2].encode(),
        pytest.param(lambda _: b"", marks=pytest.mark.heavy),
        pytest.param(lambda _: b"[]", marks=pytest.mark.heavy),
        lambda _: b"[" * 100_000,
        pytest.param(lambda _: b"9" * 10_000, marks=pytest.mark.heavy),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), marks=pytest.mark.heavy),
        lambda text: text.replace('"status"', '"status": "failed", "status"').encode(),
        pytest.param(lambda text: text.replace('"new": 4', '"new": 5').encode(), marks=pytest.mark.heavy),
        lambda text: text.replace("{", '{"\\ud800": 1,', 1).encode(),
    ],
)
def test_a_plan_json_that_is_none_is_refused(
    planned: tuple[Checkout, Path], database: Database, change: Callable[[str], bytes]
) -> None:
    checkout, folder = planned
    path = folder / "plan.json"
    text = path.read_text(encoding="utf-8")
    assert change(text) != text.encode()
    path.write_bytes(change(text))
    done = checkout.run("apply", folder)
    assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0), done.stderr
    assert "plan.json is not what was planned" in done.stderr


def test_append_and_replace_period_are_applied_as_planned(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    data = loading.root / "data"
    rows = [(*ROW[:2], f"P{number}", *ROW[3:]) for number in range(6)]
    write_workbook(rows, folder=data)
    assert loading.run("--mode", "append", "--plan-dir", "first").returncode == ExitCode.OK
    assert loading.run("apply", "first").returncode == ExitCode.OK
    refused = loading.run("apply", "first")
    assert refused.returncode == ExitCode.DATA
    assert "append loads new keys only" in refused.stderr
    write_workbook(rows[1:], folder=data)
    assert loading.run("--mode", "replace_period", "--plan-dir", "second").returncode == ExitCode.OK
    done = loading.run("apply", "second")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "1 keys withdrawn" in done.stdout
    assert database.query("select mode, rows, withdrawn from staging.load_batches order by 1") == [
        ("append", 6, 0),
        ("replace_period", 5, 1),
    ]


def test_a_plan_of_several_sheets_is_applied(loading: Checkout, database: Database) -> None:
    path = loading.root / "config" / "data_sources.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    sheet: 0 ", "    sheets: [一, 二]\n    sheet: 0 ", 1), encoding="utf-8")
    workbook = openpyxl.Workbook()
    for number, name in enumerate(("一", "二")):
        sheet = workbook.active if not number else workbook.create_sheet()
        sheet.title = name
        for row in (
            HEADER,
            (*ROW[:2], f"P{number}", *ROW[3:]),
            (*BAD[:2], f"B{number}", *BAD[3:]),
            (*ROW[:2], f"Q{number}", *ROW[3:]),
        ):
            sheet.append(row)
    workbook.save(loading.root / "data" / MONTH)
    assert loading.run("--plan-dir", "plan").returncode == ExitCode.OK
    done = loading.run("apply", "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert as_planned(loading.root / "plan", database)
    assert database.query("select sheet, rows_loaded, rows_rejected from staging.source_files order by 1") == [
        ("一", 2, 1),
        ("二", 2, 1),
    ]


def id_of(folder: Path) -> str:
    """What names a plan."""
    return str(json.loads((folder / "plan.json").read_bytes())["id"])


def test_apply_loads_the_plan_of_an_id_and_no_other(planned: tuple[Checkout, Path], database: Database) -> None:
    """Though whoever may write there puts in another comparison and computes the id anew, nothing else loads."""
    checkout, folder = planned
    released = id_of(folder)
    original = shutil.copytree(folder, folder.with_name("original"))
    with (folder / "diff.csv").open("a") as lines:
        lines.write("\n")
    summary = json.loads((folder / "plan.json").read_bytes())
    summary["diff"] |= {"new": 0, "sha256": hashlib.sha256((folder / "diff.csv").read_bytes()).hexdigest()}
    summary["id"] = identity(summary)
    (folder / "plan.json").write_bytes(render(summary))
    refused = checkout.run("apply", folder, "--id", released)
    assert (refused.returncode, loaded(database)) == (ExitCode.DATA, 0), refused.stderr
    assert f"{summary['id']}, and what was released is {released}" in " ".join(refused.stderr.split())
    assert checkout.run("apply", folder, "--id", "abc").returncode == ExitCode.USAGE

    done = checkout.run("apply", original, "--id", released)
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"Plan id:  {released}" in done.stdout
    assert f"plan {released}" in checkout.run("history").stdout


def test_the_id_is_of_the_comparison_too(planned: tuple[Checkout, Path], database: Database) -> None:
    checkout, folder = planned
    resealed(folder, lambda summary: summary["files"])  # without its comparison
    without = id_of(folder)
    refused = checkout.run("apply", folder)  # its diff.csv is of nobody
    assert (refused.returncode, loaded(database)) == (ExitCode.DATA, 0)
    assert "the plan has no comparison" in refused.stderr
    compared = checkout.run("apply", folder, "--diff", "--id", without)
    assert compared.returncode == ExitCode.OK, compared.stderr
    assert id_of(folder) != without
    assert f"Plan id:  {id_of(folder)}" in compared.stdout
    assert f"--id {id_of(folder)}" in compared.stdout
    assert checkout.run("apply", folder, "--id", without).returncode == ExitCode.DATA
    assert checkout.run("apply", folder, "--id", id_of(folder)).returncode == ExitCode.OK


@pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs")
@pytest.mark.parametrize("name", ["plan.json", pytest.param(CSV, marks=pytest.mark.heavy)])
def test_a_plan_with_a_pipe_or_a_file_without_end_is_refused(
    planned: tuple[Checkout, Path], database: Database, name: str
) -> None:
    checkout, folder = planned
    (folder / name).unlink()
    os.mkfifo(folder / name)
    piped = checkout.run("apply", folder)
    (folder / name).unlink()
    with (folder / name).open("wb") as endless:
        endless.truncate(2**40)  # it has holes, and takes no room
    sparse = checkout.run("apply", folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    for done in (piped, sparse, checkout.run("apply", folder)):
        assert (done.returncode, loaded(database)) == (ExitCode.DATA, 0), done.stderr
        assert name in done.stderr


def test_apply_with_diff_loads_nothing_and_the_same_comparison_keeps_the_identity(
    planned: tuple[Checkout, Path], database: Database
) -> None:
    checkout, folder = planned
    before = json.loads((folder / "plan.json").read_bytes())
    for _ in range(2):
        done = checkout.run("apply", folder, "--diff")
        assert done.returncode == ExitCode.OK, done.stderr
    assert json.loads((folder / "plan.json").read_bytes()) == before
    assert loaded(database) == 0
    assert checkout.run("apply", folder).returncode == ExitCode.OK


def test_two_runs_of_one_second_get_two_directories(tmp_path: Path) -> None:
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    names = [default_directory(tmp_path, now).name for _ in range(3)]
    assert names == ["20261120T080000Z", "20261120T080000Z-2", "20261120T080000Z-3"]
