-- One row per month: how many rows count, what they lack, their warnings, and which plans came and went.
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

    select performance.*
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

counts as (

    select
        report_date,
        count(*) as rows_counting,
        count(*) filter (where return_rate is null) as missing_return_rate,
        count(*) filter (where net_asset_value is null) as missing_net_asset_value,
        count(*) filter (where fund_scale is null) as missing_fund_scale,
        count(*) filter (where not has_performance_data) as rows_without_measures
    from these_months
    group by report_date

),

row_warnings as (

    select
        these_months.report_date,
        warning.value ->> 'code' as code,
        count(*) as occurrences
    from these_months
    cross join lateral jsonb_array_elements(these_months.validation_warnings) as warning
    group by these_months.report_date, warning.value ->> 'code'

),

warnings_by_code as (

    select
        report_date,
        jsonb_object_agg(code, occurrences) as row_warnings_by_code
    from row_warnings
    group by report_date

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

movements as (

    select
        report_date,
        count(*) filter (where appeared) as plans_appeared,
        count(*) filter (where vanished) as plans_vanished,
        coalesce(jsonb_agg(plan_code order by plan_code) filter (where appeared), '[]') as appeared_plans,
        coalesce(jsonb_agg(plan_code order by plan_code) filter (where vanished), '[]') as vanished_plans
    from compared
    group by report_date

)

select
    counts.*,
    coalesce(warnings_by_code.row_warnings_by_code, '{}') as row_warnings_by_code,
    movements.plans_appeared,
    movements.plans_vanished,
    movements.appeared_plans,
    movements.vanished_plans
from counts
left join warnings_by_code on counts.report_date = warnings_by_code.report_date
left join movements
    on
        counts.report_date = movements.report_date
        -- with a whole month missing, every plan would seem to appear
        and exists (
            select 1
            from performance
            where performance.report_date = {{ previous_month('counts.report_date') }}
        )
