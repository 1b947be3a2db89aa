-- One row per rejected row of a sheet in the account of its month: whether it is open, or what became of it.
with sheets as (

    select * from {{ ref('int_sheets_in_account') }}

),

rejected_rows as (

    select * from {{ ref('stg_rejected_rows') }}

),

outcomes as (

    select * from {{ ref('int_reject_status_next') }}

)

select
    -- ids
    rejected_rows.file_id,
    rejected_rows.source_row,
    rejected_rows.reject_id,

    -- dimensions
    -- where a workbook was loaded again with the same reject, that load has it
    case when rejected_rows.file_id = outcomes.file_id then outcomes.status else 'superseded' end as status,
    rejected_rows.errors,

    -- times
    sheets.report_date
from rejected_rows
inner join sheets on rejected_rows.file_id = sheets.file_id
inner join outcomes on rejected_rows.reject_id = outcomes.reject_id
