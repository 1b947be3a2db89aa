-- One row per month and company: its plans, their size, their return weighted by size, and the median of their returns.
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
        where
            (report_date, company_code) in (
                {{ touched_months() }}
                union
                -- months that an earlier version made without the median
                select
                    unfilled.report_date,
                    unfilled.company_code
                from {{ this }} as unfilled
                where unfilled.median_return is null and unfilled.plans_with_return > 0
            )
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
        sum(return_rate * fund_scale) as return_times_scale,
        -- The median, exactly: `percentile_cont` would compute in floating point.
        (
            percentile_disc(0.5) within group (order by abs(return_rate))
            + percentile_disc(0.5) within group (order by abs(return_rate) desc)
        ) * 0.5 as median_return
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
    {{ exact_ratio('fund_scale_with_return', 'nullif(fund_scale, 0)', 6) }} as scale_coverage,
    median_return
from totals
