{#- A view stays where it is. dbt would make it anew under another name, swap the names and drop the old one with all
    that stands on it: views of others, and ours that another build has just made.

    One whose definition is the same is not touched, so that nobody who reads it is in the way. One that PostgreSQL cannot
    replace, since a column goes or changes its type, is dropped: in `intermediate` with the views of this project that
    stand on it, which the same build makes again; in `marts` only if nobody else's view stands on it. -#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set cascade = '' if model.access == 'public' else 'cascade' -%}
    {%- set alone = is_made_in_one_statement() -%}
    {%- set commits = alone and commits_itself() -%}

    {%- if not alone %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- endif %}

    {% call statement('main', auto_begin=not commits) -%}
        {{ what_a_model_demands(false, commits) if alone }}
        {%- if existing is none -%}
            {{ get_create_view_as_sql(target, sql) }};
        {%- elif not existing.is_view -%}
            drop {{ existing.type }} {{ existing }} {{ cascade }};
            {{ get_create_view_as_sql(target, sql) }};
        {%- else -%}
            create temporary view wanted_view as ({{ sql }});
            {%- if config.get('contract').enforced %}
            {{ contract_as_table('contract_of_model') }};
            {%- endif %}
            do $in_place$
            declare
                differing text;
                is_the_same boolean := pg_get_viewdef('wanted_view'::regclass)
                    = pg_get_viewdef('{{ target.include(database=false) }}'::regclass);
            begin
                {%- if config.get('contract').enforced %}
                {{ refuse_what_the_contract_does_not_say('wanted_view', 'contract_of_model') }}
                {%- endif %}
                drop view wanted_view;
                if is_the_same then
                    return;
                end if;
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
            $in_place$;
        {%- endif %}
        {{ comments_of(target, of_columns=config.get('contract').enforced) }}
    {%- endcall %}

    {%- if config.get('grants') -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) -%}
    {%- endif -%}
    {%- if config.persist_column_docs() and not config.get('contract').enforced -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {%- if alone and not commits -%}
        {%- do run_post_hooks() -%}
    {%- elif not alone %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- endif %}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}
