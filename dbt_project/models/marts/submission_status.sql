-- One row per month, domain and company: whether its figures came on time, late, or not at all, as of today.
{{ config(materialized='view') }}

with submissions as (

    select
        submissions.*,
        companies.company_name,
        (now() at time zone 'UTC')::date as today
    from {{ named(ref('submissions'), 'submissions') }}
    left join {{ named(ref('published_companies'), 'companies') }} on submissions.company_code = companies.company_code

)

select
    -- ids
    report_date,
    domain,
    company_code,
    batch_id,
    file_id,

    -- dimensions
    company_name,
    case
        when is_received and not is_expected then 'unexpected'
        when is_received and (received_at at time zone 'UTC')::date <= due_on then 'on_time'
        when is_received then 'late'
        when confirmed_by is not null then 'nothing_to_report'
        else 'missing'
    end as status,
    not is_received and confirmed_by is null and due_on < today as is_overdue,
    workbook,
    confirmed_by,
    note,

    -- times
    due_on,
    received_at
from submissions
-- a month is owed once it has ended
where is_received or confirmed_by is not null or report_date < date_trunc('month', today)
