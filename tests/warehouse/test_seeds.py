"""The files of seeds are looked at before anything is changed: each fault with file and line."""

import pytest

import small_project
from conftest import Checkout, Database
from extract.errors.base import ExitCode

HEADER = b"owner_code,owner_name"
CASES = {
    "a row with too many fields": (HEADER + b"\n007,Bond\n010,Zorro,masked\n", ":3: 3 fields, the header has 2"),
    "a row with too few fields": (b"owner_code,owner_name\n007\n", ":2: 1 fields, the header has 2"),
    "a row behind a field with a line break": (b'owner_code,owner_name\n007,"a\nb"\n010\n', ":4: 1 fields"),
    "a blank line": (HEADER + b"\n007,Bond\n\n010,Zorro\n", ":3: is blank"),
    "an empty file": (b"", ": the file is empty"),
    "only a BOM": (b"\xef\xbb\xbf", ": the file is empty"),
    "only a header": (b"owner_code,owner_name\n", ": holds a header and no rows"),
    "a header twice": (HEADER + b",Owner_Name\n1,2,3\n", ":1: the header names owner_name more than once"),
    "a blank header": (b"owner_code,,owner_name\n1,2,3\n", ":1: the header of column 2 is blank"),
    "a missing column": (b"owner_code,name\n007,Bond\n", ":1: lacks the column owner_name, which dbt_project/seeds"),
    "another encoding": ("owner_code,owner_name\n007,Bönd\n".encode("gb18030"), ":2: byte"),
    "a NUL": (b"owner_code,owner_name\n007,Bo\0nd\n", ":2: holds a NUL"),
    "zeros that would be lost": (HEADER + b",branch\n007,Bond,001\n", ":2: branch = '001' would lose its leading zero"),
}  # fmt: skip


QUICK = {"a row with too many fields", "another encoding", "zeros that would be lost"}


@pytest.mark.parametrize(
    ("content", "said"),
    [pytest.param(*case, id=name, marks=() if name in QUICK else pytest.mark.heavy) for name, case in CASES.items()],
)
def test_a_fault(loading: Checkout, database: Database, content: bytes, said: str) -> None:
    project = small_project.write_small_project(loading.root)
    (project / "seeds" / "owners.csv").write_bytes(content)
    done = loading.run("setup")
    assert done.returncode == ExitCode.DATA
    assert f"dbt_project/seeds/owners.csv{said}" in done.stderr
    assert database.query("select count(*) from pg_namespace where nspname in ('marts', 'staging')") == [(0,)]


def test_what_is_no_fault(loading: Checkout, database: Database) -> None:
    project = small_project.write_small_project(loading.root)
    content = "\ufeffowner_code,owner_name,branch,share\n007,Bönd,00a,0.5\n010,佐罗,001,0\n"
    (project / "seeds" / "owners.csv").write_bytes(content.encode())
    done = loading.run("setup")
    assert done.returncode == ExitCode.OK, done.stderr
    rows = database.query("select owner_code, owner_name, branch from marts.owners order by 1")
    assert rows == [("007", "Bönd", "00a"), ("010", "佐罗", "001")]


def test_a_new_column_says_which_flag_is_needed(built: Checkout, ready: Database) -> None:
    path = built.root / "dbt_project" / "seeds" / "owners.csv"
    path.write_text("owner_code,owner_name,age\n007,Bond,40\n010,Zorro,30\n")
    done = built.run("setup")
    assert done.returncode == ExitCode.DATA
    assert "marts.owners" in done.stderr
    assert "age" in done.stderr
    assert "--reset" in done.stderr
    assert ready.query("select count(*) from marts.owners") == [(2,)]
    assert built.run("setup", "--reset").returncode == ExitCode.OK
    assert ready.query("select sum(age) from marts.owners") == [(70,)]
