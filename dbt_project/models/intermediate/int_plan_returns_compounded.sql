-- One row per month, plan and company with a return: growth compounded over the months without a gap.
-- A table, since it is dear and read five times in a build: by a mart, by a view of that mart, and by tests.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'plan_code', 'company_code'],
        indexes=[{'columns': ['report_date', 'plan_code', 'company_code'], 'unique': true}]
    )
}}

with recursive performance as (

    select * from {{ ref('int_trustee_performance_next') }}
    where return_rate is not null

),

growth as (

    select
        report_date,
        plan_code,
        company_code,
        trim_scale(1 + return_rate) as growth,
        lag(report_date) over (partition by plan_code, company_code order by report_date) as previous_report_date
    from performance

),

-- Month after month, since PostgreSQL has no product, and exp(sum(ln(...))) is neither exact nor defined at -100 %.
-- Numeric products are exact: every factor adds its six places.
compounded as (

    select
        report_date,
        plan_code,
        company_code,
        growth,
        1 as months_in_run,
        growth as growth_of_run,
        greatest(1, growth) as peak_of_run,
        growth as growth_of_year
    from growth
    where previous_report_date is distinct from {{ previous_month('report_date') }}
    union all
    select
        growth.report_date,
        growth.plan_code,
        growth.company_code,
        growth.growth,
        compounded.months_in_run + 1 as months_in_run,
        trim_scale(compounded.growth_of_run * growth.growth) as growth_of_run,
        trim_scale(greatest(compounded.peak_of_run, compounded.growth_of_run * growth.growth)) as peak_of_run,
        trim_scale(
            case extract(month from growth.report_date) when 1 then 1 else compounded.growth_of_year end
            * growth.growth
        ) as growth_of_year
    from compounded
    inner join growth
        on
            compounded.plan_code = growth.plan_code
            and compounded.company_code = growth.company_code
            and compounded.report_date = {{ previous_month('growth.report_date') }}

)

select * from compounded
