-- Finds months in which the count or a sum of the mart differs from that of the latest rows in staging.
with mart as (

    select
        report_date,
        count(*) as key_count,
        sum(return_rate) as return_rate,
        sum(net_asset_value) as net_asset_value,
        sum(fund_scale) as fund_scale
    from {{ ref('trustee_performance') }}
    group by report_date

),

staged as (

    select
        report_date,
        count(*) as key_count,
        sum(return_rate) as return_rate,
        sum(net_asset_value) as net_asset_value,
        sum(fund_scale) as fund_scale
    from {{ ref('int_trustee_performance_latest') }}
    where not withdrawn
    group by report_date

),

only_in_the_mart as (

    select * from mart
    except
    select * from staged

),

only_in_staging as (

    select * from staged
    except
    select * from mart

)

select
    'mart' as held_by,
    report_date,
    key_count,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_the_mart
union all
select
    'staging' as held_by,
    report_date,
    key_count,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_staging
