-- One row per month, plan and company: returns over one month, the year and twelve months, drawdown and rank.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'plan_code', 'company_code'],
        incremental_predicates=[of_affected_month('DBT_INTERNAL_DEST')]
    )
}}

with months as (

    select * from {{ named(ref('int_plan_monthly_performance_next'), 'months') }}
    {% if renews_a_part() %}
        where {{ of_affected_month('months') }}
    {% endif %}

)

select
    -- ids
    months.report_date,
    months.plan_code,
    months.company_code,

    -- dimensions
    plans.plan_name,
    companies.company_name,
    months.is_first_month,
    months.has_gap_before,
    months.ytd_complete,
    case
        when months.ytd_complete then null
        when months.return_rate is null then 'no_return'
        when months.months_in_trailing_12 = months.months_unbroken then 'began_in_year'
        else 'month_missing'
    end as ytd_missing_reason,
    months.trailing_12_complete,

    -- numerics
    months.return_rate,
    months.previous_return_rate,
    months.return_change,
    months.ytd_return,
    months.trailing_12_return,
    months.drawdown,
    months.net_asset_value,
    months.nav_change,
    months.nav_change_rate,
    months.fund_scale,
    months.company_return,
    months.excess_return,
    months.rank_in_company,
    months.ranked_plans,
    months.months_unbroken,
    months.months_in_ytd,
    months.months_in_trailing_12
from months
left join {{ named(ref('plans'), 'plans') }} on months.plan_code = plans.plan_code
left join {{ named(ref('companies'), 'companies') }} on months.company_code = companies.company_code
