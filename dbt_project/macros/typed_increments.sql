{#- The temporary table of an increment has the types of the contract, as the table itself has. dbt would give it those of
    the expressions, `numeric` for `numeric(8,6)`, and take that for a change of the contract. A text that is too long for
    its column is refused here, by assignment, where a cast would cut it. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- if temporary and config.get('contract').enforced -%}
        {%- set columns = model.columns.values() | list -%}
        {{ get_assert_columns_equivalent(sql) }}
        create temporary table {{ relation }} (
            {%- for column in columns %}{{ column.name }} {{ column.data_type }}{{ ', ' if not loop.last }}{% endfor -%}
        );
        insert into {{ relation }}
        select {% for column in columns %}{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}
        from ({{ sql }}) as increment
    {%- else -%}
        {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- endif -%}
{%- endmacro %}
