-- One row per month and company: the figures by which a month is compared with the one before it.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code'],
        indexes=[{'columns': ['report_date', 'company_code'], 'unique': true}],
        incremental_predicates=[of_touched_month('DBT_INTERNAL_DEST')]
    )
}}

with performance as (

    select * from {{ named(ref('int_trustee_performance_next'), 'performance') }}
    {% if renews_a_part() %}
        where {{ of_touched_month('performance') }}
    {% endif %}

)

select
    report_date,
    company_code,
    sum(fund_scale) as fund_scale,
    -- The median, exactly: `percentile_cont` would compute in floating point.
    (
        percentile_disc(0.5) within group (order by abs(return_rate))
        + percentile_disc(0.5) within group (order by abs(return_rate) desc)
    ) * 0.5 as return_rate,
    count(*)::numeric as plan_count
from performance
group by report_date, company_code
