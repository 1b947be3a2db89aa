-- One row per batch, file and sheet: what became of the rows of each workbook.
with batches as (

    select * from {{ ref('stg_load_batches') }}

),

files as (

    select * from {{ ref('stg_source_files') }}

),

-- of a workbook that was loaded twice with the same reject, the later load has it
rejects as (

    select
        rejected_rows.file_id,
        count(*) filter (where outcomes.status = 'open' and outcomes.file_id = rejected_rows.file_id) as rows_open,
        count(*) filter (where outcomes.status = 'mended' and outcomes.file_id = rejected_rows.file_id) as rows_mended,
        count(*) filter (where outcomes.status = 'waived' and outcomes.file_id = rejected_rows.file_id) as rows_waived
    from {{ named(ref('stg_rejected_rows'), 'rejected_rows') }}
    inner join {{ named(ref('int_reject_status_next'), 'outcomes') }} on rejected_rows.reject_id = outcomes.reject_id
    group by rejected_rows.file_id

)

select
    -- ids
    batches.batch_id,
    files.file_id,

    -- dimensions
    batches.domain,
    batches.mode,
    batches.planned_by,
    batches.approved_by,
    batches.loaded_by,
    files.path,
    files.sha256,
    files.sheet,
    files.mends,

    -- numerics
    files.rows_read,
    files.rows_loaded,
    files.rows_rejected,
    coalesce(rejects.rows_open, 0) as rows_rejected_open,
    coalesce(rejects.rows_mended, 0) as rows_mended,
    coalesce(rejects.rows_waived, 0) as rows_waived,
    files.rows_skipped,

    -- times
    files.period,
    batches.loaded_at
from batches
inner join files on batches.batch_id = files.batch_id
left join rejects on files.file_id = rejects.file_id
