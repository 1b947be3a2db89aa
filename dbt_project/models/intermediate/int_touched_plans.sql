-- One row per plan and company that a batch touches which is not published yet: since which month.
select
    plan_code,
    company_code,
    min(report_date) as since
from {{ ref('int_touched_keys') }}
group by plan_code, company_code
