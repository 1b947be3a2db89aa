-- One row per month and company: its plans, their size, and their return weighted by size.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code'],
        incremental_predicates=[of_touched_month('DBT_INTERNAL_DEST')],
        pre_hook="{{ let_deletes_cascade('marts.plan_monthly_performance') }}"
    )
}}

with months as (

    select * from {{ named(ref('int_company_monthly_summary_next'), 'months') }}
    {% if renews_a_part() %}
        where
            (report_date, company_code) in (
                {{ touched_months() }}
                union
                -- a name that changes is of all months
                select
                    filled.report_date,
                    filled.company_code
                from {{ this }} as filled
                left join {{ named(ref('companies'), 'companies') }} on filled.company_code = companies.company_code
                where filled.company_name is distinct from companies.company_name
            )
    {% endif %}

)

select
    -- ids
    months.report_date,
    months.company_code,

    -- dimensions
    companies.company_name,

    -- numerics
    months.plans_reported,
    months.plans_with_return,
    months.plans_with_fund_scale,
    months.plans_with_both,
    months.fund_scale,
    months.fund_scale_with_return,
    months.weighted_return,
    months.plan_coverage,
    months.scale_coverage
from months
left join {{ named(ref('companies'), 'companies') }} on months.company_code = companies.company_code
