-- One row per month and company: its plans, their size, and their return weighted by size.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code'],
        incremental_predicates=[of_touched_month('DBT_INTERNAL_DEST')],
        pre_hook="{{ let_deletes_cascade('marts.plan_monthly_performance') }}"
    )
}}

with months as (

    select * from {{ named(ref('int_company_monthly_summary_next'), 'months') }}
    {% if renews_a_part() %}
        where {{ of_touched_month('months') }}
    {% endif %}

)

select
    report_date,
    company_code,
    plans_reported,
    plans_with_return,
    plans_with_fund_scale,
    plans_with_both,
    fund_scale,
    fund_scale_with_return,
    weighted_return,
    plan_coverage,
    scale_coverage
from months
