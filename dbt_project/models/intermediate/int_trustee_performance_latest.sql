-- One row per month, plan and company: the latest version of each key among all landed rows.
with versions as (

    select * from {{ ref('stg_trustee_performance') }}

),

latest as (

    select
        batch_id,
        file_id,
        plan_code,
        company_code,
        has_performance_data,
        validation_warnings,
        data_source,
        source_sheet,
        source_row,
        withdrawn,
        return_rate,
        net_asset_value,
        fund_scale,
        report_date,
        processed_at
    from versions
    -- Not a window function: so a filter on batch_id reaches the table, and the cost follows the new batch through
    -- the indexes of staging, not the history.
    where not exists (
        select 1
        from versions as newer
        where
            newer.report_date = versions.report_date
            and newer.plan_code = versions.plan_code
            and newer.company_code = versions.company_code
            and (newer.batch_id, newer.file_id, newer.source_row)
            > (versions.batch_id, versions.file_id, versions.source_row)
    )

)

select * from latest
