-- One row per month that has sheets in its account: what became of their rows, and why.
with sheets as (

    select * from {{ ref('int_sheets_in_account') }}

),

-- where a workbook was loaded again with the same reject, that load has it
rejects as (

    select
        sheets.report_date,
        rejected_rows.errors,
        case when rejected_rows.file_id = outcomes.file_id then outcomes.status else 'superseded' end as status
    from {{ named(ref('stg_rejected_rows'), 'rejected_rows') }}
    inner join sheets on rejected_rows.file_id = sheets.file_id
    inner join {{ named(ref('int_reject_status_next'), 'outcomes') }} on rejected_rows.reject_id = outcomes.reject_id

),

counts as (

    select
        report_date,
        count(*) as sheets,
        count(*) filter (where dated_by = 'load') as sheets_dated_by_load,
        sum(rows_read)::bigint as rows_read,
        sum(rows_loaded)::bigint as rows_loaded,
        sum(rows_rejected)::bigint as rows_rejected,
        sum(rows_skipped)::bigint as rows_skipped,
        max(loaded_at) as last_loaded_at
    from sheets
    group by report_date

),

reject_counts as (

    select
        report_date,
        count(*) filter (where status = 'open') as rows_rejected_open,
        count(*) filter (where status = 'mended') as rows_mended,
        count(*) filter (where status = 'superseded') as rows_superseded,
        count(*) filter (where status = 'waived') as rows_waived
    from rejects
    group by report_date

),

occurrences as (

    select
        rejects.report_date,
        'reject' as kind,
        error.value ->> 'code' as code,
        1 as occurrences
    from rejects
    cross join lateral jsonb_array_elements(rejects.errors) as error
    union all
    select
        sheets.report_date,
        'skip' as kind,
        skipped.key as code,
        skipped.value::bigint as occurrences
    from sheets
    cross join lateral jsonb_each_text(sheets.skipped_by_reason) as skipped
    where skipped.value::bigint > 0
    union all
    select
        sheets.report_date,
        'file_warning' as kind,
        warning.value ->> 'code' as code,
        1 as occurrences
    from sheets
    cross join lateral jsonb_array_elements(sheets.warnings) as warning

),

codes as (

    select
        report_date,
        kind,
        code,
        sum(occurrences)::bigint as occurrences
    from occurrences
    group by report_date, kind, code

),

objects as (

    select
        report_date,
        jsonb_object_agg(code, occurrences) filter (where kind = 'reject') as rejects_by_code,
        jsonb_object_agg(code, occurrences) filter (where kind = 'skip') as skips_by_reason,
        jsonb_object_agg(code, occurrences) filter (where kind = 'file_warning') as file_warnings_by_code
    from codes
    group by report_date

)

select
    counts.report_date,
    coalesce(objects.rejects_by_code, '{}') as rejects_by_code,
    coalesce(objects.skips_by_reason, '{}') as skips_by_reason,
    coalesce(objects.file_warnings_by_code, '{}') as file_warnings_by_code,
    counts.sheets,
    counts.sheets_dated_by_load,
    counts.rows_read,
    counts.rows_loaded,
    counts.rows_rejected,
    coalesce(reject_counts.rows_rejected_open, 0) as rows_rejected_open,
    coalesce(reject_counts.rows_mended, 0) as rows_mended,
    coalesce(reject_counts.rows_superseded, 0) as rows_superseded,
    coalesce(reject_counts.rows_waived, 0) as rows_waived,
    counts.rows_skipped,
    counts.last_loaded_at
from counts
left join reject_counts on counts.report_date = reject_counts.report_date
left join objects on counts.report_date = objects.report_date
