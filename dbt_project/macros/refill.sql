{#- The incremental strategy `refill`: the table holds afterwards just what the model selects, and stays where it is.

    Only rows that differ are written, by key, so that views, grants, comments and foreign keys of others stay, and a
    reader is never in the way. `incremental_predicates` limit what may be deleted, where the model selects a part only;
    in them the table is DBT_INTERNAL_DEST. `--empty` selects nothing, and so leaves the table whole. -#}
{% macro get_incremental_refill_sql(arguments) -%}
    {%- set target, new, key = arguments.target_relation, arguments.temp_relation, arguments.unique_key -%}
    {%- set key = [key] if key is string else key -%}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set values = names | reject('in', key) | list -%}
    {%- if flags.EMPTY | default(false) -%}
        select 1 as nothing_is_refilled
    {%- else -%}
        delete from {{ target }} as DBT_INTERNAL_DEST
        where
            not exists (select 1 from {{ new }} as new where {{ same_key(key, 'new', 'DBT_INTERNAL_DEST') }})
            {%- for predicate in arguments.incremental_predicates or [] %}
            and {{ predicate }}
            {%- endfor %};
        {% if values -%}
        update {{ target }} as old
        set {% for name in values %}{{ name }} = new.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ new }} as new
        where
            {{ same_key(key, 'old', 'new') }}
            and ({{ columns_of('old', values) }}) is distinct from ({{ columns_of('new', values) }});
        {% endif -%}
        insert into {{ target }} ({{ names | join(', ') }})
        select {{ columns_of('new', names) }}
        from {{ new }} as new
        where not exists (select 1 from {{ target }} as old where {{ same_key(key, 'old', 'new') }})
    {%- endif -%}
{%- endmacro %}

{#- The incremental strategy `replace`: the table holds afterwards just what the model selects, all of it new. For tables of
    this project that nobody else reads, since a reader of it is in the way. -#}
{% macro get_incremental_replace_sql(arguments) -%}
    {%- set names = arguments.dest_columns | map(attribute='name') | join(', ') -%}
    truncate {{ arguments.target_relation }};
    insert into {{ arguments.target_relation }} ({{ names }})
    select {{ names }}
    from {{ arguments.temp_relation }}
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
