-- One row: the batch whose next states have passed every error test, and the build that tested them.
-- Every mart depends on this, and this on every next state and seed, so that dbt asks all tests of them first.
-- depends_on: {{ ref('int_trustee_performance_next') }}
-- depends_on: {{ ref('int_trustee_performance_history_next') }}
-- depends_on: {{ ref('int_trustee_performance_restatements_next') }}
-- depends_on: {{ ref('int_company_monthly_summary_next') }}
-- depends_on: {{ ref('int_plan_monthly_performance_next') }}
-- depends_on: {{ ref('int_data_quality_monthly_next') }}
-- depends_on: {{ ref('int_load_audit_next') }}
-- depends_on: {{ ref('int_company_jumps') }}
-- depends_on: {{ ref('int_load_batches_in_effect') }}
-- depends_on: {{ ref('int_submissions_next') }}
-- depends_on: {{ ref('int_reject_status_next') }}
-- depends_on: {{ ref('stg_closings') }}
-- depends_on: {{ ref('companies') }}
-- depends_on: {{ ref('plans') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ 'delete from ' ~ this if is_incremental() else '' }}"
    )
}}
{{ refuse_what_is_not_whole() }}

select
    horizon.batch_id,
    {{ "true" if flags.WHICH == 'build' else "false" }} as tested,
    '{{ invocation_id }}'::text as invocation_id,
    clock_timestamp() as passed_at
from {{ build_horizon() }} as horizon
