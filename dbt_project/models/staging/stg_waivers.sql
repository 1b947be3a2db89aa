-- One row per reject that somebody has waived.
-- A waiver belongs to no batch, so no horizon stops it; it is read once in a build (int_reject_status_next).
select
    -- ids
    waiver_id,
    reject_id,

    -- dimensions
    reason,
    waived_by || ' as ' || database_user as waived_by,

    -- times
    waived_at
from {{ source('staging', 'waivers') }}
