{#- On a Citus coordinator, after a table was made whole: its rows go to the workers, by the column that the model names in
    `meta: {distribute_by: ...}`, and the tables that its foreign keys point to are copied to each worker. Elsewhere, and for a
    table that is spread already, nothing happens. -#}
{% macro distribute() -%}
    {%- set column = config.get('meta', {}).get('distribute_by') -%}
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
            perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
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

{#- A relation for a recursive query. Citus runs none over tables that are spread, so that there it is a copy in a temporary
    table of the coordinator, of the columns that are named; elsewhere it is the relation itself. -#}
{% macro gathered(relation, columns) -%}
    {%- if not execute or run_query("select 1 from pg_extension where extname = 'citus'") | length == 0 -%}
        {%- do return(relation) -%}
    {%- endif -%}
    {%- set copy = 'gathered_' ~ relation.identifier -%}
    {%- do run_query('drop table if exists ' ~ copy) -%}
    {%- do run_query('create temporary table ' ~ copy ~ ' as select ' ~ columns | join(', ') ~ ' from ' ~ relation) -%}
    {%- do return('pg_temp.' ~ copy) -%}
{%- endmacro %}
