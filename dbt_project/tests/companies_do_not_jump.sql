-- Finds figures of a company that are beyond thirty times, or below a thirtieth of, those of the month before.
select
    company_code,
    report_date,
    measure,
    old_value,
    new_value,
    factor
from {{ ref('int_company_jumps') }}
where factor > 30 and explained_by is null
