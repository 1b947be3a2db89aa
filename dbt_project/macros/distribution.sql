{#- On a Citus coordinator, after a table was made whole: its rows go to the workers, by the column that the model names in
    `meta: {distribute_by: ...}`, and the tables that its foreign keys point to are copied to each worker. Elsewhere, and for a
    table that is spread already, nothing happens. -#}
{% macro distribute() -%}
    {%- set column = (config.get('meta') or {}).get('distribute_by') -%}
    {%- if column %}
        {%- set table = this.include(database=false) -%}
        do $distribute$
        declare
            referenced regclass;
        begin
            if not exists (select 1 from pg_extension where extname = 'citus') then
                return;
            end if;
            if exists (select 1 from pg_dist_partition where logicalrelid = '{{ table }}'::regclass) then
                return;
            end if;
            for referenced in
                select confrelid from pg_constraint
                where
                    contype = 'f' and conrelid = '{{ table }}'::regclass
                    and confrelid not in (select logicalrelid from pg_dist_partition)
            loop
                perform create_reference_table(referenced);
            end loop;
            perform create_distributed_table('{{ table }}', '{{ column }}');
        end
        $distribute$;
    {%- endif -%}
{%- endmacro %}

{#- Whether the model is a table that Citus spreads, and is made whole now. -#}
{% macro is_spread_now() -%}
    {%- do return((config.get('meta') or {}).get('distribute_by') and not renews_a_part()) -%}
{%- endmacro %}

{#- A relation for a recursive query. Citus runs none over tables that are spread, so that there it is a copy in a temporary
    table of the coordinator: of the columns, with an index on the key. Elsewhere it is the relation itself. -#}
{% macro gathered(relation, key, columns) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') or model.resource_type != 'model' -%}
        {%- do return(relation) -%}
    {%- elif run_query("select 1 from pg_extension where extname = 'citus'") | length == 0 -%}
        {%- do return(relation) -%}
    {%- endif -%}
    {%- set copy = 'gathered_' ~ model.name -%}
    {%- do run_query(
        'drop table if exists ' ~ copy ~ '; create temporary table ' ~ copy ~ ' as select '
        ~ (key + columns) | join(', ') ~ ' from ' ~ relation ~ '; create index on ' ~ copy ~ ' (' ~ key | join(', ')
        ~ '); analyze ' ~ copy
    ) -%}
    {%- do return('pg_temp.' ~ copy) -%}
{%- endmacro %}
