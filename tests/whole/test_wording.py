"""The catalogue: every text that people read has its translation, with the same gaps, in the terms of the glossary."""

import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

from conftest import Checkout
from console.help_texts import help_texts
from extract.errors.pages import error_kinds
from extract.errors.workbook import NotAWorkbook
from extract.guards import KEYS_SHARED
from extract.plan.remedies import warning_told
from extract.settings import ROOT
from extract.table.records.lookalikes import CONFUSABLE
from extract.wording import CATALOGUES, CLICK, COLUMN, Sentence, again, language, say, typed_again, use_language
from run import main

NEVER_MET = re.compile(
    "Name |Boolean option|Could not determine|No options|Arguments take|Value must|Deprecation|Do you|Confirm|"
    "Show the version|%|Invalid start|.*(UUID|the format)|Choice"
)
"""Messages of click on programs that are wrong, and on what our commands do not have."""
ROOMS = ("commands", "console", "extract", "orchestrate")
GAP = re.compile(r"\{[^}]*\}")


def texts() -> set[str]:
    """Every text that `say` and `Sentence` are called with, those of errors, of dbt's tests and of `--help`."""
    found = {text for kind in error_kinds() for text in (kind.template, kind.remedy)} | set(help_texts(main))
    tests = yaml.safe_load((ROOT / "dbt_project/tests/tests.yml").read_text(encoding="utf-8"))["data_tests"]
    found |= {" ".join(test["description"].split()) for test in tests}
    keywords = {"say": None, "Sentence": None}
    for room in ROOMS:
        for _, _, message, _, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=keywords):
            assert isinstance(message, str)
            found.add(message)
    return found


def mart_columns() -> set[str]:
    """The columns of all marts."""
    files = (ROOT / "dbt_project/models/marts").glob("*.yml")
    models = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]
    return {column["name"] for model in models for column in model["columns"]}


@pytest.fixture
def chinese() -> Iterator[None]:
    """Everything is said in Chinese."""
    use_language("zh")
    yield
    use_language("en")


def test_every_text_has_a_translation_and_no_translation_is_left_over() -> None:
    with (CATALOGUES / "zh.po").open("rb") as lines:
        entries = [entry for entry in read_po(lines) if entry.id and not entry.fuzzy]
    translated = {str(entry.id): str(entry.string) for entry in entries if entry.context is None}
    assert {message for message in texts() if not translated.get(message)} == set()
    assert translated.keys() - texts() == set()
    for message, translation in translated.items():
        assert sorted(GAP.findall(message)) == sorted(GAP.findall(translation)), message


def test_every_message_of_click_has_a_translation() -> None:
    folder = Path(click.__file__).parent
    found: set[str] = set()
    for module in ("core", "decorators", "exceptions", "formatting", "parser", "types"):
        keywords = {"_": None, "ngettext": (1, 2)}
        for _, message, _, _ in extract_from_file("python", folder / f"{module}.py", keywords=keywords):
            found |= {message} if isinstance(message, str) else set(message)
    with (CATALOGUES / "zh.po").open("rb") as lines:
        translated = {str(entry.id): str(entry.string) for entry in read_po(lines) if entry.context == CLICK}
    assert {message for message in found if not NEVER_MET.match(message)} - translated.keys() == set()
    for message, translation in translated.items():
        assert sorted(GAP.findall(message)) == sorted(GAP.findall(translation)), message


def test_every_column_of_a_mart_has_a_heading() -> None:
    with (CATALOGUES / "zh.po").open("rb") as lines:
        headings = {str(entry.id) for entry in read_po(lines) if entry.context == COLUMN and entry.string}
    assert mart_columns() | {"change", "field", "old", "new"} == headings


@pytest.mark.usefixtures("chinese")
def test_every_warning_of_a_workbook_is_told_in_chinese() -> None:
    named = re.compile(r'FileWarning\(\s*"([a-z_]+)"')
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "extract").rglob("*.py")]
    codes = {code for text in sources for code in named.findall(text)} | {CONFUSABLE, KEYS_SHARED}
    assert len(codes) > 10
    assert {code for code in codes if "docs/rules.md" in warning_told(code, "a detail")} == set()


@pytest.mark.usefixtures("chinese")
def test_texts_are_said_in_the_chosen_language() -> None:
    assert language() == "zh"
    assert say("Unit value") == "单位净值"
    assert say("{more:,} more rows are not shown here", more=1234) == "另有 1,234 行未在此显示"


@pytest.mark.usefixtures("chinese")
def test_an_error_is_told_in_the_chosen_language_and_logged_in_english() -> None:
    error = pickle.loads(pickle.dumps(NotAWorkbook(file="a.xlsx", what=Sentence("a Word document"))))
    assert again(error.message) == "a.xlsx：Word 文档"
    assert again(error.next_step) == "请索取工作簿本身，或在 Excel 中打开此文件并另存为 .xlsx"
    assert error.message == "a.xlsx is a Word document"
    assert error.next_step == "ask for the workbook itself, or open this file in Excel and save it as .xlsx"


@pytest.mark.usefixtures("chinese")
def test_a_sentence_is_said_again_with_those_in_its_gaps() -> None:
    inner = Sentence("{path} is gone", path="a.xlsx")
    assert inner == "a.xlsx is gone"
    assert again(inner) == "a.xlsx 已不存在"
    assert again("a code") == "a code"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("python run.py apply PLAN && dbt build", "python run.py apply --language zh PLAN && dbt build"),
        ("see `python run.py server start`", "see `python run.py server start --language zh`"),
        ("python run.py repair history --yes", "python run.py repair history --language zh --yes"),
        ("python run.py --execute", "python run.py --language zh --execute"),
        ("python run.py --execute --language zh", "python run.py --execute --language zh"),
        ("dbt build", "dbt build"),
    ],
)
def test_commands_name_the_language_that_an_option_gave(command: str, told: str) -> None:
    assert typed_again(command) == command
    use_language("zh", by_option=True)
    try:
        assert typed_again(command) == told
        assert say("{command}", command=typed_again(command)) == told
        assert again(command) == told
    finally:
        use_language("en")
    assert typed_again(command) == command


def test_without_a_choice_it_is_english() -> None:
    assert say("Unit value") == "Unit value"


def run_without(checkout: Checkout, arguments: list[str], modules: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A command in an interpreter of its own, which fails where it imports one of the modules or what is in them."""
    program = checkout.root / "program.py"
    program.write_text(
        f"import sys; sys.argv = {['run.py', *arguments]}; import run\n"
        "code = run.run()\n"
        f"taken = [name for name in sys.modules if f'{{name}}.'.startswith({tuple(f'{name}.' for name in modules)})]\n"
        "sys.exit(str(sorted(taken)) if taken or code else 0)\n"
    )
    return subprocess.run(
        [sys.executable, program], cwd=checkout.root, env=checkout.env(), capture_output=True, text=True
    )


def test_a_plan_takes_neither_the_page_nor_a_catalogue_with_it(checkout: Checkout) -> None:
    name = "2025-01_受托业绩报告.xlsx"
    (checkout.root / "data" / name).write_bytes((ROOT / "data" / name).read_bytes())
    modules = ("babel", "markupsafe", "webbrowser", "orchestrate.page")
    done = run_without(checkout, ["-q", "--language", "en"], modules)
    assert done.returncode == 0, done.stderr


def test_help_in_english_takes_no_catalogue_and_no_settings_with_it(checkout: Checkout) -> None:
    modules = ("babel", "console.help_texts", "unicodedata", "extract.settings", "pydantic")
    done = run_without(checkout, ["--language", "en", "--help"], modules)
    assert done.returncode == 0, done.stderr
    assert "Show this message and exit." in done.stdout
