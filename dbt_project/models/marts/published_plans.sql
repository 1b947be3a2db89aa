-- The seed plans, once every test has passed.
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
