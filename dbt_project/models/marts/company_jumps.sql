-- One row per month, company and measure that jumps against the month before, or appears or vanishes.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code', 'measure']
    )
}}

select
    report_date,
    company_code,
    measure,
    has_appeared,
    has_vanished,
    explained_by,
    old_value,
    new_value,
    factor
from {{ ref('int_company_jumps') }}
where factor > 3 or has_appeared or has_vanished
