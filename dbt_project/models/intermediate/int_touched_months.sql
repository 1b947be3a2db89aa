-- One row per month and company that a batch touches which is not published yet.
select distinct
    report_date,
    company_code
from {{ ref('int_touched_keys') }}
