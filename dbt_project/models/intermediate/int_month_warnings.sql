-- One row per month and code: how many rows that count bear a warning of the code.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'code'],
        indexes=[{'columns': ['report_date', 'code'], 'unique': true}],
        incremental_predicates=[of_touched_calendar_month('DBT_INTERNAL_DEST')]
    )
}}

select
    performance.report_date,
    warning.value ->> 'code' as code,
    count(*) as occurrences
from {{ named(ref('int_trustee_performance_next'), 'performance') }}
cross join lateral jsonb_array_elements(performance.validation_warnings) as warning
{% if renews_a_part() %}
    where {{ of_touched_calendar_month('performance') }}
{% endif %}
group by performance.report_date, warning.value ->> 'code'
