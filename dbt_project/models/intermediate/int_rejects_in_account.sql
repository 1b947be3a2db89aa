-- One row per rejected row of a sheet in the account of its month: whether it is open, or was mended.
with sheets as (

    select * from {{ ref('int_sheets_in_account') }}

),

rejected_rows as (

    select * from {{ ref('stg_rejected_rows') }}

),

mended as (

    select distinct mended_rejects.reject_id
    from {{ named(ref('stg_mended_rejects'), 'mended_rejects') }}
    inner join {{ named(ref('int_load_batches_in_effect'), 'batches') }} on mended_rejects.batch_id = batches.batch_id
    where batches.in_effect and batches.domain = 'trustee_performance'

)

select
    -- ids
    rejected_rows.file_id,
    rejected_rows.source_row,
    rejected_rows.reject_id,

    -- dimensions
    mended.reject_id is not null as is_mended,
    rejected_rows.errors,

    -- times
    sheets.report_date
from rejected_rows
inner join sheets on rejected_rows.file_id = sheets.file_id
left join mended on rejected_rows.reject_id = mended.reject_id
