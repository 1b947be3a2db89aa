{#- Finds rows of a mart that are not what was published: changed, added or deleted behind dbt's back, or lost by a build of
    an earlier version. `model` is the next state, which has the same rows but for what newer batches touch. `version` are
    the columns that tell the versions of a key apart. -#}
{% test is_as_published(model, mart, versions, key, version, columns) %}
{%- set published = as_published(mart, versions, key, is_compared_whole(model)) %}
{%- if not published %}
select 1 as nothing_is_compared
where false
{%- else %}
with mart as (

    select * from {{ published }} as published

),

next_state as (

    select * from {{ untouched_since(publication(), model, versions, key) }} as untouched

)

{{ differing_rows('mart', 'next_state', key + version, columns) }}
{%- endif %}
{% endtest %}
