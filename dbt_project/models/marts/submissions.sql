-- One row per month, domain and company that owes figures, has sent some, or has confirmed that there are none.
{{
    config(
        materialized='incremental',
        incremental_strategy='refill',
        unique_key=['report_date', 'domain', 'company_code']
    )
}}

select
    report_date,
    domain,
    company_code,
    batch_id,
    file_id,
    is_expected,
    is_received,
    workbook,
    confirmed_by,
    note,
    due_on,
    received_at
from {{ ref('int_submissions_next') }}
