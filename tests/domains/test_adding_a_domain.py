"""docs/adding-a-domain.md, followed word by word: its blocks are written where it says, its commands are run."""

import re
import shlex
from pathlib import Path

import pytest

from conftest import Checkout, Database, WriteWorkbook
from extract.errors.base import ExitCode
from extract.settings import ROOT

pytestmark = [pytest.mark.heavy, pytest.mark.database]
PAGE = (ROOT / "docs" / "adding-a-domain.md").read_text(encoding="utf-8")
ROOMS = ("config", "dbt_project", "extract")
STEP = re.compile(r"(?P<lead>[^\n]*)\n\n```(?P<language>\w+)\n(?P<block>.*?)```", re.DOTALL)


def texts(root: Path) -> dict[Path, str]:
    """The files that a domain may be written into."""
    found = [root / "dbt_project.yml", *(path for room in ROOMS for path in (root / room).rglob("*") if path.is_file())]
    return {path: path.read_text(encoding="utf-8") for path in found if path.suffix != ".pyc"}


class Reader:
    """Someone who does what the page says, and remembers how the files were before."""

    def __init__(self, checkout: Checkout):
        self.checkout = checkout
        self.before = texts(checkout.root)
        self.statements: list[str] = []

    def follow(self, lead: str, language: str, block: str) -> None:
        """One step: a new file, an addition to a file, commands, or SQL, which is kept for the end."""
        found = re.search(r"`([\w./]+\.\w+)`:$", lead)
        if found:
            path = self.checkout.root / found[1]
            old = path.read_text(encoding="utf-8") if path.exists() else None
            if lead.startswith("New file"):
                assert old is None, f"{path} exists already"
                text = block
            else:
                behind = re.search(r"Behind the line `(.*)` of", lead)
                assert behind, f"the page does not say where this goes: {lead}"
                text = str(old).replace(f"{behind[1]}\n", f"{behind[1]}\n{block}", 1)
                assert text != old
            path.write_text(text, encoding="utf-8")
        elif language == "bash":
            for line in block.splitlines():
                command = shlex.split(line)
                run = self.checkout.dbt if command[0] == "dbt" else self.checkout.run
                done = run(*command[1 if command[0] == "dbt" else 2 :])
                assert done.returncode == ExitCode.OK, f"{line}\n{done.stdout}\n{done.stderr}"
        else:
            assert language == "sql", f"nobody knows what to do with this block: {lead}"
            self.statements += [statement for statement in block.split(";") if statement.strip()]

    def written(self) -> list[Path]:
        """The files that are new or other than they were."""
        return [path for path, text in texts(self.checkout.root).items() if self.before.get(path) != text]

    def remove(self, database: Database) -> None:
        """The last chapter."""
        for path in self.written():
            path.write_text(self.before[path], encoding="utf-8") if path in self.before else path.unlink()
        for statement in self.statements:
            database.query(statement)


def test_a_domain_is_added_and_removed_word_by_word(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    data = loading.root / "data"
    rows = [(2024, 11, "P-1", "1.5万"), (2024, 11, "P-2", None), ("合计", None, None, 15000)]
    write_workbook(rows, header=("年", "月", "计划代码", "管理费(元)"), name="2024-11_管理费.xlsx", folder=data)
    reader = Reader(loading)
    for step in STEP.finditer(PAGE):
        reader.follow(**step.groupdict())
    assert len(reader.written()) == 10
    mart = "select report_date::text, plan_code, fee::text, data_source, source_row from marts.trustee_fee order by 2"
    assert database.query(mart) == [
        ("2024-11-01", "P1", "15000.00", "2024-11_管理费.xlsx", 2),
        ("2024-11-01", "P2", None, "2024-11_管理费.xlsx", 3),
    ]

    reader.remove(database)
    assert loading.run("--domain", "trustee_fee").returncode == ExitCode.USAGE
    built = loading.dbt("build", "--quiet")
    assert built.returncode == 0, built.stdout
    assert database.query("select count(*) from marts.trustee_performance") == [(0,)]
