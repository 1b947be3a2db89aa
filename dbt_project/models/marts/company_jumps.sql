-- One row per month, company and measure that jumps against the month before, or appears or vanishes.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code', 'measure']
    )
}}

select
    jumps.report_date,
    jumps.company_code,
    jumps.measure,
    companies.company_name,
    jumps.has_appeared,
    jumps.has_vanished,
    jumps.explained_by,
    jumps.old_value,
    jumps.new_value,
    jumps.factor
from {{ named(ref('int_company_jumps'), 'jumps') }}
left join {{ named(ref('companies'), 'companies') }} on jumps.company_code = companies.company_code
where jumps.factor > 3 or jumps.has_appeared or jumps.has_vanished
