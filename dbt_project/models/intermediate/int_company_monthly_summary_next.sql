-- One row per month and company: its plans, their size, and their return weighted by size.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code'],
        incremental_predicates=[of_touched_month('DBT_INTERNAL_DEST')]
    )
}}

with performance as (

    select * from {{ named(ref('int_trustee_performance_next'), 'performance') }}
    {% if renews_a_part() %}
        where {{ of_touched_month('performance') }}
    {% endif %}

),

totals as (

    select
        report_date,
        company_code,
        count(*) as plans_reported,
        count(return_rate) as plans_with_return,
        count(fund_scale) as plans_with_fund_scale,
        count(return_rate * fund_scale) as plans_with_both,
        sum(fund_scale) as fund_scale,
        coalesce(sum(fund_scale) filter (where return_rate is not null), 0.00) as fund_scale_with_return,
        sum(return_rate * fund_scale) as return_times_scale
    from performance
    group by report_date, company_code

)

select
    -- ids
    report_date,
    company_code,

    -- numerics
    plans_reported,
    plans_with_return,
    plans_with_fund_scale,
    plans_with_both,
    fund_scale,
    fund_scale_with_return,
    {{ exact_ratio('return_times_scale', 'nullif(fund_scale_with_return, 0)', 6) }} as weighted_return,
    {{ exact_ratio('plans_with_return::numeric', 'plans_reported', 6) }} as plan_coverage,
    {{ exact_ratio('fund_scale_with_return', 'nullif(fund_scale, 0)', 6) }} as scale_coverage
from totals
