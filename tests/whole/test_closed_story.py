"""Three months of four companies, closed one by one: A is silent, B late, C mended twice, D restated afterwards."""

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import HEADER, Checkout, Database, write_book
from extract.errors.base import ExitCode
from persons import by
from receivers import Posts, configured, posting

pytestmark = [pytest.mark.database, pytest.mark.heavy]

NEXT_YEAR, LATE = 300, 1
"""Days after the end of a month."""


def months() -> list[date]:
    """Three months that ended long enough ago for the due day of a late one."""
    today = datetime.now(UTC).date()
    number = today.year * 12 + today.month - 1
    return [date((number - ago) // 12, (number - ago) % 12 + 1, 1) for ago in (4, 3, 2)]


class Office:
    """Anna plans, Bob approves, Carla loads."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout, self.plans = checkout, 0
        config = checkout.root / "config" / "data_sources.yml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("    max_removed", "    require_approval: true\n    max_removed", 1), "utf-8")

    def book(self, month: date, company: str, *more: tuple[object, ...], size: float = 1000) -> Path:
        """A workbook of a company with four plans, and rows of your own."""
        rows = [(month.year, month.month, f"{company}{number}", company, 0.01, 1.5, size) for number in range(4)]
        own = [(month.year, month.month, plan, company, *figures) for plan, *figures in more]
        name = f"{month:%Y-%m}_受托业绩_{company}_{size:.0f}.xlsx"
        return write_book([*rows, *own], self.checkout.root / "data" / name, HEADER)

    def plan(self, *books: Path, options: tuple[str, ...] = ()) -> Path:
        """A plan by Anna that Bob approves."""
        self.plans += 1
        plan = self.checkout.root / "plans" / f"plan-{self.plans}"
        files = [part for book in books for part in ("--file", str(book))]
        done(by("anna", self.checkout, *files, *options, "--plan-dir", plan))
        done(by("bob", self.checkout, "approve", plan, "--comment", f"plan {self.plans} seen"))
        return plan

    def load(self, *books: Path, options: tuple[str, ...] = ()) -> Path:
        """The same, loaded by Carla."""
        plan = self.plan(*books, options=options)
        done(by("carla", self.checkout, "apply", plan))
        return plan

    def build(self) -> None:
        """The marts."""
        built = self.checkout.build()
        assert built.returncode == 0, built.stdout

    def seed(self, name: str, *lines: str) -> None:
        """More lines of a seed."""
        with (self.checkout.root / "dbt_project" / "seeds" / f"{name}.csv").open("a", encoding="utf-8") as seed:
            seed.writelines(f"{line}\n" for line in lines)

    def asked(self, *arguments: str) -> Any:
        """What a command tells as JSON."""
        return json.loads(done(self.checkout.run(*arguments, "--json")))

    def refused(self, *arguments: str | Path) -> str:
        """Why a command ends with 1, on one line."""
        outcome = self.checkout.run(*arguments)
        assert outcome.returncode == ExitCode.DATA, outcome.stdout
        return " ".join(outcome.stderr.split())

    def close(self, month: date) -> str:
        """Close a month, by Bob."""
        return done(by("bob", self.checkout, "close", f"{month:%Y-%m}"))


def done(outcome: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that must succeed."""
    assert outcome.returncode == ExitCode.OK, outcome.stdout + outcome.stderr
    return outcome.stdout


def mend(plan: Path, wrong: str) -> Path:
    """One cell of the rejects of a plan, mended."""
    path = plan / "rejects.xlsx"
    workbook = openpyxl.load_workbook(path)
    for cells in workbook.worksheets[1].iter_rows():
        for cell in cells:
            if cell.value == wrong:
                cell.value = 1000
    workbook.save(path)
    return path


@pytest.fixture
def told(office: Office) -> Iterator[Posts]:
    """What the office is told."""
    pytest.importorskip("apprise", reason="needs the extra [notify]")
    with posting() as (port, told):
        configured(office.checkout, f"{{url: 'json://127.0.0.1:{port}'}}")
        yield told


@pytest.fixture
def office(loading: Checkout) -> Office:
    """The office, before its first month."""
    office = Office(loading)
    first, second, third = months()
    lines = [f"trustee_performance,{company},{first},{third},{NEXT_YEAR}," for company in "CD"]
    late = [(first, NEXT_YEAR), (second, LATE), (third, NEXT_YEAR)]
    lines += [f"trustee_performance,{company},{at},{at},{due}," for company in "AB" for at, due in late]
    office.seed("expected_submissions", *lines)
    return office


def statuses(office: Office, database: Database, month: date) -> dict[object, object]:
    """Company to its status in a month."""
    query = f"select company_code, status from marts.submission_status where report_date = '{month}' order by 1"
    return dict(tuple(row) for row in database.query(query))  # type: ignore[misc]


def ends(office: Office) -> list[str]:
    """What became of the rejects."""
    return [reject["status"] for reject in office.asked("rejects")["rejects"]]


def test_three_months_of_four_companies(office: Office, database: Database, told: Posts) -> None:
    first, second, third = months()

    # C's workbook needs mending twice
    wrong = [("C8", 0.01, 1.5, "x"), ("C9", 0.01, 1.5, "y")]
    books = [office.book(first, company) for company in "ABD"]
    plan = office.load(*books, office.book(first, "C", *wrong))
    office.build()
    problems = office.refused("close", f"{first:%Y-%m}")
    assert "rejects open: " in problems
    assert "submissions missing" not in problems
    again = office.load(mend(plan, "x"))
    office.load(mend(again, "y"))
    office.build()
    assert ends(office) == ["mended", "mended"]
    assert statuses(office, database, first) == dict.fromkeys("ABCD", "on_time")
    assert "Closed: " in office.close(first)

    # A is silent, B is late
    office.load(*(office.book(second, company) for company in "BCD"))
    office.build()
    assert statuses(office, database, second) == {"A": "missing", "B": "late", "C": "on_time", "D": "on_time"}
    told.clear()
    office.refused("missing", "--fail", "--period", f"{second:%Y-%m}")
    ((_, notice),) = told
    assert notice["title"].startswith(f"Missing: 1 submissions of {second:%Y-%m}, due ")
    assert notice["message"].strip() == "A"
    problems = office.refused("close", f"{second:%Y-%m}")
    assert "submissions missing: A (due" in problems
    assert "rejects open" not in problems
    office.seed("nothing_to_report", f"trustee_performance,A,{second},Ann by telephone,")
    office.build()
    assert statuses(office, database, second)["A"] == "nothing_to_report"
    office.close(second)

    # D is restated after closing
    correction = office.plan(office.book(first, "D", size=1001), options=("--diff",))
    assert f"months that are closed: {first:%Y-%m} (by bob@" in office.refused("apply", correction)
    told.clear()
    done(by("carla", office.checkout, "apply", correction, "--reopen", "D corrected its sizes"))
    ((_, notice),) = told
    assert notice["title"].startswith("Loaded: batch 6, 4 rows of 1 workbooks, 0 rejected")
    assert "1001" not in str(told).replace("D_1001.xlsx", "")
    office.build()
    assert "reopened" in done(office.checkout.run("status"))
    for month in (first, second):  # of the second the returns to date look back
        assert "Closed: " in office.close(month)
    history = " ".join(done(office.checkout.run("history")).split())
    assert f"reopened {first:%Y-%m}: D corrected its sizes" in history
    assert f"{first:%Y-%m}" in done(office.checkout.run("status"))
    restated = database.query(
        "select distinct planned_by like 'anna@%', approved_by like 'bob@%', loaded_by like 'carla@%', new_value::int"
        " from marts.trustee_performance_restatements where field = 'fund_scale'"
    )
    assert restated == [(True, True, True, 1001)]
    assert database.query("select count(*) from marts.load_audit where approved_by is null") == [(0,)]

    newest, oldest = office.asked("trace", "D0", f"{first:%Y-%m}")["versions"]
    assert [version["version"]["counts"] for version in (newest, oldest)] == [True, False]
    assert {cell["field"]: cell["value"] for cell in newest["cells"]}["fund_scale"] == "1001"

    # everybody on time
    office.load(*(office.book(third, company) for company in "ABCD"))
    office.build()
    office.close(third)
    ytd = office.asked("trace", "D0", f"{third:%Y-%m}", "--mart", "plan_monthly_performance", "--column", "drawdown")
    assert [part["month"] for part in ytd["derived"][0]["parts"]] == [str(month) for month in (third, second, first)]
    office.build()
    check_pack(office, first)
    check_what_people_read(office, first, second, correction)


def check_pack(office: Office, month: date) -> None:
    """The auditor's pack: the same bytes twice, every hash right, and what an auditor reads first."""
    paths = [office.checkout.root / name for name in ("one.zip", "two.zip")]
    told = [office.asked("audit", f"{month:%Y-%m}", "--to", str(path)) for path in paths]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert told[0]["sha256"] == hashlib.sha256(paths[0].read_bytes()).hexdigest()
    assert told[0]["missing_plans"] == []
    with zipfile.ZipFile(paths[0]) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "SHA256SUMS"
    }
    closings = list(csv.DictReader(io.StringIO(files["ledger/closings.csv"].decode())))
    recorded = json.loads(closings[-1]["fingerprints"])
    assert {mart: made["sha256"] for mart, made in recorded.items()} == {
        mart: sums[f"marts/{mart}.jsonl"] for mart in recorded
    }
    approvals = list(csv.DictReader(io.StringIO(files["ledger/approvals.csv"].decode())))
    assert len(approvals) == 4
    assert all(sums[f"plans/{line['plan_id']}/identity.json"] == line["plan_id"] for line in approvals)
    index = files["index.txt"].decode()
    for words in ("planned by anna@", "approved by bob@", "D corrected its sizes", "the marts are what was closed"):
        assert words in index
    assert [line["status"] for line in csv.DictReader(io.StringIO(files["rejects.csv"].decode()))] == ["mended"] * 2


def check_what_people_read(office: Office, first: date, second: date, correction: Path) -> None:
    """The reviewer's workbook of the correction, and page and export of the first month."""
    changes = list(openpyxl.load_workbook(correction / "plan.xlsx")["Changes"].iter_rows(values_only=True))
    field, old, new = (changes[0].index(name) for name in ("field", "old", "new"))
    assert {(row[field], row[old], row[new]) for row in changes[1:]} == {("fund_scale", 1000, 1001)}
    root = office.checkout.root
    for month in (first, second):
        done(office.checkout.run("page", "--period", f"{month:%Y-%m}", "--to", root / f"{month:%Y-%m}.html"))
    page = (root / f"{first:%Y-%m}.html").read_text(encoding="utf-8")
    for words in ("1,001.00", "bob@", "carla@", "D_1001.xlsx"):
        assert words in page
    page = (root / f"{second:%Y-%m}.html").read_text(encoding="utf-8")
    assert "nothing to report" in page
    assert "late" in page
    done(office.checkout.run("export", "--period", f"{first:%Y-%m}", "--to", root / "first.xlsx"))
    lines = openpyxl.load_workbook(root / "first.xlsx")["trustee_performance"].iter_rows(values_only=True)
    header = list(next(lines))
    scales = {row[header.index("plan_code")]: row[header.index("fund_scale")] for row in lines}
    assert (scales["D0"], scales["C0"]) == (1001, 1000)
