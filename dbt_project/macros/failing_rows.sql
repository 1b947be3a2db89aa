{#- A test keeps its failing rows only when there are any. dbt would make a table at every run of every test.

    The table of an earlier failure goes once the test passes. -#}
{% materialization test, adapter='postgres' -%}
    {%- set limited = get_limit_subquery_sql(sql, config.get('limit')) if config.get('limit') else sql -%}
    {%- set limits = (config.get('fail_calc'), config.get('warn_if'), config.get('error_if')) -%}
    {%- set relations = [] -%}

    {% call statement('main', fetch_result=True, auto_begin=False) -%}
        set local work_mem = '128MB'; -- a test reads whole tables
        {{ get_test_sql(limited, *limits, limit=none) }}
    {%- endcall %}

    {%- if should_store_failures() -%}
        {%- set kept = api.Relation.create(database, schema, model['alias'], type='table') -%}
        {%- set existing = load_cached_relation(kept) -%}
        {%- set found = load_result('main')['table'].rows[0] -%}
        {%- if found['should_warn'] or found['should_error'] -%}
            {%- call statement('keep') -%}
                drop {{ existing.type if existing else 'table' }} if exists {{ kept }} cascade;
                create table {{ kept }} as
                {{ limited }}
            {%- endcall -%}
            {%- do relations.append(kept) -%}
        {%- elif existing -%}
            {%- call statement('drop') -%}
                drop {{ existing.type }} {{ existing }} cascade
            {%- endcall -%}
            {%- do adapter.cache_dropped(existing) -%}
        {%- endif -%}
        {%- if relations or existing -%}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}

    {{ return({'relations': relations}) }}
{%- endmaterialization %}
