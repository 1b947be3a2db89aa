-- One row per batch, file and reject that a row of the file settles.
select
    -- ids
    batch_id,
    file_id,
    reject_id
from {{ source('staging', 'mended_rejects') }}
where {{ up_to_horizon() }}
