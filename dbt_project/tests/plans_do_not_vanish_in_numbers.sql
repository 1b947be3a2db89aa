-- Finds months, among the last twelve, in which more than a tenth of the plans of the month before are gone.
{{ config(severity='error', warn_if='>0', error_if='>2') }}

with months as (

    select
        report_date,
        plans_vanished,
        lag(rows_counting) over (order by report_date) as plans_before,
        max(report_date) over () as last_report_date
    from {{ ref('int_data_quality_monthly_next') }}

)

select
    report_date,
    plans_vanished,
    plans_before
from months
where plans_vanished > 0.1 * plans_before and report_date > last_report_date - interval '12 months'
