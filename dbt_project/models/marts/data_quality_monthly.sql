-- One row per month: what became of the rows of its workbooks, what is missing, and which plans came and went.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date']
    )
}}

select
    report_date,
    rejects_by_code,
    skips_by_reason,
    file_warnings_by_code,
    row_warnings_by_code,
    appeared_plans,
    vanished_plans,
    sheets,
    sheets_dated_by_load,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_rejected_open,
    rows_mended,
    rows_superseded,
    rows_waived,
    rows_skipped,
    rows_counting,
    missing_return_rate,
    missing_net_asset_value,
    missing_fund_scale,
    rows_without_measures,
    plans_appeared,
    plans_vanished,
    last_loaded_at
from {{ ref('int_data_quality_monthly_next') }}
