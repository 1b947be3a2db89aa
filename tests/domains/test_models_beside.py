"""`--config FILE` finds the models that lie beside that file, and only it does; which domain a command is about."""

import csv
from pathlib import Path

import openpyxl
import pytest

from conftest import Checkout, WriteWorkbook
from extract.errors.base import ExitCode

MODEL = '''"""Funds: what members hold in a fund at the end of a quarter."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, DomainModel
from extract.fields.dates import Date, Month, MonthOf
from extract.fields.integers import Integer
from extract.fields.marks import MarkOf
from extract.fields.numbers import Number
from extract.fields.texts import Choice, Text


class Funds(DomainModel):
    """A chunk of rows of one workbook. Grain: one row per month and fund."""

    label_field: ClassVar[str] = "fund"
    rules: ClassVar[int] = 1

    report_date: Column[Annotated[date, Month(headers=("Period",), formats=("Q{Q} {YYYY}",), of_span=MonthOf.LAST)]]
    fund: Column[Annotated[str, Text(60, headers=("Fund",), aliases={"Old Super": "New Super"})]]
    kind: Column[Annotated[str, Choice({"open": ("Open to all",), "closed": ()}, headers=("Kind",))]]
    members: Column[Annotated[int | None, Integer(headers=("Members",), nullable=True)]]
    members_mark: Column[Annotated[str | None, MarkOf("members")]]
    benefits: Column[Annotated[Decimal | None, Number(("Benefits",), 18, 2, Decimal(0), {})]]
    licensed: Column[Annotated[date | None, Date(headers=("Licensed",), formats=("{D} {MON} {YYYY}",), nullable=True)]]
'''
ENTRY = """domains:
  funds:
    description: funds
    pattern: '^funds.*(?P<year>20[0-9]{2})-(?P<month>[0-9]{2})'
    select: latest_by_year_month
    table: funds
    pk: [report_date, fund]
    month_words: {january: 1, march: 3}
    marks: {'*': suppressed, '<20': fewer than 20}
    nulls: [c]
    summary_labels: [TOTAL]

discovery: {exclude_directories: [], ignore_names: [], max_depth: 5, follow_symlinks: false}
"""
HEADER = ("Period", "Fund", "Kind", "Members", "Benefits", "Licensed")
ROWS = [
    ("Q4 2024", "AMG Super", "open", 31280, 2829015, "5 March 2001"),
    ("Q4 2024", "Total Risk Super", "Open to all", "*", "c", None),
    ("Q4 2024", "Others", "closed", "<20", 5, None),
    ("Q4 2024", "Old Super¹", "closed", 7, 0, "1 January 1999"),
    ("TOTAL", None, None, 31287, 2829020, None),
]


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder with a configuration and the model of its one domain."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "funds.py").write_text(MODEL, encoding="utf-8")
    (folder / "data_sources.yml").write_text(ENTRY, encoding="utf-8")
    return folder


def planned(folder: Path, name: str) -> list[dict[str, str]]:
    """The lines of a CSV file of a plan."""
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_model_beside_the_configuration_is_planned(
    checkout: Checkout, write_workbook: WriteWorkbook, beside: Path, tmp_path: Path
) -> None:
    write_workbook(ROWS, header=HEADER, name="funds 2024-12.xlsx", folder=tmp_path / "books")
    done = checkout.run(
        "--config", beside / "data_sources.yml", "--data-dir", tmp_path / "books", "--plan-dir", tmp_path / "plan"
    )
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert planned(tmp_path / "plan", "rejects.csv") == []
    names = ("report_date", "fund", "kind", "members", "members_mark", "benefits", "licensed")
    assert [tuple(row[name] for name in names) for row in planned(tmp_path / "plan", "funds.csv")] == [
        ("2024-12-01", "AMG Super", "open", "31280", "", "2829015.00", "2001-03-05"),
        ("2024-12-01", "Total Risk Super", "open", "", "suppressed", "", ""),
        ("2024-12-01", "Others", "closed", "", "fewer than 20", "5.00", ""),
        ("2024-12-01", "New Super", "closed", "7", "", "0.00", "1999-01-01"),
    ]


@pytest.mark.parametrize(
    ("name", "members", "code"),
    [
        ("Promedio", 5, "suspected_summary"),
        ("Grand Total:", 5, "suspected_summary"),
        ("合计", 5, "suspected_summary"),
        ("* suppressed by the publisher", None, "suspected_note"),
    ],
)
def test_what_is_no_name_is_a_reject(
    checkout: Checkout,
    write_workbook: WriteWorkbook,
    beside: Path,
    tmp_path: Path,
    name: str,
    members: object,
    code: str,
) -> None:
    period, kind = ("Q4 2024", "open") if members else (None, None)
    rows = [*ROWS[:3], (period, name, kind, members, members, None)]
    book = write_workbook(rows, header=HEADER, name="funds 2024-12.xlsx")
    done = checkout.run("--config", beside / "data_sources.yml", "--file", book, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [(row["value"], row["code"]) for row in planned(tmp_path / "plan", "rejects.csv")] == [(name, code)]


def test_rejects_of_such_a_domain_are_mended_by_the_command_that_is_told(
    checkout: Checkout, write_workbook: WriteWorkbook, beside: Path, tmp_path: Path
) -> None:
    rows = [*ROWS[:1], ("Q4 2024", "B", "no kind", "many", 1, "31 February 2020")]
    book = write_workbook(rows, header=HEADER, name="funds 2024-12.xlsx")
    arguments = ("--config", beside / "data_sources.yml", "--plan-dir", tmp_path / "plan")
    done = checkout.run(*arguments, "--file", book)
    found = {(row["column"], row["code"]) for row in planned(tmp_path / "plan", "rejects.csv")}
    assert found == {("Kind", "invalid_choice"), ("Members", "invalid_number"), ("Licensed", "invalid_date")}
    assert f"--config {beside / 'data_sources.yml'} --file" in done.stdout.replace("\n", "")
    workbook = openpyxl.load_workbook(tmp_path / "plan" / "rejects.xlsx")
    sheet = workbook.worksheets[1]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for header, value in (("Kind", "open"), ("Members", 20), ("Licensed", "28 January 2020")):
        sheet.cell(2, columns[header], value)
    workbook.save(tmp_path / "plan" / "rejects.xlsx")
    mended = checkout.run(*arguments[:2], "--file", tmp_path / "plan" / "rejects.xlsx", "--plan-dir", tmp_path / "next")
    assert mended.returncode == ExitCode.OK, mended.stderr
    (row,) = planned(tmp_path / "next", "funds.csv")
    assert (row["fund"], row["kind"], row["source_row"]) == ("B", "open", "3")


def test_the_models_beside_another_configuration_are_not_seen(checkout: Checkout, beside: Path, tmp_path: Path) -> None:
    shown = checkout.run("--config", beside / "data_sources.yml", "--domain", "nothing")
    assert shown.returncode == ExitCode.USAGE
    assert "use --domain with one of: funds" in shown.stderr
    apart = tmp_path / "apart.yml"
    apart.write_text(ENTRY, encoding="utf-8")
    refused = checkout.run("--config", apart, "--data-dir", tmp_path)
    assert refused.returncode == ExitCode.USAGE
    assert "there is no module funds.py beside the configuration or in extract/domains" in refused.stderr
    assert "models exist for trustee_performance" in refused.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Text(60", "Texts(60", "NameError"),
        ('"{D} {MON} {YYYY}"', '"{D} {MONTH} {YYYY}"', "holds {MONTH}"),
        ('headers=("Fund",)', 'headers=("Fund",), pattern="("', "PatternError|error: missing"),
        ("class Funds", "class Funds(", "SyntaxError"),
        ('MarkOf("members")', 'MarkOf("member")', "members_mark of the model keeps marks"),
        ("(DomainModel):", ":", "must define one DomainModel, not 0"),
    ],
)
def test_a_model_that_is_wrong_is_told(
    checkout: Checkout, beside: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in MODEL
    (beside / "funds.py").write_text(MODEL.replace(old, new, 1), encoding="utf-8")
    refused = checkout.run("--config", beside / "data_sources.yml", "--data-dir", tmp_path, "--log-format", "json")
    assert refused.returncode == ExitCode.USAGE, refused.stderr
    assert any(part in refused.stderr for part in said.split("|")), refused.stderr


def test_of_several_domains_one_is_chosen(checkout: Checkout, beside: Path, tmp_path: Path) -> None:
    entry = ENTRY[ENTRY.index("  funds:") : ENTRY.index("\ndiscovery")]
    two = ENTRY.replace("\ndiscovery", entry.replace("funds:", "others:", 1) + "\ndiscovery")
    (beside / "data_sources.yml").write_text(two, encoding="utf-8")
    for command in ((), ("prune", "--keep-batches", "1")):
        refused = checkout.run(*command, "--config", beside / "data_sources.yml")
        assert refused.returncode == ExitCode.USAGE
        assert "choose one" in refused.stderr
        assert "funds, others" in refused.stderr
