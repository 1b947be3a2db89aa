{#- A seed whose table is there is filled in two statements: one empties it, or names who holds it, one inserts its rows. dbt
    would ask a macro for the placeholder of each single cell, and wait for a reader without a word. First loads, tables that
    are made anew, and seeds with hooks go dbt's way. -#}
{% materialization seed, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() or pre_hooks or post_hooks -%}
        {{ return(dbt.materialization_seed_default()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set rows = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=rows) -%}

    {% call statement('empty') -%}
        do $empty$
        begin
            {{ set_lock_timeout() }}
            truncate {{ target }};
        exception
            when lock_not_available then
                {{ name_who_holds(target) }}
        end
        $empty$
    {%- endcall %}
    {%- set inserts = insert_rows(target, rows) -%}
    {% call noop_statement('main', 'INSERT ' ~ rows.rows | length, 'INSERT', rows.rows | length) -%}
        truncate {{ target }};
        -- dbt seed --
        {{ inserts[0] if inserts }}
    {%- endcall %}

    {%- if config.get('grants') -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(existing, full_refresh_mode=false)) -%}
    {%- endif -%}
    {%- if config.persist_relation_docs() or config.persist_column_docs() -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {{ adapter.commit() }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- Inserts the rows of a seed, in batches as dbt does; returns the statements. -#}
{% macro insert_rows(relation, rows) -%}
    {%- set placeholders = '(' ~ (['%s'] * rows.column_names | length) | join(', ') ~ ')' -%}
    {%- set statements = [] -%}
    {%- for chunk in rows.rows | batch(get_batch_size()) -%}
        {%- set cells = [] -%}
        {%- for row in chunk -%}
            {%- do cells.extend(row) -%}
        {%- endfor -%}
        {%- set sql -%}
            insert into {{ relation }} ({{ get_seed_column_quoted_csv(model, rows.column_names) }})
            values {{ ([placeholders] * chunk | length) | join(', ') }}
        {%- endset -%}
        {%- do adapter.add_query(sql, bindings=cells, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {%- do return(statements) -%}
{%- endmacro %}
