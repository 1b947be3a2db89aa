-- One row per month, company and batch that brought figures of it: the first of its sheets that did.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'company_code', 'batch_id'],
        indexes=[{'columns': ['report_date', 'company_code', 'batch_id'], 'unique': true}],
        incremental_predicates=['DBT_INTERNAL_DEST.batch_id > ' ~ published_batch()]
    )
}}

-- what a batch brought never changes, so that only new batches are looked at
select
    report_date,
    company_code,
    batch_id,
    min(file_id) as file_id
from {{ ref('int_trustee_performance_history_next') }}
where
    not withdrawn
    {% if renews_a_part() %}
        and batch_id > {{ published_batch() }}
    {% endif %}
group by report_date, company_code, batch_id
