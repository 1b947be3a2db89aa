-- One row per load.
select
    -- ids
    batch_id,
    undoes,
    plan_id,

    -- dimensions
    domain,
    mode,
    loaded_by,
    version,

    -- numerics
    files,
    rows as rows_loaded,
    rejects as rows_rejected,
    withdrawn as keys_withdrawn,

    -- times
    loaded_at,
    pruned_at
from {{ source('staging', 'load_batches') }}
where {{ up_to_horizon() }}
