-- One row per batch, workbook and sheet.
select
    -- ids
    file_id,
    batch_id,

    -- dimensions
    path,
    sha256,
    sheet,
    mends,
    header_row,
    rules_version,
    period_from_name,
    skipped_by_reason,
    warnings,

    -- numerics
    size as bytes,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_skipped,

    -- times
    period,
    modified_at
from {{ source('staging', 'source_files') }}
where {{ up_to_horizon() }}
