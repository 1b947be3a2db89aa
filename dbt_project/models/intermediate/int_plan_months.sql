-- One row per month, plan and company: beside the month before, and how many months are there.
with performance as (

    select * from {{ ref('int_trustee_performance_next') }}

),

counted as (

    select
        performance.*,
        min(performance.report_date) over key_months as first_report_date,
        count(performance.return_rate) over (
            partition by performance.plan_code, performance.company_code, extract(year from performance.report_date)
            order by performance.report_date
        ) as months_in_ytd,
        count(performance.return_rate) over (
            key_months range between interval '11 months' preceding and current row
        ) as months_in_trailing_12,
        rank() over (
            partition by performance.report_date, performance.company_code
            order by performance.return_rate desc nulls last
        ) as rank_in_company
    from performance
    window key_months as (partition by performance.plan_code, performance.company_code order by performance.report_date)

)

select
    -- ids
    counted.report_date,
    counted.plan_code,
    counted.company_code,

    -- dimensions
    counted.report_date = counted.first_report_date as is_first_month,
    counted.report_date > counted.first_report_date and previous.report_date is null as has_gap_before,
    counted.months_in_ytd = extract(month from counted.report_date) as ytd_complete,

    -- numerics
    counted.return_rate,
    previous.return_rate as previous_return_rate,
    counted.net_asset_value,
    previous.net_asset_value as previous_net_asset_value,
    counted.net_asset_value - previous.net_asset_value as nav_change,
    counted.fund_scale,
    counted.months_in_ytd,
    counted.months_in_trailing_12,
    case when counted.return_rate is not null then counted.rank_in_company end as rank_in_company
from counted
left join performance as previous
    on
        counted.plan_code = previous.plan_code
        and counted.company_code = previous.company_code
        and {{ previous_month('counted.report_date') }} = previous.report_date
