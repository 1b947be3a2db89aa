"""rules.md: what stops a run, `--accept CODE` that lets it pass, and what the screen, the plan and the log tell."""

import json
from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER, Checkout, Database, plan_of
from extract.config import load_data_sources
from extract.domains.registry import load_domain
from extract.errors.base import ExitCode
from extract.errors.configuration import ConfigInvalid
from extract.guards import GUARDS
from extract.settings import ROOT
from layouts import NAME, SHORT, book, formatted, row, short

CONFIG = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")


def summary(folder: Path) -> dict[str, object]:
    """plan.json of a plan."""
    return json.loads((folder / "plan.json").read_text(encoding="utf-8"))


def on_one_line(text: str) -> str:
    """What a screen shows, without the line breaks that its width makes."""
    return "".join(text.split())


# --- plans -------------------------------------------------------------------------------------------------------

WITHOUT: dict[str, tuple[list[tuple[object, ...]], str, str]] = {
    "period_mismatch": ([HEADER, row(), row("P2", month=10), row("P3", month=10)], "too_many_rejects", "P1 P2 P3"),
    "column_doubtful": ([(*HEADER[:4], "收溢率", *HEADER[5:]), row()], "column_doubtful", "P1"),
}


@pytest.mark.parametrize(("code", "case"), WITHOUT.items(), ids=WITHOUT.keys())
def test_a_guard_stops_a_plan_and_lets_it_pass_where_it_is_accepted(
    code: str, case: tuple[list[tuple[object, ...]], str, str], checkout: Checkout, tmp_path: Path
) -> None:
    rows, error, plans = case
    path = book(tmp_path, rows)
    refused = checkout.run("--file", path, "--plan-dir", tmp_path / "refused")
    assert refused.returncode == ExitCode.DATA
    plan = summary(tmp_path / "refused")
    assert ([item["code"] for item in plan["errors"]], plan["accepted"]) == ([error], [])
    passed = checkout.run("--file", path, "--accept", code, "--plan-dir", tmp_path / "passed")
    assert passed.returncode == ExitCode.OK, passed.stderr
    assert summary(tmp_path / "passed")["accepted"] == [code]
    assert " ".join(sorted(record[1] for record in plan_of(tmp_path / "passed"))) == plans
    assert on_one_line(f"accepted {code}: {GUARDS[code]}") in on_one_line(passed.stdout)
    assert on_one_line(f"--accept {code} && dbt build") in on_one_line(passed.stdout)


def test_a_guard_that_is_none_is_a_usage_error_and_the_help_tells_what_each_is_for(checkout: Checkout) -> None:
    assert checkout.run("--accept", "everything").returncode == ExitCode.USAGE
    told = on_one_line(checkout.run("--help").stdout.replace("-\n", "-"))
    for code, what in GUARDS.items():
        assert on_one_line(code) in told
        assert on_one_line(what) in told


# --- loads -------------------------------------------------------------------------------------------------------


def test_a_lost_measure_is_refused_unless_it_is_accepted(loading: Checkout, database: Database, tmp_path: Path) -> None:
    whole = book(tmp_path, [HEADER, row()], name="2024-10_受托业绩")
    less = book(tmp_path, [(*HEADER[:4], *HEADER[5:]), (2024, 11, "P1", "C1", 1.5, 1000)])
    assert loading.run("--execute", "--file", whole, "--accept", "period_mismatch").returncode == ExitCode.OK
    plan = ("--plan-dir", tmp_path / "refused")
    refused = loading.run("--execute", "--file", less, *plan)
    assert refused.returncode == ExitCode.DATA
    assert "return_rate" in refused.stderr
    assert on_one_line("--accept missing_measure") in on_one_line(refused.stderr)
    assert [item["code"] for item in summary(tmp_path / "refused")["errors"]] == ["missing_measure"]
    accept = ("--accept", "missing_measure")
    passed = loading.run("--execute", "--file", less, *accept, "--plan-dir", tmp_path / "passed")
    assert passed.returncode == ExitCode.OK, passed.stderr
    assert summary(tmp_path / "passed")["accepted"] == ["missing_measure"]
    assert database.query("select accepted from staging.load_batches order by batch_id") == [
        (["period_mismatch"],),
        (["missing_measure"],),
    ]
    last = book(tmp_path, [(*HEADER[:4], "规模"), (2024, 12, "P1", "C1", 1000)], name="2024-12_受托业绩")
    again = loading.run("--execute", "--file", last)
    assert (again.returncode, "net_asset_value" in again.stderr) == (ExitCode.DATA, True)


def test_a_refused_append_writes_its_failed_plan(loading: Checkout, database: Database, tmp_path: Path) -> None:
    path = book(tmp_path, [HEADER, row()])
    arguments = ("--execute", "--mode", "append", "--file", path, "--accept", "column_doubtful")
    assert loading.run(*arguments).returncode == ExitCode.OK
    refused = loading.run(*arguments, "--reload", "--plan-dir", tmp_path / "plan")
    assert refused.returncode == ExitCode.DATA
    plan = summary(tmp_path / "plan")
    assert plan["status"] == "failed"
    assert len(plan["errors"]) == 1
    assert "append" in plan["errors"][0]["message"] + plan["errors"][0]["next_step"]
    assert plan_of(tmp_path / "plan")[0][1] == "P1"
    assert database.query("select accepted from staging.load_batches") == [(["column_doubtful"],)]


# --- what is told ------------------------------------------------------------------------------------------------


@pytest.fixture
def eventful(tmp_path: Path) -> Path:
    """A workbook with a unit above it, a note, returns of both kinds, large ones, and a second table unread."""
    rows = [
        ("受托业绩月报 2024年10月", *(None,) * 5, "单位：万元"),
        HEADER,
        row(rate=0.6, scale=5),
        row("P2", rate=12.5, scale=5),
        row("P3", rate="70%", scale=5),
        row("P4", rate="2.5", scale=5),
        row("P5", scale=0),
        row("P6", month=10),
        ("注：期末数",),
    ]
    path = formatted(tmp_path, rows)
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("C2公司").append(HEADER)
    workbook.save(path)
    return path


def test_the_plan_tells_units_months_warnings_and_sheets(checkout: Checkout, eventful: Path, tmp_path: Path) -> None:
    done = checkout.run("--file", eventful, "--accept", "period_mismatch", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    (file,) = summary(tmp_path / "plan")["files"]
    assert file["notes"] == ["unit of 规模: 万元 (G1: 单位：万元)", "A9: 注：期末数"]
    assert file["months"] == {"2024-10": 1, "2024-11": 5}
    assert file["row_warnings"] == [
        {"code": "high_return", "rows": 2, "first": ["E3", "E5"]},
        {"code": "scale_below_nav", "rows": 1, "first": ["G7"]},
    ]
    codes = ["ambiguous_unit", "period_conflict", "sheets_not_read"]
    assert [warning["code"] for warning in file["warnings"]] == codes
    assert "C2公司" in file["warnings"][-1]["detail"]
    screen = on_one_line(done.stdout)
    for code in (*codes, "high_return", "scale_below_nav"):
        assert screen.count(f"warning{code}:") == 1
    assert "2024-101" in screen
    assert done.stderr == ""


def test_the_json_log_has_the_warnings_of_a_file(checkout: Checkout, eventful: Path, tmp_path: Path) -> None:
    arguments = ("--file", eventful, "--accept", "period_mismatch", "--plan-dir", tmp_path / "plan")
    done = checkout.run(*arguments, "--log-format", "json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    told = [line for line in lines if line["level"] == "warning"]
    for code in ("ambiguous_unit", "period_conflict", "sheets_not_read"):
        assert [code in json.dumps(line) for line in told].count(True) == 1
    assert all(eventful.name in json.dumps(line, ensure_ascii=False) for line in told)


def test_keys_in_several_files_are_told_unless_these_are_versions(checkout: Checkout, tmp_path: Path) -> None:
    october = book(tmp_path, [HEADER, row(), row("P2")], name="2024-10_受托业绩")
    november = book(tmp_path, [HEADER, row(), row("P3")])
    version = book(tmp_path, [HEADER, row()], name=f"{NAME}_v2")
    accept = ("--accept", "period_mismatch")
    done = checkout.run("--file", october, "--file", november, *accept, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    plan = summary(tmp_path / "plan")
    assert plan["keys_in_several_files"] == 1
    assert [[item["code"] for item in file["warnings"]] for file in plan["files"]] == [[], ["keys_in_several_files"]]
    assert october.name in plan["files"][1]["warnings"][0]["detail"]
    done = checkout.run("--file", november, "--file", version, "--plan-dir", tmp_path / "versions")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [file["warnings"] for file in summary(tmp_path / "versions")["files"]] == [[], []]


# --- foreign text ------------------------------------------------------------------------------------------------

STEERING = "\x1b]0;owned\x07\x1b[2J"
LONG = "长" * 5000


def test_texts_of_cells_and_sheets_never_steer_a_screen_or_fill_it(checkout: Checkout, tmp_path: Path) -> None:
    rows = [
        (f"x\x1b[2J{LONG}",),
        (*(HEADER), f"备注\x1b[2J{LONG}"),
        row(),
        row("P2", rate=f"\x1b[2J{LONG}"),
        row(f"{LONG}\x1b[2J"),
        row("P3"),
        row("P4"),
        (f"注：\x1b[2J{LONG}",),
    ]
    path = tmp_path / f"{NAME}.ods"
    marked = [[cell.replace("\x1b", "\x9b") if isinstance(cell, str) else cell for cell in cells] for cells in rows]
    book(tmp_path, marked, "ods")
    for number, more in enumerate(((), ("--log-format", "json"), ("-v",))):
        done = checkout.run("--file", path, *more, "--plan-dir", tmp_path / str(number))
        assert done.returncode == ExitCode.OK, done.stderr
        told = done.stdout + done.stderr
        assert "\x9b" not in told
        assert "\x1b" not in told
        assert "长" * 250 not in on_one_line(told)
        assert r"\x9b[2J" in told


@pytest.mark.parametrize("title", ["\x9b2J受托", "\u202egpj", "\u2028x"])
def test_the_name_of_a_sheet_never_does(title: str, checkout: Checkout, tmp_path: Path) -> None:
    path = formatted(tmp_path, [HEADER, row(), row("P2", rate="x")])
    workbook = openpyxl.load_workbook(path)
    workbook.active.title = title
    workbook.create_sheet(f"{title}2").append(HEADER)
    workbook.save(path)
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert title[0] not in done.stdout + done.stderr
    assert summary(tmp_path / "plan")["files"][0]["sheet"] == title
    refused = checkout.run("--file", path, "--sheet", "auto", "--plan-dir", tmp_path / "refused")
    assert (refused.returncode, title[0] in refused.stderr) == (ExitCode.DATA, False)


# --- configuration -----------------------------------------------------------------------------------------------

SETTINGS: dict[str, tuple[str, str, str]] = {
    "require_units: perhaps": ("require_units: perhaps", ".require_units", "boolean"),
    "require_units: 2": ("require_units: 2", ".require_units", "boolean"),
    "decimal: ;": ("decimal: ';'", ".decimal", "','"),
    "decimal: 1": ("decimal: 1", ".decimal", "'.'"),
    "periods_per_file: two": ("periods_per_file: two", ".periods_per_file", "'one' or 'many'"),
    "periods_per_file: 2": ("periods_per_file: 2", ".periods_per_file", "'one' or 'many'"),
    "qualifiers: a list": ("qualifiers: [本月]", ".qualifiers", "dict"),
    "qualifiers: a text": ("qualifiers: {return_rate: 本月}", ".qualifiers", "tuple"),
    "qualifiers: no field": ("qualifiers: {returnrate: [本月]}", ".qualifiers", "returnrate is no field"),
}


@pytest.mark.parametrize(("line", "key", "hint"), SETTINGS.values(), ids=SETTINGS.keys())
def test_a_wrong_value_is_an_error_that_names_its_key(line: str, key: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "data_sources.yml"
    path.write_text(CONFIG.replace("    units: {}", f"    units: {{}}\n    {line}"), encoding="utf-8")
    with pytest.raises(ConfigInvalid) as caught:
        load_domain(load_data_sources(path), "trustee_performance", path)
    assert key in caught.value.key
    assert hint in caught.value.problem


def test_these_settings_decide_a_run(checkout: Checkout, tmp_path: Path) -> None:
    config = tmp_path / "data_sources.yml"
    more = "\n    ".join(
        (
            "units: {}",
            "require_units: true",
            "decimal: ','",
            "periods_per_file: many",
            "qualifiers: {return_rate: [费后]}",
        )
    )
    config.write_text(CONFIG.replace("units: {}", more), encoding="utf-8")
    path = tmp_path / f"{NAME}.csv"
    header = (*HEADER[:4], "收益率费后(%)", *HEADER[5:])
    lines = [header, (2024, 11, "P1", "C1", "1,25", "1,5", "1.000,5"), (2024, 10, "P2", "C1", "1,25", "1,5", "7")]
    path.write_text("\n".join(";".join(map(str, cells)) for cells in lines), encoding="utf-8")
    done = checkout.run("--config", config, "--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [record[3:6] for record in plan_of(tmp_path / "plan")] == [
        ["0.012500", "1.5000", "1000.50"],
        ["0.012500", "1.5000", "7.00"],
    ]
    path = book(tmp_path, [SHORT, short(rate=0.4), short("P2", rate=0.5)], name="2024-12_受托业绩")
    refused = checkout.run("--config", config, "--file", path, "--plan-dir", tmp_path / "refused")
    assert refused.returncode == ExitCode.DATA
    assert [item["code"] for item in summary(tmp_path / "refused")["errors"]] == ["unit_unclear"]
