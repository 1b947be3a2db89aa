-- One row per month and company: its plans, their size, and their return weighted by size.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code']
    )
}}

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
from {{ ref('int_company_monthly_summary_next') }}
