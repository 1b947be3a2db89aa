-- One row per month, plan and company of which a figure may change with what is not published yet.
{{ config(materialized='incremental', incremental_strategy='replace') }}

-- a plan looks back, so that everything since its first touched month may change
select
    months.report_date,
    months.plan_code,
    months.company_code
from {{ named(ref('int_plan_months'), 'months') }}
inner join {{ touched_plans() }} as touched
    on
        months.plan_code = touched.plan_code
        and months.company_code = touched.company_code
        and months.report_date >= touched.since
union
-- its place and its distance to the company change with the company
select
    months.report_date,
    months.plan_code,
    months.company_code
from {{ named(ref('int_plan_months'), 'months') }}
inner join {{ touched_months() }} as touched
    on months.report_date = touched.report_date and months.company_code = touched.company_code
union
-- and what was withdrawn is gone
select
    report_date,
    plan_code,
    company_code
from {{ ref('int_touched_keys') }}
