-- One row per month that the month before can be compared with: plans that appeared and plans that vanished.
with performance as (

    select * from {{ ref('int_trustee_performance_next') }}

),

months as (

    select distinct report_date from performance

),

compared as (

    select
        coalesce(performance.report_date, (earlier.report_date + interval '1 month')::date) as report_date,
        coalesce(performance.plan_code, earlier.plan_code) as plan_code,
        earlier.plan_code is null as appeared,
        performance.plan_code is null as vanished
    from performance
    full outer join performance as earlier
        on
            performance.plan_code = earlier.plan_code
            and performance.company_code = earlier.company_code
            and {{ previous_month('performance.report_date') }} = earlier.report_date

)

select
    compared.report_date,
    count(*) filter (where compared.appeared) as plans_appeared,
    count(*) filter (where compared.vanished) as plans_vanished,
    coalesce(
        jsonb_agg(compared.plan_code order by compared.plan_code) filter (where compared.appeared), '[]'
    ) as appeared_plans,
    coalesce(
        jsonb_agg(compared.plan_code order by compared.plan_code) filter (where compared.vanished), '[]'
    ) as vanished_plans
from compared
inner join months on compared.report_date = months.report_date
inner join months as earlier_months on {{ previous_month('compared.report_date') }} = earlier_months.report_date
group by compared.report_date
