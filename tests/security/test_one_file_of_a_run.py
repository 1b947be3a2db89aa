"""What one hostile file of a run may do to the others: nothing."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROW, TODAY, Checkout, Database, WriteWorkbook, plan_of
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.errors.workbook import WorkbookChanged
from extract.files.discovery import named_files
from extract.files.sources import time_of
from extract.pipeline import extracting
from extract.plan.writing import plan_sql
from extract.table import reading
from extract.table.reading import ReadOptions, extract_file
from hostile import good, package, table

LATE = 2**38
"""Seconds since 1970: in the year 10680."""
BOTH = ("--max-files", "2")


def test_two_rows_of_one_key_under_a_single_period_column(checkout: Checkout, tmp_path: Path) -> None:
    header = ("报告期", "计划代码", "公司代码", "收益率", "净值", "规模")
    rows = [("2024-11", *row[2:]) for row in good(3)]
    path = checkout.root / "data" / "2024-11_受托业绩.xlsx"
    path.write_bytes(package(table(*rows, (*rows[0][:5], 7), header=header)))
    done = checkout.run("--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "conflicting_duplicate" in done.stdout
    assert [row[1] for row in plan_of(tmp_path / "plan")] == ["P1", "P2"]


def test_a_bug_fails_its_file_by_name(
    write_workbook: WriteWorkbook, domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recognise(source: object, *_: object) -> bytes:
        if "2024-12" in str(source):
            raise AssertionError("no such case")
        return read_bytes(source, *_)  # type: ignore[arg-type]

    read_bytes = reading._read_bytes
    monkeypatch.setattr(reading, "_read_bytes", recognise)  # the workers are forks
    paths = [write_workbook([ROW]), write_workbook([ROW], name="2024-12_受托业绩.xlsx")]
    files = named_files(paths, tmp_path, domain.config).files
    with extracting(files, domain, TODAY, ReadOptions(), 2) as outcomes:
        first, error = outcomes
    assert first.sheets[0].report.rows_loaded == 1
    assert error.exit_code is ExitCode.BUG
    assert "2024-12_受托业绩.xlsx was not read, by a bug in WorkDataHub (AssertionError: no such case)" in error.message
    assert 'raise AssertionError("no such case")' in error.next_step


@pytest.mark.parametrize("seconds", [2**40, -(2**40), 2**63, float("inf")])
def test_times_that_no_calendar_has(seconds: float) -> None:
    assert 1900 <= time_of(seconds).year <= 9999


@pytest.fixture
def late(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files may have times beyond the year 9999."""
    for base in (tmp_path, Path("/dev/shm")):  # a file system in memory holds such times
        if base.is_dir():
            with tempfile.TemporaryDirectory(dir=base) as folder:
                os.utime(folder, (LATE, LATE))
                if Path(folder).stat().st_mtime == LATE:
                    yield Path(folder)
                    return
    pytest.skip("no file system here holds such a time")


@pytest.mark.database
def test_a_modification_time_beyond_the_year_9999(loading: Checkout, database: Database, late: Path) -> None:
    for month in (11, 12):
        path = late / f"2024-{month}_受托业绩.xlsx"
        path.write_bytes(package(table(*[(2024, month, *row[2:]) for row in good(2)])))
    os.utime(path, (LATE, LATE))
    done = loading.run("--execute", "--data-dir", late, *BOTH, TZ="Asia/Shanghai")
    assert done.returncode == ExitCode.OK, done.stderr
    assert database.query("select extract(year from max(modified_at)) from staging.source_files") == [(9999,)]
    assert loading.run("history", TZ="Asia/Shanghai").returncode == ExitCode.OK


@pytest.mark.parametrize("swap", ["link", "file", "pipe"])
def test_a_file_that_is_swapped_after_it_was_found(
    write_workbook: WriteWorkbook, domain: Domain, tmp_path: Path, swap: str
) -> None:
    path = write_workbook([ROW])
    secret = write_workbook([ROW], folder=tmp_path / "elsewhere")
    (source,) = named_files([path], tmp_path, domain.config).files
    if swap == "file":
        secret.replace(path)
    else:
        path.unlink()
        path.symlink_to(secret) if swap == "link" else os.mkfifo(path)
    with pytest.raises(WorkbookChanged):
        extract_file(source, domain, TODAY)


def test_a_link_that_the_user_names_is_followed(write_workbook: WriteWorkbook, domain: Domain, tmp_path: Path) -> None:
    link = tmp_path / "2024-11_受托业绩_link.xlsx"
    link.symlink_to(write_workbook([ROW], folder=tmp_path / "elsewhere"))
    (result,) = extract_file(named_files([link], tmp_path, domain.config).files[0], domain, TODAY)
    assert result.report.rows_loaded == 1


def test_a_file_that_grows_without_end_is_not_read_to_its_end(
    write_workbook: WriteWorkbook, domain: Domain, tmp_path: Path
) -> None:
    path = write_workbook([ROW])
    (source,) = named_files([path], tmp_path, domain.config).files
    os.truncate(path, 2**40)  # a hole, no bytes on the disk
    with pytest.raises(Exception, match=r"limits\.file_mb"):
        extract_file(replace(source), domain, TODAY)


@pytest.mark.parametrize("foreign", ["a\nDROP TABLE y;\n--", "b\u2028c\rd\x85select 1;"])
def test_names_become_no_statements_in_plan_sql(checkout: Checkout, tmp_path: Path, foreign: str) -> None:
    folder = checkout.root / "data" / foreign
    folder.mkdir()
    (folder / "2024-11_受托业绩.xlsx").write_bytes(package({(foreign, "visible"): table(*good(2))}))
    done = checkout.run("--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    sql = (tmp_path / "plan" / "plan.sql").read_text(encoding="utf-8")
    plain = plan_sql([])  # the head alone
    for line in sql.removeprefix(plain).splitlines():
        assert re.match(r"-- |COPY |FROM |INSERT |DELETE |USING |WHERE |SELECT |;|$", line), line
    statements = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["sql"]
    assert len(statements) == sql.count(";\n")
