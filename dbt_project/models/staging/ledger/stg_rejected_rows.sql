-- One row per rejected row of a sheet.
with source as (

    select * from {{ source('staging', 'rejected_rows') }}
    where {{ up_to_horizon() }}

)

-- `row` is a word of SQL, so columns are named with their table.
select
    -- ids
    source.batch_id,
    source.file_id,
    source.source_row,
    source.reject_id,

    -- dimensions
    source.row as cells,
    source.errors
from source
