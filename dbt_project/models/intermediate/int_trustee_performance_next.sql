-- One row per month, plan and company: the latest reported performance, as the mart will have it.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_date', 'plan_code', 'company_code'],
        indexes=[
            {'columns': ['plan_code', 'company_code', 'report_date']},
            {'columns': ['batch_id']},
            {'columns': ['file_id']}
        ],
        pre_hook="{{ delete_withdrawn_keys(ref('int_trustee_performance_latest')) }}"
    )
}}

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
from {{ ref('int_trustee_performance_latest') }}
where not withdrawn and {{ of_new_batches() }}
