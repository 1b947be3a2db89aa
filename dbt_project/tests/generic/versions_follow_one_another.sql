{#- Finds versions of a history that are current beside another one, do not end where the next one begins, or bear a
    wrong mark, in the next state and in the mart as it was published. It looks at the history alone, since `prune` may
    have removed from staging what this still holds. -#}
{% test versions_follow_one_another(model, key, versions, mart) %}
{%- set whole = is_compared_whole(model) %}
{%- set published = as_published(mart, versions, key, whole) %}
{%- set touched_only = published or not whole %}
with histories as (

    select
        'next state' as held_by,
        next_state.*
    from {{ touched_since_published(model, versions, key, touched_only) }} as next_state
    {%- if published %}
    union all
    select
        'mart' as held_by,
        published.*
    from {{ published }} as published
    {%- endif %}

),

versions as (

    select
        held_by,
        {{ key | join(', ') }},
        batch_id,
        file_id,
        withdrawn,
        is_current,
        valid_from,
        valid_to,
        lead(valid_from) over in_order as next_valid_from,
        count(*) filter (where is_current) over of_key as current_versions
    from histories
    window
        of_key as (partition by held_by, {{ key | join(', ') }}),
        in_order as (partition by held_by, {{ key | join(', ') }} order by batch_id, file_id)

),

judged as (

    select
        *,
        concat_ws(
            '; ',
            case when is_current and current_versions > 1 then 'one of several current versions of the key' end,
            case when valid_to is distinct from next_valid_from then 'valid_to is not the next valid_from' end,
            case
                when is_current and (valid_to is not null or withdrawn) then 'current, but ended or withdrawn'
                when not is_current and valid_to is null and not withdrawn then 'without an end, but not current'
            end
        ) as wrong
    from versions

)

select
    held_by,
    {{ key | join(', ') }},
    batch_id,
    file_id,
    wrong,
    current_versions,
    is_current,
    withdrawn,
    valid_from,
    valid_to,
    next_valid_from
from judged
where wrong <> ''
{% endtest %}
