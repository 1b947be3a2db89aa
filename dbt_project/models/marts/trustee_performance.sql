-- One row per month, plan and company: the latest reported performance.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_date', 'plan_code', 'company_code'],
        pre_hook="{{ write_alone() }}",
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
            -- No batch is beyond it. PostgreSQL takes a range that it cannot know for one row in two hundred, and half
            -- a range for every third row, for which it would read all of staging (docs/performance.md).
            and batch_id < 9223372036854775807
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
