{#- Deletes the keys whose latest version is a withdrawal. delete+insert removes only keys that it inserts.

    It sees the batches that the insert saw, since both stop at the horizon of the build.

    `latest` stands in a subquery since `--empty` gives it an alias of its own; it then has no row, and nothing is deleted. -#}
{% macro delete_withdrawn_keys(latest) -%}
    {%- set same_key = [] -%}
    {%- for column in config.get('unique_key') -%}
        {%- do same_key.append('mart.' ~ column ~ ' = latest.' ~ column) -%}
    {%- endfor -%}
    delete from {{ this }} as mart
    using (select * from {{ latest }}) as latest
    where latest.withdrawn and {{ same_key | join(' and ') }}
{%- endmacro %}
