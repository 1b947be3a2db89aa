"""The documentation as a person sees it: served by `python run.py docs`, opened in a browser."""

import re
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from checkouts import Process
from conftest import Checkout, Database
from extract.errors.base import ExitCode
from extract.settings import ROOT
from small_project import write_small_project

browsing = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
expect, Page = browsing.expect, browsing.Page
pytestmark = pytest.mark.database
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRAWN = """() => [...document.querySelectorAll("canvas")].some(canvas =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(value => value))"""
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the pages were not opened")


def serving(checkout: Checkout) -> Iterator[tuple[str, Process]]:
    """`python run.py docs` on a free port: its address and its process, which is ended afterwards."""
    with checkout.start("docs", "--port", "0") as process:
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
    """A browser on the first page. What does not come from the site is refused, as on a machine without internet."""
    with browsing.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1400, "height": 1000})
        opened.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        opened.route(lambda address: not address.startswith(site), lambda route: route.abort())
        opened.goto(site)
        yield opened
        browser.close()


@pytest.mark.heavy
@needs_browser
def test_a_person_finds_a_model_its_columns_and_its_lineage(page: Page) -> None:
    # the overview, in our words
    expect(page.get_by_role("heading", name="The way of a row")).to_be_visible()
    expect(page.get_by_text("Who has not reported?")).to_be_visible()
    expect(page.get_by_text("谁还没有报送？")).to_be_visible()
    assert not re.search(r"\{\{|\{%|\*\*|doc\(", page.inner_text("body")), "markup that was not rendered"

    # search
    page.get_by_placeholder("Search for models...").fill("monthly_performance")
    page.locator(".search-result h4").filter(has_text=re.compile(r"^\s*plan_monthly_performance\s")).click()
    expect(page.locator("h1").filter(has_text="plan_monthly_performance")).to_be_visible()
    description = page.locator("p").filter(has_text="Nothing is compounded over a gap.").first
    expect(description.locator("strong")).to_have_text("Nuance")

    # a column with its definition
    named = page.locator("td", has_text=re.compile(r"^\s*ytd_return\s*$"))
    page.locator("tr").filter(has=named).first.click()
    expect(page.get_by_text("Return compounded from January to this month: the product of").last).to_be_visible()
    assert not re.search(r"\{\{|\{%|\*\*|doc\(", page.inner_text(".app-body")), "markup that was not rendered"

    # lineage
    page.get_by_title("View Lineage Graph").click()
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_function(DRAWN)
    assert "rules_of_" not in page.inner_text("body"), "tests among the nodes of the lineage graph"


@pytest.mark.heavy
def test_only_the_page_is_served_and_signals_end_it(loading: Checkout, database: Database) -> None:
    """To this machine's names, and no comment in the database ends a script of the page."""
    write_small_project(loading.root)
    database.query(
        "create schema marts; create table marts.base (asset_code text);"
        "comment on column marts.base.asset_code is '</script><script>alert(1)</script>'"
    )
    for number, code in ((signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)):
        for address, process in serving(loading):
            with urllib.request.urlopen(address, timeout=10) as answer:
                text = answer.read().decode()
            assert "model.small.later" in text
            assert r"\u003c/script>\u003cscript>alert(1)" in text
            assert "<script>alert(1)" not in text
            elsewhere = urllib.request.Request(address, headers={"Host": "rebound.example:80"})
            with pytest.raises(urllib.error.HTTPError, match="421"):
                urllib.request.urlopen(elsewhere, timeout=10)
            for path in ("manifest.json", "../profiles.yml", "compiled/"):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(address + path, timeout=10)
            process.send_signal(number)
            assert process.wait(30) == code


@pytest.mark.heavy
def test_no_serve_writes_the_page(loading: Checkout) -> None:
    done = loading.run("docs", "--no-serve")
    assert done.returncode == ExitCode.OK, done.stderr
    page = loading.root / "target" / "static_index.html"
    assert str(page) in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "model.workdatahub.plan_monthly_performance" in text
    assert '"unit_tests": {}' in text, "the lineage graph would show unit tests"


@pytest.mark.heavy
def test_a_project_that_does_not_parse_is_named(loading: Checkout) -> None:
    model = loading.root / "dbt_project" / "models" / "marts" / "load_audit.sql"
    model.write_text("select * from {{ ref('nowhere') }}\n", encoding="utf-8")
    done = loading.run("docs", "--no-serve")
    assert done.returncode == ExitCode.PROJECT
    assert "nowhere" in done.stderr
