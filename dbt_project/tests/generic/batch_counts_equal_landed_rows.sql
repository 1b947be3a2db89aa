{#- Finds sheets of which the ledger counts other rows than landed, and rows of a sheet or batch that it does not know.

    `model` is the staging view of a domain; `files` and `batches` are those of the ledger. -#}
{% test batch_counts_equal_landed_rows(model, domain, files, batches) %}
with landed as (

    select
        batch_id,
        file_id,
        count(*) filter (where not withdrawn) as rows_landed
    from {{ model }}
    group by batch_id, file_id

),

counted as (

    select
        files.batch_id,
        files.file_id,
        files.rows_loaded
    from {{ named(files, 'files') }}
    inner join {{ named(batches, 'batches') }} on files.batch_id = batches.batch_id
    where batches.domain = '{{ domain }}' and batches.pruned_at is null

)

select
    counted.batch_id,
    counted.file_id,
    counted.rows_loaded,
    landed.rows_landed
from counted
left join landed on counted.batch_id = landed.batch_id and counted.file_id = landed.file_id
where counted.rows_loaded <> coalesce(landed.rows_landed, 0)
union all
select
    landed.batch_id,
    landed.file_id,
    null as rows_loaded,
    landed.rows_landed
from landed
where
    not exists (select 1 from {{ named(files, 'files') }} where files.file_id = landed.file_id)
    or not exists (select 1 from {{ named(batches, 'batches') }} where batches.batch_id = landed.batch_id)
{% endtest %}
