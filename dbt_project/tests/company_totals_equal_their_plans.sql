-- Finds months in which the plans or the size of the companies differ from those of their plans.
with summary as (

    select
        report_date,
        sum(plans_reported) as plans_reported,
        sum(fund_scale) as fund_scale
    from {{ ref('int_company_monthly_summary_next') }}
    group by report_date

),

plans as (

    select
        report_date,
        count(*) as plans_reported,
        sum(fund_scale) as fund_scale
    from {{ ref('int_plan_monthly_performance_next') }}
    group by report_date

)

select
    coalesce(summary.report_date, plans.report_date) as report_date,
    summary.plans_reported as plans_of_companies,
    plans.plans_reported,
    summary.fund_scale as fund_scale_of_companies,
    plans.fund_scale
from summary
full outer join plans on summary.report_date = plans.report_date
where
    summary.plans_reported is distinct from plans.plans_reported
    or summary.fund_scale is distinct from plans.fund_scale
