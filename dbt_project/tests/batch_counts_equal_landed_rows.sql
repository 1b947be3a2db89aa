-- Finds workbooks whose count in the ledger differs from the rows that landed.
with landed as (

    select
        batch_id,
        file_id,
        count(*) as rows_landed
    from {{ ref('stg_trustee_performance') }}
    where not withdrawn
    group by batch_id, file_id

),

files as (

    select * from {{ ref('stg_source_files') }}

),

batches as (

    select * from {{ ref('stg_load_batches') }}
    where domain = 'trustee_performance' and pruned_at is null

)

select
    files.file_id,
    files.rows_loaded,
    landed.rows_landed
from files
inner join batches on files.batch_id = batches.batch_id
left join landed on files.batch_id = landed.batch_id and files.file_id = landed.file_id
where files.rows_loaded <> coalesce(landed.rows_landed, 0)
