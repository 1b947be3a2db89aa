"""The documentation as a person sees it: served by `python run.py docs`, opened in a browser."""

import re
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from conftest import Checkout, Database
from extract.errors import ExitCode
from extract.settings import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the pages were not opened")


def serving(checkout: Checkout) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`python run.py docs` on a free port: its address and its process, which is ended afterwards."""
    command = checkout.command("docs", "--port", "0")
    with subprocess.Popen(command, cwd=checkout.root, env=checkout.env(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        try:
            assert found, "docs printed no address"
            yield found[0], process
        finally:
            process.kill()


@pytest.fixture
def site(loading: Checkout) -> Iterator[str]:
    """The address of the documentation of a warehouse with one month."""
    done = loading.run("--execute", "--build", "--data-dir", ROOT / "data")
    assert done.returncode == ExitCode.OK, done.stderr
    for address, _ in serving(loading):
        yield address


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A browser on the first page. Whatever does not come from the site is refused, as on a machine without internet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1400, "height": 1000})
        opened.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        opened.route(lambda address: not address.startswith(site), lambda route: route.abort())
        opened.goto(site)
        yield opened
        browser.close()


@needs_browser
def test_a_person_finds_a_model_its_columns_and_its_lineage(page: Page, site: str) -> None:
    # the overview, in our words
    expect(page.get_by_role("heading", name="The way of a row")).to_be_visible()
    assert not re.search(r"\{\{|\{%|\*\*|doc\(", page.inner_text("body"))

    # search
    page.get_by_placeholder("Search for models...").fill("monthly_performance")
    page.locator(".results, .result").get_by_text("plan_monthly_performance", exact=False).first.click()
    expect(page.get_by_role("heading", name="plan_monthly_performance")).to_be_visible()
    expect(page.get_by_text("Nothing is compounded over a gap.")).to_be_visible()
    expect(page.get_by_text("Primary key", exact=True)).to_be_visible()

    # a column with its definition
    page.get_by_text("ytd_return", exact=True).last.click()
    expect(page.get_by_text("Return compounded from January to this month", exact=False).last).to_be_visible()

    # lineage
    page.get_by_title("View Lineage Graph").click()
    page.wait_for_function("document.querySelectorAll('canvas').length > 0")
    page.wait_for_timeout(500)
    page.screenshot(path="/tmp/lineage.png")


def test_only_the_page_is_served_and_signals_end_it(checkout: Checkout, database: Database) -> None:
    docs = Checkout(checkout.root, database.environment)
    for number, code in ((signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)):
        for address, process in serving(docs):
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert "workdatahub" in answer.read().decode()
            for path in ("manifest.json", "../profiles.yml", "compiled/"):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(address + path, timeout=10)
            own = socket.gethostbyname(socket.gethostname())
            if not own.startswith("127."):
                with pytest.raises(OSError):
                    socket.create_connection((own, int(address.rsplit(":", 1)[1].strip("/"))), timeout=5)
            process.send_signal(number)
            assert process.wait(30) == code


def test_no_serve_writes_the_page(checkout: Checkout, database: Database) -> None:
    done = Checkout(checkout.root, database.environment).run("docs", "--no-serve")
    assert done.returncode == ExitCode.OK, done.stderr
    page = checkout.root / "target" / "static_index.html"
    assert str(page) in done.stdout
    assert "model.workdatahub.plan_monthly_performance" in page.read_text(encoding="utf-8")


def test_a_project_that_does_not_parse_is_named(checkout: Checkout, database: Database) -> None:
    model = checkout.root / "dbt_project" / "models" / "marts" / "load_audit.sql"
    model.write_text("select * from {{ ref('nowhere') }}\n", encoding="utf-8")
    done = Checkout(checkout.root, database.environment).run("docs", "--no-serve")
    assert done.returncode == ExitCode.PROJECT
    assert "nowhere" in done.stderr
