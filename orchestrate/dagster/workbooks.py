"""A plan asset and a load asset for each domain of the configuration, partitioned by month."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from extract.domains.registry import Domain
from extract.modes import STAGING
from orchestrate.dagster import metadata
from orchestrate.dagster.checks import LOAD_CHECKS, PLAN_CHECKS, result
from orchestrate.dagster.configs import LoadConfig, PlanConfig
from orchestrate.dagster.failures import as_failures, failure
from orchestrate.dagster.logs import forwarded
from orchestrate.dagster.partitions import MONTHS, months_of
from orchestrate.dagster.records import Json, PlanRecord
from orchestrate.dagster.resources import Warehouse, Workbooks
from orchestrate.dagster.steps import load_plan, plan_workbooks

POOL = "warehouse"
"""What writes to the warehouse waits for its turn here; the instance of run.py gives it one slot."""


def plan_key(domain: Domain) -> dg.AssetKey:
    """The plans of a domain."""
    return dg.AssetKey(["plans", domain.name])


def load_key(domain: Domain) -> dg.AssetKey:
    """The staging table of a domain: the key that dagster-dbt gives the source of dbt."""
    return dg.AssetKey([STAGING, domain.config.table])


def plan_asset(domain: Domain) -> dg.AssetsDefinition:
    """The plan of the workbooks of a month."""
    key = plan_key(domain)

    @dg.asset(
        key=key,
        partitions_def=MONTHS,
        group_name=domain.name,
        kinds={"python", "excel"},
        description=f"The plan of a month: what its workbooks would load. {domain.config.description}",
        io_manager_key="values",
        check_specs=[
            dg.AssetCheckSpec(check.name, asset=key, description=check.asks, blocking=check.blocking)
            for check in PLAN_CHECKS
        ],
    )
    def plan(context: dg.AssetExecutionContext, config: PlanConfig, workbooks: Workbooks) -> Iterator[Any]:
        settings = workbooks.settings()
        with as_failures(), forwarded(context.log) as observer:
            record, content, errors = plan_workbooks(
                domain.name, months_of(context.partition_key), config, settings, workbooks.processes, observer
            )
        for check in PLAN_CHECKS:
            yield result(check.name, key, check.find(content, domain))
        if errors:
            context.log.error(f"the failed plan stands in {record.directory}")
            raise failure(errors)
        yield dg.Output(record.model_dump(mode="json"), metadata=metadata.of_plan(record, content))

    return plan


def load_asset(domain: Domain) -> dg.AssetsDefinition:
    """The rows of a month in staging: exactly those of the plan before it."""
    key = load_key(domain)

    @dg.multi_asset(
        name=key.to_python_identifier(),
        specs=[
            dg.AssetSpec(
                key,
                deps=[plan_key(domain)],
                group_name=domain.name,
                kinds={"postgres"},
                description=f"The rows of a month in {STAGING}.{domain.config.table}; none with plan_only.",
                partitions_def=MONTHS,
                skippable=True,
            )
        ],
        ins={"plan": dg.AssetIn(plan_key(domain))},
        can_subset=True,  # where nothing is loaded there is nothing to check either
        pool=POOL,
        check_specs=[dg.AssetCheckSpec(check.name, asset=key, description=check.asks) for check in LOAD_CHECKS],
    )
    def load(
        context: dg.AssetExecutionContext, plan: Json, config: LoadConfig, workbooks: Workbooks, warehouse: Warehouse
    ) -> Iterator[Any]:
        planned = PlanRecord.model_validate(plan)
        if config.plan_only:
            context.log.info(
                f"plan_only is set: nothing is loaded; the plan {planned.id} stands in {planned.directory}"
            )
            return
        with as_failures(), forwarded(context.log) as observer:
            record, content = load_plan(planned, workbooks.settings(), warehouse.options, observer)
        yield dg.MaterializeResult(
            asset_key=key,
            metadata=metadata.of_load(record, planned),
            check_results=[result(check.name, key, check.find(record, content)) for check in LOAD_CHECKS],
        )

    return load
