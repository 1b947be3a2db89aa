-- One row per batch, file and sheet: what became of the rows of each workbook.
with batches as (

    select * from {{ ref('stg_load_batches') }}

),

files as (

    select * from {{ ref('stg_source_files') }}

)

select
    -- ids
    batches.batch_id,
    files.file_id,

    -- dimensions
    batches.domain,
    batches.mode,
    batches.loaded_by,
    files.path,
    files.sha256,
    files.sheet,
    files.mends,

    -- numerics
    files.rows_read,
    files.rows_loaded,
    files.rows_rejected,
    files.rows_skipped,

    -- times
    files.period,
    batches.loaded_at
from batches
inner join files on batches.batch_id = files.batch_id
