"""The scenarios of errors that stand for what people state around a table, one function for each kind."""

import subprocess
from collections.abc import Callable
from typing import Any

from conftest import HEADER, ROW

Result = subprocess.CompletedProcess[str]
REQUIRED = ("units: {}", "require_units: true\n    units: {}")


def _below(stage: Any, title: str, *rows: tuple[object, ...], **options: object) -> str:
    """A workbook with a title above its header, and rows below it."""
    return stage.book([HEADER, ROW, *rows], header=(title, *(None for _ in HEADER[1:])), **options)


def _returns(stage: Any, *returns: float) -> Result:
    rows = [(*ROW[:2], f"P{number}", ROW[3], value, *ROW[5:]) for number, value in enumerate(returns)]
    return stage.run("--config", stage.config(*REQUIRED), "--file", stage.book(rows))


def unit_conflict(stage: Any) -> Result:
    return stage.run("--file", _below(stage, "单位：万元、元"))


def unit_misplaced(stage: Any) -> Result:
    return stage.run("--file", stage.book([ROW, ("单位：万元",)]))


def column_doubtful(stage: Any) -> Result:
    return stage.run("--file", stage.book(header=(*HEADER[:4], "年初至今收益率", *HEADER[5:])))


def period_conflict(stage: Any) -> Result:
    book = stage.book([HEADER[2:], ROW[2:]], header=("2024年12月受托业绩", *(None for _ in HEADER[3:])))
    return stage.run("--file", book)


def unit_unclear(stage: Any) -> Result:
    return _returns(stage, 5.5, 3.5, 4.5)


def ambiguous_unit(stage: Any) -> Result:
    return _returns(stage, 0.01, 0.02, 0.01, 12.5)


def missing_measure(stage: Any) -> Result:
    first = stage.book([(2024, 10, *ROW[2:])], name="2024-10_受托业绩.xlsx")
    assert stage.execute("--file", first).returncode == 0
    return stage.execute("--file", stage.book([(*ROW[:4], *ROW[5:])], header=(*HEADER[:4], *HEADER[5:])))


SCENARIOS: dict[str, Callable[[Any], Result]] = {
    scenario.__name__: scenario
    for scenario in (
        ambiguous_unit,
        column_doubtful,
        missing_measure,
        period_conflict,
        unit_conflict,
        unit_misplaced,
        unit_unclear,
    )
}
