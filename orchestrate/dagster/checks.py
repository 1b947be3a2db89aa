"""The checks of our own on a plan and on a load: does every row have its account, and are the rejects few?

A check is a name, what it asks, and a function that finds. A further one is an entry of PLAN_CHECKS or LOAD_CHECKS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from extract.domains.registry import Domain
from orchestrate.dagster.records import LoadRecord


@dataclass(frozen=True)
class Finding:
    """What a check found: whether it passes, why, and the numbers it went by."""

    passed: bool
    description: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanCheck:
    """A check of a plan, from the content of its plan.json. One that is `blocking` stops what stands on the plan."""

    name: str
    asks: str
    find: Callable[[Mapping[str, Any], Domain], Finding]
    blocking: bool


@dataclass(frozen=True)
class LoadCheck:
    """A check of a load, from its record and the plan.json that it loaded."""

    name: str
    asks: str
    find: Callable[[LoadRecord, Mapping[str, Any]], Finding]


def _planned_identity(content: Mapping[str, Any], _: Domain) -> Finding:
    wrong = [
        f"{file['path']} {file['sheet']}: read {file['rows_read']}, accounted for {accounted}"
        for file in content["files"]
        if (accounted := file["rows_loaded"] + file["rows_rejected"] + sum(file["rows_skipped"].values()))
        != file["rows_read"]
    ]
    read = content["totals"]["rows_read"]
    return Finding(
        not wrong, "; ".join(wrong) or f"all {read} rows read are loaded, rejected or skipped", {"rows": read}
    )


def _few_rejects(content: Mapping[str, Any], domain: Domain) -> Finding:
    """Against the limit of the configuration, which also ends a run; a file over it has no counts in the plan."""
    limit = domain.config.max_reject_ratio
    over = [error["message"] for error in content["errors"] if error["code"] == "too_many_rejects"]
    totals = content["totals"]
    judged = totals["rows_loaded"] + totals["rows_rejected"]
    ratio = totals["rows_rejected"] / judged if judged else 0.0
    told = "; ".join(over) or f"{totals['rows_rejected']} of {judged} rows are rejected, the limit is {limit:g}"
    return Finding(not over and ratio <= limit, told, {"ratio": ratio, "limit": limit})


def _loaded_identity(load: LoadRecord, content: Mapping[str, Any]) -> Finding:
    files = [file for file in content["files"] if file["path"] not in load.skipped]
    planned = {name: sum(file[name] for file in files) for name in ("rows_loaded", "rows_rejected")}
    passed = planned == {"rows_loaded": load.rows, "rows_rejected": load.rejects}
    told = (
        f"planned {planned['rows_loaded']} rows and {planned['rows_rejected']} rejects, "
        f"landed {load.rows} and {load.rejects}; {len(load.skipped)} workbooks were loaded before"
    )
    return Finding(passed, told, {"rows": load.rows, "rejects": load.rejects})


PLAN_CHECKS = (
    PlanCheck(
        "accounting_identity", "Rows read = loaded + rejected + skipped, sheet by sheet.", _planned_identity, True
    ),
    PlanCheck("reject_ratio", "The rejects stay below max_reject_ratio of the domain.", _few_rejects, True),
)
LOAD_CHECKS = (LoadCheck("accounting_identity", "What landed is what was planned.", _loaded_identity),)


def result(name: str, key: dg.AssetKey, found: Finding) -> dg.AssetCheckResult:
    """A finding as Dagster shows it."""
    return dg.AssetCheckResult(
        check_name=name, asset_key=key, passed=found.passed, description=found.description, metadata=dict(found.numbers)
    )
