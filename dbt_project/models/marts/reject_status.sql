-- One row per reject: whether it is open, or what became of it.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['reject_id']
    )
}}

select
    reject_id,
    batch_id,
    file_id,
    mended_by_batch,
    superseded_by_batch,
    domain,
    status,
    path,
    sheet,
    source_row,
    cells,
    errors,
    waived_by,
    waived_for,
    report_date,
    rejected_at,
    ended_at
from {{ ref('int_reject_status_next') }}
