-- One row per month, plan and company with a return: growth compounded over the months without a gap, and over twelve.
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

{%- set growths = [
    'report_date', 'plan_code', 'company_code', 'growth', 'months_in_run', 'growth_of_run', 'peak_of_run', 'growth_of_year'
] %}

with recursive performance as not materialized (

    select
        months.report_date,
        months.plan_code,
        months.company_code,
        trim_scale(1 + months.return_rate) as growth
    from
        {{
            gathered(
                ref('int_trustee_performance_next'), ['plan_code', 'company_code', 'report_date'], ['return_rate']
            )
        }} as months
    where months.return_rate is not null

),

{% if renews_a_part() %}
    touched as (

        select * from {{ touched_plans() }} as touched_plans

    ),
{% endif %}

growth as (

    select performance.*
    from performance
    {% if renews_a_part() %}
        inner join touched
            on
                performance.plan_code = touched.plan_code
                and performance.company_code = touched.company_code
                and performance.report_date >= touched.since
    {% endif %}

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
    where
        not exists (
            select 1
            from performance as previous
            where
                previous.plan_code = growth.plan_code
                and previous.company_code = growth.company_code
                and previous.report_date = {{ previous_month('growth.report_date') }}
        )
    {% if renews_a_part() %}
        union all
        -- the month before the first that is touched, from which its run goes on
        select {{ columns_of('earlier', growths) }}
        from {{ this }} as earlier
        inner join touched
            on
                earlier.plan_code = touched.plan_code
                and earlier.company_code = touched.company_code
                and earlier.report_date = {{ previous_month('touched.since') }}
    {% endif %}
    union all
    select
        later.report_date,
        later.plan_code,
        later.company_code,
        later.growth,
        compounded.months_in_run + 1 as months_in_run,
        trim_scale(compounded.growth_of_run * later.growth) as growth_of_run,
        trim_scale(greatest(compounded.peak_of_run, compounded.growth_of_run * later.growth)) as peak_of_run,
        trim_scale(
            case extract(month from later.report_date) when 1 then 1 else compounded.growth_of_year end
            * later.growth
        ) as growth_of_year
    from compounded
    cross join
        lateral (
            select performance.*
            from performance
            where
                performance.plan_code = compounded.plan_code
                and performance.company_code = compounded.company_code
                and performance.report_date = {{ next_month('compounded.report_date') }}
            -- by the index, one month at a time: a join would read all months once for each of them
            order by performance.report_date
            limit 1
        ) as later

),

renewed as (

    select
        compounded.*,
        true as is_renewed
    from compounded
    {% if renews_a_part() %}
        inner join touched
            on
                compounded.plan_code = touched.plan_code
                and compounded.company_code = touched.company_code
                and compounded.report_date >= touched.since
        union all
        -- the eleven months before, which the twelve look back on
        select
            {{ columns_of('earlier', growths) }},
            false as is_renewed
        from {{ this }} as earlier
        inner join touched
            on
                earlier.plan_code = touched.plan_code
                and earlier.company_code = touched.company_code
                and earlier.report_date >= touched.since - interval '11 months'
                and earlier.report_date < touched.since
    {% endif %}

),

-- No quotient of two growths since the start of the run: that has no value once growth is 0.
twelve_months as (

    select
        {{ growths | join(',\n        ') }},
        is_renewed,
        case
            when months_in_run >= 12
                then
                    trim_scale(
                        {% for months in range(12) -%}
                            lag(growth, {{ months }}) over (partition by plan_code, company_code order by report_date)
                            {{- ' * ' if not loop.last }}
                        {% endfor -%}
                    )
        end as growth_of_12_months
    from renewed

)

select
    {{ growths | join(',\n    ') }},
    growth_of_12_months
from twelve_months
where is_renewed
