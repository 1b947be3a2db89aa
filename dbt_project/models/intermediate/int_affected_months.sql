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
from {{ named(ref('int_trustee_performance_next'), 'months') }}
where {{ of_touched_month('months') }}
union
{% for condition in (
    is_renamed('months', 'plan_code', 'plan_name', ref('plans'), 'published_plans'),
    is_renamed('months', 'company_code', 'company_name', ref('companies'), 'published_companies'),
    lacks_columns('plan_monthly_performance')
) %}
    -- a name is of all months, and so is a column that the mart lacks as yet
    select
        months.report_date,
        months.plan_code,
        months.company_code
    from {{ named(ref('int_trustee_performance_next'), 'months') }}
    where {{ condition }}
    union
{% endfor %}
-- and what was withdrawn is gone
select
    report_date,
    plan_code,
    company_code
from {{ ref('int_touched_keys') }}
