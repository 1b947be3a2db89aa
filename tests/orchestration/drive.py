"""Dagster's own API in a process of its own, at the root of a checkout: what a test asks for, and the outcome as JSON.

`month YYYY-MM`, `plan YYYY-MM` and `landed YYYY-MM` materialise all assets of a month, the plan only, or what was
planned; `load` runs the job of that name; `tick` evaluates the sensor, and `schedule YYYY-MM-DD` the schedule as of
six that day, with --run they run what is asked for.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

sys.path.insert(0, str(Path.cwd()))

from orchestrate.dagster.definitions import defs
from orchestrate.dagster.home import home
from orchestrate.dagster.plan_and_load import load
from orchestrate.dagster.resources import Workbooks

CURSOR = Path(".wdh") / "cursor.json"
PLANS, STAGING = dg.AssetKey(["plans", "trustee_performance"]), dg.AssetKey(["staging", "trustee_performance"])


def monthly() -> dg.JobDefinition:
    return defs.resolve_job_def("monthly")


def outcome(result: dg.ExecuteInProcessResult | dg.JobExecutionResult) -> dict[str, object]:
    """What a run did."""
    events = result.all_events
    made = [event.step_materialization_data.materialization for event in events if event.is_step_materialization]
    checks = [event.event_specific_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"]
    failed = [event.step_failure_data for event in events if event.is_step_failure]
    return {
        "success": result.success,
        "assets": {one.asset_key.to_user_string(): one.partition for one in made},
        "metadata": {
            one.asset_key.to_user_string(): {name: type(value).__name__ for name, value in one.metadata.items()}
            for one in made
            if one.asset_key in (PLANS, STAGING)
        },
        "checks": {f"{one.asset_key.to_user_string()} {one.check_name}": one.passed for one in checks},
        "steps": [event.step_key for event in events if event.is_step_success],
        "failures": [
            {
                "description": one.user_failure_data.description,
                **{name: value.value for name, value in one.user_failure_data.metadata.items()},
            }
            for one in failed
            if one.user_failure_data
        ],
        "problems": [one.error.message for one in failed if one.error and not one.user_failure_data],
    }


def materialise(partition: str, selection: list[dg.AssetKey] | None, instance: dg.DagsterInstance) -> dict[str, object]:
    """Assets of a month, loaded."""
    wanted = {"ops": {"staging__trustee_performance": {"config": {"plan_only": False}}}}
    config = {} if selection == [PLANS] else wanted
    result = monthly().execute_in_process(
        partition_key=partition, instance=instance, run_config=config, asset_selection=selection, raise_on_error=False
    )
    return outcome(result)


def tick(run: bool, instance: dg.DagsterInstance) -> dict[str, object]:
    """One evaluation of the sensor; its cursor is kept as the daemon of Dagster keeps it."""
    context = dg.build_sensor_context(
        instance=instance,
        cursor=CURSOR.read_text() if CURSOR.exists() else None,
        definitions=defs,
        resources={"workbooks": Workbooks()},
    )
    found = defs.resolve_sensor_def("new_workbooks").evaluate_tick(context)
    CURSOR.write_text(found.cursor or "")
    return {
        "requests": [asked.partition_key for asked in found.run_requests],
        "skipped": found.skip_message,
        "loaded": sorted(json.loads(found.cursor or "{}")),
        "runs": [requested(asked, instance) for asked in found.run_requests] if run else [],
    }


def scheduled(day: str, run: bool, instance: dg.DagsterInstance) -> dict[str, object]:
    """One evaluation of the schedule."""
    time = datetime.fromisoformat(f"{day}T06:00").astimezone(UTC)
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=time, repository_def=defs.get_repository_def()
    )
    found = defs.resolve_schedule_def("month_before").evaluate_tick(context)
    return {
        "requests": [asked.partition_key for asked in found.run_requests],
        "runs": [requested(asked, instance) for asked in found.run_requests] if run else [],
    }


def requested(asked: dg.RunRequest, instance: dg.DagsterInstance) -> dict[str, object]:
    """The run that a tick asked for, in this process."""
    result = monthly().execute_in_process(
        partition_key=asked.partition_key,
        instance=instance,
        run_config=asked.run_config,
        tags={**asked.tags},
        asset_selection=asked.asset_selection,
        raise_on_error=False,
    )
    return outcome(result)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["month", "plan", "landed", "load", "multiprocess", "tick", "schedule"])
    parser.add_argument("argument", nargs="?", default="")
    parser.add_argument("--run", action="store_true")
    asked = parser.parse_args()
    selections = {"plan": [PLANS], "landed": [STAGING], "month": None}
    with dg.DagsterInstance.from_config(str(home())) as instance:
        if asked.what == "tick":
            found = tick(asked.run, instance)
        elif asked.what == "schedule":
            found = scheduled(asked.argument, asked.run, instance)
        elif asked.what in selections:
            found = materialise(asked.argument, selections[asked.what], instance)
        else:
            config = {"domain": "trustee_performance", **json.loads(asked.argument or "{}")}
            if asked.what == "load":
                result = load.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
                found = outcome(result)
            else:
                with dg.execute_job(dg.reconstructable(load), instance=instance, run_config=config) as result:
                    found = outcome(result)
    Path("outcome.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
