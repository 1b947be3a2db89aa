{#- Finds current versions of a history that the rows that count have otherwise or not at all, and vice versa: among the next
    states, and among the marts as they were published. -#}
{% test current_versions_equal(model, current, versions, history_mart, mart, key, columns, version=[]) %}
{%- set whole = is_compared_whole(model) %}
{%- set published_history = as_published(history_mart, versions, key, whole) %}
{%- set published = as_published(mart, versions, key, whole) %}
{%- set touched_only = published or not whole %}
with mart as (

    select * from {{ touched_since_published(current, versions, key, touched_only) }} as touched

),

history as (

    select * from {{ touched_since_published(model, versions, key, touched_only) }} as touched
    where is_current and not withdrawn

)

{%- if published and published_history %},

published as (

    select * from {{ published }} as published

),

published_history as (

    select * from {{ published_history }} as published
    where is_current and not withdrawn

)

{{ differing_rows('published', 'published_history', key + version, columns) }}
union all
{%- endif %}

{{ differing_rows('mart', 'history', key + version, columns) }}
{% endtest %}
