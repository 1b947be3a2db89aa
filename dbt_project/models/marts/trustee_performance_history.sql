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

    select * from {{ ref('int_trustee_performance_history_next') }}

),

-- By a second name, as a relation that is named twice would be read whole.
new_versions as (

    select * from {{ ref('int_trustee_performance_history_next') }}
    where {{ of_new_batches() }}

),

touched as (

    select distinct
        report_date,
        plan_code,
        company_code
    from new_versions

)

-- Every version of a touched key, since a new one ends the one before it.
select
    -- ids
    versions.report_date,
    versions.plan_code,
    versions.company_code,
    versions.batch_id,
    versions.file_id,

    -- numerics
    versions.return_rate,
    versions.net_asset_value,
    versions.fund_scale,

    -- dimensions
    versions.withdrawn,
    versions.is_current,
    versions.data_source,
    versions.source_sheet,
    versions.source_row,

    -- times
    versions.valid_from,
    versions.valid_to
from versions
inner join touched
    on
        versions.report_date = touched.report_date
        and versions.plan_code = touched.plan_code
        and versions.company_code = touched.company_code
