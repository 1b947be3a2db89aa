{#- A domain's table of staging; where nothing of the domain was loaded yet, no row in the types that its next state has
    by contract. So `dbt build` works on a database that holds other domains only. -#}
{% macro landed(table) -%}
    {#- not by `load_relation`, which lists all of staging in a transaction that dbt would not know to have ended -#}
    {%- set found = "select to_regclass('" ~ table.include(database=false) ~ "') is not null" -%}
    {%- if not execute or run_query(found).rows[0][0] -%}
        {%- do return(table) -%}
    {%- endif -%}
    {%- set types = {
        'batch_id': 'bigint', 'file_id': 'bigint', 'data_source': 'text', 'source_sheet': 'text', 'source_row': 'integer',
        'withdrawn': 'boolean', 'processed_at': 'timestamptz'
    } -%}
    {%- for column in model_named('int_' ~ table.identifier ~ '_next').columns.values() -%}
        {%- do types.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- set nothing -%}
    (
        select
            {%- for name, type in types.items() %}
            null::{{ type }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    ) as nothing_landed
    {%- endset -%}
    {%- do return(nothing) -%}
{%- endmacro %}

{#- A model of this project, as dbt parsed it. Once it runs; before, dbt knows none. -#}
{% macro model_named(name) -%}
    {%- do return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) -%}
{%- endmacro %}
