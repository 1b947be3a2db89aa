-- One row: the batch of which all marts are. It is written last.
-- depends_on: {{ ref('trustee_performance') }}
-- depends_on: {{ ref('trustee_performance_history') }}
-- depends_on: {{ ref('trustee_performance_restatements') }}
-- depends_on: {{ ref('company_monthly_summary') }}
-- depends_on: {{ ref('plan_monthly_performance') }}
-- depends_on: {{ ref('data_quality_monthly') }}
-- depends_on: {{ ref('load_audit') }}
-- depends_on: {{ ref('company_jumps') }}
-- depends_on: {{ ref('loads') }}
-- depends_on: {{ ref('reject_status') }}
-- depends_on: {{ ref('submissions') }}
-- depends_on: {{ ref('submission_status') }}
-- depends_on: {{ ref('published_companies') }}
-- depends_on: {{ ref('published_plans') }}
-- depends_on: {{ ref('published_explained_jumps') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key='batch_id'
    )
}}

select
    batch_id,
    clock_timestamp() as published_at,
    tested,
    invocation_id
from {{ ref('int_audit_gate') }}
