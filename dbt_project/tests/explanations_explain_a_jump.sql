-- Finds rows of the seed that explain no jump: of another month, or of one that was restated since.
{{ config(severity='warn') }}

with explained as (

    select * from {{ ref('explained_jumps') }}

),

jumps as (

    select * from {{ ref('int_company_jumps') }}
    where factor > 3 or has_appeared or has_vanished

)

select
    explained.company_code,
    explained.report_date,
    explained.measure,
    explained.reason
from explained
left join jumps
    on
        explained.company_code = jumps.company_code
        and explained.report_date = jumps.report_date
        and explained.measure = jumps.measure
where jumps.company_code is null
