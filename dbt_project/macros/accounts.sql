{#- What became of the sheets and rejected rows of a domain, month by month. -#}

{#- One row per sheet of a workbook in the account of its month: those that figures of today come from. `counting` has,
    of each sheet of which rows count, the latest month among them. -#}
{% macro sheets_in_account(domain, counting) -%}
    with sheets as (

        -- mended rejects are rows of the sheet that they were rejected from, which is in the account itself
        select * from {{ ref('stg_source_files') }}
        where mends is null

    ),

    batches as (

        select * from {{ ref('int_load_batches_in_effect') }}
        where domain = '{{ domain }}'

    ),

    counting as (

        select * from {{ counting }}

    )

    select
        -- ids
        sheets.file_id,
        sheets.batch_id,

        -- dimensions
        case
            when sheets.period is not null then 'name'
            when counting.latest_report_date is not null then 'rows'
            else 'load'
        end as dated_by,
        sheets.path,
        sheets.sheet,
        sheets.skipped_by_reason,
        sheets.warnings,

        -- numerics
        sheets.rows_read,
        sheets.rows_loaded,
        sheets.rows_rejected,
        sheets.rows_skipped,

        -- times
        coalesce(
            sheets.period,
            counting.latest_report_date,
            date_trunc('month', batches.loaded_at at time zone 'UTC')::date
        ) as report_date,
        batches.loaded_at
    from sheets
    inner join batches on sheets.batch_id = batches.batch_id
    left join counting on sheets.file_id = counting.file_id
    -- A restated or undone sheet has no row left that counts; one that loaded none has only its batch to go by.
    where counting.file_id is not null or (sheets.rows_loaded = 0 and batches.in_effect)
{%- endmacro %}

{#- One row per rejected row of a sheet in the account of its month: whether it is open, or was mended. -#}
{% macro rejects_in_account(domain, sheets) -%}
    with sheets as (

        select * from {{ sheets }}

    ),

    rejected_rows as (

        select * from {{ ref('stg_rejected_rows') }}

    ),

    mended as (

        select distinct mended_rejects.reject_id
        from {{ named(ref('stg_mended_rejects'), 'mended_rejects') }}
        inner join {{ named(ref('int_load_batches_in_effect'), 'batches') }} on mended_rejects.batch_id = batches.batch_id
        where batches.in_effect and batches.domain = '{{ domain }}'

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
{%- endmacro %}
