-- One row per month, plan and company that has twelve months with a return behind it: their compounded growth.
with compounded as (

    select * from {{ ref('int_plan_returns_compounded') }}

),

-- No quotient of two growths since the start of the run: that has no value once growth is 0.
twelve_months as (

    select
        report_date,
        plan_code,
        company_code,
        months_in_run,
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
where months_in_run >= 12
