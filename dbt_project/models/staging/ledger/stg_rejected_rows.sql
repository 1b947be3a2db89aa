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
    -- those of versions that knew no ids are named by the sheet and the row
    coalesce(source.reject_id, 'F' || source.file_id || '-' || source.source_row) as reject_id,

    -- dimensions
    source.row as cells,
    source.errors
from source
