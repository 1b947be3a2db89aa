"""What people read is of one language: who reads Chinese finds English in codes, names and commands only."""

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from conftest import Checkout, Database, write_book
from databases import Make, Templates
from extract.errors.base import ExitCode

pytestmark = pytest.mark.database
MONTH = "2024-11"
CODES = {"missing", "unexpected", "WorkDataHub", "Excel", "xlsx"}
HEADERS = {
    "受托业绩报告_修订",
    "受托业绩报告",
    "受托业绩",
    "计划代码",
    "公司代码",
    "收益率",
    "净值",
    "规模",
    "年",
    "月",
}
"""What the workbooks of the samples have in their names, sheets and headers."""


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[tuple[Checkout, Database]]:
    """A checkout whose commands use a database in which all samples are loaded and built."""
    for database in templates.copy(all_samples):
        yield Checkout(checkout.root, database.environment), database


def written(checkout: Checkout, database: Database, language: str) -> dict[str, set[str]]:
    """The texts of the page, plan.xlsx, rejects.xlsx and export that commands write in a language."""
    codes = database.query(
        "select distinct plan_code, company_code from marts.trustee_performance order by 1, 2 limit 20"
    )
    rows = [(2024, 11, plan, company, 0.0123, 1.5, 1000) for plan, company in codes]
    broken = [(2024, 11, "P900", "C0", "5,5%", 1, 1), (2024, 11, "P901", None, 0.1, 1, 1), ("合计",),
              (2024, 11, "P902", "C0", 0.9, 2, 1), (2024, 11, "P903", "C0", 0.1, 1, 1),
              (2024, 11, "P903", "C0", 0.2, 1, 1), (2024, 13, "P904", "C0", 0.2, 1, 1)]  # fmt: skip
    book = checkout.root / "data" / "2024-11_受托业绩报告_修订.xlsx"
    write_book([*rows, *broken], book)
    options = ("--language", language)
    plan = checkout.run("--diff", "--file", book, "--plan-dir", "planned", *options)
    assert plan.returncode == ExitCode.OK, plan.stderr
    for command in (("page", "--to", "page.html"), ("export", "--to", "month.xlsx")):
        done = checkout.run(*command, "--period", MONTH, *options)
        assert done.returncode == ExitCode.OK, done.stderr
    books = {name: checkout.root / name for name in ("planned/plan.xlsx", "planned/rejects.xlsx", "month.xlsx")}
    found = {name: set(texts_of_book(path)) for name, path in books.items()}
    return found | {"page.html": set(texts_of_page(checkout.root / "page.html"))}


def texts_of_book(path: Path) -> Iterator[str]:
    """The texts of a workbook: names of its sheets, cells and comments."""
    for sheet in openpyxl.load_workbook(path):
        yield sheet.title
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            yield from (text for text in (cell.value, cell.comment and cell.comment.text) if isinstance(text, str))


def texts_of_page(path: Path) -> Iterator[str]:
    """The texts of a page that a reader sees or hears."""
    found: list[str] = []
    within: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            within.append(tag)
            found.extend(value for name, value in attrs if name in ("title", "placeholder", "aria-label") and value)

        def handle_endtag(self, tag: str) -> None:
            while within and within.pop() != tag:
                pass

        def handle_data(self, data: str) -> None:
            if not {"script", "style", "code", "kbd"} & set(within):
                found.append(" ".join(data.split()))

    Reader().feed(path.read_text(encoding="utf-8"))
    return filter(None, found)


def left_over(texts: set[str], names: set[str], letters: str) -> set[str]:
    """Of texts, those that still have such letters without names, codes and commands."""
    known = sorted(names, key=lambda name: (" " not in name, -len(name)))
    found = set()
    for text in texts:
        rest = re.sub(r"`[^`]*`|python run\.py .*|--[a-z-]+|\bR?[0-9a-f]{16,}\b", " ", text)
        rest = re.sub(r"[^\s、，：（]*[A-Za-z0-9][_.@/!-][A-Za-z0-9][^\s、，：（]*", " ", rest)
        for name in known:
            rest = rest.replace(name, " ")
        rest = re.sub(r"\b[A-Z0-9]+\b", " ", rest)
        if re.search(letters, rest):
            found.add(text)
    return found


@pytest.mark.heavy
def test_a_reader_finds_the_own_language_and_names(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    names = {
        name
        for (name,) in database.query(
            "select plan_code::text from marts.plans union select plan_name from marts.plans"
            " union select company_code from marts.companies union select company_name from marts.companies"
            " union select relname::text from pg_class where relnamespace = 'marts'::regnamespace"
        )
    }
    for file, texts in written(checkout, database, "zh").items():
        assert left_over(texts, names | CODES, "[A-Za-z]{2,}") == set(), file
    shutil.rmtree(checkout.root / "planned")
    for file, texts in written(checkout, database, "en").items():
        assert left_over(texts, names | HEADERS, "[\u3001-\u9fff]") == set(), file
