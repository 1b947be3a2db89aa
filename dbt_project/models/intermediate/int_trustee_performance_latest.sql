-- One row per month, plan and company: the latest version of each key among all landed rows.
with versions as (

    select * from {{ ref('stg_trustee_performance') }}

),

-- The same by a second name: PostgreSQL materialises what is named twice, and then no filter reaches the table.
later_versions as (

    select * from {{ ref('stg_trustee_performance') }}

),

latest as (

    select versions.*
    from versions
    -- Not a window function: so a filter on batch_id reaches the table, and the cost follows the new batch through
    -- the indexes of staging, not the history (docs/performance.md has the plans).
    where not exists (
        select 1
        from later_versions as newer
        where
            newer.report_date = versions.report_date
            and newer.plan_code = versions.plan_code
            and newer.company_code = versions.company_code
            and (newer.batch_id, newer.file_id, newer.source_row)
            > (versions.batch_id, versions.file_id, versions.source_row)
    )

)

-- The columns are those of stg_trustee_performance, which lists them; this view adds none.
select * from latest -- noqa: AM04
