"""The sensor: asks for the load of months whose workbooks are new or have changed, one after the other.

Its cursor holds what is loaded, so that it moves only after a load; a failed one is asked for again, after a pause that
doubles each time.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from extract.errors.base import WorkDataHubError
from orchestrate.dagster.partitions import FORMAT
from orchestrate.dagster.resources import Workbooks
from orchestrate.dagster.waiting import Arrival, arrivals, why_waiting
from orchestrate.dagster.workbooks import load_key, plan_key

ARRIVAL, CONTENT = "workdatahub/arrival", "workdatahub/content"
"""Tags of a run that the sensor asked for: which month of which domain, and the state of its workbooks."""
_INTERVAL = 60
_LONGEST_PAUSE = timedelta(hours=6)


def arriving_workbooks(job: str, marts: dg.AssetsDefinition) -> dg.SensorDefinition:
    """The sensor that asks a job to load, and the marts to be built behind it."""

    @dg.sensor(
        job_name=job,
        minimum_interval_seconds=_INTERVAL,
        description="Loads months whose workbooks are new or have changed, oldest first, one run at a time.",
    )
    def new_workbooks(context: dg.SensorEvaluationContext, workbooks: Workbooks) -> dg.SensorResult:
        loaded: dict[str, str] = json.loads(context.cursor or "{}")
        told: list[str] = []
        wanted: tuple[Arrival, int] | None = None
        busy = False
        try:
            for arrival in arrivals(workbooks.settings()):
                if loaded.get(arrival.key) == arrival.content:
                    continue
                runs = _runs(context.instance, arrival)
                if runs and not runs[0].dagster_run.is_finished:
                    busy = True
                    told.append(f"{arrival.key}: run {runs[0].dagster_run.run_id} is under way")
                elif runs and _has_loaded(context.instance, runs[0].dagster_run, arrival):
                    loaded[arrival.key] = arrival.content
                elif reason := why_waiting(arrival) or _pause(runs):
                    told.append(f"{arrival.key} waits, {reason}")
                else:
                    wanted = wanted or (arrival, len(runs))
        except WorkDataHubError as error:
            told.append(f"{error.message}; {error.next_step}")
        cursor = json.dumps(loaded, ensure_ascii=False, sort_keys=True)
        for line in told:
            context.log.info(line)
        if wanted and not busy:
            return dg.SensorResult(run_requests=[_request(*wanted, marts)], cursor=cursor)
        return dg.SensorResult(
            skip_reason="; ".join(told) or f"all {len(loaded)} months with workbooks are loaded", cursor=cursor
        )

    return new_workbooks


def _runs(instance: dg.DagsterInstance, arrival: Arrival) -> Sequence[dg.RunRecord]:
    """The runs that were asked for, for just these workbooks; newest first."""
    tags = {ARRIVAL: arrival.key, CONTENT: arrival.content}
    found: Sequence[dg.RunRecord] = instance.get_run_records(dg.RunsFilter(tags=tags), order_by="create_timestamp")
    return found


def _has_loaded(instance: dg.DagsterInstance, run: dg.DagsterRun, arrival: Arrival) -> bool:
    """Whether a run came to its end and loaded; a person may have started it again with plan_only."""
    if run.status is not dg.DagsterRunStatus.SUCCESS:
        return False
    materialised = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    return any(entry.get_dagster_event().asset_key == load_key(arrival.domain) for entry in materialised)


def _pause(runs: Sequence[dg.RunRecord]) -> str | None:
    """Until when a month that failed again and again is left alone; the first time it is not."""
    if len(runs) < 2 or runs[0].end_time is None:
        return None
    pause = min(timedelta(seconds=_INTERVAL * 2 ** min(len(runs), 20)), _LONGEST_PAUSE)
    again = datetime.fromtimestamp(runs[0].end_time, UTC) + pause
    failed = (
        f"failed {len(runs)} times, last in run {runs[0].dagster_run.run_id}: tried again at {again:%Y-%m-%d %H:%M} UTC"
    )
    return failed if again > datetime.now(UTC) else None


def _request(arrival: Arrival, before: int, marts: dg.AssetsDefinition) -> dg.RunRequest:
    key = load_key(arrival.domain)
    return dg.RunRequest(
        run_key=f"{arrival.key}/{arrival.content}/{before + 1}",
        partition_key=arrival.month.strftime(FORMAT),
        asset_selection=[plan_key(arrival.domain), key, *marts.keys],
        run_config={"ops": {key.to_python_identifier(): {"config": {"plan_only": False}}}},
        tags={ARRIVAL: arrival.key, CONTENT: arrival.content},
    )
