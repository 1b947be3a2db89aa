-- The roles of WorkDataHub and the schemas that they own (docs/security.md says who runs what).
--
-- Run it in the database of the warehouse, as a superuser or as the owner of the database with CREATEROLE. It may be
-- run again at any time:
--
--     psql -v ON_ERROR_STOP=1 -d warehouse -f config/roles.sql
--
-- Where one user, say etl, owned everything so far, name it. What it owns in the three schemas changes its owner, and
-- nothing else does:
--
--     psql -v ON_ERROR_STOP=1 -d warehouse -c "set workdatahub.previous_owner = 'etl'" -f config/roles.sql
--
-- The roles have no passwords: give them some with \password workdatahub_loader, and so on.
--
-- What it leaves alone: every other schema (public too), every other role, the rights of PUBLIC on the database, and
-- objects in the three schemas that belong to somebody else, which it names in warnings.

begin;

-- no function or operator that others put into a schema such as public may run here, as whoever runs this
set local search_path = pg_catalog, pg_temp;

do $roles$
declare
    role_name text;
begin
    foreach role_name in array array[
        'workdatahub_staging', 'workdatahub_loader', 'workdatahub_transformer', 'workdatahub_reader',
        'workdatahub_approver'
    ] loop
        if to_regrole(role_name) is null then
            execute format('create role %I login', role_name);
        end if;
        -- nor in a session of theirs, whichever program it is of
        execute format(
            'alter role %I in database %I set search_path = pg_catalog, pg_temp', role_name, current_database()
        );
        -- CONNECT and TEMPORARY belong to PUBLIC unless someone revoked them; the roles must not depend on that
        execute format('grant connect, temporary on database %I to %I', current_database(), role_name);
        -- who is no superuser may hand schemas to a role only as a member of it: until the end of this script
        if not pg_has_role(current_user, role_name, 'usage') then
            execute format('grant %I to %I', role_name, current_user);
            perform set_config(
                'workdatahub.lent', concat_ws(',', nullif(current_setting('workdatahub.lent', true), ''), role_name), true
            );
        end if;
    end loop;
    -- Citus goes from its coordinator to its workers as the owner of a table: the owner logs in there, and only there
    if exists (select 1 from pg_extension where extname = 'citus') then
        alter role workdatahub_staging login;
        perform set_config('citus.enable_alter_role_propagation', 'off', true);
    end if;
    -- it owns what the transformer reads, so that nobody who loads can hang code of his own on it
    alter role workdatahub_staging nologin;
end
$roles$;

do $schemas$
declare
    previous constant text := nullif(current_setting('workdatahub.previous_owner', true), '');
    part record;
    relation record;
    owner_now text;
    reader text;
    foreign_code text;
begin
    if previous is not null and to_regrole(quote_ident(previous)) is null then
        raise exception 'workdatahub.previous_owner names %, and there is no such role', previous;
    end if;
    for part in
        select
            value.schema_name,
            value.owner,
            value.readers,
            -- those who may have owned it before; until version 0.1.0 the loader owned staging
            array_remove(array[value.owner, previous, value.former], null) as owners
        from (
            values
            (
                'staging', 'workdatahub_staging', array['workdatahub_transformer', 'workdatahub_approver'],
                'workdatahub_loader'
            ),
            ('intermediate', 'workdatahub_transformer', array['workdatahub_approver'], null),
            ('marts', 'workdatahub_transformer', array['workdatahub_reader', 'workdatahub_approver'], null)
        ) as value (schema_name, owner, readers, former)
    loop
        owner_now := (select pg_get_userbyid(nspowner) from pg_namespace where nspname = part.schema_name);
        if owner_now is null then
            execute format('create schema %I authorization %I', part.schema_name, part.owner);
        elsif owner_now <> all (part.owners) then
            raise exception 'schema % belongs to %, not to %; nothing was changed', part.schema_name, owner_now, part.owner
                using hint = format(
                    'If WorkDataHub made it, run this script with workdatahub.previous_owner set to %L (see its head). '
                    'If it is the schema of something else, give WorkDataHub a database of its own.', owner_now
                );
        elsif owner_now <> part.owner then
            execute format('alter schema %I owner to %I', part.schema_name, part.owner);
        end if;

        execute format('revoke all on schema %I from public', part.schema_name);
        foreach reader in array part.readers loop
            execute format('grant usage on schema %I to %I', part.schema_name, reader);
            -- the tables that the owner makes from now on ...
            execute format(
                'alter default privileges for role %I in schema %I grant select on tables to %I',
                part.owner, part.schema_name, reader
            );
        end loop;

        -- ... and those that are there already
        for relation in
            select
                c.oid,
                c.oid::regclass as name,
                c.relkind,
                pg_get_userbyid(c.relowner) as owner
            from pg_class as c
            where c.relnamespace = to_regnamespace(part.schema_name) and c.relkind in ('r', 'p', 'v', 'm', 'f')
            order by c.oid
        loop
            if relation.owner <> all (part.owners) then
                raise warning '% belongs to %, not to %: left as it is', relation.name, relation.owner, part.owner
                    using hint = 'A load or a build that needs to change it will be refused.';
                continue;
            end if;
            if relation.owner <> part.owner then
                execute format('alter table %s owner to %I', relation.name, part.owner);
            end if;
            execute format('revoke all on table %s from public', relation.name);
            foreach reader in array part.readers loop
                execute format('grant select on table %s to %I', relation.name, reader);
            end loop;
        end loop;
    end loop;

    if to_regprocedure('staging.refuse_change()') is not null then
        alter function staging.refuse_change() owner to workdatahub_staging;
    end if;

    -- What would run code as the transformer when it reads staging. WorkDataHub makes none of it: who owned staging did.
    foreign_code := (
        select string_agg(format('%s of %s', found.what, found.relation), ', ' order by found.relation, found.what)
        from (
            -- ours keeps the tables of decisions append-only, and runs nothing where they are read
            select 'trigger ' || tgname as what, tgrelid::regclass::text as relation
            from pg_trigger inner join pg_proc on tgfoid = pg_proc.oid
            where
                not tgisinternal
                and (
                    tgname <> 'append_only'
                    or prosrc <> 'begin raise exception ''%.% is append-only'', tg_table_schema, tg_table_name; end'
                )
            union all
            select 'row policy ' || polname, polrelid::regclass::text from pg_policy
            union all
            select 'rule ' || rulename, ev_class::regclass::text from pg_rewrite
            union all
            select 'index ' || indexrelid::regclass, indrelid::regclass::text from pg_index where indexprs is not null
            union all
            select 'statistics ' || stxname, stxrelid::regclass::text from pg_statistic_ext
            union all
            select 'constraint ' || conname, conrelid::regclass::text from pg_constraint where contype = 'c'
            union all
            select 'child ' || inhrelid::regclass, inhparent::regclass::text from pg_inherits
            union all
            select 'type of ' || attname, attrelid::regclass::text
            from pg_attribute inner join pg_type on atttypid = pg_type.oid
            where attnum > 0 and typnamespace <> 'pg_catalog'::regnamespace
            union all
            select 'default of ' || attname, attrelid::regclass::text
            from pg_depend
            inner join pg_attrdef on classid = 'pg_attrdef'::regclass and objid = pg_attrdef.oid
            inner join pg_attribute on adrelid = attrelid and adnum = attnum
            where refclassid = 'pg_proc'::regclass
            union all
            select 'foreign table', oid::regclass::text from pg_class where relkind = 'f'
        ) as found
        where found.relation in (
            select oid::regclass::text from pg_class where relnamespace = to_regnamespace('staging')
        )
    );
    if foreign_code is not null then
        raise exception 'staging holds what WorkDataHub did not make: %; nothing was changed', foreign_code
            using hint = 'It could run code as the role that reads staging. See what it is, drop it, and run this again.';
    end if;
end
$schemas$;

do $loader$
declare
    relation record;
begin
    -- what the loader needs: new rows, the counts of an undo, and the rows that prune removes
    grant usage on schema staging to workdatahub_loader;
    alter default privileges for role workdatahub_staging in schema staging
    grant select, insert on tables to workdatahub_loader;
    alter default privileges for role workdatahub_loader in schema staging
    revoke select on tables from workdatahub_transformer;
    for relation in
        select
            oid::regclass as name,
            relname
        from pg_class
        where relnamespace = to_regnamespace('staging') and relkind = 'r' and relowner = to_regrole('workdatahub_staging')
    loop
        execute format('revoke all on table %s from workdatahub_loader', relation.name);
        execute format('grant select, insert on table %s to workdatahub_loader', relation.name);
        if relation.relname = 'waivers' then -- who and when are defaults, which nobody fills
            execute format('revoke insert on table %s from workdatahub_loader', relation.name);
            execute format('grant insert (reject_id, reason, waived_by) on table %s to workdatahub_approver', relation.name);
        elsif relation.relname = 'approvals' then
            execute format('revoke insert on table %s from workdatahub_loader', relation.name);
            execute format(
                'grant insert (plan_id, domain, planned_by, approved_by, comment, figures, version) on table %s'
                ' to workdatahub_approver', relation.name
            );
        elsif relation.relname = 'closings' then
            execute format('revoke insert on table %s from workdatahub_loader', relation.name);
            execute format(
                'grant insert (period, batch_id, closed_by, fingerprints, version) on table %s to workdatahub_approver',
                relation.name
            );
        elsif relation.relname = 'load_batches' then
            execute format('grant update (rows, withdrawn, pruned_at) on table %s to workdatahub_loader', relation.name);
        elsif relation.relname not in ('source_files', 'rejected_rows', 'mended_rejects', 'reopenings') then
            execute format('grant delete on table %s to workdatahub_loader', relation.name);
            if current_setting('server_version_num')::int >= 170000 then -- VACUUM, which before is only the owner's
                execute format('grant maintain on table %s to workdatahub_loader', relation.name);
            end if;
        end if;
    end loop;
end
$loader$;

do $memberships$
declare
    role_name text;
begin
    foreach role_name in array string_to_array(coalesce(current_setting('workdatahub.lent', true), ''), ',') loop
        execute format('revoke %I from %I', role_name, current_user);
    end loop;
end
$memberships$;

commit;
