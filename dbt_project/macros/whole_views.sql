{#- A view reads its relations whole, also under `--empty`. dbt would make it a view of no rows until the next build,
    though there is no work in a view that `--empty` could save. A table that `--empty` builds has no rows. -#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- do return(whole_in_a_view(relation) if flags.EMPTY | default(false) else relation) -%}
{%- endmacro %}

{% macro source() -%}
    {%- set relation = builtins.source(*varargs, **kwargs) -%}
    {%- do return(whole_in_a_view(relation) if flags.EMPTY | default(false) else relation) -%}
{%- endmacro %}

{% macro whole_in_a_view(relation) -%}
    {%- do return(relation.replace(limit=none) if model.config.materialized == 'view' else relation) -%}
{%- endmacro %}
