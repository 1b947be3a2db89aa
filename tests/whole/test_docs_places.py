"""Every place that the documentation names exists: paths, targets of links, and the answers of docs/architecture.md."""

import re
from pathlib import Path

import pytest

from extract.settings import ROOT

DOCS = ROOT / "docs"
ARCHITECTURE = DOCS / "architecture.md"
# errors.md is made from the classes; adding-a-domain.md names files that its reader makes, and has a test of its own.
PAGES = [ROOT / "README.md", *sorted(set(DOCS.glob("*.md")) - {DOCS / "errors.md", DOCS / "adding-a-domain.md"})]
ROOMS = ("commands", "console", "extract", "orchestrate")

CODE = re.compile(r"```.*?```|^    .*?$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"(?<![\w./<:@~#-])(?!\.\.)(?:[\w.*-]+/)+[\w.*-]*|(?<![\w./<>*-])[a-z][\w-]*\.(?:py|toml|yml|md)\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
ANSWER = re.compile(r"^\| .*\? \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)

MADE = ("plans/", "pages/", "target/", ".wdh/", ".venv/", "profiles.yml")
"""What commands make, and a checkout does not have."""


def places(text: str) -> set[str]:
    """What looks like a path of the tree in the code of a page: with a slash, or the name of a source file."""
    found = {place for code in CODE.findall(text) for place in PLACE.findall(code)}
    return {place for place in found if not place.startswith(MADE)}


def missing(text: str) -> set[str]:
    """Those of the places that do not exist; a star stands for any name."""
    return {place for place in places(text) if not any(ROOT.glob(place.rstrip("/")))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_place_that_a_page_names_exists(page: Path) -> None:
    assert missing(page.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("page", [*PAGES, DOCS / "adding-a-domain.md"], ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("see `extract/discovery.py`", {"extract/discovery.py"}),
        ("see `extract/files/discovery.py` (`formats.py`)", {"formats.py"}),
        ("the room `extract/reading/`", {"extract/reading/"}),
        ("any of `extract/domain/*.py`", {"extract/domain/*.py"}),
        ("\n    extract/xlsx_parts.py   what calamine does not tell\n", {"extract/xlsx_parts.py"}),
        ("```bash\npython benchmarks/read_speed.py --runs 3\n```", {"benchmarks/read_speed.py"}),
        ("`python run.py apply plans/20261120T080000Z`, `.wdh/postgres/log`, `/usr/lib/x.py`, `profiles.yml`", set()),
        ("`extract/fields/`, `extract/domains/*.py`, `run.py`, `<table>.csv`, `.ci/run`", set()),
        ("and/or in prose", set()),
    ],
)
def test_a_wrong_place_is_found(text: str, wrong: set[str]) -> None:
    assert missing(text) == wrong


def test_the_architecture_names_every_room() -> None:
    rooms = {
        f"{folder.parent.relative_to(ROOT).as_posix()}/"
        for room in ROOMS
        for folder in (ROOT / room).rglob("__init__.py")
    }
    assert rooms - {"extract/"} <= places(ARCHITECTURE.read_text(encoding="utf-8"))


ANSWERS = ANSWER.findall(ARCHITECTURE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "word"), ANSWERS)
def test_the_answers_to_where_stand_in_their_files(file: str, word: str) -> None:
    assert word in (ROOT / file).read_text(encoding="utf-8")


def test_the_architecture_answers_what_a_stranger_asks() -> None:
    words = {word for _, word in ANSWERS}
    assert words >= {"万元", "pg_try_advisory_xact_lock", '"Rejects"', "no header"}


CAN_DO = re.compile(r"^\| [^|]*\| [^|]+\| [^|]*\| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_line_on_what_each_can_do_at_most_has_a_test() -> None:
    section = (
        (DOCS / "security.md").read_text(encoding="utf-8").split("## What each can do at most")[1].split("\n## ")[0]
    )
    lines = CAN_DO.findall(section)[2:]  # without the head
    assert len(lines) > 10
    for line in lines:
        assert TEST.search(line), line
    for file, name in TEST.findall(section):
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
