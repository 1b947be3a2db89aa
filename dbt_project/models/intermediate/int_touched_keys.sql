-- One row per key of which a batch holds a version that is not published yet.
{{ config(materialized='incremental', incremental_strategy='replace') }}

select distinct
    report_date,
    plan_code,
    company_code
from {{ ref('stg_trustee_performance') }}
where batch_id > {{ published_batch() }}
