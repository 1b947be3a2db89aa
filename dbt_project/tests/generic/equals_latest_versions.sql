{#- Finds rows of the next state of a mart that are not the latest versions of their keys in staging, and the other way
    round. The latest version is found here in another way than the mart finds it. And rows of the mart as it was
    published that are not so any more: changed behind dbt's back, or lost by a build of an earlier version. -#}
{% test equals_latest_versions(model, versions, mart, key, columns, version=[]) %}
{%- set whole = is_compared_whole(model) %}
{%- set published = as_published(mart, versions, key, whole) %}
{%- set touched_only = not whole %}
with mart as (

    select * from {{ touched_since_published(model, versions, key, touched_only) }} as touched

),

latest as (

    select distinct on ({{ key | join(', ') }}) *
    from {{ touched_since_published(versions, versions, key, touched_only) }} as touched
    order by {{ key | join(', ') }}, batch_id desc, file_id desc, source_row desc

),

staging as (

    select * from latest
    where not withdrawn

)

{%- if published %},

published as (

    select * from {{ published }} as published

),

published_before as (

    select * from {{ untouched_since(publication(), model, versions, key) }} as untouched

)

{{ differing_rows('published', 'published_before', key + version, columns) }}
union all
{%- endif %}

{{ differing_rows('mart', 'staging', key + version, columns) }}
{% endtest %}
