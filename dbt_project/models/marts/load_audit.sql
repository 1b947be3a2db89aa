-- One row per batch, file and sheet: what became of the rows of each workbook.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['file_id']
    )
}}

select
    batch_id,
    file_id,
    domain,
    mode,
    planned_by,
    approved_by,
    loaded_by,
    path,
    sha256,
    sheet,
    mends,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_rejected_open,
    rows_mended,
    rows_waived,
    rows_skipped,
    period,
    loaded_at
from {{ ref('int_load_audit_next') }}
