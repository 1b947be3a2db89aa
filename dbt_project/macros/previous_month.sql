{#- The month before a month; both are first days. -#}
{% macro previous_month(month) -%}
    ({{ month }} - interval '1 month')::date
{%- endmacro %}
