-- One row per figure that a load changed after it was first reported: old, new and difference.
{{ config(materialized='view') }}

with versions as (

    select * from {{ ref('trustee_performance_history') }}

),

with_previous as (

    select
        versions.*,
        lag(versions.batch_id) over key_order as previous_batch_id,
        lag(versions.withdrawn) over key_order as previous_withdrawn,
        lag(versions.return_rate) over key_order as previous_return_rate,
        lag(versions.net_asset_value) over key_order as previous_net_asset_value,
        lag(versions.fund_scale) over key_order as previous_fund_scale
    from versions
    window
        key_order as (
            partition by versions.report_date, versions.plan_code, versions.company_code
            order by versions.batch_id, versions.file_id
        )

),

figures as (

    select
        with_previous.*,
        figure.field,
        figure.old_value::numeric(22, 6) as old_value,
        figure.new_value::numeric(22, 6) as new_value
    from with_previous
    cross join
        lateral (
            values
            ('return_rate', with_previous.previous_return_rate, with_previous.return_rate),
            ('net_asset_value', with_previous.previous_net_asset_value, with_previous.net_asset_value),
            ('fund_scale', with_previous.previous_fund_scale, with_previous.fund_scale)
        ) as figure (field, old_value, new_value)
    where
        with_previous.previous_batch_id is not null
        and figure.old_value is distinct from figure.new_value

)

select
    -- ids
    report_date,
    plan_code,
    company_code,
    batch_id,
    file_id,
    field,
    previous_batch_id,

    -- numerics
    old_value,
    new_value,
    (new_value - old_value)::numeric(22, 6) as difference,

    -- dimensions
    case
        when withdrawn then 'withdrawn'
        when previous_withdrawn then 'restored'
        else 'restated'
    end as kind,
    data_source,
    source_sheet,
    source_row,

    -- times
    valid_from as restated_at
from figures
