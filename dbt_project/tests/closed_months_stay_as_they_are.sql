-- Finds marts of a closed month that are not what they were as it was closed, though no load was let into it.
with last_closings as (

    select distinct on (report_date)
        report_date,
        closed_at,
        fingerprints,
        is_reopened
    from {{ ref('stg_closings') }}
    order by report_date asc, closing_id desc

),

closed as (

    select * from last_closings
    where not is_reopened

),

lines as (

    {% for mart in (
        'trustee_performance', 'plan_monthly_performance', 'company_monthly_summary', 'data_quality_monthly'
    ) %}
        select
            closed.report_date,
            closed.closed_at,
            '{{ mart }}' as mart,
            closed.fingerprints -> '{{ mart }}' ->> 'sha256' as recorded,
            case
                when months.report_date is not null
                    then {{ recorded_line('months', "(closed.fingerprints -> '" ~ mart ~ "' -> 'columns')") }}
            end as shown
        from closed
        left join {{ named(ref('int_' ~ mart ~ '_next'), 'months') }} on closed.report_date = months.report_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        report_date,
        mart,
        closed_at,
        recorded,
        {{ fingerprint_of('shown') }} as found
    from lines
    group by report_date, mart, closed_at, recorded

)

select *
from compared
where recorded <> found
