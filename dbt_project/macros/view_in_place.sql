{#- A view stays where it is. dbt would make it anew under another name, swap the names and drop the old one with all
    that stands on it: views of others, and ours that another build has just made.

    One whose definition is the same is not touched, so that nobody who reads it is in the way. One that PostgreSQL cannot
    replace, since a column goes or changes its type, is dropped: in `intermediate` with the views of this project that
    stand on it, which the same build makes again; in `marts` only if nobody else's view stands on it. -#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set cascade = '' if model.access == 'public' else 'cascade' -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main', auto_begin=True) -%}
        {{ what_a_model_demands() }}
        {%- if existing is none -%}
            {{ get_create_view_as_sql(target, sql) }}
        {%- elif not existing.is_view -%}
            drop {{ existing.type }} {{ existing }} {{ cascade }};
            {{ get_create_view_as_sql(target, sql) }}
        {%- else -%}
            do $in_place$
            begin
                create temporary view wanted_view as ({{ sql }});
                if pg_get_viewdef('wanted_view'::regclass) = pg_get_viewdef('{{ target.include(database=false) }}'::regclass) then
                    drop view wanted_view;
                    return;
                end if;
                drop view wanted_view;
                begin
                    create or replace view {{ target }} as ({{ sql }});
                exception
                    when lock_not_available then
                        {{ name_who_holds(target) }}
                    when invalid_table_definition then
                        drop view {{ target }} {{ cascade }};
                        create view {{ target }} as ({{ sql }});
                end;
            end
            $in_place$
        {%- endif -%}
    {%- endcall %}

    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
    {% do persist_docs(target, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}
