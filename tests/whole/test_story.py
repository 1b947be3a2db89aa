"""Three months, a corrected second month, and what an operator does about it: the whole story through the commands."""

import csv
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from conftest import HEADER, Checkout, Database, copy_checkout
from databases import Make, Templates
from extract.errors.base import ExitCode
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database

FIGURES = "report_date::text, plan_code, company_code, return_rate::text, net_asset_value::text, fund_scale::text"
PLACE = "data_source, source_sheet, source_row"
KEY = "report_date, plan_code, company_code"
Rows = list[tuple[object, ...]]


def book(path: Path, month: int, rows: dict[str, float], company: str = "C1") -> Path:
    """A workbook of a month: plan code to size."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "受托业绩"
    for row in (HEADER, *((2024, month, plan, company, 0.01, 1.5, size) for plan, size in rows.items())):
        workbook.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


PLANS = {f"P{number}": 1000.0 + number for number in range(8)}
CORRECTED = {**{plan: size for plan, size in PLANS.items() if plan != "P7"}, "P3": 9.5, "P8": 8.0}
"""P3 restated, P7 gone, P8 new."""


@pytest.fixture(scope="session")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database with three months of two companies, loaded one after the other and built."""

    def make(database: Database) -> None:
        loading = Checkout(copy_checkout(tmp_path_factory.mktemp("months")), database.environment)
        for month in (1, 2, 3):
            path = book(loading.root / "data" / f"2024-{month:02d}_受托业绩.xlsx", month, PLANS)
            sheet = openpyxl.load_workbook(path)
            for plan in ("Q1", "Q2"):
                sheet.active.append((2024, month, plan, "C2", None, None, 5))
            sheet.save(path)
            done(loading.run("--execute", "--file", path))
        done(loading.build())

    return make


@pytest.fixture
def told(templates: Templates, three_months: Make) -> Iterator[Database]:
    """The database of a test, with the three months."""
    yield from templates.copy(three_months)


@pytest.fixture
def story(checkout: Checkout, told: Database) -> Checkout:
    """A checkout whose commands use it."""
    write_profile(told.target, checkout.root)  # as a load does
    return Checkout(checkout.root, told.environment)


def done(outcome: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that must succeed."""
    assert outcome.returncode == ExitCode.OK, outcome.stdout + outcome.stderr
    return outcome.stdout


def mart(database: Database, columns: str = f"{FIGURES}, {PLACE}") -> Rows:
    """The mart without the stamps of the load."""
    return database.query(f"select {columns} from marts.trustee_performance order by {KEY}")


def correction(checkout: Checkout) -> Path:
    """The second month again: C1 corrected, and not a word of C2."""
    return book(checkout.root / "corrected" / "2024-02_受托业绩_更正.xlsx", 2, CORRECTED)


def changed(before: Rows, after: Rows) -> set[tuple[object, ...]]:
    """Keys and sizes that only one of two marts has."""
    return {(row[0], row[1], row[5]) for row in {row[:6] for row in before} ^ {row[:6] for row in after}}


CHANGES = {
    ("2024-02-01", "P3", "1003.00"),
    ("2024-02-01", "P3", "9.50"),
    ("2024-02-01", "P7", "1007.00"),
    ("2024-02-01", "P8", "8.00"),
}


@pytest.mark.heavy
def test_a_correction_is_compared_replaced_built_and_undone(story: Checkout, told: Database) -> None:
    before = mart(told)
    assert len(before) == 30
    path = correction(story)

    # what would change
    options = ("--file", path, "--mode", "replace_period")
    shown = done(story.run(*options, "--diff", "--plan-dir", "plan"))
    assert "P3 C1  fund_scale: 1003.00 -> 9.50" in shown
    plan = json.loads((story.root / "plan" / "plan.json").read_bytes())
    numbers = {name: plan["diff"][name] for name in ("new", "changed", "unchanged", "absent", "changed_fields")}
    assert numbers == {"new": 1, "changed": 1, "unchanged": 6, "absent": 1, "changed_fields": {"fund_scale": 1}}
    with (story.root / "plan" / "diff.csv").open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.reader(lines))
    assert table[0] == [
        "change", "report_date", "plan_code", "company_code", "field", "old", "new",
        "data_source", "source_sheet", "source_row",
    ]  # fmt: skip
    assert table[1] == [
        "changed",
        "2024-02-01",
        "P3",
        "C1",
        "fund_scale",
        "1003.00",
        "9.50",
        path.name,
        "受托业绩",
        "5",
    ]
    assert [row[0] for row in table[2:]] == ["absent"] * 3 + ["new"] * 3
    assert {row[2] for row in table[2:5]} == {"P7"}
    assert mart(told) == before

    # the reviewed plan, applied and built
    assert "1 keys withdrawn" in done(story.run("apply", "plan"))
    done(story.build())
    after = mart(told)
    assert changed(before, after) == CHANGES
    assert told.query("select count(*) from marts.trustee_performance where company_code = 'C2'") == [(6,)]

    # who said what when
    history = told.query(
        "select batch_id, fund_scale::text, withdrawn, is_current, data_source, source_row, valid_from, valid_to"
        f" from marts.trustee_performance_history where plan_code in ('P3', 'P7') and report_date = '2024-02-01'"
        f" order by {KEY}, batch_id"
    )
    old, new, kept, gone = history
    month = "2024-02_受托业绩.xlsx"
    assert [row[:6] for row in history] == [
        (2, "1003.00", False, False, month, 5),
        (4, "9.50", False, True, path.name, 5),
        (2, "1007.00", False, False, month, 9),
        (4, None, True, False, month, 9),
    ]
    assert (old[7], kept[7], new[7], gone[7]) == (new[6], gone[6], None, None)
    listed = told.query(
        "select plan_code, field, old_value::text, new_value::text, difference::text, kind, previous_batch_id, batch_id"
        " from marts.trustee_performance_restatements order by 1, 2"
    )
    assert listed == [
        ("P3", "fund_scale", "1003.000000", "9.500000", "-993.500000", "restated", 2, 4),
        ("P7", "fund_scale", "1007.000000", None, None, "withdrawn", 2, 4),
        ("P7", "net_asset_value", "1.500000", None, None, "withdrawn", 2, 4),
        ("P7", "return_rate", "0.010000", None, None, "withdrawn", 2, 4),
    ]

    # out again, and in again
    assert "2 keys have their previous version" not in done(story.run("undo", "4"))
    listed = done(story.run("history")).splitlines()
    assert any(line.startswith("batch 5 ") and line.endswith("undo of 4") for line in listed)
    assert any(line.startswith("batch 4 ") and line.endswith("replace_period (undone by 5)") for line in listed)
    done(story.dbt("run"))
    assert mart(told) == before
    done(story.run("undo", "5"))
    done(story.dbt("run"))
    assert mart(told) == after
    document = json.loads(done(story.run("history", "--json")))
    assert [(batch["batch_id"], batch["mode"], batch["undoes"], batch["undone_by"]) for batch in document] == [
        (6, "undo", 5, None),
        (5, "undo", 4, 6),
        (4, "replace_period", None, None),
        (3, "delete_insert", None, None),
        (2, "delete_insert", None, None),
        (1, "delete_insert", None, None),
    ]
    assert document[2]["plan_id"] == plan["id"]
    assert [file["sha256"] for file in document[2]["source_files"]] == [plan["files"][0]["sha256"]]

    # a withdrawn key comes back
    done(story.run("--execute", "--file", book(story.root / "2024-02_受托业绩_更正2.xlsx", 2, {"P7": 7.0})))
    done(story.dbt("run"))
    assert changed(after, mart(told)) == {("2024-02-01", "P7", "7.00")}
    done(story.dbt("run", "--full-refresh"))
    assert changed(after, mart(told)) == {("2024-02-01", "P7", "7.00")}
    kinds = "select kind from marts.trustee_performance_restatements where plan_code = 'P7' and batch_id = 7"
    assert {kind for (kind,) in told.query(kinds)} == {"restored"}


@pytest.mark.heavy
def test_an_undo_leaves_keys_that_a_later_batch_restated(story: Checkout, told: Database) -> None:
    done(story.run("--execute", "--file", correction(story)))
    done(story.run("--execute", "--file", book(story.root / "2024-02_受托业绩_更正3.xlsx", 2, {"P3": 33.0}), "--build"))
    shown = done(story.run("undo", "4", "--build"))
    assert "6 keys have their earlier figures again, 1 have none any more, 1 keep those of a later load" in shown
    sizes = dict(told.query("select plan_code, fund_scale::float from marts.trustee_performance where"
                                " report_date = '2024-02-01' and company_code = 'C1'"))  # fmt: skip
    assert sizes == PLANS | {"P3": 33.0}


@pytest.mark.heavy
def test_prune_then_undo_then_full_refresh(story: Checkout, told: Database) -> None:
    rows = {f"R{number}": float(number) for number in range(1, 12_001)}
    sizes: list[Rows] = []
    for number in range(3):  # three versions of a month that is larger than a chunk
        path = story.root / f"2024-0{number + 1}" / "2024-05_受托业绩.csv"
        path.parent.mkdir()
        lines = (f"2024,5,{plan},C1,0.01,1.5,{size + number}" for plan, size in rows.items())
        path.write_text("\n".join([",".join(HEADER), *lines]), encoding="utf-8")
        done(story.run("--execute", "--file", path, "-q"))
        if number == 1:  # the history holds the first version, but not that the second ended it
            done(story.run("prune", "--keep-batches", "1"))
        if number != 0:
            done(story.dbt("run"))
            sizes.append(mart(told))
    staged = "select count(*) from staging.trustee_performance"
    assert told.query(staged) == [(30 + 36_000,)]
    dry = done(story.run("prune", "--keep-batches", "1"))
    assert "Would remove 12,000 of 36,030 rows" in dry
    assert told.query(staged) == [(30 + 36_000,)]
    log = story.run("prune", "--keep-batches", "1", "--execute", "--log-format", "json")
    chunks = [entry["rows"] for entry in map(json.loads, log.stderr.splitlines()) if entry["step"] == "pruned"]
    assert chunks == [10_000, 2_000]
    assert "Removed 12,000 of 36,030 rows" in done(log)
    assert told.query(staged) == [(30 + 24_000,)]

    beyond = story.run("undo", "5")
    assert beyond.returncode == ExitCode.DATA
    assert "prune removed older versions of its keys" in beyond.stderr
    done(story.run("undo", "6"))
    done(story.dbt("run"))
    assert mart(told) == sizes[0]
    done(story.build("--full-refresh"))
    assert mart(told) == sizes[0]
    versions = (
        "select count(*), count(valid_to) from marts.trustee_performance_history where report_date = '2024-05-01'"
    )
    assert told.query(versions) == [(48_000, 36_000)]


@pytest.mark.heavy
def test_prune_says_what_the_history_lacks(story: Checkout) -> None:
    done(story.run("--execute", "--file", correction(story)))
    path = book(story.root / "2024-02_受托业绩_更正4.xlsx", 2, CORRECTED | {"P3": 10.0})
    done(story.run("--execute", "--file", path))
    shown = done(story.run("prune", "--keep-batches", "1", "--execute"))
    assert "Removed 0 of" in shown
    assert "stay until `dbt build` has taken them into the history" in shown
    done(story.build())
    assert "Removed 7 of" in done(story.run("prune", "--keep-batches", "1", "--execute"))


@pytest.mark.heavy
def test_replace_period_refuses_to_remove_too_much_and_lists_the_keys(story: Checkout, told: Database) -> None:
    path = book(story.root / "2024-02_受托业绩.xlsx", 2, dict(list(PLANS.items())[:6]))
    refused = story.run("--execute", "--mode", "replace_period", "--file", path)
    assert refused.returncode == ExitCode.DATA
    assert "2 of 8 rows" in refused.stderr
    assert "2024-02-01 P6 C1; 2024-02-01 P7 C1" in refused.stderr
    assert told.query("select count(*) from staging.load_batches") == [(3,)]
    config = story.root / "config" / "data_sources.yml"
    config.write_text(config.read_text(encoding="utf-8").replace("max_removed_ratio: 0.2", "max_removed_ratio: 0.25"))
    done(story.run("--execute", "--mode", "replace_period", "--file", path))


@pytest.mark.heavy
def test_a_clock_that_jumped_back_leaves_times_in_order(story: Checkout, told: Database) -> None:
    told.query("update staging.load_batches set loaded_at = now() + interval '1 year' where batch_id = 3")
    path = correction(story)
    done(story.run("--execute", "--file", path, "--mode", "replace_period"))
    done(story.run("undo", "4", "--build"))
    times = [time for (time,) in told.query("select loaded_at from staging.load_batches order by batch_id")]
    assert times == sorted(times)
    assert told.query(
        "select count(*) from marts.trustee_performance_history where valid_to < valid_from or"
        " (valid_to is null and not withdrawn and not is_current)"
    ) == [(0,)]


def test_history_is_one_document_whatever_the_names(loading: Checkout, database: Database) -> None:
    assert json.loads(done(loading.run("history", "--json"))) == []
    assert "Nothing was loaded" in done(loading.run("history"))
    path = book(loading.root / "data" / ":smile: [b]" / f"2024-01_受托业绩{'x' * 150}.xlsx", 1, PLANS)
    done(loading.run("--execute", "--file", path))
    (batch,) = json.loads(done(loading.run("history", "--json")))
    assert batch["source_files"][0]["path"] == str(path)


@pytest.fixture
def crowd(loading: Checkout, database: Database) -> tuple[Checkout, Database]:
    """A checkout with eight months, and a database for all of them."""
    for month in range(1, 9):
        book(loading.root / "data" / f"2024-{month:02d}_受托业绩.xlsx", month, {**PLANS, "P99": float(month)})
    return loading, database


@pytest.mark.heavy
@pytest.mark.parametrize("same", [False, True], ids=["eight_months", "one_month"])
def test_eight_loads_at_once(crowd: tuple[Checkout, Database], same: bool) -> None:
    checkout, database = crowd
    files = sorted((checkout.root / "data").iterdir())
    commands = [
        ("--execute", "--reload", "-q", "--workers", "1", "--file", files[0 if same else number]) for number in range(8)
    ]
    started = [checkout.start(*command) for command in commands]
    outcomes = []
    deadline = time.monotonic() + 120
    for process in started:
        _, stderr = process.communicate(timeout=deadline - time.monotonic())
        outcomes.append(process.returncode)
        assert process.returncode in (ExitCode.OK, ExitCode.LOCKED), stderr
    # one transaction ends before the next one takes the lock and its number, so xmin grows in the order of the commits
    batches = database.query("select batch_id, loaded_at from staging.load_batches order by xmin::text::bigint")
    assert len(batches) == outcomes.count(ExitCode.OK) >= 1
    assert batches == sorted(batches)
    assert [loaded_at for _, loaded_at in batches] == sorted(loaded_at for _, loaded_at in batches)
    for path in files:
        done(checkout.run("--execute", "--file", path, "-q"))
    done(checkout.dbt("build"))
    assert database.query(
        "select count(*), count(distinct (report_date, plan_code)) from marts.trustee_performance"
    ) == [(72, 72)]
