"""`run.py approve`: somebody else than its planner says of a plan that they have seen it, and what it showed."""

from pathlib import Path
from typing import Any

from extract.config import load_data_sources
from extract.database.targets import database_target
from extract.errors.approvals import ApproverIsPlanner
from extract.errors.plan import PlanChanged
from extract.persons import person, same_login
from extract.plan.sealed import open_plan, refuse_unsealed_diff
from extract.settings import Settings
from extract.staging.approvals import write_approval
from extract.wording import Sentence
from orchestrate.results import Approved

_OF_A_FILE = ("path", "period", "sha256", "sheet", "rows_loaded", "rows_rejected")
_NOT_SHOWN = ("sha256", "month_before")


def approve(directory: Path, comment: str, settings: Settings, expected_id: str | None) -> Approved:
    """Write an approval of a plan that is what was written, with the figures that it shows.

    Raises ApproverIsPlanner, what `open_plan` raises, and the errors of the database.
    """
    sources = load_data_sources(settings.data_sources_config)
    plan, _ = open_plan(directory, sources, settings.data_sources_config, expected_id)
    with plan.landing:
        refuse_unsealed_diff(plan)
        planner = plan.landing.planned_by
        if not planner:
            raise PlanChanged(
                path=str(directory), problem=Sentence("it does not say who made it: an earlier version wrote it")
            )
        if same_login(planner, person()):
            raise ApproverIsPlanner(path=str(directory), planned_by=planner, approver=person())
        target = database_target(settings)
        approval = write_approval(plan.landing, comment, _figures(plan.content), target)
    return Approved(directory, target.label, approval)


def _figures(content: dict[str, Any]) -> dict[str, Any]:
    """What a plan shows: its numbers, its workbooks, and of the comparison with the mart its counts."""
    diff = content.get("diff")
    return {
        "mode": content["mode"],
        "totals": content["totals"],
        "distinct_keys": content["distinct_keys"],
        "accepted": content["accepted"],
        "files": [{name: file[name] for name in _OF_A_FILE} for file in content["files"]],
        "diff": diff and {name: value for name, value in diff.items() if name not in _NOT_SHOWN},
    }
