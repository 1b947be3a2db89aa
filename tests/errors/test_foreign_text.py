"""Text of others in messages and logs: escaped, and at most 200 characters of it."""

import json
from pathlib import Path

import pytest

from conftest import ROW, Checkout, WriteWorkbook
from extract.errors.base import WorkDataHubError
from extract.errors.dbt import ProjectInvalid
from extract.errors.files import FileMissing
from extract.errors.table import SheetNotFound
from extract.foreign import shown
from extract.steps import FIELDS, LOGGER, log_step, timed_step

LONG = "a" * 150 + "b" * 5000 + "z" * 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("规模（万元） é", "规模（万元） é"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[2Jx", r"\x1b[2Jx"),
        ("nul\0", r"nul\x00"),
        ("\x7f\x85\x9b31m", r"\x7f\x85\x9b31m"),
        ("txt.\u202excel\u2066", r"txt.\u202excel\u2066"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\udcff.xlsx", r"\xff.xlsx"),
        ("\ud800", r"\ud800"),
        ("a" * 200, "a" * 200),
        (LONG, "a" * 149 + "…" + "z" * 50),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(shown(text)) == expected


def test_what_is_never_cut() -> None:
    assert shown(LONG, limit=None) == LONG
    assert shown("a\nb\x1b", limit=None, lines=True) == "a\nb\\x1b"


@pytest.mark.parametrize(
    ("error", "message", "next_step"),
    [
        (SheetNotFound(file="f", sheet="\x1b]0;x\7", sheets="a\nb"), r"f has no sheet \x1b]0;x\x07", r"--sheet: a\nb"),
        (SheetNotFound(file="f", sheet=LONG, sheets="a"), f"f has no sheet {shown(LONG)}", "--sheet: a"),
        (FileMissing(path=f"/{LONG}\n"), rf"there is no file /{LONG}\n", "--file"),
        (ProjectInvalid(problem="one\n  two\x1b"), "parse: one\n  two\\x1b", "dbt parse"),
    ],
)
def test_messages(error: WorkDataHubError, message: str, next_step: str) -> None:
    assert error.message.endswith(message)
    assert next_step in error.next_step


def test_fields_of_log_lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "propagate", True)
    caplog.set_level("INFO", LOGGER.name)
    log_step("skipped", file="\x1b[2J" + LONG, where=Path(LONG), rows=3)
    with timed_step("copied", table="a\nb") as fields:
        fields["seen"] = "c\rd"
    seen = {id(record): record for record in caplog.records}  # a handler of another test may hand each on once more
    first, second = (getattr(record, FIELDS) for record in seen.values() if record.name == LOGGER.name)
    assert first == {"file": shown("\x1b[2J" + LONG), "where": LONG, "rows": 3}
    assert (second["table"], second["seen"]) == (r"a\nb", r"c\rd")


@pytest.mark.parametrize("sheet", ["\x1b]0;owned\x07", "\u202egpj", "x" * 3000, "\udcff"])
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_error_steers_a_terminal(
    checkout: Checkout, write_workbook: WriteWorkbook, sheet: str, log_format: str
) -> None:
    done = checkout.run("--file", write_workbook([ROW]), "--sheet", sheet, "--log-format", log_format)
    assert done.returncode == 1
    assert shown(sheet) in (
        json.loads(done.stderr.splitlines()[-1])["message"] if log_format == "json" else done.stderr
    )
    assert sheet not in done.stdout + done.stderr
