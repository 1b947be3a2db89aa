-- One row per month, plan and company: the latest reported performance.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_date', 'plan_code', 'company_code'],
        indexes=[{'columns': ['batch_id']}],
        post_hook="{{ delete_withdrawn_keys(ref('int_trustee_performance_latest')) }}"
    )
}}

with latest as (

    select * from {{ ref('int_trustee_performance_latest') }}
    where
        not withdrawn
        {% if is_incremental() %}
            -- Only batches that the mart has not seen. Without this, delete+insert would rewrite the whole history at
            -- every build; with `>=`, it would rewrite the newest batch at every build.
            and batch_id > (select coalesce(max(seen.batch_id), 0) from {{ this }} as seen)
        {% endif %}

)

select
    -- ids
    report_date,
    plan_code,
    company_code,

    -- numerics
    return_rate,
    net_asset_value,
    fund_scale,

    -- dimensions
    has_performance_data,
    validation_warnings,
    data_source,
    source_sheet,
    source_row,
    batch_id,
    file_id,

    -- times
    processed_at
from latest
