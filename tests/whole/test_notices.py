"""Notices that reach somebody: by real HTTP and SMTP servers of the tests, on loads, builds, warnings and failures."""

import json
import socketserver
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.settings import ROOT
from receivers import Posts, configured, posting, serving

pytest.importorskip("apprise", reason="needs the extra [notify]")
SECRET = "s3cret-token"


@pytest.fixture
def posts() -> Iterator[tuple[int, Posts]]:
    """A port, and what was posted there."""
    with posting() as taken:
        yield taken


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text.decode())
                self.server.mails.append("".join(lines))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


def test_a_test_reaches_a_webhook_and_a_mailbox(checkout: Checkout, posts: tuple[int, list[object]]) -> None:
    port, told = posts
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    server.mails = []  # type: ignore[attr-defined]
    with serving(server) as smtp:
        configured(
            checkout,
            f"{{url: 'json://127.0.0.1:{port}/${{TOKEN}}'}}",
            f"{{url: 'mailto://127.0.0.1:{smtp}/?from=wdh@example.com&to=a@example.com&mode=insecure'}}",
        )
        done = checkout.run("notify", "--test", TOKEN=SECRET)
    assert done.returncode == ExitCode.OK, done.stderr
    assert [path for path, _ in told] == [f"/{SECRET}"]
    (mail,) = server.mails  # type: ignore[attr-defined]
    assert "A test of WorkDataHub" in str(message_from_string(mail)["Subject"])
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.database
def test_loads_warnings_and_failures_are_told_without_figures(
    loading: Checkout,
    database: Database,
    posts: tuple[int, Posts],
    write_workbook: WriteWorkbook,
) -> None:
    port, told = posts
    configured(
        loading, f"{{url: 'json://127.0.0.1:{port}'}}", f"{{url: 'json://127.0.0.1:{port}/f', about: [failure]}}"
    )
    assert loading.run("--data-dir", ROOT / "data").returncode == ExitCode.OK
    assert told == []  # a plan tells nobody
    done = loading.run("--execute", "--data-dir", ROOT / "data")
    assert done.returncode == ExitCode.OK, done.stderr
    ((path, notice),) = told
    assert path == "/"
    assert notice["title"].startswith("Loaded: batch 1, 329 rows of 1 workbooks, 0 rejected")
    told.clear()
    book = write_workbook([ROW, (*ROW[:2], "P2", "C1", "987.125x", 1, 1), (*ROW[:2], "P3", *ROW[3:])])
    assert loading.run("--execute", "--file", book).returncode == ExitCode.OK
    ((_, warned),) = told
    assert warned["type"] == "warning"
    assert "1 rejected" in warned["title"]
    assert "plan: " in warned["message"]
    told.clear()
    bad = write_workbook([(*ROW[:4], "987.125x", 1, 1)])
    assert loading.run("--execute", "--file", bad).returncode == ExitCode.DATA
    assert {path for path, _ in told} == {"/", "/f"}
    assert told[0][1]["type"] == "failure"
    assert "too_many_rejects" in told[0][1]["title"]
    assert "987" not in json.dumps(told)


@pytest.mark.heavy
@pytest.mark.database
def test_missing_submissions_are_told_by_their_companies(
    loading: Checkout, posts: tuple[int, Posts], write_workbook: WriteWorkbook
) -> None:
    port, told = posts
    configured(loading, f"{{url: 'json://127.0.0.1:{port}', about: [missing]}}")
    with (loading.root / "dbt_project" / "seeds" / "expected_submissions.csv").open("a", encoding="utf-8") as seed:
        seed.writelines(f"trustee_performance,{company},2024-11-01,2024-11-01,10,\n" for company in ("C1", "SILENT"))
    book = write_workbook([(*ROW[:2], "P1", "C1", *ROW[4:])])
    assert loading.run("--execute", "--build", "--file", book).returncode == ExitCode.OK
    assert told == []
    assert loading.run("missing", "--period", "2024-11").returncode == ExitCode.OK
    assert told == []  # who only looks tells nobody
    assert loading.run("missing", "--period", "2024-11", "--fail").returncode == ExitCode.DATA
    ((_, notice),) = told
    assert notice["title"] == "Missing: 1 submissions of 2024-11, due 2024-12-10"
    assert "SILENT" in notice["message"]
    told.clear()
    assert loading.run("missing", "--fail", "--period", "2024-11", "--language", "zh").returncode == ExitCode.DATA
    assert told[0][1]["title"] == "缺报：2024-11 有 1 份未报送，截止日 2024-12-10"


@pytest.mark.parametrize("entry", ["{url: 'json://h', on_: [load]}", "{url: 'json://h', about: [loads]}", "{url: h}"])
def test_a_wrong_entry_is_named(checkout: Checkout, entry: str) -> None:
    configured(checkout, entry)
    done = checkout.run("notify", "--test")
    assert done.returncode == ExitCode.USAGE
    assert "notify.to.0" in done.stderr


@pytest.mark.database
def test_a_notice_that_cannot_be_sent_changes_nothing(loading: Checkout, tmp_path: Path) -> None:
    configured(loading, "{url: 'json://127.0.0.1:1/${TOKEN}'}", "{url: 'json://127.0.0.1/${NOBODY_SET_THIS}'}")
    done = loading.run("--execute", "--data-dir", ROOT / "data", TOKEN=SECRET)
    assert done.returncode == ExitCode.OK
    assert done.stderr.count("notice not sent") == 2
    assert "the variable NOBODY_SET_THIS is not set" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert loading.run("notify", "--test", TOKEN=SECRET).returncode == ExitCode.USAGE


def test_without_the_extra_it_names_itself(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "apprise.py").write_text("raise ImportError")
    configured(checkout, "{url: 'json://127.0.0.1:1'}")
    done = checkout.bare("notify", "--test", PYTHONPATH=str(tmp_path))
    assert done.returncode == ExitCode.USAGE
    assert "pip install 'workdatahub[notify]'" in " ".join(done.stderr.split())
