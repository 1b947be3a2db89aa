"""The jobs `plan` and `load`: one step writes a plan, the next loads exactly that one, the last lets dbt build."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestrate.dagster import metadata
from orchestrate.dagster.configs import JobConfig, LoadConfig
from orchestrate.dagster.failures import as_failures, failure
from orchestrate.dagster.logs import forwarded
from orchestrate.dagster.records import Json, LoadRecord, PlanRecord
from orchestrate.dagster.resources import RESOURCES, Warehouse, Workbooks
from orchestrate.dagster.steps import configured, load_plan, plan_workbooks
from orchestrate.dagster.workbooks import POOL, load_key, plan_key


@dg.op(out=dg.Out(dict, io_manager_key="values"))
def write_plan(context: dg.OpExecutionContext, config: JobConfig, workbooks: Workbooks) -> Json:
    """Plan what the workbooks would load. A plan that failed is written too, and ends the run."""
    settings = workbooks.settings()
    with as_failures(), forwarded(context.log) as observer:
        plan, content, errors = plan_workbooks(
            config.domain, config.periods, config, settings, workbooks.processes, observer
        )
        domain = configured(settings)[config.domain]
    if errors:
        context.log.error(f"the failed plan stands in {plan.directory}")
        raise failure(errors)
    _materialised(context, plan_key(domain), plan, metadata.of_plan(plan, content))
    return plan.model_dump(mode="json")


@dg.op(out=dg.Out(dict, is_required=False, io_manager_key="values"), pool=POOL)
def apply_plan(
    context: dg.OpExecutionContext, plan: Json, config: LoadConfig, workbooks: Workbooks, warehouse: Warehouse
) -> Iterator[Any]:
    """Load exactly the plan of the step before, by its id; nothing where plan_only is set."""
    planned = PlanRecord.model_validate(plan)
    if config.plan_only:
        context.log.info(f"plan_only is set: nothing is loaded; the plan {planned.id} stands in {planned.directory}")
        return
    settings = workbooks.settings()
    with as_failures(), forwarded(context.log) as observer:
        record, _ = load_plan(planned, settings, warehouse.options, observer)
        domain = configured(settings)[planned.domain]
    _materialised(context, load_key(domain), planned, metadata.of_load(record, planned))
    yield dg.Output(record.model_dump(mode="json"))


@dg.op(out=dg.Out(dg.Nothing), pool=POOL)
def build_marts(context: dg.OpExecutionContext, loaded: Json, warehouse: Warehouse) -> Iterator[Any]:
    """Let dbt build on what was loaded."""
    from orchestrate.dagster import marts, project  # they take dbt with them

    record = LoadRecord.model_validate(loaded)
    context.log.info(f"dbt builds on batch {record.batch_id}")
    with as_failures():
        manifest = project.manifest()
    yield from marts.build(manifest, context, warehouse)


def _materialised(context: dg.OpExecutionContext, key: dg.AssetKey, plan: PlanRecord, shown: Json) -> None:
    """Tell of an asset that a job made, once for each month of its workbooks."""
    for period in plan.periods or (None,):
        context.log_event(dg.AssetMaterialization(asset_key=key, metadata=shown, partition=period))


@dg.config_mapping
def _asked_of_a_plan(asked: JobConfig) -> dict[str, Any]:
    return {"ops": {"write_plan": {"config": _given(asked)}}}


@dg.config_mapping
def _asked_of_a_load(asked: JobConfig) -> dict[str, Any]:
    steps = {"write_plan": {"config": _given(asked)}, "apply_plan": {"config": {"plan_only": asked.plan_only}}}
    return {"ops": steps}


def _given(asked: JobConfig) -> dict[str, Any]:
    return {name: value for name, value in asked.model_dump(mode="json").items() if value is not None}


@dg.job(config=_asked_of_a_plan, resource_defs=RESOURCES)
def plan() -> None:
    """Plan what workbooks would load."""
    write_plan()


@dg.job(config=_asked_of_a_load, resource_defs=RESOURCES)
def load() -> None:
    """Plan; then, unless plan_only is set, load exactly that plan and build the marts."""
    build_marts(apply_plan(write_plan()))
