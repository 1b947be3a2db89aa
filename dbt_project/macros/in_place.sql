{#- An incremental model whose table is there is renewed in one statement.

    dbt's own way asks the database fifteen times, which is most of what such a model costs (docs/decisions.md). First
    builds, tables that are made anew, and models whose columns no contract fixes go dbt's way. -#}
{% materialization incremental, adapter='postgres' -%}
    {%- if not is_made_in_one_statement() -%}
        {{ return(dbt.materialization_incremental_default()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- set commits = commits_itself() -%}

    {% call statement('main', auto_begin=not commits) -%}
        {{ what_a_model_demands(true, commits) }}
        {% if flags.EMPTY | default(false) and not config.get('meta', {}).get('filled_when_empty') -%}
            {{ comments_of(target) }}
            select 1 as nothing_is_renewed
        {%- elif strategy == 'replace' -%}
            {{ comments_of(target) }}
            {{ replace_sql(target, sql, model.columns.keys()) }}
        {%- else -%}
            {%- set new = 'new_rows' -%}
            {%- if config.get('meta', {}).get('fills_new_columns') -%}
                {{ add_columns_of_contract(target) }};
            {%- endif %}
            create temporary table {{ new }} on commit drop as ({{ sql }}
            );
            {{ check_columns(target, new, strategy) }};
            {{ comments_of(target) }}
            {{ adapter.get_incremental_strategy_macro(context, strategy)({
                'target_relation': target, 'temp_relation': new, 'unique_key': config.get('unique_key'),
                'dest_columns': model.columns.values(), 'incremental_predicates': config.get('incremental_predicates')
            }) }}
        {%- endif %}
    {%- endcall %}

    {%- if config.get('grants') -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(target, full_refresh_mode=false)) -%}
    {%- endif -%}
    {%- if not flags.FULL_REFRESH -%}
        {%- do renew_statistics(target, strategy) -%}
    {%- endif -%}
    {%- if not commits -%}
        {%- do run_post_hooks() -%}
    {%- endif -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- Whether the statement that makes a model is a transaction of its own, since nothing follows that belongs to it. dbt would
    ask the database for its beginning and for its end too. -#}
{% macro commits_itself() -%}
    {%- if config.get('grants') or flags.FULL_REFRESH -%}
        {%- do return(false) -%}
    {%- elif config.get('materialized') == 'view' and config.persist_column_docs() and not config.get('contract').enforced -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- for hook in model.config['post-hook'] if 'analyze_whole()' not in hook.sql -%}
        {%- do return(false) -%}
    {%- endfor -%}
    {%- do return(true) -%}
{%- endmacro %}

{#- After a statement that made a model: its other post-hooks, what follows a table that was filled whole, and the end of the
    transaction. -#}
{% macro run_post_hooks() -%}
    {%- set statements = [analyze_whole()] if flags.FULL_REFRESH else [] -%}
    {%- for hook in model.config['post-hook'] if 'analyze_whole()' not in hook.sql -%}
        {%- do statements.append(render(hook.sql)) -%}
    {%- endfor -%}
    {%- for sql in statements | map('trim') if sql -%}
        {%- do run_query(sql) -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{#- Statistics of a table that was written into: of one that holds other rows now, and of one to which more rows came than the
    planner knows of. It would take the table for small until autovacuum looks at it, and what reads it next in this build
    could take hours. -#}
{% macro renew_statistics(target, strategy) -%}
    {%- set written = load_result('main').response.rows_affected | int -%}
    {%- if strategy == 'replace' and written -%}
        {%- do run_query('analyze ' ~ target) -%}
    {%- elif written > 1000 -%}
        {%- set where_it_grew -%}
            do $statistics$
            begin
                if (
                    select greatest(reltuples, 0) * 2 < {{ written }} from pg_class
                    where oid = '{{ target.include(database=false) }}'::regclass
                ) then
                    analyze {{ target }};
                end if;
            end
            $statistics$
        {%- endset -%}
        {%- do run_query(where_it_grew) -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether the table of the model is there and stays, and its columns are those of its contract or of every increment. -#}
{% macro is_renewed_in_place() -%}
    {%- set existing = load_cached_relation(this) if config.get('materialized') == 'incremental' else none -%}
    {%- if not existing or not existing.is_table or should_full_refresh() -%}
        {%- do return(false) -%}
    {%- elif config.get('incremental_strategy') in ('refill', 'replace') -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- do return(config.get('contract').enforced and config.get('on_schema_change') == 'fail') -%}
{%- endmacro %}

{#- An empty temporary table with the columns of the contract. -#}
{% macro contract_as_table(name, on_commit='drop') -%}
    create temporary table {{ name }} (
        {%- for column in model.columns.values() %}{{ column.name }} {{ column.data_type }}{{ ', ' if not loop.last }}{% endfor -%}
    ) on commit {{ on_commit }}
{%- endmacro %}

{#- Whether the columns of what a model selects, of its contract and of its table agree. Under a contract the table has
    the types of the contract, and what is inserted is assigned to them: a text that is too long is refused, not cut. -#}
{% macro check_columns(target, new, strategy) -%}
    {%- set wanted = new -%}
    {%- if config.get('contract').enforced -%}
        {%- set wanted = 'contract_of_model' -%}
        {{ contract_as_table(wanted) }};
    {% endif -%}
    do $check_columns$
    declare
        differing text;
    begin
        {%- if config.get('contract').enforced %}
        {{ refuse_what_the_contract_does_not_say(new, wanted) }}
        {%- endif %}
        {%- if strategy == 'refill' and not config.get('incremental_predicates') %}
        {{ add_new_columns(target, wanted) }}
        {%- endif %}
        {{ refuse_differing(
            target.include(database=false), wanted, 'format_type(atttypid, atttypmod)',
            'the columns of ' ~ target.schema ~ '.' ~ target.identifier ~ ' are not those of its model',
            'run `dbt build --full-refresh`, which makes the table anew'
        ) }}
    end
    $check_columns$
{%- endmacro %}

{#- In PL/pgSQL: names and types of what a model selects must be those of its contract; as in dbt, lengths and places are not
    compared. -#}
{% macro refuse_what_the_contract_does_not_say(selected, contract) -%}
    {{ refuse_differing(
        selected, contract, 'format_type(atttypid, null)',
        'the model ' ~ model.name ~ ' selects other columns than its contract has',
        'correct the model, or its contract in the YAML beside it'
    ) }}
{%- endmacro %}

{#- In PL/pgSQL: an error where the columns of two tables differ in name or type; it tells those that only one of them has. -#}
{% macro refuse_differing(one, other, type, problem, hint) -%}
    select string_agg(described, ', ' order by described) into differing
    from (
        select attname || ' ' || {{ type }} as described
        from pg_attribute
        where attrelid in ('{{ one }}'::regclass, '{{ other }}'::regclass) and attnum > 0 and not attisdropped
        group by 1
        having count(*) = 1
    ) as in_one_of_them;
    if differing is not null then
        raise exception '{{ problem }}: %', differing using hint = '{{ hint }}';
    end if;
{%- endmacro %}

{#- In PL/pgSQL: a table of an earlier version gets the columns that its model has by now, where every row of it is filled
    anew. -#}
{% macro add_new_columns(target, wanted) -%}
    select string_agg(format('add column %I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) into differing
    from pg_attribute as new_column
    where
        attrelid = '{{ wanted }}'::regclass and attnum > 0
        and not exists (
            select 1 from pg_attribute as found
            where
                found.attrelid = '{{ target.include(database=false) }}'::regclass
                and found.attname = new_column.attname and not found.attisdropped
        );
    if differing is not null then
        execute 'alter table {{ target.include(database=false) }} ' || differing;
    end if;
{%- endmacro %}

{#- The same by the contract, for a model that looks for rows of its table in which a new column is not filled. -#}
{% macro add_columns_of_contract(target) -%}
    do $add_columns_of_contract$
    begin
        {%- for column in model.columns.values() %}
        if not exists (
            select 1 from pg_attribute
            where attrelid = '{{ target.include(database=false) }}'::regclass and attname = '{{ column.name }}' and not attisdropped
        ) then
            alter table {{ target.include(database=false) }} add column {{ column.name }} {{ column.data_type }};
        end if;
        {%- endfor %}
    end
    $add_columns_of_contract$
{%- endmacro %}

{#- The descriptions of a model with `persist_docs`, kept with its table. -#}
{% macro comments_of(relation, of_columns=true) -%}
    {%- if config.persist_relation_docs() and model.description %}
        {{ alter_relation_comment(relation, model.description) }}
    {%- endif -%}
    {%- if of_columns and model.columns and config.persist_column_docs() -%}
        {{ alter_column_comment(relation, model.columns) }}
    {%- endif -%}
{%- endmacro %}
