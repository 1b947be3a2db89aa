-- One row per sheet of which rows count: the latest month among them.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key='file_id',
        indexes=[{'columns': ['file_id'], 'unique': true}],
        incremental_predicates=[of_touched_file('DBT_INTERNAL_DEST')]
    )
}}

with performance as (

    select * from {{ named(ref('int_trustee_performance_next'), 'performance') }}
    {% if renews_a_part() %}
        where {{ of_touched_file('performance') }}
    {% endif %}

)

select
    file_id,
    max(report_date) as latest_report_date
from performance
group by file_id
