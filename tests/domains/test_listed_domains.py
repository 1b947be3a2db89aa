"""The dbt models of listed domains: those of examples/regulators, alone and beside the other project."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from conftest import Checkout, Database
from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.errors.base import ExitCode
from extract.settings import ROOT, Settings
from orchestrate.dbt.domain_files import files_of, files_of_all, write

EXAMPLES = Path("examples") / "regulators"
CONFIG = ROOT / EXAMPLES / "data_sources.yml"
PUBLISHED = ROOT.parent / "shared" / "regulators"
"""Workbooks as published, where this machine has them."""
GROUPS = (None, None, None, "Households", None, "Households", None, "Community service organisations",
          "Total residents loans and finance leases", "Intra-group loans and finance leases")  # fmt: skip
NAMES = ("Non-financial businesses", "Financial institutions", "General government", "Housing: Owner-occupied",
         "Housing: Investment", "Credit cards", "Other", None, None, None)  # fmt: skip
MART = "select report_date::text, bank, loans_financial_institutions::text, batch_id from marts.bank_statistics"


def bank_statistics(folder: Path, banks: Sequence[tuple[str, float]], title: str = "Table 2") -> Path:
    """A workbook of a month, after its description: banks, and their loans to financial institutions in $ million."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Table 2 "
    figures = [(name, None, loans, *([None] * 8)) for name, loans in banks]
    total = ("TOTAL", None, sum(loans for _, loans in banks), *([None] * 8))
    for row in ((title,), (" ($ million)",), ("December 2023", *GROUPS), (None, *NAMES), *figures, (None,), total):
        sheet.append(row)
    for cells in ("A3:A4", "E3:F3", "G3:H3", "I3:I4", "J3:J4", "K3:K4"):
        sheet.merge_cells(cells)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "Monthly authorised deposit-taking institution statistics December 2023.xlsx"
    workbook.save(path)
    return path


@pytest.fixture
def regulators(loading: Checkout) -> Checkout:
    """A copy of the checkout with the examples."""
    made = shutil.ignore_patterns("target", "logs", "profiles.yml", "__pycache__", ".wdh", ".user.yml")
    shutil.copytree(ROOT / EXAMPLES, loading.root / EXAMPLES, ignore=made)
    return loading


def example(name: str) -> Domain:
    """A domain of the examples."""
    return load_domain(load_data_sources(CONFIG), name, CONFIG)


def test_the_dbt_files_of_the_examples_are_what_their_models_say() -> None:
    """`python -m orchestrate.dbt.domain_files examples/regulators/data_sources.yml` writes them again."""
    settings = Settings(data_sources_config=CONFIG)
    assert settings.dbt_project == ROOT / EXAMPLES
    for file in files_of_all(settings):
        assert (ROOT / EXAMPLES / file.path).read_text(encoding="utf-8") == file.text, file.path


def test_one_domain_after_the_other_gives_the_same_files(tmp_path: Path) -> None:
    text = (ROOT / EXAMPLES / "dbt_project.yml").read_text(encoding="utf-8")
    names = load_data_sources(CONFIG).domains
    listed = "".join(f"    - {name}\n" for name in names)
    assert listed in text
    (tmp_path / "dbt_project.yml").write_text(text.replace(listed, ""), encoding="utf-8")
    for name in reversed(names):
        write(files_of(example(name), tmp_path), tmp_path)
    assert (tmp_path / "dbt_project.yml").read_text(encoding="utf-8") == text
    contracts = Path("models") / "domains.yml"
    assert (tmp_path / contracts).read_text(encoding="utf-8") == (ROOT / EXAMPLES / contracts).read_text(
        encoding="utf-8"
    )


@pytest.mark.database
@pytest.mark.heavy
def test_a_listed_domain_is_loaded_built_restated_and_undone(regulators: Checkout, database: Database) -> None:
    chosen = ("--config", EXAMPLES / "data_sources.yml")
    run = (*chosen, "--domain", "bank_statistics", "--execute", "--build")
    first = bank_statistics(regulators.root / "one", [("ANZ", 10.5), ("Bank of Us", 2)])
    done = regulators.run(*run, "--data-dir", first.parent)
    assert done.returncode == ExitCode.OK, done.stderr
    assert database.query(f"{MART} order by bank") == [
        ("2023-12-01", "ANZ", "10500000.00", 1),
        ("2023-12-01", "Bank of Us", "2000000.00", 1),
    ]
    assert database.query("select count(*) from marts.afp_returns") == [(0,)]  # of which nothing landed yet

    second = bank_statistics(regulators.root / "two", [("ANZ", 11)], title="Table 2 (revised)")
    assert regulators.run(*run, "--data-dir", second.parent).returncode == ExitCode.OK
    restated = "select bank, field, old_value::text, new_value::text, kind from marts.bank_statistics_restatements"
    assert database.query(restated) == [
        ("ANZ", "loans_financial_institutions", "10500000.00", "11000000.00", "restated"),
    ]
    undone = regulators.run("undo", "1", *chosen, "--build")
    assert undone.returncode == ExitCode.OK, undone.stderr
    assert database.query(MART) == [("2023-12-01", "ANZ", "11000000.00", 2)]
    history = "select bank, batch_id, withdrawn, is_current from marts.bank_statistics_history order by bank, batch_id"
    assert database.query(history) == [
        ("ANZ", 1, False, False),
        ("ANZ", 2, False, True),
        ("Bank of Us", 1, False, False),
        ("Bank of Us", 3, True, False),
    ]
    before = database.query(f"{MART} order by bank"), database.query(history)
    project = ("--project-dir", str(EXAMPLES), "--profiles-dir", str(EXAMPLES))
    assert regulators.dbt("build", "--full-refresh", *project).returncode == 0
    assert (database.query(f"{MART} order by bank"), database.query(history)) == before

    # the other project on the same database: nothing of its domain is there, and neither publishes for the other
    built = regulators.run("setup")
    assert built.returncode == ExitCode.OK, built.stdout + built.stderr
    assert database.query("select count(*) from marts.trustee_performance") == [(0,)]
    assert database.query("select batch_id, tested from marts.published") == [(3, True)]
    shown = regulators.run("status", *chosen)
    assert (shown.returncode, shown.stdout.splitlines()[0].strip()) == (ExitCode.OK, "ready")


NEXT, HISTORY, MART_TABLE = (
    "intermediate.int_bank_statistics_next",
    "intermediate.int_bank_statistics_history_next",
    "marts.bank_statistics",
)


@pytest.mark.heavy
@pytest.mark.database
@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (f"update {NEXT} set loans_intra_group = 1", "listed_domains_equal_latest_versions"),
        (f"update {HISTORY} set valid_to = now()", "listed_domains_have_whole_histories"),
        ("update staging.source_files set rows_loaded = 9, rows_read = 9", "listed_domains_are_landed_whole"),
        (f"update {MART_TABLE} set bank = 'NAB' where bank = 'ANZ'", "listed_domains_equal_latest_versions"),
    ],
)
def test_what_a_listed_domain_must_not_have_is_not_published(
    regulators: Checkout, database: Database, change: str, failed: str
) -> None:
    path = bank_statistics(regulators.root / "one", [("ANZ", 10.5), ("Bank of Us", 2)])
    options = ("--config", EXAMPLES / "data_sources.yml", "--domain", "bank_statistics", "--execute", "--build")
    assert regulators.run(*options, "--data-dir", path.parent).returncode == ExitCode.OK
    database.query(change)
    marts = database.query(f"{MART} order by bank")
    second = bank_statistics(regulators.root / "two", [("Westpac", 11)])
    done = regulators.run(*options, "--data-dir", second.parent)
    assert done.returncode == ExitCode.DATA
    assert failed in done.stderr
    assert "kept as published: batch 1" in " ".join(done.stderr.split())
    assert database.query(f"{MART} order by bank") == marts


@pytest.mark.database
@pytest.mark.heavy
def test_the_marts_of_the_published_sets_are_what_was_expected(regulators: Checkout, database: Database) -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the published workbooks are not on this machine")
    names = ("afp_returns", "risk_free_rates", "super_funds")
    for name in names:
        options = ("--config", EXAMPLES / "data_sources.yml", "--domain", name, "--data-dir", PUBLISHED / name)
        done = regulators.run(*options, "--execute", *(["--build"] if name == names[-1] else []))
        assert done.returncode == ExitCode.OK, done.stderr
    for name in names:
        with (PUBLISHED / name / "expected.csv").open(encoding="utf-8", newline="") as lines:
            header, *expected = csv.reader(lines)
        columns = ", ".join(f"coalesce({column}::text, '')" for column in header)
        assert sorted(database.query(f"select {columns} from marts.{name}")) == sorted(map(tuple, expected))
