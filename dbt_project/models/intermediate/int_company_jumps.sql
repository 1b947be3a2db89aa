-- One row per month, company and measure that the month before can be compared with: old, new, and by what factor.
with explained as (

    select * from {{ ref('explained_jumps') }}

),

months as (

    select * from {{ ref('int_company_monthly_summary_next') }}

),

measures as (

    -- A figure below `smallest` counts as that. A sum of 0.00 may be a small one that was divided by 10,000, so that
    -- falling to it is a jump. Returns swing: the median of a quiet month must not make every other month a jump
    -- (docs/decisions.md has the measurements).
    select
        months.report_date,
        months.company_code,
        measure.measure,
        measure.value,
        measure.smallest
    from months
    cross join
        lateral (
            values
            ('fund_scale', months.fund_scale, 0.01),
            ('return_rate', months.median_return, 0.0002),
            ('plans', months.plans_reported, 1)
        ) as measure (measure, value, smallest)

)

select
    -- ids
    measures.report_date,
    measures.company_code,
    measures.measure,

    -- dimensions
    coalesce(previous.value, 0) = 0 and coalesce(measures.value, 0) > 0 as has_appeared,
    coalesce(previous.value, 0) > 0 and measures.value is null as has_vanished,
    explained.reason as explained_by,

    -- numerics
    previous.value as old_value,
    measures.value as new_value,
    case
        when measures.value is null or (previous.value = 0 and measures.value > 0) then null
        when previous.value is not null
            then
                round(
                    greatest(previous.value, measures.value, measures.smallest)
                    / greatest(least(previous.value, measures.value), measures.smallest),
                    4
                )
    end as factor
from measures
inner join measures as previous
    on
        measures.company_code = previous.company_code
        and measures.measure = previous.measure
        and {{ previous_month('measures.report_date') }} = previous.report_date
left join explained
    on
        measures.report_date = explained.report_date
        and measures.company_code = explained.company_code
        and measures.measure = explained.measure
