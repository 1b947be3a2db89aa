-- One row per month, plan and company with a return: its place among the plans of the company in the month.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'plan_code', 'company_code'],
        indexes=[{'columns': ['report_date', 'plan_code', 'company_code'], 'unique': true}],
        incremental_predicates=[of_touched_month('DBT_INTERNAL_DEST')]
    )
}}

with performance as (

    select * from {{ named(ref('int_trustee_performance_next'), 'performance') }}
    {% if renews_a_part() %}
        where {{ of_touched_month('performance') }}
    {% endif %}

)

select
    report_date,
    plan_code,
    company_code,
    rank() over (partition by report_date, company_code order by return_rate desc) as rank_in_company
from performance
where return_rate is not null
