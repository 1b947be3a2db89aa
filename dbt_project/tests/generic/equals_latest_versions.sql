{#- Finds rows of the next state of a mart that are not the latest versions of their keys in staging, and the other way
    round. The latest version is found here in another way than the mart finds it. -#}
{% test equals_latest_versions(model, versions, key, columns) %}
with mart as (

    select * from {{ model }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }} order by batch_id desc, file_id desc, source_row desc
        ) as age
    from {{ versions }}

),

staging as (

    select * from numbered
    where age = 1 and not withdrawn

)

{{ differing_rows('mart', 'staging', key + columns) }}
{% endtest %}
