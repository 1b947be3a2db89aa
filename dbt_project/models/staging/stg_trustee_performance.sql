-- One row per batch, file and key: every version of each key, withdrawals included.
select
    -- ids
    batch_id,
    file_id,
    plan_code,
    company_code,

    -- dimensions
    has_performance_data,
    validation_warnings,
    data_source,
    source_sheet,
    source_row,
    withdrawn,

    -- numerics
    return_rate,
    net_asset_value,
    fund_scale,

    -- times
    report_date,
    processed_at
from {{ landed(source('staging', 'trustee_performance')) }}
where {{ up_to_horizon() }}
