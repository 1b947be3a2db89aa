-- One row per month, plan and company: returns over one month, the year and twelve months, drawdown and rank.
-- depends_on: {{ ref('int_affected_months') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'plan_code', 'company_code'],
        incremental_predicates=[of_affected_month('DBT_INTERNAL_DEST')]
    )
}}

with months as (

    select * from {{ named(ref('int_plan_months'), 'months') }}
    {% if renews_a_part() %}
        where {{ of_affected_month('months') }}
    {% endif %}

),

ranks as (

    select * from {{ ref('int_plan_ranks') }}

),

compounded as (

    select * from {{ ref('int_plan_returns') }}

),

companies as (

    select * from {{ ref('int_company_monthly_summary_next') }}

)

select
    -- ids
    months.report_date,
    months.plan_code,
    months.company_code,

    -- dimensions
    months.is_first_month,
    months.has_gap_before,
    months.ytd_complete,
    compounded.growth_of_12_months is not null as trailing_12_complete,

    -- numerics
    months.return_rate,
    months.previous_return_rate,
    months.return_rate - months.previous_return_rate as return_change,
    case when months.ytd_complete then round(compounded.growth_of_year - 1, 6) end as ytd_return,
    round(compounded.growth_of_12_months - 1, 6) as trailing_12_return,
    {{ exact_ratio('(compounded.growth_of_run - compounded.peak_of_run)', 'compounded.peak_of_run', 6) }} as drawdown,
    months.net_asset_value,
    months.nav_change,
    {{ exact_ratio('months.nav_change', 'months.previous_net_asset_value', 6) }} as nav_change_rate,
    months.fund_scale,
    companies.weighted_return as company_return,
    months.return_rate - companies.weighted_return as excess_return,
    ranks.rank_in_company,
    companies.plans_with_return as ranked_plans,
    coalesce(compounded.months_in_run, 0) as months_unbroken,
    months.months_in_ytd,
    months.months_in_trailing_12
from months
inner join companies on months.report_date = companies.report_date and months.company_code = companies.company_code
left join compounded
    on
        months.report_date = compounded.report_date
        and months.plan_code = compounded.plan_code
        and months.company_code = compounded.company_code
left join ranks
    on
        months.report_date = ranks.report_date
        and months.plan_code = ranks.plan_code
        and months.company_code = ranks.company_code
