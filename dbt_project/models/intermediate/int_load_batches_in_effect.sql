-- One row per load: whether it is in effect, or an undo took it out.
with recursive batches as (

    select * from {{ ref('stg_load_batches') }}

),

undos as (

    select
        batch_id,
        undoes,
        row_number() over (order by batch_id desc) as step
    from batches
    where undoes is not null

),

-- From the newest undo back: it takes out its batch unless a newer undo took out the undo itself.
walked as (

    select
        0::bigint as step,
        array[]::bigint[] as taken_out
    union all
    select
        undos.step,
        case
            when undos.batch_id = any(walked.taken_out) then walked.taken_out
            else walked.taken_out || undos.undoes
        end as taken_out
    from walked
    inner join undos on undos.step = walked.step + 1

),

outcome as (

    select taken_out from walked
    order by step desc
    limit 1

)

select
    -- ids
    batches.batch_id,
    batches.undoes,

    -- dimensions
    batches.domain,
    batches.mode,
    batches.planned_by,
    batches.approved_by,
    batches.loaded_by,
    batches.batch_id <> all(outcome.taken_out) as in_effect,

    -- times
    batches.loaded_at
from batches
cross join outcome
