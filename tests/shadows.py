"""Functions and operators in the schema public that shadow those of PostgreSQL, as whoever may make them there can.

Each raises an exception, so that no command that runs one goes on.
"""

from databases import Database

_SHADOWS = """
set search_path = pg_catalog;
do $shadows$
declare
    it record;
begin
    for it in
        with functions as (
            select
                proname::text as name,
                array_to_string(proargtypes::regtype[], ', ') as arguments,
                prorettype::regtype::text as result
            from pg_proc
            where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and not proretset and pronargs > 0
                and provariadic = 0
                and proargtypes::regtype[] <@ '{text,bigint,int,numeric,date,timestamptz,interval,boolean,oid,float8}'
                and prorettype = any('{text,bigint,int,numeric,date,timestamptz,boolean,regclass,float8}'::regtype[])
        )
        select name, arguments, result from functions
        union
        select name, replace(arguments, 'text', 'character varying'), result from functions
        union
        select 'format', arguments, 'text' from unnest(array['text, text', 'text, text, text']) as arguments
        union
        select 'to_regclass', 'text', 'regclass'
        union
        select 'shadow ' || sign || one || other, one || ', ' || other, 'boolean'
        from unnest(array['=', '<>', '<', '>', '<=', '>=']) as sign
        cross join (values
            ('varchar', 'varchar'), ('varchar', 'text'), ('text', 'varchar'), ('text', 'text'), ('bpchar', 'bpchar'),
            ('bigint', 'bigint'), ('int', 'int'), ('bigint', 'int'), ('numeric', 'numeric'), ('date', 'date'),
            ('timestamptz', 'timestamptz'), ('boolean', 'boolean'), ('name', 'text'), ('oid', 'oid')
        ) as sides (one, other)
    loop
        execute format(
            'create or replace function public.%I(%s) returns %s language plpgsql as %L',
            it.name, it.arguments, it.result,
            format('begin raise exception %L, current_user; end', 'planted ' || it.name || ' ran as %')
        );
        if it.name like 'shadow %' then
            execute format(
                'create operator public.%s (leftarg = %s, rightarg = %s, function = public.%I)',
                substring(it.name from '[=<>]+'), split_part(it.arguments, ',', 1), split_part(it.arguments, ',', 2),
                it.name
            );
        end if;
    end loop;
end
$shadows$
"""


def plant(administered: Database) -> None:
    """Plant the shadows in a database, which finds them first. `administered` is it as the superuser."""
    administered.query(_SHADOWS)
    database = administered.target.parameters["dbname"]
    administered.query(f"alter database {database} set search_path = public, pg_catalog")
