-- Finds current versions of the history that the mart has otherwise or not at all, and the other way round.
with mart as (

    select
        report_date,
        plan_code,
        company_code,
        batch_id,
        file_id,
        return_rate,
        net_asset_value,
        fund_scale
    from {{ ref('trustee_performance') }}

),

current_versions as (

    select
        report_date,
        plan_code,
        company_code,
        batch_id,
        file_id,
        return_rate,
        net_asset_value,
        fund_scale
    from {{ ref('trustee_performance_history') }}
    where is_current and not withdrawn

),

only_in_the_mart as (

    select * from mart
    except
    select * from current_versions

),

only_in_the_history as (

    select * from current_versions
    except
    select * from mart

)

select
    'the mart alone' as held_by,
    report_date,
    plan_code,
    company_code,
    batch_id,
    file_id,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_the_mart
union all
select
    'the history alone' as held_by,
    report_date,
    plan_code,
    company_code,
    batch_id,
    file_id,
    return_rate,
    net_asset_value,
    fund_scale
from only_in_the_history
