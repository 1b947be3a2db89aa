-- The seed plans, once every test has passed, and once nothing compares names with those of before.
-- depends_on: {{ ref('plan_monthly_performance') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        alias='plans',
        unique_key=['plan_code']
    )
}}

select
    plan_code,
    plan_name,
    company_code,
    inception_date,
    country
from {{ ref('plans') }}
