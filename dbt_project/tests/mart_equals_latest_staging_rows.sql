-- Finds rows of the mart that are not the latest ones of their keys in staging, and the other way round.
with mart as (

    select
        report_date,
        plan_code,
        company_code,
        batch_id,
        return_rate,
        net_asset_value,
        fund_scale
    from {{ ref('trustee_performance') }}

),

staged as (

    select
        report_date,
        plan_code,
        company_code,
        batch_id,
        return_rate,
        net_asset_value,
        fund_scale
    from {{ ref('int_trustee_performance_latest') }}
    where not withdrawn

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
    'the mart alone' as held_by,
    report_date,
    plan_code,
    company_code,
    batch_id,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_the_mart
union all
select
    'staging alone' as held_by,
    report_date,
    plan_code,
    company_code,
    batch_id,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_staging
