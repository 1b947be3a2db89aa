{#- The rows that only one of two relations has, both of which have a row per key: what `except` both ways would give, by
    one join. Both are names of CTEs. -#}
{% macro differing_rows(one, other, key, columns) -%}
    select
        side.held_by,
        {% for column in key + columns -%}
        case when side.held_by = '{{ one }} alone' then {{ one }}.{{ column }} else {{ other }}.{{ column }} end as {{ column }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ one }}
    full outer join {{ other }} on {{ same_key(key, one, other) }}
    cross join
        lateral (
            select '{{ one }} alone' as held_by where {{ one }}.{{ key[0] }} is not null
            union all
            select '{{ other }} alone' as held_by where {{ other }}.{{ key[0] }} is not null
        ) as side
    where ({{ columns_of(one, key + columns) }}) is distinct from ({{ columns_of(other, key + columns) }})
{%- endmacro %}
