-- Finds months, among the last twelve, in which more than a twentieth of the rows that are data are open rejects.
{{ config(severity='error', warn_if='>0', error_if='>2') }}

with months as (

    select
        report_date,
        rows_loaded,
        rows_rejected,
        rows_rejected_open,
        rejects_by_code,
        max(report_date) over () as last_report_date
    from {{ ref('int_data_quality_monthly_next') }}

)

select
    report_date,
    rows_loaded,
    rows_rejected,
    rows_rejected_open,
    rejects_by_code
from months
where
    rows_rejected_open > 0.05 * (rows_loaded + rows_rejected)
    and report_date > last_report_date - interval '12 months'
