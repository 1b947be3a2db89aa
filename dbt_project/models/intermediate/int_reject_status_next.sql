-- One row per reject: whether it is open, or what became of it.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        indexes=[{'columns': ['reject_id'], 'unique': true}]
    )
}}

with batches as (

    select * from {{ ref('int_load_batches_in_effect') }}

),

files as (

    select
        files.*,
        batches.domain,
        batches.in_effect,
        batches.loaded_at
    from {{ named(ref('stg_source_files'), 'files') }}
    inner join batches on files.batch_id = batches.batch_id

),

-- A workbook that was loaded again has the same rejects, and a rejects workbook those that came back wrong.
rejects as (

    select distinct on (rejected_rows.reject_id)
        rejected_rows.reject_id,
        rejected_rows.source_row,
        rejected_rows.cells,
        rejected_rows.errors,
        files.*
    from {{ named(ref('stg_rejected_rows'), 'rejected_rows') }}
    inner join files on rejected_rows.file_id = files.file_id
    order by rejected_rows.reject_id asc, files.mends is null desc, files.in_effect desc, files.file_id desc

),

mended as (

    select
        mended_rejects.reject_id,
        batches.domain,
        min(mended_rejects.batch_id) as batch_id
    from {{ named(ref('stg_mended_rejects'), 'mended_rejects') }}
    inner join batches on mended_rejects.batch_id = batches.batch_id
    where batches.in_effect
    group by mended_rejects.reject_id, batches.domain

),

undone as (

    select
        undoes as batch_id,
        max(batch_id) as undone_by
    from batches
    where undoes is not null and in_effect
    group by undoes

),

loaded_again as (

    select
        rejects.reject_id,
        min(files.batch_id) as batch_id
    from rejects
    inner join files
        on
            rejects.path = files.path
            and rejects.sheet = files.sheet
            and rejects.domain = files.domain
            and rejects.batch_id < files.batch_id
    where files.in_effect and files.mends is null
    group by rejects.reject_id

),

waivers as (

    select * from {{ ref('stg_waivers') }}

),

account as (

    select * from {{ ref('int_sheets_in_account') }}

),

outcomes as (

    select
        rejects.*,
        mended.batch_id as mended_by_batch,
        coalesce(undone.undone_by, loaded_again.batch_id) as superseded_by_batch,
        waivers.waived_by,
        waivers.reason as waived_for,
        waivers.waived_at,
        case
            when mended.batch_id is not null then 'mended'
            when coalesce(undone.undone_by, loaded_again.batch_id) is not null then 'superseded'
            -- all of its sheet was restated by other workbooks
            when
                rejects.domain = 'trustee_performance' and rejects.mends is null and account.file_id is null
                then 'superseded'
            when waivers.reject_id is not null then 'waived'
            else 'open'
        end as status,
        coalesce(
            account.report_date, rejects.period, date_trunc('month', rejects.loaded_at at time zone 'UTC')::date
        ) as report_date
    from rejects
    left join mended on rejects.reject_id = mended.reject_id and rejects.domain = mended.domain
    left join undone on rejects.batch_id = undone.batch_id
    left join loaded_again on rejects.reject_id = loaded_again.reject_id
    left join waivers on rejects.reject_id = waivers.reject_id
    left join account on rejects.file_id = account.file_id

)

select
    -- ids
    outcomes.reject_id,
    outcomes.batch_id,
    outcomes.file_id,
    case when outcomes.status = 'mended' then outcomes.mended_by_batch end as mended_by_batch,
    case when outcomes.status = 'superseded' then outcomes.superseded_by_batch end as superseded_by_batch,

    -- dimensions
    outcomes.domain,
    outcomes.status,
    outcomes.path,
    outcomes.sheet,
    outcomes.source_row,
    outcomes.cells,
    outcomes.errors,
    outcomes.waived_by,
    outcomes.waived_for,

    -- times
    outcomes.report_date,
    outcomes.loaded_at as rejected_at,
    case
        when outcomes.status = 'waived' then outcomes.waived_at
        when outcomes.status <> 'open' then ending.loaded_at
    end as ended_at
from outcomes
left join batches as ending
    on case outcomes.status
        when 'mended' then outcomes.mended_by_batch
        when 'superseded' then outcomes.superseded_by_batch
    end = ending.batch_id
