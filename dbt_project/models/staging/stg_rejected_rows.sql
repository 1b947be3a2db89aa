-- One row per rejected row of a sheet.
with source as (

    select * from {{ source('staging', 'rejected_rows') }}

),

renamed as (

    select
        -- ids
        source.batch_id,
        source.file_id,
        source.source_row,

        -- dimensions
        source.row as cells,
        source.errors
    from source

)

select * from renamed
