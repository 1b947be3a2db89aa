{#- The month after a month; both are first days. -#}
{% macro next_month(month) -%}
    ({{ month }} + interval '1 month')::date
{%- endmacro %}
