-- Finds current versions of the history that the mart has otherwise or not at all, and the other way round.
with mart as (

    select * from {{ ref('trustee_performance') }}

),

history as (

    select * from {{ ref('trustee_performance_history') }}
    where is_current and not withdrawn

)

{{
    differing_rows('mart', 'history', [
        'report_date', 'plan_code', 'company_code', 'batch_id', 'file_id',
        'return_rate', 'net_asset_value', 'fund_scale'
    ])
}}
