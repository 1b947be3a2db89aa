-- One row per month, plan and company: beside the month before, and how many months are there.
-- depends_on: {{ ref('int_touched_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['plan_code', 'company_code', 'report_date'],
        indexes=[{'columns': ['plan_code', 'company_code', 'report_date'], 'unique': true}],
        incremental_predicates=[of_touched_plan('DBT_INTERNAL_DEST')]
    )
}}

with performance as not materialized (

    select * from {{ ref('int_trustee_performance_next') }}

),

-- The year begins at most eleven months before a month, and so do the twelve months that end with it.
looked_at as (

    select
        performance.*,
        {{ 'touched.since' if renews_a_part() else "'-infinity'::date" }} as since -- noqa: AL09
    from performance
    {% if renews_a_part() %}
        inner join {{ touched_plans() }} as touched
            on
                performance.plan_code = touched.plan_code
                and performance.company_code = touched.company_code
                and performance.report_date >= touched.since - interval '11 months'
    {% endif %}

),

first_months as (

    {% if renews_a_part() %}
        select
            touched.plan_code,
            touched.company_code,
            first_month.report_date
        from {{ touched_plans() }} as touched
        cross join
            lateral (
                select min(performance.report_date) as report_date
                from performance
                where performance.plan_code = touched.plan_code and performance.company_code = touched.company_code
            ) as first_month
    {% else %}
        select
            plan_code,
            company_code,
            min(report_date) as report_date
        from performance
        group by plan_code, company_code
    {% endif %}

),

counted as (

    select
        looked_at.*,
        count(looked_at.return_rate) over (
            partition by looked_at.plan_code, looked_at.company_code, extract(year from looked_at.report_date)
            order by looked_at.report_date
        ) as months_in_ytd,
        count(looked_at.return_rate) over (
            partition by looked_at.plan_code, looked_at.company_code
            order by looked_at.report_date
            range between interval '11 months' preceding and current row
        ) as months_in_trailing_12
    from looked_at

)

select
    -- ids
    counted.report_date,
    counted.plan_code,
    counted.company_code,

    -- dimensions
    counted.report_date = first_months.report_date as is_first_month,
    counted.report_date > first_months.report_date and previous.report_date is null as has_gap_before,
    counted.months_in_ytd = extract(month from counted.report_date) as ytd_complete,

    -- numerics
    counted.return_rate,
    previous.return_rate as previous_return_rate,
    counted.net_asset_value,
    previous.net_asset_value as previous_net_asset_value,
    counted.net_asset_value - previous.net_asset_value as nav_change,
    counted.fund_scale,
    counted.months_in_ytd,
    counted.months_in_trailing_12
from counted
inner join first_months
    on counted.plan_code = first_months.plan_code and counted.company_code = first_months.company_code
left join performance as previous
    on
        counted.plan_code = previous.plan_code
        and counted.company_code = previous.company_code
        and {{ previous_month('counted.report_date') }} = previous.report_date
where counted.report_date >= counted.since
