{#- The schemas are exactly staging, intermediate and marts: a custom schema is taken as it is written. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
