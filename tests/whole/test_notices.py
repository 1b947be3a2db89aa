"""Notices that reach somebody: by real HTTP and SMTP servers of the tests, on loads, builds, warnings and failures."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from conftest import ROW, Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.settings import ROOT

pytest.importorskip("apprise", reason="needs the extra [notify]")
SECRET = "s3cret-token"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """A server in a thread of its own; gives its port."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[index]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def posts() -> Iterator[tuple[int, list[tuple[str, dict[str, str]]]]]:
    """A port, and what was posted there: path and document."""
    told: list[tuple[str, dict[str, str]]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # that of the library
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Receiver)) as port:
        yield port, told


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


def configured(checkout: Checkout, *receivers: str) -> None:
    """Let the configuration of a checkout name receivers: lines of YAML."""
    path = checkout.root / "config" / "data_sources.yml"
    entry = "notify:\n  to:\n" + "".join(f"    - {receiver}\n" for receiver in receivers)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + entry, encoding="utf-8")


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
    posts: tuple[int, list[tuple[str, dict[str, str]]]],
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
