{#- The incremental strategy `refill`: the table holds afterwards just what the model selects, and stays where it is.

    Only rows that differ are written, by key, so that views, grants, comments and foreign keys of others stay, and a
    reader is never in the way. `incremental_predicates` limit what may be deleted, where the model selects a part only;
    in them the table is DBT_INTERNAL_DEST. `--empty` selects nothing, and so leaves the table whole. -#}
{% macro get_incremental_refill_sql(arguments) -%}
    {%- set target, new, key = arguments.target_relation, arguments.temp_relation, arguments.unique_key -%}
    {%- set key = [key] if key is string else key -%}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set values = names | reject('in', key) | list -%}
    {{ key_of_the_database(target, key) }};
    analyze {{ new }};
    delete from {{ target }} as DBT_INTERNAL_DEST
    where
        not exists (select 1 from {{ new }} as new where {{ same_key(key, 'new', 'DBT_INTERNAL_DEST') }})
        {%- for predicate in ([] if flags.FULL_REFRESH else arguments.incremental_predicates or []) %}
        and {{ predicate }}
        {%- endfor %};
    insert into {{ target }} as old ({{ names | join(', ') }})
    select {{ columns_of('new', names) }}
    from {{ new }} as new
    on conflict ({{ key | join(', ') }}) do
    {%- if values %} update
    set {% for name in values %}{{ name }} = excluded.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    where ({{ columns_of('old', values) }}) is distinct from ({{ columns_of('excluded', values) }})
    {%- else %} nothing
    {%- endif -%}
{%- endmacro %}

{#- A table of an earlier version of this project may lack the key: it gets it here, since a contract reaches only tables
    that are made anew. -#}
{% macro key_of_the_database(relation, key) -%}
    do $key$
    begin
        if not exists (
            select 1
            from pg_index as of_table
            where
                of_table.indrelid = '{{ relation.include(database=false) }}'::regclass and of_table.indisunique
                and of_table.indpred is null
                and (
                    select array_agg(columns.attname::text order by columns.attname::text)
                    from pg_attribute as columns
                    where columns.attrelid = of_table.indrelid and columns.attnum = any(of_table.indkey)
                ) = array['{{ key | sort | join("', '") }}']
        ) then
            alter table {{ relation }} add primary key ({{ key | join(', ') }});
        end if;
    end
    $key$
{%- endmacro %}

{#- Before the companies' months are filled: a key from the plans' months of an earlier version forbids what this deletes
    ("on delete no action"); it gets the `cascade` that its contract has. -#}
{% macro let_deletes_cascade(referencing) -%}
    do $cascade$
    declare
        old_key record;
    begin
        for old_key in
            select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
            where contype = 'f' and confdeltype = 'a' and conrelid = to_regclass('{{ referencing }}')
        loop
            execute format(
                'alter table {{ referencing }} drop constraint %I, add constraint %I %s on delete cascade',
                old_key.name, old_key.name, old_key.definition
            );
        end loop;
    end
    $cascade$
{%- endmacro %}

{#- The incremental strategy `replace`: the table holds afterwards just what the model selects, all of it new. For tables of
    this project that nobody else reads, since a reader of it is in the way. -#}
{% macro replace_sql(target, sql, names) -%}
    truncate {{ target }};
    insert into {{ target }} ({{ names | join(', ') }})
    select {{ names | join(', ') }}
    from ({{ sql }}
    ) as replacement
{%- endmacro %}

{#- dbt looks this up for every model of the strategy, also at the first build. -#}
{% macro get_incremental_replace_sql(arguments) -%}
    {{ replace_sql(arguments.target_relation, 'select * from ' ~ arguments.temp_relation, model.columns.keys()) }}
{%- endmacro %}

{#- Whether `--full-refresh` makes an incremental model anew. dbt would always, and drop with the old table what others
    made on it. Where the columns are what the contract says, the table is filled anew in its place instead. -#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- set asked = flags.FULL_REFRESH if asked is none else asked -%}
    {%- do return(asked and not (execute and has_columns_of_contract())) -%}
{%- endmacro %}

{#- Whether the table of the model is there with the columns and types of its contract. -#}
{% macro has_columns_of_contract() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if not existing or existing.is_view or not config.get('contract').enforced -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- set wanted = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do wanted.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- do run_query('drop table if exists columns_of_contract') -%}
    {%- do run_query('create temporary table columns_of_contract (' ~ wanted | join(', ') ~ ')') -%}
    {%- set differing -%}
        with columns as (
            select attrelid, attname, format_type(atttypid, atttypmod) as type from pg_attribute
            where attnum > 0 and not attisdropped
        ),
        wanted as (select attname, type from columns where attrelid = 'columns_of_contract'::regclass),
        found as (select attname, type from columns where attrelid = '{{ this.include(database=false) }}'::regclass)
        (select * from wanted except select * from found) union all (select * from found except select * from wanted)
    {%- endset -%}
    {%- do return(run_query(differing) | length == 0) -%}
{%- endmacro %}

{#- After a table was made whole: its place on the workers of Citus, and its statistics, without which the planner takes it
    for empty. -#}
{% macro analyze_whole() -%}
    {%- if config.get('materialized') == 'incremental' and not renews_a_part() -%}
        {{ distribute() }}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
