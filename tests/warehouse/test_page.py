"""`page` and `month`: one file, no network, the figures of the marts, and no text of others that runs."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checkouts import copy_checkout
from conftest import ROW, Checkout, Database, write_book
from databases import Make, Templates
from extract.errors.base import ExitCode
from orchestrate.dbt.profile import write_profile

pytestmark = pytest.mark.database
MONTHS = [(year, month) for year in (2024, 2025) for month in range(1, 13)]
PLANS = 400
HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def rows_of(year: int, month: int) -> list[tuple[object, ...]]:
    """A month of all plans, in four companies: C3 has no scale, and that of C2 jumps in the last month."""
    tenfold = 10 if (year, month) == MONTHS[-1] else 1
    scales = {0: 1, 1: 1, 2: tenfold}
    return [
        (year, month, f"P{plan:03}", f"C{plan % 4}", round((plan * 37 + month * 11) % 401 / 10_000 - 0.02, 6),
         round(1 + plan / 1000, 4), None if plan % 4 == 3 else (1000.25 + plan) * scales[plan % 4])
        for plan in range(PLANS)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database with 24 months of 400 plans; the last was restated, and one of its rows rejected."""

    def make(database: Database) -> None:
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("years")), database.environment)
        for year, month in MONTHS:
            write_book(rows_of(year, month), checkout.root / "data" / f"{year}-{month:02}_受托业绩报告.xlsx")
        done = checkout.run("--execute", "--max-files", "24")
        assert done.returncode == 0, done.stderr
        restated = rows_of(2025, 12)
        restated[7] = (*restated[7][:4], 0.0123, *restated[7][5:])
        restated.append((2025, 12, "P900", "C0", "5,5%", 1, 1))
        write_book(restated, checkout.root / "data" / "2025-12_受托业绩报告_修订.xlsx")
        done = checkout.run("--execute", "--build", "--period", "202512")
        assert done.returncode == 0, done.stderr

    return make


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, two_years: Make) -> Iterator[tuple[Checkout, Database]]:
    """A checkout whose commands use that database."""
    for database in templates.copy(two_years):
        yield Checkout(checkout.root, database.environment), database


@dataclass
class Read(HTMLParser):
    """A page as it reads: the rows of each table by its id, the tiles, and all tags."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    tiles: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    _table: str = ""
    _within: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "table":
            self._table = given["id"] or ""
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self._within = "cell"
            self.tables[self._table][-1].append("")
        elif tag == "b":
            self._within = "tile"
            self.tiles.append("")
        elif tag == "small" and self._within == "cell":
            self.tables[self._table][-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "b"):
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "cell":
            self.tables[self._table][-1][-1] += data
        elif self._within == "tile":
            self.tiles[-1] += data


def read_page(path: Path) -> Read:
    """A page as it reads."""
    read = Read()
    read.feed(path.read_text(encoding="utf-8"))
    return read


def figure(text: str) -> object:
    """What a cell says: a number (per cent as a share), or a text; None for a dash."""
    if text.partition("\n")[0] == "–":  # why there is none may stand below
        return None
    plain = text.replace(",", "")
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?%", plain):
        return Decimal(plain[:-1]).scaleb(-2)
    return Decimal(plain) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain) else text


def written(checkout: Checkout, *arguments: str) -> Path:
    """A page that the command wrote."""
    done = checkout.run("page", "--to", "page.html", *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    return checkout.root / "page.html"


@pytest.mark.heavy
def test_no_figure_differs_from_the_marts(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    path = written(checkout)
    assert path.stat().st_size < 3_000_000
    page = read_page(path)

    plans = {(row[0], row[1]): [figure(cell) for cell in row[2:9]] for row in page.tables["table-plans"][1:]}
    measures = "return_rate, ytd_return, trailing_12_return, drawdown, net_asset_value, fund_scale, excess_return"
    marts = "marts.plan_monthly_performance where report_date = '2025-12-01'"
    wanted = database.query(f"select plan_code, company_code, {measures} from {marts}")
    assert plans == {row[:2]: list(row[2:]) for row in wanted}
    assert len(plans) == PLANS
    cells = {(row[0], row[1]): row[10] for row in page.tables["table-plans"][1:]}
    for plan, company, source, sheet, row, batch in database.query(
        "select plan_code, company_code, data_source, source_sheet, source_row, batch_id from marts.trustee_performance"
        " where report_date = '2025-12-01'"
    ):
        assert cells[plan, company] == f"{source}\n{sheet}!{row}, batch {batch}"

    ranked = sorted((row[2] for row in wanted if row[2] is not None), reverse=True)
    assert [figure(row[2]) for row in page.tables["table-best"][1:]] == ranked[:10]
    assert [figure(row[2]) for row in page.tables["table-worst"][1:]] == ranked[::-1][:10]

    months = [[figure(cell) for cell in row] for row in page.tables["table-company-months"][1:]]
    columns = "plans_reported, fund_scale, weighted_return, plan_coverage, scale_coverage"
    assert months == [
        list(row)
        for row in database.query(
            f"select to_char(report_date, 'YYYY-MM'), company_code, {columns} from marts.company_monthly_summary"
            " order by company_code, report_date"
        )
    ]
    rows = [[figure(cell) for cell in row] for row in page.tables["table-rows"][1:]]
    columns = (
        "rows_read, rows_loaded, rows_rejected, rows_rejected_open, rows_mended, rows_skipped, rows_counting,"
        " missing_return_rate, missing_net_asset_value, missing_fund_scale, plans_appeared, plans_vanished"
    )
    quality = database.query(
        f"select to_char(report_date, 'YYYY-MM'), {columns} from marts.data_quality_monthly order by 1 desc"
    )
    assert rows == [list(row) for row in quality]
    assert page.tiles[1:6] == [str(number) for number in (*quality[0][1:4], quality[0][6], quality[0][4])]

    restated = [[figure(cell) for cell in row] for row in page.tables["table-restated-0"][1:]]
    old, new = database.query("select old_value, new_value from marts.trustee_performance_restatements")[0]
    assert [row[:6] for row in restated] == [["P007", "C3", "return", old, new, new - old]]
    (loader,) = database.query("select max(loaded_by) from marts.load_audit")[0]
    assert restated[0][8:12] == [loader, None, loader, 2]

    assert [row[0] for row in page.tables["table-jumps"][1:] if row[1] == "scale"] == ["C2"]
    jumps = {(row[0], row[1]): [figure(cell) for cell in row[2:5]] for row in page.tables["table-all-jumps"][1:]}
    names = {"fund_scale": "scale", "return_rate": "median of absolute returns", "plans": "plans"}
    for company, measure, *values in database.query(
        "select company_code, measure, old_value, new_value, factor from intermediate.int_company_jumps"
        " where report_date = '2025-12-01'"
    ):
        assert jumps[company, names[measure]] == values


@pytest.mark.heavy
def test_tests_are_told_as_the_build_found_them(warehouse: tuple[Checkout, Database]) -> None:
    """The results lie in the checkout that built; elsewhere they are said to be not known."""
    checkout, database = warehouse
    assert "the results of the build that published these figures are not on this machine" in " ".join(
        written(checkout).read_text(encoding="utf-8").split()
    )
    assert read_page(checkout.root / "page.html").tiles[8:] == ["?", "?"]
    write_profile(database.target, checkout.root)
    assert checkout.build().returncode == 0
    page = read_page(written(checkout))
    told = {row[0]: row[1] for name in ("table-tests", "table-passed") for row in page.tables.get(name, [])[1:]}
    assert "rules_of_int_company_jumps" in told
    kept = database.query("select count(*) from intermediate.companies_change_gradually")[0][0]
    name = "companies_change_gradually"
    assert [name, "! warned", str(kept), f"intermediate.{name}"] in page.tables["table-tests"]
    assert page.tiles[8:] == [str(sum(state == "! warned" for state in told.values())), "0"]


@pytest.mark.heavy
def test_what_is_not_there_is_never_told_as_none(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    database.query("drop table marts.data_quality_monthly cascade")
    database.query("revoke select on marts.load_audit from public, current_user")
    text = written(checkout).read_text(encoding="utf-8")
    assert "Not known: marts.data_quality_monthly is not in this database" in text
    assert "Not known: this login may not read marts.load_audit" in text
    assert read_page(checkout.root / "page.html").tiles[1:5] == ["?"] * 4


def with_what_others_wrote(database: Database) -> None:
    """Every text that comes from a workbook or a person is hostile; what the project made gives way."""
    for statement in (
        "update marts.trustee_performance set data_source = '{0}', source_sheet = '{0}'",
        "update marts.load_audit set path = '{0}', loaded_by = '{0}', sheet = '{0}'",
        "insert into marts.plans (plan_code, plan_name) values ('P007', '{0}')"
        " on conflict (plan_code) do update set plan_name = '{0}'",
        "insert into marts.companies (company_code, company_name) values ('C1', '{0}')"
        " on conflict (company_code) do update set company_name = '{0}'",
        "update marts.data_quality_monthly set skips_by_reason = jsonb_build_object('{0}', 1),"
        " vanished_plans = jsonb_build_array('{0}')",
        "drop view if exists marts.submission_status cascade",
        "drop table if exists marts.reject_status cascade",
        "create table marts.submission_status as select date '2025-12-01' as report_date, 'd' as domain,"
        " '{0}' as company_code, 'missing' as status, date '2026-01-15' as due_on, null::timestamptz as received_at,"
        " '{0}' as workbook, null::bigint as batch_id",
        "create table marts.reject_status as"
        " select '{0}' as reject_id, 'open' as status, '{0}' as path, '{0}' as sheet,"
        " 45 as source_row, jsonb_build_array(jsonb_build_object('code', '{0}', 'column', '{0}', 'value', '{0}'))"
        " as errors, 2 as batch_id, date '2025-12-01' as report_date",
    ):
        database.query(statement.format(HOSTILE.replace("'", "''")))


@pytest.mark.heavy
def test_what_others_wrote_is_text_and_nothing_else(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    with_what_others_wrote(database)
    page = read_page(written(checkout))
    assert [tag for tag, _ in page.tags if tag == "script"] == ["script"]
    assert not {tag for tag, _ in page.tags} & {"img", "iframe", "link", "object", "base", "form"}
    assert not [name for _, given in page.tags for name in given if name.startswith("on") or name in ("src", "style")]
    assert {given["href"] for tag, given in page.tags if tag == "a"} == {
        f"#{given['id']}" for tag, given in page.tags if tag == "section"
    }
    assert page.tables["table-submissions"][1][0] == HOSTILE
    assert page.tables["table-rejects"][1] == [HOSTILE, "1", "0", "0", "0", "1"]
    assert page.tiles[0] == "1"


@pytest.fixture
def browser() -> Iterator[object]:
    """A headless Chromium."""
    browsing = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the pages were not opened")
    with browsing.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.heavy
def test_a_browser_shows_sorts_filters_and_prints_it(warehouse: tuple[Checkout, Database], browser: object) -> None:
    checkout, database = warehouse
    with_what_others_wrote(database)
    path = written(checkout)
    for width, scheme in ((390, "dark"), (1280, "light")):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[attr-defined]
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(path.as_uri())
        assert page.title() == "Month 2025-12"
        assert page.evaluate("document.documentElement.scrollWidth") == width, "the page is wider than the window"
        assert (asked, said) == ([path.as_uri()], [])
    shades = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != shades

    page.locator("summary", has_text="All 400 plans").click()
    page.locator("#table-plans th", has_text="Return").first.locator("button").click()
    returns = [figure(text) for text in page.locator("#table-plans tbody td:nth-child(3)").all_inner_texts()]
    assert returns == sorted(returns)
    page.locator("#table-plans th", has_text="Return").first.locator("button").click()
    returns = [figure(text) for text in page.locator("#table-plans tbody td:nth-child(3)").all_inner_texts()]
    assert returns == sorted(returns, reverse=True)
    page.locator("section#plans details input[type=search]").fill("p11")
    left = page.locator("#table-plans tbody tr:visible td:first-child").all_inner_texts()
    assert sorted(text.split()[0] for text in left) == [f"P11{digit}" for digit in range(10)]

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 702, "height": 1000})  # A4 between its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 702, "a table is wider than the paper"
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert re.search(rb"/MediaBox ?\[0 0 59[45][.0-9]* 84[12]", printed), "the paper is not A4"


@pytest.mark.heavy
def test_a_chinese_reader_finds_no_english(warehouse: tuple[Checkout, Database]) -> None:
    checkout, _ = warehouse
    text = written(checkout, "--language", "zh").read_text(encoding="utf-8")
    assert '<html lang="zh">' in text
    shown = re.sub(r"<(style|script|code|bdi|title)\b[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"<[^>]*>", " ", shown)))
    tables = {"marts", "staging", "submission_status", "reject_status", "closings", "trustee_performance_restatements",
              "load_audit"}  # fmt: skip
    assert words - tables - {"UTC", "CST"} == set()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("page",), ExitCode.DATA, "nothing is published"),
        (("page", "--to", "x.pdf"), ExitCode.USAGE, "does not end in .html"),
        (("month", "2024-13"), ExitCode.USAGE, "is no period: write 2024-11"),
        (("month", "2024-01:2024-02"), ExitCode.USAGE, "is more than one month"),
        (("month", "2031-01"), ExitCode.DATA, "no file under"),
    ],
)
def test_what_cannot_be_shown_says_why(loading: Checkout, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = loading.run(*arguments)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())


@pytest.mark.heavy
def test_a_month_nobody_knows_is_named(warehouse: tuple[Checkout, Database]) -> None:
    checkout, _ = warehouse
    done = checkout.run("page", "--period", "2031-01")
    assert done.returncode == ExitCode.DATA
    assert "nothing is published of 2031-01" in done.stderr


@pytest.mark.heavy
def test_month_loads_builds_and_writes_page_and_export(loading: Checkout, database: Database) -> None:
    write_book([ROW, (*ROW[:2], "P2", *ROW[3:])], loading.root / "data" / "2024-11_受托业绩报告.xlsx")
    for _ in range(2):  # the second time nothing is new
        done = loading.run("month", "2024-11")
        assert done.returncode == ExitCode.OK, done.stderr
    assert database.query("select count(*) from staging.load_batches") == [(1,)]
    page = read_page(loading.root / "pages" / "2024-11.html")
    assert [row[0] for row in page.tables["table-plans"][1:]] == ["P1", "P2"]
    assert "rules_of_int_company_jumps" in {row[0] for row in page.tables["table-passed"]}
    assert (loading.root / "pages" / "2024-11.xlsx").exists()
