-- One row per month, domain and company that owes figures, has sent some, or has confirmed that there are none.
with expected as (

    select
        seed.domain,
        seed.company_code,
        months.first_day::date as report_date,
        (months.first_day + interval '1 month')::date + seed.due_day - 1 as due_on,
        seed.note
    from {{ ref('expected_submissions') }} as seed
    cross join
        lateral generate_series(
            date_trunc('month', seed.from_month::timestamp),
            -- a year ahead, so that `submission_status` knows the months that begin after this build
            least(seed.to_month, (now() at time zone 'UTC' + interval '12 months')::date)::timestamp,
            interval '1 month'
        ) as months (first_day)

),

confirmed as (

    select * from {{ ref('nothing_to_report') }}

),

-- the first batch in effect that brought figures of it
first_batches as (

    select distinct on (received.report_date, received.company_code)
        received.report_date,
        received.company_code,
        received.batch_id,
        received.file_id,
        batches.domain,
        batches.loaded_at
    from {{ named(ref('int_submissions_received'), 'received') }}
    inner join {{ named(ref('int_load_batches_in_effect'), 'batches') }} on received.batch_id = batches.batch_id
    where batches.in_effect and batches.mode <> 'undo' and batches.domain = 'trustee_performance'
    order by received.report_date, received.company_code, received.batch_id

),

received as (

    select
        first_batches.domain,
        months.company_code,
        months.report_date,
        first_batches.batch_id,
        first_batches.file_id,
        regexp_replace(coalesce(files.mends, files.path), '^.*[/\\]', '') as workbook,
        first_batches.loaded_at as received_at
    from {{ named(ref('int_company_monthly_summary_next'), 'months') }}
    inner join first_batches
        on months.report_date = first_batches.report_date and months.company_code = first_batches.company_code
    left join {{ named(ref('stg_source_files'), 'files') }} on first_batches.file_id = files.file_id

),

owed_or_sent as (

    select
        report_date,
        domain,
        company_code
    from expected
    union
    select
        report_date,
        domain,
        company_code
    from received
    union
    select
        report_date,
        domain,
        company_code
    from confirmed

)

select
    -- ids
    owed_or_sent.report_date,
    owed_or_sent.domain,
    owed_or_sent.company_code,
    received.batch_id,
    received.file_id,

    -- dimensions
    expected.due_on is not null as is_expected,
    received.report_date is not null as is_received,
    received.workbook,
    confirmed.confirmed_by,
    coalesce(confirmed.note, expected.note) as note,

    -- times
    expected.due_on,
    received.received_at
from owed_or_sent
left join expected
    on
        owed_or_sent.report_date = expected.report_date
        and owed_or_sent.domain = expected.domain
        and owed_or_sent.company_code = expected.company_code
left join received
    on
        owed_or_sent.report_date = received.report_date
        and owed_or_sent.domain = received.domain
        and owed_or_sent.company_code = received.company_code
left join confirmed
    on
        owed_or_sent.report_date = confirmed.report_date
        and owed_or_sent.domain = confirmed.domain
        and owed_or_sent.company_code = confirmed.company_code
