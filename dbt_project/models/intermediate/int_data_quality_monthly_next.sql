-- One row per month: what became of the rows of its workbooks, what is missing, and which plans came and went.
{{ config(materialized='incremental', incremental_strategy='refill', unique_key=['report_date']) }}

with accounts as (

    select * from {{ ref('int_month_accounts') }}

),

months as (

    select * from {{ ref('int_months') }}

)

select
    -- ids
    coalesce(accounts.report_date, months.report_date) as report_date,

    -- dimensions
    coalesce(accounts.rejects_by_code, '{}') as rejects_by_code,
    coalesce(accounts.skips_by_reason, '{}') as skips_by_reason,
    coalesce(accounts.file_warnings_by_code, '{}') as file_warnings_by_code,
    coalesce(months.row_warnings_by_code, '{}') as row_warnings_by_code,
    months.appeared_plans,
    months.vanished_plans,

    -- numerics
    coalesce(accounts.sheets, 0) as sheets,
    coalesce(accounts.sheets_dated_by_load, 0) as sheets_dated_by_load,
    coalesce(accounts.rows_read, 0) as rows_read,
    coalesce(accounts.rows_loaded, 0) as rows_loaded,
    coalesce(accounts.rows_rejected, 0) as rows_rejected,
    coalesce(accounts.rows_rejected_open, 0) as rows_rejected_open,
    coalesce(accounts.rows_mended, 0) as rows_mended,
    coalesce(accounts.rows_superseded, 0) as rows_superseded,
    coalesce(accounts.rows_waived, 0) as rows_waived,
    coalesce(accounts.rows_skipped, 0) as rows_skipped,
    coalesce(months.rows_counting, 0) as rows_counting,
    coalesce(months.missing_return_rate, 0) as missing_return_rate,
    coalesce(months.missing_net_asset_value, 0) as missing_net_asset_value,
    coalesce(months.missing_fund_scale, 0) as missing_fund_scale,
    coalesce(months.rows_without_measures, 0) as rows_without_measures,
    months.plans_appeared,
    months.plans_vanished,

    -- times
    accounts.last_loaded_at
from accounts
full outer join months on accounts.report_date = months.report_date
