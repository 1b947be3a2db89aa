-- The seed explained_jumps, once every test has passed.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        alias='explained_jumps',
        unique_key=['company_code', 'report_date', 'measure']
    )
}}

select
    company_code,
    report_date,
    measure,
    reason
from {{ ref('explained_jumps') }}
