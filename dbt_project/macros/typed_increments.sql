{#- The temporary table of an increment has the types of the contract, as the table itself has. dbt would give it those of
    the expressions, `numeric` for `numeric(8,6)`, and take that for a change of the contract. A text that is too long for
    its column is refused here, by assignment, where a cast would cut it. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- if temporary and config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
        {{ contract_as_table(relation, on_commit='preserve rows') }};
        insert into {{ relation }}
        select {{ columns_of('increment', model.columns.keys()) }}
        from ({{ sql }}) as increment
    {%- else -%}
        {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- endif -%}
{%- endmacro %}
