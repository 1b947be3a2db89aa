-- One row per month that the month before can be compared with: plans that appeared and plans that vanished.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key='report_date',
        indexes=[{'columns': ['report_date'], 'unique': true}],
        incremental_predicates=[of_touched_calendar_month('DBT_INTERNAL_DEST', and_the_next=true)]
    )
}}

with performance as not materialized (

    select * from {{ ref('int_trustee_performance_next') }}

),

these_months as (

    select
        performance.report_date,
        performance.plan_code,
        performance.company_code
    from performance
    {% if renews_a_part() %}
        where {{ of_touched_calendar_month('performance', and_the_next=true) }}
    {% endif %}

),

earlier_months as (

    select
        (performance.report_date + interval '1 month')::date as report_date,
        performance.plan_code,
        performance.company_code
    from performance
    {% if renews_a_part() %}
        where {{ of_touched_calendar_month('performance', and_the_one_before=true) }}
    {% endif %}

),

compared as (

    select
        coalesce(these_months.report_date, earlier_months.report_date) as report_date,
        coalesce(these_months.plan_code, earlier_months.plan_code) as plan_code,
        earlier_months.plan_code is null as appeared,
        these_months.plan_code is null as vanished
    from these_months
    full outer join earlier_months
        on
            these_months.plan_code = earlier_months.plan_code
            and these_months.company_code = earlier_months.company_code
            and these_months.report_date = earlier_months.report_date

),

months as (

    select
        report_date,
        count(*) filter (where appeared) as plans_appeared,
        count(*) filter (where vanished) as plans_vanished,
        coalesce(jsonb_agg(plan_code order by plan_code) filter (where appeared), '[]') as appeared_plans,
        coalesce(jsonb_agg(plan_code order by plan_code) filter (where vanished), '[]') as vanished_plans
    from compared
    group by report_date

)

select months.*
from months
where
    exists (
        select 1
        from performance
        where performance.report_date = months.report_date
    )
    and exists (
        select 1
        from performance
        where performance.report_date = {{ previous_month('months.report_date') }}
    )
    {% if renews_a_part() %}
        and {{ of_touched_calendar_month('months', and_the_next=true) }}
    {% endif %}
