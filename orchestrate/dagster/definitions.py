"""All that Dagster loads: `dagster dev -m orchestrate.dagster.definitions`, which `python run.py dagster` starts."""

from datetime import timedelta

import dagster as dg

from extract.settings import load_settings
from orchestrate.dagster.arriving import arriving_workbooks
from orchestrate.dagster.expected import MART, expected_submissions
from orchestrate.dagster.marts import mart_assets
from orchestrate.dagster.partitions import FORMAT
from orchestrate.dagster.plan_and_load import load, plan
from orchestrate.dagster.project import manifest
from orchestrate.dagster.resources import RESOURCES
from orchestrate.dagster.steps import configured
from orchestrate.dagster.workbooks import load_asset, load_key, plan_asset

_DOMAINS = configured(load_settings())
_MARTS = mart_assets(manifest(), [load_key(domain) for domain in _DOMAINS.values()])
monthly = dg.define_asset_job(
    "monthly",
    description="All of it for one month: plan, load unless plan_only is set, and the marts.",
)


@dg.schedule(cron_schedule="0 6 10 * *", job=monthly)
def month_before(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On the tenth, once workbooks should be there: load the month before."""
    first = context.scheduled_execution_time.replace(day=1)
    loading = {"config": {"plan_only": False}}
    return dg.RunRequest(
        partition_key=(first - timedelta(days=1)).strftime(FORMAT),
        run_config={"ops": {load_key(domain).to_python_identifier(): loading for domain in _DOMAINS.values()}},
    )


defs = dg.Definitions(
    assets=[*(make(domain) for domain in _DOMAINS.values() for make in (plan_asset, load_asset)), _MARTS],
    asset_checks=[expected_submissions()] if MART in _MARTS.keys else [],
    jobs=[plan, load, monthly],
    schedules=[month_before],
    sensors=[arriving_workbooks(monthly.name, _MARTS)],
    resources=RESOURCES,
)
