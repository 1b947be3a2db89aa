{#- A seed whose table is there is filled in one statement: it empties the table, or names who holds it, and inserts the rows.
    dbt would ask a macro for the placeholder of each single cell, and wait for a reader without a word. First loads, tables
    that are made anew, and seeds with hooks go dbt's way. -#}
{% materialization seed, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() or pre_hooks or post_hooks -%}
        {{ return(dbt.materialization_seed_default()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set rows = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=rows) -%}
    {%- set chunks = rows.rows | batch(get_batch_size()) | list -%}
    {%- set documented = config.persist_relation_docs() or config.persist_column_docs() -%}
    {%- set commits = chunks | length < 2 and not config.get('grants') and not documented -%}

    {%- set empty -%}
        {%- if commits -%}
        commit; -- ends the transaction that psycopg2 has begun; of all that follows the database makes one
        {% endif -%}
        do $empty$
        begin
            {{ set_lock_timeout() }}
            truncate {{ target }};
        exception
            when lock_not_available then
                {{ name_who_holds(target) }}
        end
        $empty$;
    {%- endset -%}
    {%- for chunk in chunks or [[]] -%}
        {%- do insert_rows(target, rows.column_names, chunk, empty if loop.first else '', commits) -%}
    {%- endfor -%}
    {% call noop_statement('main', 'INSERT ' ~ rows.rows | length, 'INSERT', rows.rows | length) -%}
        {{ empty }}
        -- dbt seed --
        {{ insert_of(target, rows.column_names, 1) }}
    {%- endcall %}

    {%- if config.get('grants') -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(existing, full_refresh_mode=false)) -%}
    {%- endif -%}
    {%- if documented -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {%- if not commits -%}
        {%- do adapter.commit() -%}
    {%- endif -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- Inserts rows of a seed behind a statement that comes before them. In a text with bindings a percent sign is written twice. -#}
{% macro insert_rows(relation, columns, rows, before, commits) -%}
    {%- if not rows -%}
        {%- do adapter.add_query(before, auto_begin=not commits) -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set cells = [] -%}
    {%- for row in rows -%}
        {%- do cells.extend(row) -%}
    {%- endfor -%}
    {%- set sql = before | replace('%', '%%') ~ insert_of(relation, columns, rows | length) -%}
    {%- do adapter.add_query(sql, auto_begin=not commits, bindings=cells, abridge_sql_log=True) -%}
{%- endmacro %}

{#- The statement that inserts so many rows, with a placeholder for each cell. -#}
{% macro insert_of(relation, columns, rows) -%}
    {%- set placeholders = '(' ~ (['%s'] * columns | length) | join(', ') ~ ')' %}
    insert into {{ relation }} ({{ get_seed_column_quoted_csv(model, columns) }})
    values {{ ([placeholders] * rows) | join(', ') }}
{%- endmacro %}
