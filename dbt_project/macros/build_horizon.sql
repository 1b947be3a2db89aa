{#- One build at a time, and one horizon for all of it (docs/decisions.md).

    The horizon is one row: the newest batch as the build began, and the invocation of dbt that began it. Every staging
    view stops at it, so that all statements of a build see the same batches; what commits meanwhile waits for the next
    build. A model refuses the horizon of another invocation: of two builds at once, the one that began later goes on. -#}
{% macro build_horizon() -%}
    intermediate.build_horizon
{%- endmacro %}

{#- The row that a build writes last: the model `published`, which other projects on the same database have elsewhere. -#}
{% macro publication() -%}
    {%- do return(relation_named('published')) -%}
{%- endmacro %}

{#- The relation of a model of this project, once dbt runs; None where there is none. -#}
{% macro relation_named(name) -%}
    {%- set model = graph.nodes['model.' ~ project_name ~ '.' ~ name] if execute else none -%}
    {%- do return(api.Relation.create(target.database, model.schema, model.alias) if model else none) -%}
{%- endmacro %}

{#- The same where the database has it. -#}
{% macro existing_publication() -%}
    {%- set published = publication() -%}
    {%- do return(load_relation(published) if published else none) -%}
{%- endmacro %}

{#- The condition of a staging view. Beside the lower bound of an increment it tells the planner that few rows are meant,
    which it could not know of a bound alone (docs/scale.md). -#}
{% macro up_to_horizon() -%}
    batch_id <= (select horizon.batch_id from {{ build_horizon() }} as horizon)
{%- endmacro %}

{#- The batch that the marts are of as a build begins: what is newer may have changed the next states, and changes the marts.
    0 where nothing was published, and under `--full-refresh`, which renews everything. -#}
{% macro published_batch() -%}
    (select horizon.published_batch_id from {{ build_horizon() }} as horizon)
{%- endmacro %}

{#- At the start of a run: refuse where run.py builds in another session, else move the horizon. `--empty` leaves it at
    its batch, since the marts stay where they are. -#}
{% macro begin_build() -%}
    do $begin_build$
    declare
        holder record;
        newest bigint;
    begin
        select activity.pid, activity.usename, activity.application_name, activity.xact_start
        into holder
        from pg_locks as held
        inner join pg_stat_activity as activity on held.pid = activity.pid
        where
            held.locktype = 'advisory' and held.granted and held.objsubid = 1
            and held.database = (select oid from pg_database where datname = current_database())
            and (held.classid::bigint << 32) | held.objid::bigint = {{ build_lock() }}
            and held.pid::text is distinct from current_setting('workdatahub.build_lock', true);
        if found then
            raise exception 'build locked: server process % (%, %) builds since %',
                holder.pid, holder.application_name, holder.usename, holder.xact_start
                using hint = 'wait for it; nothing was changed';
        end if;
        if to_regnamespace('intermediate') is null then
            create schema intermediate;
        end if;
        if to_regclass('{{ build_horizon() }}') is null then
            begin
                create table {{ build_horizon() }} (
                    is_the_row boolean primary key default true check (is_the_row),
                    batch_id bigint not null default 0,
                    published_batch_id bigint not null default 0,
                    invocation_id text not null,
                    began_at timestamptz not null
                );
            exception
                when duplicate_table or unique_violation then null;  -- another first build made it just now
            end;
        end if;
        alter table {{ build_horizon() }} add column if not exists published_batch_id bigint not null default 0;
        insert into {{ build_horizon() }} as horizon (invocation_id, began_at)
        values ('{{ invocation_id }}', clock_timestamp())
        on conflict (is_the_row) do update set
            invocation_id = excluded.invocation_id, began_at = excluded.began_at, published_batch_id = 0;
        {%- set published = publication() %}
        {%- if published and not flags.FULL_REFRESH %}
        if to_regclass('{{ published.include(database=false) }}') is not null then
            select max(published.batch_id) into newest from {{ published }} as published;
            update {{ build_horizon() }} set published_batch_id = coalesce(newest, 0);
        end if;
        {%- endif %}
        if to_regclass('staging.load_batches') is not null and not {{ flags.EMPTY | default(false) }} then
            select max(batches.batch_id) into newest from staging.load_batches as batches;
            update {{ build_horizon() }} set batch_id = coalesce(newest, 0);
        end if;
    end
    $begin_build$
{%- endmacro %}

{#- "workdatb" in ASCII, beside the lock of the loads in extract/database/connection.py. -#}
{% macro build_lock() %}8606223218499482722{% endmacro %}

{#- Before a model is made, a hook: what it demands. Where a materialization of this project makes it in one statement,
    that statement begins with it, and the hook has nothing to do. -#}
{% macro hold_horizon() -%}
    {%- if not is_made_in_one_statement() -%}
        {{ horizon_is_held() }}
    {%- endif -%}
{%- endmacro %}

{#- In every mart, a hook too: the gate must have been passed in this very build. -#}
{% macro demand_audit(gate) -%}
    {%- if not is_made_in_one_statement() -%}
        {{ audit_is_passed(gate.render()) }}
    {%- endif -%}
{%- endmacro %}

{#- Whether one statement makes a model, hooks included: a view, or a table that is there. Not where a hook stands outside of
    the transaction. -#}
{% macro is_made_in_one_statement() -%}
    {%- for hook in model.config['pre-hook'] + model.config['post-hook'] if not hook.transaction -%}
        {%- do return(false) -%}
    {%- endfor -%}
    {%- do return(execute and (model.config.materialized == 'view' or is_renewed_in_place())) -%}
{%- endmacro %}

{#- The beginning of such a statement: what the two hooks above demand, and then all other hooks. -#}
{% macro what_a_model_demands(is_there, commits) -%}
    {%- if commits -%}
    commit; -- ends the transaction that psycopg2 has begun; of all that follows the database makes one
    {% endif -%}
    {{ horizon_is_held(is_there) }};
    {%- if model.config.schema == 'marts' %}
    {{ audit_is_passed(relation_named('int_audit_gate')) }};
    {%- endif -%}
    {%- for hook in model.config['pre-hook'] if 'hold_horizon()' not in hook.sql and 'demand_audit(' not in hook.sql %}
    {{ render(hook.sql) }};
    {%- endfor -%}
{%- endmacro %}

{#- The horizon must be this build's, and stays so until the transaction ends. A table that `is_there` is locked before it is
    read, so that nobody else writes it; who only reads it is not in the way. -#}
{% macro horizon_is_held(is_there=none) -%}
    {%- set is_there = is_incremental() if is_there is none else is_there %}
    do $hold_horizon$
    declare
        current_build record;
    begin
        {{ set_lock_timeout() }}
        perform set_config('work_mem', '128MB', true);  -- for sorts and hashes of this model only
        {%- if is_there and not flags.FULL_REFRESH %}
        -- with the cost of disks that seek, what looks up the versions of a large batch reads all of staging (scale.md)
        if current_setting('random_page_cost')::numeric = 4 then
            perform set_config('random_page_cost', '1.1', true);
        end if;
        {%- endif %}
        {%- if is_spread_now() %}
        -- Citus makes copies of what foreign keys point to only where each worker had one connection until then
        perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
        {%- endif %}
        select horizon.invocation_id, horizon.began_at into current_build
        from {{ build_horizon() }} as horizon
        for share;
        if current_build.invocation_id is distinct from '{{ invocation_id }}' then
            raise exception 'build overtaken: another build began at % (invocation %)',
                current_build.began_at, current_build.invocation_id
                using hint = 'nothing is lost; let it end, then build again';
        end if;
        {%- if is_there %}
        begin
            lock table {{ this }} in share row exclusive mode;
        exception
            when lock_not_available then
                {{ name_who_holds(this) }}
        end;
        {%- endif %}
    end
    $hold_horizon$
{%- endmacro %}

{#- A session that has no limit waits ten seconds for a lock, or what WDH_DATABASE__LOCK_TIMEOUT says. -#}
{% macro set_lock_timeout() -%}
    if current_setting('lock_timeout') = '0' then
        perform set_config('lock_timeout', '{{ (env_var('WDH_DATABASE__LOCK_TIMEOUT', '10') | float * 1000) | int }}', true);
    end if;
{%- endmacro %}

{#- After a lock was not to be had: an error that says who holds it and since when. In PL/pgSQL, in a handler. -#}
{% macro name_who_holds(relation) -%}
    raise exception 'canceling statement due to lock timeout: {{ relation.schema }}.{{ relation.identifier }} is held by %',
        coalesce(
            (
                select
                    string_agg(
                        distinct format(
                            'server process %s (%s, %s, %s since %s)', held.pid,
                            coalesce(nullif(activity.application_name, ''), 'unnamed program'), activity.usename,
                            coalesce(activity.state, 'in a state that this role may not see'),
                            to_char(coalesce(activity.xact_start, activity.query_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                        ), '; '
                    )
                from pg_locks as held
                left join pg_stat_activity as activity on held.pid = activity.pid
                where
                    held.granted and held.pid <> pg_backend_pid()
                    and held.relation = '{{ relation.include(database=false) }}'::regclass
            ),
            'a session that has ended'
        )
        using errcode = 'lock_not_available', hint = 'let it end, or raise WDH_DATABASE__LOCK_TIMEOUT (seconds); then build again';
{%- endmacro %}
