"""`new-domain`: what it proposes from a workbook plans that workbook; what it cannot see, it says."""

import csv
import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.settings import ROOT

SAMPLE = next((ROOT / "data").glob("2024-01*.xlsx"))
FIGURES = ("report_date", "plan_code", "company_code", "return_rate", "net_asset_value", "fund_scale", "source_row")


def planned(checkout: Checkout, folder: Path, *arguments: str | Path) -> list[dict[str, str]]:
    """The rows of a plan."""
    done = checkout.run(*arguments, "--plan-dir", folder)
    assert done.returncode == ExitCode.OK, done.stderr
    table = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["domain"]
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_sample_workbook_is_planned_to_the_same_figures(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("new-domain", "funds_anew", "--from", SAMPLE)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "291 rows read, 291 would load, 0 rejected" in done.stdout
    ours = planned(checkout, tmp_path / "ours", "--domain", "trustee_performance", "--file", SAMPLE)
    new = planned(checkout, tmp_path / "new", "--domain", "funds_anew", "--file", SAMPLE)
    assert [[row[name] for name in FIGURES] for row in new] == [[row[name] for name in FIGURES] for row in ours]


@pytest.mark.heavy
def test_figures_are_the_same_where_no_other_domain_knows_the_headers(checkout: Checkout, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    rest = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")
    (folder / "sources.yml").write_text("domains: {}\n\n" + rest[rest.index("discovery:") :], encoding="utf-8")
    config = ("--config", folder / "sources.yml")
    done = checkout.run("new-domain", "funds", "--from", SAMPLE, *config)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert f"--config {folder / 'sources.yml'} --domain funds --file" in done.stdout
    new = planned(checkout, tmp_path / "new", *config, "--file", SAMPLE)
    ours = planned(checkout, tmp_path / "ours", "--file", SAMPLE)
    keys = ("report_date", "ji_hua_dai_ma", "gong_si_dai_ma")
    figures = ("shou_yi_lv", "jing_zhi", "gui_mo")
    for mine, its in zip(ours, new, strict=True):
        assert [its[name] for name in keys] == [mine[name] for name in FIGURES[:3]]
        assert [float(its[name] or -1) for name in figures] == [float(mine[name] or -1) for name in FIGURES[3:6]]
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_funds.py")],
        cwd=checkout.root, capture_output=True, text=True, env=checkout.env(), check=False,
    )  # fmt: skip
    assert "1 skipped" in tested.stdout, tested.stdout  # the workbook lies elsewhere
    (folder / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_funds.py")],
        cwd=checkout.root, capture_output=True, text=True, env=checkout.env(), check=False,
    )  # fmt: skip
    assert "1 passed" in tested.stdout, tested.stdout


def test_a_dry_run_prints_all_and_writes_nothing(checkout: Checkout) -> None:
    def files() -> dict[Path, bytes]:
        found = (path for path in checkout.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path: path.read_bytes() for path in found}

    before = files()
    done = checkout.run("new-domain", "funds_anew", "--from", SAMPLE, "--dry-run")
    assert done.returncode == ExitCode.OK, done.stderr
    for part in ("extract/domains/funds_anew.py", "config/data_sources.yml", "tests/domains/test_funds_anew.py",
                 "marts/funds_anew.sql", "class FundsAnew(DomainModel):", "pk: [report_date, plan_code"):  # fmt: skip
        assert part in done.stdout
    assert files() == before


MONTHS = [("Period", "Fund name", "Members", "Benefits ($'000)", "Return (%)", "Joined", "Empty")]


def test_types_are_seen_in_the_cells(checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path) -> None:
    rows = [
        (f"Q{quarter} 2024", fund, 20 * quarter, 1.5, -0.25 * quarter, "31/12/2001", None)
        for quarter in (1, 2)
        for fund in ("AMG Super", "Total Risk Super", "equipsuper")
    ]
    rows[1] = (*rows[1][:2], "*", *rows[1][3:])
    book = write_workbook([*rows, ("TOTAL", None, 120, 9, None, None, None)], header=MONTHS[0], name="Funds 2024.xlsx")
    done = checkout.run("new-domain", "funds", "--from", book, "--dry-run")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    for part in (
        'Annotated[date, Month(headers=("Period",), formats=("Q{Q} {YYYY}",), of_span=MonthOf.LAST)]]',
        'fund_name: Column[Annotated[str, Text(max_length=50, headers=("Fund name",))]]',
        'joined: Column[Annotated[date, Date(headers=("Joined",), formats=("{DD}/{MM}/{YYYY}",))]]',
        "pk: [report_date, fund_name]",
        "'TOTAL'",
    ):
        assert part in done.stdout, done.stdout
    said = " ".join(done.stdout.split())
    assert "column G (Empty) holds nothing below its name" in said
    assert "column C (Members) holds 1 cells that are no figures (C3 *)" in said
    assert "$'000 reads like a unit" in said


def test_what_cannot_be_proposed_is_told(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    for rows, header, said in (
        ([], None, "it is empty"),
        ([], ("Month", "Fund", "Members"), "names two columns with values below it (row 1 is Month, Fund, Members)"),
        ([(1, 2), (3, 4)], None, "names two columns with values below it"),
        ([("a",), ("b",)], ("Fund",), "names two columns with values below it"),
    ):
        book = write_workbook(rows, header=header)
        refused = checkout.run("new-domain", "funds", "--from", book)
        assert refused.returncode == ExitCode.DATA, refused.stdout
        assert said in " ".join(refused.stderr.split()), refused.stderr


def test_one_row_of_data_is_enough_and_told(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    book = write_workbook([("AMG Super", 5.5)], header=("Fund", "Members"), name="funds.xlsx")
    done = checkout.run("new-domain", "funds", "--from", book, "--dry-run")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "types and key rest on it alone" in said
    assert "neither a column nor the name of the file names a period" in said


HOSTILE = (
    '"""\nimport os; os.system("touch owned")\n"""', "{{ env_var('HOME') }}", "class", "a'b\"c\\", "x: [y, *z] # {#",
    "\u202egnp.exe", "=cmd|' C calc'!A0", "copy", "batch_id", "class", "🙂 ' \u00a0 tail", "'; drop table x; --",
    "2024",
)  # fmt: skip


def test_a_hostile_workbook_writes_no_code_of_its_own(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    rows = [tuple(f"{name}{row}".replace("\u202e", "") if row else name for name in HOSTILE) for row in range(3)]
    path = write_workbook(rows, header=None, name="fun'\"ds ${x} 2024-11.xlsx")
    workbook = openpyxl.load_workbook(path)
    for cells in workbook.active.iter_rows():
        for cell in cells:
            cell.data_type = "s"
    workbook.save(path)
    done = checkout.run("new-domain", "hostile", "--from", path)
    assert done.returncode in (ExitCode.OK, ExitCode.DATA), done.stderr
    assert not list(tmp_path.rglob("owned"))
    assert not list(checkout.root.rglob("owned"))
    assert "\u202e" not in done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "C1 class names what J1 names too" in said
    assert "stands under no name that is read" in said or "is no name of a column" in said
    assert done.returncode == ExitCode.OK, done.stdout[-3000:] + done.stderr
    model = (checkout.root / "extract" / "domains" / "hostile.py").read_text(encoding="utf-8")
    compile(model, "hostile.py", "exec")
    assert "touch owned" not in [line for line in model.splitlines() if line.startswith("import")]
    mart = checkout.root / "dbt_project" / "models" / "domains.yml"
    assert "{{ env_var" not in mart.read_text(encoding="utf-8")
    assert planned(checkout, tmp_path / "plan", "--domain", "hostile", "--file", path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Funds", "begin with a small letter"),
        ("../funds", "begin with a small letter"),
        ("import", "means something to Python"),
        ("trustee_performance", "holds a domain of that name"),
        ("registry", "there is a module of that name"),
        ("batch_id", "a column of its tables has that name"),
    ],
)
def test_a_name_that_no_domain_can_have(checkout: Checkout, name: str, said: str) -> None:
    refused = checkout.run("new-domain", name, "--from", SAMPLE)
    assert refused.returncode == ExitCode.USAGE
    assert said in " ".join(refused.stderr.split())


def test_no_file_is_overwritten(checkout: Checkout) -> None:
    mart = checkout.root / "dbt_project" / "models" / "marts" / "funds_anew.sql"
    mart.write_text("select 1", encoding="utf-8")
    refused = checkout.run("new-domain", "funds_anew", "--from", SAMPLE)
    assert refused.returncode == ExitCode.USAGE
    assert "nothing was written" in " ".join(refused.stderr.split())
    assert mart.read_text(encoding="utf-8") == "select 1"
    assert not (checkout.root / "extract" / "domains" / "funds_anew.py").exists()


def test_rows_of_words_and_units_below_the_header_become_a_layout(
    checkout: Checkout, write_workbook: WriteWorkbook, tmp_path: Path
) -> None:
    words = [(None, None, "SRF 1", "SRF 2", "SRF 3"), (None, None, None, "($'000)", "(%)")]
    rows = [("AMG Super", "12", 5, 2.5, 10), ("AMP Super", "13", 6, 3.5, 20)]
    header = ("Fund", "Fund code", "Members", "Benefits", "Growth")
    book = write_workbook([*words, *rows], header=header, name="funds 2024-12.xlsx")
    done = checkout.run("new-domain", "funds", "--from", book)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "row 3 states units" in done.stdout
    assert "2 rows read, 2 would load, 0 rejected" in done.stdout
    new = planned(checkout, tmp_path / "plan", "--domain", "funds", "--file", book)
    assert [(row["fund_code"], float(row["benefits"]), float(row["growth"])) for row in new] == [
        ("12", 2500, 0.1),
        ("13", 3500, 0.2),
    ]


def test_dates_in_cells_are_the_period(checkout: Checkout, write_workbook: WriteWorkbook) -> None:
    rows = [(datetime(2025, 12, 31), "A fund", 5), (date(2025, 12, 31), "B fund", 6)]
    book = write_workbook(rows, header=("Period", "Fund", "Members"), name="funds.xlsx")
    done = checkout.run("new-domain", "funds", "--from", book, "--dry-run")
    assert 'report_date: Column[Annotated[date, Month(headers=("Period",))]]' in done.stdout, done.stdout + done.stderr
    assert "2 rows read, 2 would load, 0 rejected" in done.stdout


@pytest.mark.heavy
@pytest.mark.database
def test_its_mart_builds(loading: Checkout, database: Database) -> None:
    assert loading.run("new-domain", "funds_anew", "--from", SAMPLE).returncode == ExitCode.OK
    loaded = loading.run("--domain", "funds_anew", "--file", SAMPLE, "--execute", "--build")
    assert loaded.returncode == ExitCode.OK, loaded.stdout + loaded.stderr
    assert database.query("select count(*), count(return_rate) from marts.funds_anew") == [(291, 291)]
