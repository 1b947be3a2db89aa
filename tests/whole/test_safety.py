"""SQL is never put together from texts, and names from workbooks and plans never become paths.

The rule for SQL, on the syntax trees of console/, extract/, orchestrate/ and run.py:

1. What `execute`, `executemany`, `mogrify` and `copy_expert` are given first, and what `sql.SQL` is given, contains no
   f-string, no `%`, no `.format` of a text, and no `+` with a text.
2. `sql.SQL` is given a literal, or a constant of a module. The exceptions are listed with their reason.
3. Nowhere is a text that looks like a statement put together in one of these ways, so that it cannot reach a cursor
   through a variable either. statements.py, whose texts a reviewer reads, is the exception, and no database module
   imports it.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import NAME, ROW, Checkout, WriteWorkbook
from extract.errors.base import ExitCode
from extract.plan.seal import identity, render
from extract.settings import ROOT

PACKAGES = ("commands", "console", "extract", "orchestrate")
SOURCES = sorted([*(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")), ROOT / "run.py"])
SHOWN_ONLY = "extract/plan/statements.py"
SHOWN_TEXTS = {("console/report.py", ast.unparse(ast.parse("f\"select * from {node['failures_in']}\"")))}
"""Texts that a person may type; they reach no cursor. Each version of Python quotes such a text in its own way."""
RUNNERS = {"execute", "executemany", "mogrify", "copy_expert"}
TYPES_FROM_CODE = {
    ("extract/staging/tables.py", "kind"): "the value of tables.TABLES",
    ("extract/staging/loading.py", "kind"): "a value of the tuple in the same statement",
    ("extract/staging/loading.py", "column.sql_type"): "a type that the domain model declares",
    ("extract/staging/diff.py", "column.sql_type"): "a type that the domain model declares",
    ("orchestrate/warehouse/preflight.py", "template"): "a literal of its callers",
    ("orchestrate/warehouse/reset.py", "statement"): "a value of reset._DROP",
    (
        "orchestrate/warehouse/seeds.py",
        "types.get(name, 'text')",
    ): "a type that the dbt project declares, in a text that is shown",
    ("orchestrate/warehouse/ages.py", "item.query"): "a query of the dbt project",
    ("orchestrate/warehouse/ages.py", "item.loaded_at or 'NULL'"): "an expression of the dbt project",
    ("orchestrate/warehouse/ages.py", "item.filter or 'true'"): "a condition of the dbt project",
}
STATEMENT = re.compile(
    r"^[\s(]*(select\b.*|insert\s+into|update\s+\S+\s+set|delete\s+from|copy\s+(\(|\S+\s*(\([^)]*\)\s*)?(from|to)\b)|truncate\b|"
    r"(create|alter|drop)\s+(temporary|temp|table|view|index|schema|role|user|database|extension)|"
    r"with\s+\S+\s+as\b|grant\s+\S+|revoke\s+\S+|vacuum\b|set\s+\S+\s+(to|=)|lock\s+table|call\s+\S+|do\s+\$)",
    re.IGNORECASE | re.DOTALL,
)


def violations(source: str, file: str) -> list[str]:
    """Where a source breaks the rule: line and reason."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in RUNNERS and any(map(_put_together, ast.walk(node.args[0]))):
                found.append(f"{file}:{node.lineno}: {node.func.attr} of a text that is put together")
            if ast.unparse(node.func) == "sql.SQL" and not _constant(node.args[0], file):
                found.append(f"{file}:{node.lineno}: sql.SQL of {ast.unparse(node.args[0])}")
        shown = file == SHOWN_ONLY or (file, ast.unparse(node)) in SHOWN_TEXTS
        if not shown and _put_together(node) and STATEMENT.match(_beginning(node)):
            found.append(f"{file}:{getattr(node, 'lineno', 0)}: a statement that is put together from texts")
    return found


def _put_together(node: ast.AST) -> bool:
    """An f-string with a value in it, a text with %, `+` with a text, or `.format` or `.join` of a text with values."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "format_map", "join", "replace") and _is_text(node.func.value)
    return False


def _is_text(node: ast.AST) -> bool:
    """A literal text, or one that is put together itself."""
    literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return literal or isinstance(node, ast.JoinedStr) or _put_together(node)


def _beginning(node: ast.AST) -> str:
    """The literal parts of a text in their order, values as a word."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_beginning, node.values))
    if isinstance(node, ast.BinOp):
        return _beginning(node.left) + (_beginning(node.right) if isinstance(node.op, ast.Add) else "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _beginning(node.func.value)
    return "value"


def _constant(node: ast.expr, file: str) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.IfExp):
        return _constant(node.body, file) and _constant(node.orelse, file)
    if isinstance(node, ast.Subscript):
        return _constant(node.value, file)
    if isinstance(node, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z0-9_]*", node.id):
        return True
    return (file, ast.unparse(node)) in TYPES_FROM_CODE


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_sql_is_never_put_together_from_texts(path: Path) -> None:
    assert violations(path.read_text(encoding="utf-8"), _name(path)) == []


def test_the_rule_sees_the_sources() -> None:
    """The modules that run statements are among those that are searched, and no exception is left over."""
    text = {_name(path): path.read_text(encoding="utf-8") for path in SOURCES}
    searched = {
        "extract/staging/loading.py",
        "extract/staging/ledger.py",
        "extract/staging/tables.py",
        "extract/staging/diff.py",
        "orchestrate/loading.py",
    }
    assert searched <= text.keys()
    for file, expression in TYPES_FROM_CODE:
        assert f"sql.SQL({expression})" in text[file].replace('"', "'")


def test_what_a_plan_shows_is_out_of_reach_of_a_cursor() -> None:
    """Neither statements.py nor plan.py, which writes its texts, comes with a database module."""
    check = (
        "import sys, extract.plan.writing;"
        "found = {'psycopg2', 'extract.database.connection', 'extract.staging.loading'} & set(sys.modules);"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)
    database_modules = [path for path in SOURCES if "psycopg2" in path.read_text(encoding="utf-8")]
    assert database_modules
    for path in database_modules:
        assert "extract.plan.statements" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    "planted",
    [
        'cursor.execute(f"SELECT * FROM {table}")',
        'cursor.execute(f"{statement}")',
        'cursor.execute("SELECT * FROM %s" % table)',
        'cursor.execute("SELECT * FROM {}".format(table))',
        'cursor.execute("SELECT * FROM " + table)',
        'cursor.execute("SELECT * FROM " + table + " WHERE true")',
        'cursor.execute(what + " WHERE true", values)',
        'cursor.execute(" ".join(["SELECT * FROM", table]))',
        'cursor.copy_expert(f"COPY {table} FROM STDIN", data)',
        'cursor.execute(sql.SQL(f"DELETE FROM {table}"))',
        'cursor.execute(sql.SQL("DELETE FROM " + table))',
        "cursor.execute(sql.SQL(text))",
        'sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(file.header))',
        'statement = f"insert into {table} values (1)"',
        'statement = f"""\n    WITH x AS (SELECT 1)\n    SELECT * FROM {table}\n"""',
        'statement = "DROP TABLE %s" % name',
        'statement = f"{verb} x"; cursor.execute(f"{statement} y")',
        'copy = f"COPY {table} ({columns}) FROM STDIN"',
        'return_value = ("ALTER TABLE " "{} ADD x int").format(table)',
    ],
)
def test_a_planted_violation_is_found(planted: str) -> None:
    assert violations(planted, "extract/planted.py")


@pytest.mark.parametrize(
    "harmless",
    [
        'cursor.execute("SELECT %s", (value,))',
        'cursor.execute(sql.SQL("SELECT {}").format(sql.Identifier(name)))',
        'cursor.execute(sql.SQL("SELECT 1 ") + versions + is_latest(domain))',
        'sql.SQL(", ").join(map(sql.Identifier, names))',
        'cursor.execute("SELECT to_regclass(%s)", (f"{STAGING}.{table}",))',
        'message = f"{count} keys are in {table} already"',
        'message = "select a sheet by --sheet"',
        "cursor.execute(STATEMENT)",
    ],
)
def test_what_is_harmless_is_let_pass(harmless: str) -> None:
    assert violations(harmless, "extract/planted.py") == []


# --- paths -------------------------------------------------------------------------------------------------------

OUTSIDE = "../../../outside"


def with_sheet_name(path: Path, name: str) -> None:
    """Rename the sheet of a workbook to what no program would let a user type, its part and links included."""
    original = path.with_suffix(".original")
    path.rename(original)
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/workbook.xml":
                content = re.sub(rb'(<sheet [^>]*name=")[^"]*', rb"\g<1>" + name.encode(), content)
            target.writestr(part, content)
        target.writestr(f"{OUTSIDE}.txt", b"a part with such a name is never unpacked")
    original.unlink()


def files_below(folder: Path) -> set[str]:
    """Every file and directory below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts}


@pytest.fixture
def enclosed(tmp_path: Path, checkout: Checkout) -> Iterator[Checkout]:
    """A checkout; afterwards nothing but plans has appeared, neither in it nor around it."""
    before = files_below(tmp_path)
    yield checkout
    made = files_below(tmp_path) - before
    assert {path for path in made if not re.match(r"checkout/(plans|data)(/|$)", path)} == set()
    assert not any("outside" in path for path in made)


PLAN_FILES = {
    "plan.json", "plan.sql", "plan.xlsx", "trustee_performance.csv", "rejects.csv", "rejects.xlsx", "rejected_rows.csv",
}  # fmt: skip


def test_names_of_sheets_and_parts_never_become_paths(enclosed: Checkout, write_workbook: WriteWorkbook) -> None:
    path = write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)], folder=enclosed.root / "data")
    with_sheet_name(path, OUTSIDE)
    done = enclosed.run()
    assert done.returncode == ExitCode.OK, done.stderr
    (plan,) = (enclosed.root / "plans").iterdir()
    assert {item.name for item in plan.iterdir()} == PLAN_FILES
    assert OUTSIDE in (plan / "rejects.csv").read_text(encoding="utf-8-sig")  # kept as a name, and only as that

    # the mended rejects name that sheet and workbook too
    mended = enclosed.root / "data" / "mended.xlsx"
    shutil.copy(plan / "rejects.xlsx", mended)
    again = enclosed.run("--file", mended, "--plan-dir", enclosed.root / "plans" / "second")
    assert again.returncode == ExitCode.OK, again.stderr  # its only row is still wrong, and stays open
    assert {item.name for item in (enclosed.root / "plans" / "second").iterdir()} == PLAN_FILES


@pytest.mark.parametrize("sheet", [OUTSIDE, "/etc/passwd"])
def test_a_sheet_that_is_asked_for_is_no_path(enclosed: Checkout, write_workbook: WriteWorkbook, sheet: str) -> None:
    write_workbook([ROW], folder=enclosed.root / "data")
    done = enclosed.run("--sheet", sheet)
    assert done.returncode == ExitCode.DATA
    assert "has no sheet" in done.stderr


def planned(checkout: Checkout, write: WriteWorkbook) -> Path:
    """A plan of one workbook."""
    write([ROW], folder=checkout.root / "data")
    assert checkout.run("--plan-dir", checkout.root / "plans" / "one").returncode == ExitCode.OK
    return checkout.root / "plans" / "one"


def forge(plan: Path, **changes: object) -> None:
    """Change plan.json and give it the id that fits, as an attacker would."""
    summary = json.loads((plan / "plan.json").read_text(encoding="utf-8")) | changes
    (plan / "plan.json").write_bytes(render(summary | {"id": identity(summary)}))


NOWHERE = {
    "WDH_DATABASE__HOST": "127.0.0.1",
    "WDH_DATABASE__PORT": "1",
    "WDH_DATABASE__USER": "nobody",
    "WDH_DATABASE__DB": "nowhere",
}


@pytest.mark.parametrize("name", ["../../data/secret.txt", "/etc/hostname", "sub/secret.txt", "..", "link"])
def test_files_of_a_plan_lie_in_its_directory(checkout: Checkout, write_workbook: WriteWorkbook, name: str) -> None:
    plan = planned(checkout, write_workbook)
    secret = checkout.root / "data" / "secret.txt"
    secret.write_text("x", encoding="utf-8")
    (plan / "link").symlink_to(secret)
    (plan / "sub").mkdir()
    shutil.copy(secret, plan / "sub")
    checksum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of x
    forge(plan, plan_files={name: checksum})
    done = checkout.run("apply", plan, **NOWHERE)
    assert done.returncode == ExitCode.DATA
    assert "no plain file of the plan directory" in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", ["diff.csv", ".plan.json.tmp"])
def test_a_comparison_writes_through_no_link(
    loading: Checkout, write_workbook: WriteWorkbook, tmp_path: Path, name: str
) -> None:
    plan, outside = planned(loading, write_workbook), tmp_path / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    (plan / name).symlink_to(outside)
    done = loading.run("apply", plan, "--diff")
    assert done.returncode == ExitCode.OK, done.stderr
    assert outside.read_text(encoding="utf-8") == "mine"
    assert (plan / "diff.csv").is_file()
    assert not (plan / "diff.csv").is_symlink()


def test_the_workbook_of_a_plan_is_looked_for_below_the_data_directory_only(
    checkout: Checkout, write_workbook: WriteWorkbook
) -> None:
    plan = planned(checkout, write_workbook)
    files = json.loads((plan / "plan.json").read_text(encoding="utf-8"))["files"]
    (checkout.root / "data" / NAME).rename(checkout.root / "moved.xlsx")
    forge(plan, files=[files[0] | {"path": "../moved.xlsx"}])
    done = checkout.run("apply", plan, **NOWHERE)
    assert done.returncode == ExitCode.DATA
    assert "../moved.xlsx is neither below" in " ".join(done.stderr.split())
