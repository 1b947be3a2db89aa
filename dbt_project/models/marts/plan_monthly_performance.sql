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
    report_date,
    plan_code,
    company_code,
    is_first_month,
    has_gap_before,
    ytd_complete,
    trailing_12_complete,
    return_rate,
    previous_return_rate,
    return_change,
    ytd_return,
    trailing_12_return,
    drawdown,
    net_asset_value,
    nav_change,
    nav_change_rate,
    fund_scale,
    company_return,
    excess_return,
    rank_in_company,
    ranked_plans,
    months_unbroken,
    months_in_ytd,
    months_in_trailing_12
from months
