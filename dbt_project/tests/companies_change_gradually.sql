-- Finds figures of a company that changed by a factor of 3 to 30 since the month before, or appeared or vanished.
{{ config(severity='warn') }}

select
    company_code,
    report_date,
    measure,
    old_value,
    new_value,
    factor
from {{ ref('int_company_jumps') }}
where ((factor > 3 and factor <= 30) or has_appeared or has_vanished) and explained_by is null
