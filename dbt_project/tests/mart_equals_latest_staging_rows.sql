-- Finds rows of the mart that are not the latest ones of their keys in staging, and the other way round.
with mart as (

    select * from {{ ref('trustee_performance') }}

),

staging as (

    select * from {{ ref('int_trustee_performance_latest') }}
    where not withdrawn

)

{{
    differing_rows('mart', 'staging', [
        'report_date', 'plan_code', 'company_code', 'batch_id', 'return_rate', 'net_asset_value', 'fund_scale'
    ])
}}
