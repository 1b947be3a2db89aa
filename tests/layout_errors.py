"""The scenarios of errors of published tables with a layout, one function for each kind."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from conftest import ROW
from published import EXAMPLES, afp_book, without

Result = subprocess.CompletedProcess[str]


def _plan(stage: Any, *books: Path, examples: Path = EXAMPLES) -> Result:
    files = [part for book in books for part in ("--file", str(book))]
    return stage.run("--config", str(examples / "data_sources.yml"), "--domain", "afp_returns", *files)


def layout_not_found(stage: Any) -> Result:
    return _plan(stage, afp_book(stage.folder, A7="Empresa"))


def value_not_found(stage: Any) -> Result:
    place = "FromTitle(_TITLE)]]\n    years", 'FromTitle(_TITLE.replace("Real", "Neta"))]]\n    years'
    return _plan(stage, afp_book(stage.folder), examples=_changed(stage, place))


def _changed(stage: Any, *changes: tuple[str, str]) -> Path:
    return without(stage.folder, "afp_returns.py", *changes)


def values_differ(stage: Any) -> Result:
    return _plan(stage, afp_book(stage.folder, B5="Mar 2025 / Mar 2024"))


def value_unreadable(stage: Any) -> Result:
    return _plan(stage, afp_book(stage.folder, A2="Rentabilidad Nominal y Real Neta del Fondo de Pensiones Tipo 3"))


def unit_not_found(stage: Any) -> Result:
    return _plan(stage, afp_book(stage.folder, A3=None))


def required_column_missing(stage: Any) -> Result:
    field = "    real: Column[\n        Annotated[\n            Decimal | None,\n"
    examples = _changed(
        stage, (" Layout\n", " Layout, RequiredColumn\n"), (field, f"{field}            RequiredColumn(),\n")
    )
    cells = {f"{column}{row}": "Neta" for column in "CEG" for row in (7, 18)}
    return _plan(stage, afp_book(stage.folder, **cells), examples=examples)


def rejects_not_read(stage: Any) -> Result:
    plan = stage.folder / "plan"
    stage.run("--file", stage.book([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)]), "--plan-dir", str(plan))
    assert openpyxl.load_workbook(plan / "rejects.xlsx").worksheets
    return _plan(stage, plan / "rejects.xlsx")


def keys_shared(stage: Any) -> Result:
    first = afp_book(stage.folder, "FP-1219-0-fe2025.xlsx", fund=0)
    second = afp_book(stage.folder, "FP-1220-1-fe2025.xlsx", fund=0)
    return _plan(stage, first, second)


SCENARIOS: dict[str, Callable[[Any], Result]] = {
    scenario.__name__: scenario
    for scenario in (
        keys_shared,
        layout_not_found,
        rejects_not_read,
        required_column_missing,
        unit_not_found,
        value_not_found,
        value_unreadable,
        values_differ,
    )
}
