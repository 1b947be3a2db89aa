-- One row per version of a key: what counted from when to when, withdrawals included.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_date', 'plan_code', 'company_code', 'batch_id', 'file_id'],
        full_refresh=false,
        indexes=[{'columns': ['batch_id']}]
    )
}}
-- Never fully refreshed: `prune` may have removed from staging what only this table still holds.

with versions as (

    select * from {{ ref('stg_trustee_performance') }}

),

batches as (

    select * from {{ ref('stg_load_batches') }}

),

touched as (

    select distinct
        report_date,
        plan_code,
        company_code
    from versions
    {% if is_incremental() %}
        where batch_id > (select coalesce(max(seen.batch_id), 0) from {{ this }} as seen)
    {% endif %}

),

timed as (

    -- Every version of a touched key, since a new one ends the one before it.
    select
        versions.*,
        batches.loaded_at as valid_from,
        lead(batches.loaded_at) over (
            partition by versions.report_date, versions.plan_code, versions.company_code
            order by versions.batch_id, versions.file_id, versions.source_row
        ) as valid_to
    from versions
    inner join touched
        on
            versions.report_date = touched.report_date
            and versions.plan_code = touched.plan_code
            and versions.company_code = touched.company_code
    inner join batches on versions.batch_id = batches.batch_id

)

select
    -- ids
    report_date,
    plan_code,
    company_code,
    batch_id,
    file_id,

    -- numerics
    (case when not withdrawn then return_rate end)::numeric(8, 6) as return_rate,
    (case when not withdrawn then net_asset_value end)::numeric(18, 4) as net_asset_value,
    (case when not withdrawn then fund_scale end)::numeric(18, 2) as fund_scale,

    -- dimensions
    withdrawn,
    valid_to is null and not withdrawn as is_current,
    data_source,
    source_sheet,
    source_row,

    -- times
    valid_from,
    valid_to
from timed
