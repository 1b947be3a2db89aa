-- One row per closing of a month.
select
    -- ids
    closings.closing_id,
    closings.batch_id,

    -- dimensions
    closings.fingerprints,
    exists(
        select 1
        from {{ source('staging', 'reopenings') }} as reopenings
        where reopenings.period = closings.period and reopenings.batch_id > closings.batch_id
    ) as is_reopened,

    -- times
    closings.period as report_date,
    closings.closed_at
from {{ named(source('staging', 'closings'), 'closings') }}
where {{ up_to_horizon() }}
