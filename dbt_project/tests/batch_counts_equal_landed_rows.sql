-- Finds workbooks whose count in the ledger differs from the rows that landed.
with landed as (

    select
        file_id,
        count(*) as rows_landed
    from {{ ref('stg_trustee_performance') }}
    group by file_id

),

files as (

    select * from {{ ref('stg_source_files') }}

),

batches as (

    select * from {{ ref('stg_load_batches') }}
    where domain = 'trustee_performance'

)

select
    files.file_id,
    files.rows_loaded,
    landed.rows_landed
from files
inner join batches on files.batch_id = batches.batch_id
left join landed on files.file_id = landed.file_id
where files.rows_loaded <> coalesce(landed.rows_landed, 0)
