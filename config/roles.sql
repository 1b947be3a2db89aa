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
    foreach role_name in array array['workdatahub_loader', 'workdatahub_transformer', 'workdatahub_reader'] loop
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
end
$roles$;

do $schemas$
declare
    previous constant text := nullif(current_setting('workdatahub.previous_owner', true), '');
    part record;
    relation record;
    owner_now text;
begin
    if previous is not null and to_regrole(quote_ident(previous)) is null then
        raise exception 'workdatahub.previous_owner names %, and there is no such role', previous;
    end if;
    for part in
        values
        ('staging', 'workdatahub_loader', 'workdatahub_transformer'),
        ('intermediate', 'workdatahub_transformer', null),
        ('marts', 'workdatahub_transformer', 'workdatahub_reader')
    loop
        owner_now := (select pg_get_userbyid(nspowner) from pg_namespace where nspname = part.column1);
        if owner_now is null then
            execute format('create schema %I authorization %I', part.column1, part.column2);
        elsif owner_now = previous then
            execute format('alter schema %I owner to %I', part.column1, part.column2);
        elsif owner_now <> part.column2 then
            raise exception 'schema % belongs to %, not to %; nothing was changed', part.column1, owner_now, part.column2
                using hint = format(
                    'If WorkDataHub made it, run this script with workdatahub.previous_owner set to %L (see its head). '
                    'If it is the schema of something else, give WorkDataHub a database of its own.', owner_now
                );
        end if;

        execute format('revoke all on schema %I from public', part.column1);
        if part.column3 is not null then
            execute format('grant usage on schema %I to %I', part.column1, part.column3);
            -- the tables that the owner makes from now on ...
            execute format(
                'alter default privileges for role %I in schema %I grant select on tables to %I',
                part.column2, part.column1, part.column3
            );
        end if;

        -- ... and those that are there already
        for relation in
            select
                c.oid::regclass as name,
                pg_get_userbyid(c.relowner) as owner
            from pg_class as c
            where c.relnamespace = to_regnamespace(part.column1) and c.relkind in ('r', 'p', 'v', 'm')
            order by c.oid
        loop
            if relation.owner not in (part.column2, coalesce(previous, part.column2)) then
                raise warning '% belongs to %, not to %: left as it is', relation.name, relation.owner, part.column2
                    using hint = 'A load or a build that needs to change it will be refused.';
                continue;
            end if;
            if relation.owner <> part.column2 then
                execute format('alter table %s owner to %I', relation.name, part.column2);
            end if;
            execute format('revoke all on table %s from public', relation.name);
            if part.column3 is not null then
                execute format('grant select on table %s to %I', relation.name, part.column3);
            end if;
        end loop;
    end loop;
end
$schemas$;

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
