-- One row per load or undo: who planned, approved and loaded it, and whether it is in effect.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['batch_id']
    )
}}

select
    batch_id,
    undoes,
    domain,
    mode,
    in_effect,
    planned_by,
    approved_by,
    loaded_by,
    loaded_at
from {{ ref('int_load_batches_in_effect') }}
