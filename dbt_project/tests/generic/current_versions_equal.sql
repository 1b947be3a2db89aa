{#- Finds current versions of a history that the rows that count have otherwise or not at all, and vice versa. -#}
{% test current_versions_equal(model, current, columns) %}
with mart as (

    select * from {{ current }}

),

history as (

    select * from {{ model }}
    where is_current and not withdrawn

)

{{ differing_rows('mart', 'history', columns) }}
{% endtest %}
