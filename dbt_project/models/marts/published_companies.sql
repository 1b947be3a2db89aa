-- The seed companies, once every test has passed, and once nothing compares names with those of before.
-- depends_on: {{ ref('plan_monthly_performance') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        alias='companies',
        unique_key=['company_code']
    )
}}

select
    company_code,
    company_name,
    country
from {{ ref('companies') }}
