-- The seed companies, once every test has passed.
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
