-- One row per month, plan and company that has twelve months with a return behind it: their compounded growth.
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

with compounded as (

    select
        compounded.*,
        {{ 'touched.since' if renews_a_part() else "'-infinity'::date" }} as since
    from {{ named(ref('int_plan_returns_compounded'), 'compounded') }}
    {% if renews_a_part() %}
        inner join {{ touched_plans() }} as touched
            on
                compounded.plan_code = touched.plan_code
                and compounded.company_code = touched.company_code
                and compounded.report_date >= touched.since - interval '11 months'
    {% endif %}

),

-- No quotient of two growths since the start of the run: that has no value once growth is 0.
twelve_months as (

    select
        report_date,
        plan_code,
        company_code,
        months_in_run,
        since,
        trim_scale(
            {% for months in range(12) -%}
                lag(growth, {{ months }}) over (partition by plan_code, company_code order by report_date)
                {{- ' * ' if not loop.last }}
            {% endfor -%}
        ) as growth_of_12_months
    from compounded

)

select
    report_date,
    plan_code,
    company_code,
    growth_of_12_months
from twelve_months
where months_in_run >= 12 and report_date >= since
