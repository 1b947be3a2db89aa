"""How each error of approvals, closings and traces is met, for tests/errors/test_errors.py."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import openpyxl

from conftest import ROW

if TYPE_CHECKING:
    from test_errors import Result, Stage

CLOSED = (
    "insert into staging.closings (period, batch_id, closed_by, fingerprints, version)"
    " values ('2024-11-01', 1, 'anna@here', '{}', '0')"
)


def requiring(stage: "Stage") -> str:
    """A configuration that requires approval."""
    return stage.config("max_removed_ratio: 0.2", "require_approval: true\n    max_removed_ratio: 0.2")


def planned(stage: "Stage") -> str:
    """A plan by whoever runs the tests."""
    plan = str(stage.folder / "plan")
    stage.run("--file", stage.book(), "--plan-dir", plan, "--config", requiring(stage))
    return plan


def loaded(stage: "Stage", *more: str, size: float = 1000) -> "Result":
    """A load of one row into the database of the test."""
    book = stage.book([(*ROW[:6], size)], name=f"2024-11_受托业绩_{size:.0f}.xlsx")
    return stage.run("--execute", "--file", book, *more, **stage.database.environment)


def approval_required(stage: "Stage") -> "Result":
    return loaded(stage, "--config", requiring(stage))


def approval_missing(stage: "Stage") -> "Result":
    plan = planned(stage)
    config = str(stage.folder / "changed.yml")
    return stage.run("apply", plan, "--config", config, **stage.database.environment)


def approver_is_planner(stage: "Stage") -> "Result":
    return stage.run("approve", planned(stage), "--comment", "mine", **stage.database.environment)


def keys_moved(stage: "Stage") -> "Result":
    plan = _compared(stage)
    loaded(stage, size=2)
    return stage.run("apply", plan, **stage.database.environment)


def _compared(stage: "Stage") -> str:
    """The directory of a plan that was compared with a mart of the load before it."""
    loaded(stage)
    stage.database.query("create schema marts; create table marts.trustee_performance as"
                         " select * from staging.trustee_performance")  # fmt: skip
    plan = str(stage.folder / "plan")
    book = stage.book([(*ROW[:6], 3)], name="2024-11_受托业绩_修订.xlsx")
    stage.run("--diff", "--file", book, "--plan-dir", plan, **stage.database.environment)
    return plan


def compared_elsewhere(stage: "Stage") -> "Result":
    plan = _compared(stage)
    stage.database.query("update staging.load_batches set loaded_at = loaded_at - interval '1 day'")
    return stage.run("apply", plan, **stage.database.environment)


def mends_overtaken(stage: "Stage") -> "Result":
    bad = stage.book([ROW, (*ROW[:2], "P2", *ROW[3:6], "about 3")])
    plan = stage.folder / "plan"
    stage.run("--execute", "--file", bad, "--plan-dir", str(plan), **stage.database.environment)
    workbook = openpyxl.load_workbook(plan / "rejects.xlsx")
    workbook.worksheets[1]["G2"] = 3
    workbook.save(plan / "rejects.xlsx")
    later = stage.book([(*ROW[:2], "P2", *ROW[3:6], 7)], name="2024-11_受托业绩_修订.xlsx")
    stage.run("--execute", "--file", later, **stage.database.environment)
    return stage.run("--execute", "--file", str(plan / "rejects.xlsx"), **stage.database.environment)


def month_closed(stage: "Stage") -> "Result":
    loaded(stage)
    stage.database.query(CLOSED)
    return loaded(stage, size=2)


SCENARIOS: dict[str, Callable[["Stage"], "Result"]] = {
    scenario.__name__: scenario
    for scenario in (
        approval_required,
        approval_missing,
        approver_is_planner,
        compared_elsewhere,
        keys_moved,
        mends_overtaken,
        month_closed,
    )
} | {
    "month_not_closable": lambda stage: stage.run("close", "2024-11", **stage.database.environment),
    "month_unknown": lambda stage: stage.run(
        "audit", "2024-11", "--to", str(stage.folder / "pack.zip"), **stage.database.environment
    ),
    "figure_unknown": lambda stage: stage.run("trace", "P1", "2024-11", **stage.database.environment),
}
