-- One row per month: what became of the rows of its sheets, and which measures its rows lack.
with sheets as (

    select
        report_date,
        count(*) as sheets,
        count(*) filter (where dated_by = 'load') as sheets_dated_by_load,
        sum(rows_read)::bigint as rows_read,
        sum(rows_loaded)::bigint as rows_loaded,
        sum(rows_rejected)::bigint as rows_rejected,
        sum(rows_skipped)::bigint as rows_skipped,
        max(loaded_at) as last_loaded_at
    from {{ ref('int_sheets_in_account') }}
    group by report_date

),

rejects as (

    select
        report_date,
        count(*) filter (where status = 'open') as rows_rejected_open,
        count(*) filter (where status = 'mended') as rows_mended,
        count(*) filter (where status = 'superseded') as rows_superseded,
        count(*) filter (where status = 'waived') as rows_waived
    from {{ ref('int_rejects_in_account') }}
    group by report_date

),

measures as (

    select * from {{ ref('int_month_measures') }}

)

select
    coalesce(sheets.report_date, measures.report_date) as report_date,
    coalesce(sheets.sheets, 0) as sheets,
    coalesce(sheets.sheets_dated_by_load, 0) as sheets_dated_by_load,
    coalesce(sheets.rows_read, 0) as rows_read,
    coalesce(sheets.rows_loaded, 0) as rows_loaded,
    coalesce(sheets.rows_rejected, 0) as rows_rejected,
    coalesce(rejects.rows_rejected_open, 0) as rows_rejected_open,
    coalesce(rejects.rows_mended, 0) as rows_mended,
    coalesce(rejects.rows_superseded, 0) as rows_superseded,
    coalesce(rejects.rows_waived, 0) as rows_waived,
    coalesce(sheets.rows_skipped, 0) as rows_skipped,
    coalesce(measures.rows_counting, 0) as rows_counting,
    coalesce(measures.missing_return_rate, 0) as missing_return_rate,
    coalesce(measures.missing_net_asset_value, 0) as missing_net_asset_value,
    coalesce(measures.missing_fund_scale, 0) as missing_fund_scale,
    coalesce(measures.rows_without_measures, 0) as rows_without_measures,
    sheets.last_loaded_at
from sheets
full outer join measures on sheets.report_date = measures.report_date
left join rejects on sheets.report_date = rejects.report_date
