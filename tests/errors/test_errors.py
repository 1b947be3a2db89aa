"""Every error of docs/errors.md, produced through the command line; and that page itself."""

import json
import socket
import subprocess
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import openpyxl
import psycopg2
import pytest

import approval_errors
import layout_errors
import table_errors
import warehouse_errors
from checkouts import change_code
from conftest import HEADER, ROW, Checkout, Database, WriteWorkbook, variables
from extract.database.connection import LOCK_KEY, Target
from extract.errors.pages import PAGE, error_kinds, error_page
from extract.settings import ROOT
from failing import SLEEPING_COPY, at_commit, small_files
from small_project import always_fails, write_small_project

pytestmark = pytest.mark.database

SAMPLES = str(ROOT / "data")


def test_the_page_is_that_of_the_classes() -> None:
    assert PAGE.read_text(encoding="utf-8") == error_page(), "run python -m extract.errors.pages"


class Stage:
    """What the scenarios of this module work with."""

    def __init__(self, checkout: Checkout, database: Database, server: Target, write: WriteWorkbook, folder: Path):
        self.checkout, self.database, self.server, self.write, self.folder = checkout, database, server, write, folder

    def book(self, rows: object = (ROW,), **options: object) -> str:
        """A workbook of November."""
        return str(self.write(rows, **options))

    def config(self, old: str, new: str) -> str:
        """A changed copy of the configuration."""
        path = self.folder / "changed.yml"
        text = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command whose errors are in the JSON log."""
        return self.checkout.run(*arguments, "--log-format", "json", **environment)

    def execute(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A load into the database of the test."""
        settings = self.database.environment | environment
        return self.run("--execute", "--data-dir", SAMPLES, *arguments, **settings)


@pytest.fixture
def stage(
    checkout: Checkout, database: Database, strict_server: Target, write_workbook: WriteWorkbook, tmp_path: Path
) -> Stage:
    """The stage of one scenario."""
    return Stage(checkout, database, strict_server, write_workbook, tmp_path)


Result = subprocess.CompletedProcess[str]


def column_ambiguous(stage: Stage) -> Result:
    return stage.run("--file", stage.book(header=(*HEADER[:6], "净值")))


def rejects_mixed(stage: Stage) -> Result:
    for month in (10, 11):
        stage.book([ROW, (2024, month, "P2", "C1", "x", 1, 1)], name=f"2024-{month}_受托业绩.xlsx")
    books = sorted(stage.folder.glob("2024-1*.xlsx"))
    plan = stage.folder / "plan"
    stage.run(
        "--accept",
        "period_mismatch",
        *(part for book in books for part in ("--file", str(book))),
        "--plan-dir",
        str(plan),
    )
    workbook = openpyxl.load_workbook(plan / "rejects.xlsx")
    one, other = workbook.worksheets[1:]
    other.append([cell.value for cell in one[2]])
    workbook.save(plan / "rejects.xlsx")
    return stage.run("--file", str(plan / "rejects.xlsx"))


def domain_not_chosen(stage: Stage) -> Result:
    text = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")
    entry = text[text.index("  trustee_performance:") : text.index("\ndiscovery:")]
    second = entry.replace("trustee_performance:", "others:", 1)
    return stage.run("--config", stage.config("\ndiscovery:", f"{second}\ndiscovery:"))


def domain_file_exists(stage: Stage) -> Result:
    mart = stage.checkout.root / "dbt_project" / "models" / "marts" / "funds.sql"
    mart.write_text("select 1")
    return stage.run("new-domain", "funds", "--from", stage.book())


def header_not_found(stage: Stage) -> Result:
    return stage.run("--file", stage.book(header=("x", "y")))


def data_directory_missing(stage: Stage) -> Result:
    return stage.run("--data-dir", "nowhere")


def disk_failed(stage: Stage) -> Result:
    with small_files(10_000):
        return stage.run("--data-dir", SAMPLES)


def embedded_server_failed(stage: Stage) -> Result:
    (stage.checkout.root / ".wdh").mkdir()
    (stage.checkout.root / ".wdh" / "postgres").write_text("in the way")
    return stage.run("--execute", "--data-dir", SAMPLES)


def notices_not_sent(stage: Stage) -> Result:
    entry = "notify: {to: [{url: 'json://${NOBODY_SET_THIS}'}]}"
    return stage.run("notify", "--test", "--config", stage.config("discovery:", f"{entry}\ndiscovery:"))


def server_stopped(stage: Stage) -> Result:
    """Of a server that was initialised once."""
    (stage.checkout.root / ".wdh" / "postgres").mkdir(parents=True)
    (stage.checkout.root / ".wdh" / "postgres" / "PG_VERSION").write_text("18\n")
    return stage.run("status", "-q")


def file_given_twice(stage: Stage) -> Result:
    book = stage.book()
    return stage.run("--file", book, "--file", book)


def keys_exist(stage: Stage) -> Result:
    stage.execute()
    return stage.execute("--mode", "append")


def load_locked(stage: Stage) -> Result:
    holder = psycopg2.connect(**stage.database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        return stage.execute()
    finally:
        holder.close()


def not_a_workbook(stage: Stage) -> Result:
    path = stage.folder / "2024-11_受托业绩.xlsx"
    path.write_bytes(b"%PDF-1.7")
    return stage.run("--file", str(path))


def plan_directory_unusable(stage: Stage) -> Result:
    return stage.run("--data-dir", SAMPLES, "--plan-dir", str(stage.checkout.root))


def outcome_unknown(stage: Stage) -> Result:
    stage.execute()
    stage.database.query(at_commit("perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(60)"))
    return stage.execute("--reload")


def statement_timed_out(stage: Stage) -> Result:
    stage.execute()
    stage.database.query(SLEEPING_COPY)
    return stage.execute("--reload", WDH_DATABASE__STATEMENT_TIMEOUT="0.5")


def table_locked(stage: Stage) -> Result:
    stage.execute()
    holder = psycopg2.connect(**stage.database.target.parameters)
    try:
        with holder.cursor() as cursor:
            cursor.execute("lock table staging.load_batches")
        return stage.execute(WDH_DATABASE__LOCK_TIMEOUT="0.5")
    finally:
        holder.close()


def workbook_changed(stage: Stage) -> Result:
    """A workbook that is rewritten all the time, read until a reading meets a write."""
    path = Path(stage.book())
    content = path.read_bytes() + bytes(20_000_000)
    path.write_bytes(content)
    ended = threading.Event()

    def rewrite() -> None:
        while not ended.is_set():
            with path.open("r+b") as file:
                file.write(content)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        for _ in range(20):
            done = stage.run("--file", str(path))
            if "workbook_changed" in done.stderr:
                break
    finally:
        ended.set()
        writer.join()
    return done


def extra_missing(stage: Stage) -> Result:
    """As where Dagster is not installed, in any environment."""
    (stage.folder / "sitecustomize.py").write_text("import sys\nsys.modules['dagster_dbt'] = None\n")
    return stage.checkout.bare("dagster", "--log-format", "json", PYTHONPATH=str(stage.folder))


def remote_failed(stage: Stage) -> Result:
    if find_spec("fsspec") is None:
        pytest.skip("fsspec is not installed: pip install -e '.[remote]'")
    return stage.run("--data-dir", "nowhere://bucket/months")


def executor_unreachable(stage: Stage) -> Result:
    if find_spec("distributed") is None:
        pytest.skip("Dask is not installed: pip install -e '.[dask]'")
    return stage.run("--file", stage.book(), "--executor", "dask://127.0.0.1:1")


def project_invalid(stage: Stage) -> Result:
    model = write_small_project(stage.checkout.root) / "models" / "later.sql"
    model.write_text("select * from {{ ref('nowhere') }}\n")
    return stage.execute("--build")


def build_failed(stage: Stage) -> Result:
    always_fails(write_small_project(stage.checkout.root), "always_fails", "base")
    return stage.execute("--build")


def stray_cell(stage: Stage) -> str:
    """A workbook with a cell in the last column and row of all."""
    book = stage.book()
    workbook = openpyxl.load_workbook(book)
    workbook.active["XFD1048576"] = 1
    workbook.save(book)
    return book


def reader_crashed(stage: Stage) -> Result:
    config = stage.config("discovery:", "limits: {cells: 100000000000, memory_mb: 500}\n\ndiscovery:")
    return stage.run("--file", stray_cell(stage), "--config", config)


def reader_failed(stage: Stage) -> Result:
    change_code(stage.checkout.root / "extract" / "table" / "reading.py", "\n\ndef extract_file(*_): 1 / 0\n")
    return stage.checkout.bare("--file", stage.book(), "--log-format", "json")


def sheet_ambiguous(stage: Stage) -> Result:
    book = stage.book()
    workbook = openpyxl.load_workbook(book)
    workbook.copy_worksheet(workbook.active)
    workbook.save(book)
    return stage.run("--file", book, "--sheet", "auto")


def staging_differs(stage: Stage) -> Result:
    stage.execute()
    stage.database.query("alter table staging.trustee_performance drop column fund_scale")
    return stage.execute()


def versions_ambiguous(stage: Stage) -> Result:
    for name in ("a", "b"):
        stage.write([ROW], name=f"2024-11_{name}_受托业绩.xlsx", folder=stage.folder / "rivals")
    return stage.run("--data-dir", str(stage.folder / "rivals"))


def workbook_protected(stage: Stage) -> Result:
    import msoffcrypto.format.ooxml

    secret = stage.folder / "2024-11_受托业绩_geheim.xlsx"
    with Path(stage.book()).open("rb") as plain, secret.open("wb") as target:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("geheim", target)
    opened = stage.run("--file", str(secret), WDH_WORKBOOK_PASSWORD="geheim")
    assert opened.returncode == 0, opened.stderr
    (stage.folder / "passwords.yml").write_text("'*geheim*': geheim\n")
    config = stage.config("discovery:", "passwords: passwords.yml\n\ndiscovery:")
    assert stage.run("--file", str(secret), "--config", config).returncode == 0
    return stage.run("--file", str(secret), WDH_WORKBOOK_PASSWORD="wrong")


def workbook_unreadable(stage: Stage) -> Result:
    path = stage.folder / "2024-11_受托业绩.xlsx"
    path.write_bytes(Path(stage.book()).read_bytes()[:2000])
    return stage.run("--file", str(path))


def port_taken(stage: Stage) -> Result:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        return stage.run("docs", "--port", port, **stage.database.environment)


def plan_of_stage(stage: Stage) -> Path:
    """A plan of one workbook."""
    folder = stage.folder / "plan"
    assert stage.run("--file", stage.book(), "--plan-dir", str(folder)).returncode == 0
    return folder


def apply(stage: Stage, folder: Path, *arguments: str) -> Result:
    return stage.run("apply", str(folder), *arguments, **stage.database.environment)


def plan_changed(stage: Stage) -> Result:
    folder = plan_of_stage(stage)
    records = folder / "trustee_performance.csv"
    records.write_bytes(records.read_bytes().replace(b"0.010000", b"0.010001"))
    return apply(stage, folder)


def plan_id_differs(stage: Stage) -> Result:
    return apply(stage, plan_of_stage(stage), "--id", "0" * 64)


def plan_of_other_month(stage: Stage) -> Result:
    return stage.run("month", "2024-10", "--plan", str(plan_of_stage(stage)), **stage.database.environment)


def plan_not_ready(stage: Stage) -> Result:
    folder = stage.folder / "plan"
    assert stage.run("--file", stage.book([ROW[:3]]), "--plan-dir", str(folder)).returncode == 1
    return apply(stage, folder)


def plan_outdated(stage: Stage) -> Result:
    folder = plan_of_stage(stage)
    return apply(stage, folder, "--config", stage.config("units: {}", "units: {return_rate: percent}"))


def sources_changed(stage: Stage) -> Result:
    folder = plan_of_stage(stage)
    stage.book([(*ROW[:6], 1001)])
    return apply(stage, folder)


def too_many_removed(stage: Stage) -> Result:
    settings = stage.database.environment
    first = stage.book([ROW, (*ROW[:2], "P2", *ROW[3:])])
    assert stage.run("--execute", "--file", first, **settings).returncode == 0
    return stage.run("--execute", "--file", stage.book(), "--mode", "replace_period", **settings)


def removed_beside_rejects(stage: Stage) -> Result:
    settings = stage.database.environment
    many = [(*ROW[:2], f"P{number}", *ROW[3:]) for number in range(10)]
    assert stage.run("--execute", "--file", stage.book(many), **settings).returncode == 0
    return stage.run("--execute", "--file", stage.book([*many[:9], (*many[9][:6], "x")]), "--mode", "replace_period",
                     **settings)  # fmt: skip


def batch_not_undoable(stage: Stage) -> Result:
    stage.execute()
    assert stage.run("undo", "1", **stage.database.environment).returncode == 0
    return stage.run("undo", "1", **stage.database.environment)


def history_not_built(stage: Stage) -> Result:
    stage.execute()
    return stage.run("prune", "--keep-batches", "1", **stage.database.environment)


def history_differs(stage: Stage) -> Result:
    stage.execute()
    stage.database.query("create schema marts; create table marts.trustee_performance_history (mood text)")
    return stage.run("repair", "history", **stage.database.environment)


def mart_runs_code(stage: Stage) -> Result:
    """A view of another role, which that of the test is a member of, since it owns the database."""
    stage.execute()
    stage.database.query(
        "create schema marts; create view marts.trustee_performance as select 1 as a;"
        "grant all on schema marts to pg_database_owner;"
        "alter view marts.trustee_performance owner to pg_database_owner"
    )
    return stage.run("--diff", "--file", stage.book(), **stage.database.environment)


def database_refused(stage: Stage) -> Result:
    stage.execute()
    stage.database.query("alter table staging.trustee_performance add check (source_row > 9) not valid")
    return stage.execute("--reload")


SCENARIOS: dict[str, Callable[[Stage], Result]] = {
    "batch_not_undoable": batch_not_undoable,
    "batch_unknown": lambda stage: stage.run("undo", "7", **stage.database.environment),
    "build_failed": build_failed,
    "column_ambiguous": column_ambiguous,
    "column_missing": lambda stage: stage.run("--file", stage.book(header=(*HEADER[:3], "受托人"))),
    "config_file_missing": lambda stage: stage.run("--config", "nowhere.yml"),
    "config_invalid": lambda stage: stage.run("--config", stage.config("select:", "selekt:")),
    "data_directory_missing": data_directory_missing,
    "database_missing": lambda stage: stage.execute(**variables(stage.server, DB="nowhere")),
    "database_refused": database_refused,
    "database_unreachable": lambda stage: stage.execute(**variables(stage.server, PORT="1")),
    "disk_failed": disk_failed,
    "domain_file_exists": domain_file_exists,
    "domain_name_unusable": lambda stage: stage.run("new-domain", "Funds", "--from", stage.book()),
    "domain_not_chosen": domain_not_chosen,
    "nothing_to_propose": lambda stage: stage.run("new-domain", "funds", "--from", stage.book([], header=None)),
    "embedded_server_failed": embedded_server_failed,
    "executor_unknown": lambda stage: stage.run("--file", stage.book(), "--executor", "ray://127.0.0.1"),
    "executor_unreachable": executor_unreachable,
    "extra_missing": extra_missing,
    "remote_failed": remote_failed,
    "file_given_twice": file_given_twice,
    "file_missing": lambda stage: stage.run("--file", "nowhere.xlsx"),
    "header_not_found": header_not_found,
    "history_differs": history_differs,
    "mart_runs_code": mart_runs_code,
    "history_not_built": history_not_built,
    "invalid_setting": lambda stage: stage.run(WDH_DATABASE__PORT="high"),
    "keys_exist": keys_exist,
    "load_locked": load_locked,
    "login_rejected": lambda stage: stage.execute(**variables(stage.server, PASSWORD="wrong")),
    "notices_not_sent": notices_not_sent,
    "notify_not_configured": lambda stage: stage.run("notify", "--test"),
    "no_embedded_server": lambda stage: stage.run("server", "stop", **stage.database.environment),
    "no_files_found": lambda stage: stage.run("--data-dir", str(ROOT / "docs")),
    "not_a_workbook": not_a_workbook,
    "permission_denied": lambda stage: stage.execute(**variables(stage.server)),
    "plan_changed": plan_changed,
    "outcome_unknown": outcome_unknown,
    "path_unusable": lambda stage: stage.run("--file", "x" * 300),
    "period_ambiguous": lambda stage: stage.run("--file", stage.book(name="2024年10月-11月受托业绩.xlsx")),
    "plan_directory_unusable": plan_directory_unusable,
    "plan_missing": lambda stage: stage.run("apply", str(stage.folder)),
    "plan_id_differs": plan_id_differs,
    "plan_not_ready": plan_not_ready,
    "plan_of_other_month": plan_of_other_month,
    "plan_outdated": plan_outdated,
    "port_taken": port_taken,
    "project_invalid": project_invalid,
    "reader_crashed": reader_crashed,
    "reader_failed": reader_failed,
    "rejects_mixed": rejects_mixed,
    "removed_beside_rejects": removed_beside_rejects,
    "reject_unknown": lambda stage: stage.run("waive", "R1", "--reason", "x", **stage.database.environment),
    "server_stopped": server_stopped,
    "sheet_ambiguous": sheet_ambiguous,
    "sheet_not_found": lambda stage: stage.run("--file", stage.book(), "--sheet", "Sheet9"),
    "sources_changed": sources_changed,
    "staging_differs": staging_differs,
    "too_many_removed": too_many_removed,
    "statement_timed_out": statement_timed_out,
    "table_locked": table_locked,
    "too_many_rejects": lambda stage: stage.run("--file", stage.book([ROW[:3]])),
    "unknown_domain": lambda stage: stage.run("--domain", "trustee"),
    "unknown_setting": lambda stage: stage.run(WDH_DATABASE_HOST="x"),
    "unknown_unit": lambda stage: stage.run("--file", stage.book(header=(*HEADER[:6], "规模(美元)"))),
    "versions_ambiguous": versions_ambiguous,
    "workbook_changed": workbook_changed,
    "workbook_protected": workbook_protected,
    "workbook_too_large": lambda stage: stage.run("--file", stray_cell(stage)),
    "workbook_unreadable": workbook_unreadable,
}

SCENARIOS |= warehouse_errors.SCENARIOS | table_errors.SCENARIOS | layout_errors.SCENARIOS | approval_errors.SCENARIOS


ADVICE = {
    "outcome_unknown": "python run.py history",
    "statement_timed_out": "WDH_DATABASE__STATEMENT_TIMEOUT",
}
"""What the next step of a load that failed must name, where a person would not know it."""
ROLLED_BACK = {"database_refused", "statement_timed_out", "table_locked"}
"""Second loads that leave the first one as it was."""


def test_every_kind_has_a_scenario() -> None:
    assert sorted(SCENARIOS) == sorted(kind.code() for kind in error_kinds())


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, id=kind.code(), marks=pytest.mark.heavy if number % 5 else ())
        for number, kind in enumerate(error_kinds())
    ],
)
def test_an_error_through_the_command_line(kind: type, stage: Stage) -> None:
    done = SCENARIOS[kind.code()](stage)
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    errors = [entry for entry in entries if entry["level"] == "error"]
    assert [entry["step"] for entry in errors] == [kind.code()], done.stderr
    assert done.returncode == kind.exit_code
    assert errors[0]["message"]
    assert errors[0]["next_step"]
    assert ADVICE.get(kind.code(), "") in errors[0]["next_step"]
    if kind.code() in ADVICE.keys() | ROLLED_BACK:
        assert "Loaded:" not in done.stdout
    if kind.code() in ROLLED_BACK:
        assert stage.database.query("select count(*) from staging.load_batches") == [(1,)]
    assert "Traceback" not in done.stderr
