"""The catalogue: every text that people read has its translation, with the same gaps, in the terms of the glossary."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from conftest import Checkout
from extract.settings import ROOT
from extract.wording import CATALOGUES, language, say, use_language

ROOMS = ("commands", "console", "extract", "orchestrate")
GAP = re.compile(r"\{[^}]*\}")


def texts() -> set[str]:
    """Every text that `say` is called with."""
    found = set()
    for room in ROOMS:
        for _, _, message, _, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords={"say": None}):
            assert isinstance(message, str)
            found.add(message)
    return found


@pytest.fixture
def chinese() -> Iterator[None]:
    """Everything is said in Chinese."""
    use_language("zh")
    yield
    use_language("en")


def test_every_text_has_a_translation_and_no_translation_is_left_over() -> None:
    with (CATALOGUES / "zh.po").open("rb") as lines:
        translated = {str(entry.id): str(entry.string) for entry in read_po(lines) if entry.id and not entry.fuzzy}
    assert {message for message in texts() if not translated.get(message)} == set()
    assert translated.keys() - texts() == set()
    for message, translation in translated.items():
        assert sorted(GAP.findall(message)) == sorted(GAP.findall(translation)), message


@pytest.mark.usefixtures("chinese")
def test_texts_are_said_in_the_chosen_language() -> None:
    assert language() == "zh"
    assert say("Unit value") == "单位净值"
    assert say("{more:,} more rows are not shown here", more=1234) == "另有 1,234 行未在此显示"


def test_without_a_choice_it_is_english() -> None:
    assert say("Unit value") == "Unit value"


def test_a_plan_takes_neither_the_page_nor_a_catalogue_with_it(checkout: Checkout) -> None:
    name = "2025-01_受托业绩报告.xlsx"
    (checkout.root / "data" / name).write_bytes((ROOT / "data" / name).read_bytes())
    program = checkout.root / "program.py"
    program.write_text(
        "import sys; sys.argv = ['run.py', '-q', '--language', 'en']; import run\n"
        "code = run.run()\n"
        "taken = [name for name in sys.modules if name.split('.')[0] in ('babel', 'markupsafe', 'webbrowser')\n"
        "         or name.startswith('orchestrate.page')]\n"
        "sys.exit(str(sorted(taken)) if taken or code else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, program], cwd=checkout.root, env=checkout.env(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
