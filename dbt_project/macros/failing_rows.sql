{#- A test keeps its failing rows only when there are any. dbt would make a table at every run of every test.

    The table of an earlier failure goes once the test passes. -#}
{% materialization test, adapter='postgres' -%}
    {%- set limited = get_limit_subquery_sql(sql, config.get('limit')) -%}
    {%- set limits = (config.get('fail_calc'), config.get('warn_if'), config.get('error_if')) -%}
    {%- set relations = [] -%}

    {% call statement('main', fetch_result=True, auto_begin=True) -%}
        set local work_mem = '128MB'; -- a test reads whole tables
        {{ get_test_sql(limited, *limits, limit=none) }}
    {%- endcall %}

    {%- if should_store_failures() -%}
        {%- set kept = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
        {%- set found = load_result('main')['table'].rows[0] -%}
        {%- if kept -%}
            {%- do adapter.drop_relation(kept) -%}
        {%- endif -%}
        {%- if found['should_warn'] or found['should_error'] -%}
            {%- set kept = api.Relation.create(
                database=database, schema=schema, identifier=model['alias'], type='table'
            ) -%}
            {%- call statement('keep', auto_begin=True) -%}
                {{ get_create_sql(kept, limited) }}
            {%- endcall -%}
            {%- do relations.append(kept) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do adapter.commit() -%}

    {{ return({'relations': relations}) }}
{%- endmaterialization %}
