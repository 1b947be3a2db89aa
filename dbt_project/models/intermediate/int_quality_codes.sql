-- One row per month, kind and code: how many rejects, skipped rows and warnings bear the code.
with sheets as (

    select * from {{ ref('int_sheets_in_account') }}

),

rejects as (

    select * from {{ ref('int_rejects_in_account') }}

),

row_warnings as (

    select * from {{ ref('int_month_warnings') }}

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
    union all
    select
        report_date,
        'row_warning' as kind,
        code,
        occurrences
    from row_warnings

)

select
    report_date,
    kind,
    code,
    sum(occurrences)::bigint as occurrences
from occurrences
group by report_date, kind, code
