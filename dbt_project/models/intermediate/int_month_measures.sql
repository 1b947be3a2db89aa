-- One row per month: how many rows count, and which measures they lack.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key='report_date',
        indexes=[{'columns': ['report_date'], 'unique': true}],
        incremental_predicates=[of_touched_calendar_month('DBT_INTERNAL_DEST')]
    )
}}

with performance as (

    select * from {{ named(ref('int_trustee_performance_next'), 'performance') }}
    {% if renews_a_part() %}
        where {{ of_touched_calendar_month('performance') }}
    {% endif %}

)

select
    report_date,
    count(*) as rows_counting,
    count(*) filter (where return_rate is null) as missing_return_rate,
    count(*) filter (where net_asset_value is null) as missing_net_asset_value,
    count(*) filter (where fund_scale is null) as missing_fund_scale,
    count(*) filter (where not has_performance_data) as rows_without_measures
from performance
group by report_date
