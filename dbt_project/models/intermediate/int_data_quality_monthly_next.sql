-- One row per month: what became of the rows of its workbooks, what is missing, and which plans came and went.
{{ config(materialized='incremental', incremental_strategy='refill', unique_key=['report_date']) }}

with counts as (

    select * from {{ ref('int_quality_counts') }}

),

codes as (

    select
        report_date,
        jsonb_object_agg(code, occurrences) filter (where kind = 'reject') as rejects_by_code,
        jsonb_object_agg(code, occurrences) filter (where kind = 'skip') as skips_by_reason,
        jsonb_object_agg(code, occurrences) filter (where kind = 'file_warning') as file_warnings_by_code,
        jsonb_object_agg(code, occurrences) filter (where kind = 'row_warning') as row_warnings_by_code
    from {{ ref('int_quality_codes') }}
    group by report_date

),

movements as (

    select * from {{ ref('int_plan_movements') }}

)

select
    -- ids
    counts.report_date,

    -- dimensions
    coalesce(codes.rejects_by_code, '{}') as rejects_by_code,
    coalesce(codes.skips_by_reason, '{}') as skips_by_reason,
    coalesce(codes.file_warnings_by_code, '{}') as file_warnings_by_code,
    coalesce(codes.row_warnings_by_code, '{}') as row_warnings_by_code,
    movements.appeared_plans,
    movements.vanished_plans,

    -- numerics
    counts.sheets,
    counts.sheets_dated_by_load,
    counts.rows_read,
    counts.rows_loaded,
    counts.rows_rejected,
    counts.rows_rejected_open,
    counts.rows_mended,
    counts.rows_superseded,
    counts.rows_waived,
    counts.rows_skipped,
    counts.rows_counting,
    counts.missing_return_rate,
    counts.missing_net_asset_value,
    counts.missing_fund_scale,
    counts.rows_without_measures,
    movements.plans_appeared,
    movements.plans_vanished,

    -- times
    counts.last_loaded_at
from counts
left join codes on counts.report_date = codes.report_date
left join movements on counts.report_date = movements.report_date
