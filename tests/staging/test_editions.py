"""A workbook of an earlier month or version that is loaded later replaces the later figures, and the run says so."""

import pytest

from conftest import ROW, Checkout, WriteWorkbook
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database


def test_an_earlier_version_that_replaces_a_later_one_is_told(loading: Checkout, write_workbook: WriteWorkbook) -> None:
    def load(name: str, size: float) -> str:
        rows = [(*ROW[:6], size), (*ROW[:2], "P2", *ROW[3:])]
        done = loading.run("--execute", "--file", write_workbook(rows, name=name))
        assert done.returncode == ExitCode.OK, done.stderr
        return " ".join(done.stdout.split())

    assert "older_edition" not in load("2024-11_受托业绩_V2.xlsx", 7)
    told = "warning older_edition: 2024-11_受托业绩.xlsx: 1 keys had other figures of 2024-11_受托业绩_V2.xlsx"
    assert told in load("2024-11_受托业绩.xlsx", 8)
    assert "older_edition" not in load("2024-11_受托业绩_V3.xlsx", 9)
    assert loading.run("undo", "3").returncode == ExitCode.OK
    assert "older_edition" not in load("2024-11_受托业绩_V1.xlsx", 10)
