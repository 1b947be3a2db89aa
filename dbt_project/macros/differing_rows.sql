{#- The rows that only one of two relations has: `except` both ways. Both are names of CTEs. -#}
{% macro differing_rows(one, other, columns) -%}
    {%- set listed = columns | join(', ') -%}
    select '{{ one }} alone' as held_by, only_in_one.*
    from (select {{ listed }} from {{ one }} except select {{ listed }} from {{ other }}) as only_in_one
    union all
    select '{{ other }} alone' as held_by, only_in_other.*
    from (select {{ listed }} from {{ other }} except select {{ listed }} from {{ one }}) as only_in_other
{%- endmacro %}
