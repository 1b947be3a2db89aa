{#- What all domains have alike. Every macro takes its relations by an explicit `ref`, and the key and figures by name. -#}

{#- The condition that a table has not seen a batch: of the batches behind the newest one that it holds. All of them
    where it is made anew, and where `--full-refresh` asks for everything. With `>=`, the newest batch would be written
    again at every build. No batch is beyond the horizon; to the planner, half a range would be a third of the table. -#}
{% macro of_new_batches(batch_id='batch_id') -%}
    {%- if is_incremental() and not flags.FULL_REFRESH -%}
        {{ batch_id }} > (select coalesce(max(seen.batch_id), 0) from {{ this }} as seen)
        and {{ batch_id }} <= (select horizon.batch_id from {{ build_horizon() }} as horizon)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The version of each key that counts: that of the latest batch, then file, then row. Withdrawals are versions too.

    No window function, and no relation that is named twice as a CTE (PostgreSQL would materialise it): so a filter on
    batch_id reaches the table, and the cost follows the new batch through the indexes of staging, not the history
    (docs/performance.md has the plans). -#}
{% macro latest_version(versions, key) -%}
    select versions.*
    from {{ named(versions, 'versions') }}
    where not exists (
        select 1
        from {{ named(versions, 'newer') }}
        where
            {{ same_key(key, 'newer', 'versions') }}
            and (newer.batch_id, newer.file_id, newer.source_row)
            > (versions.batch_id, versions.file_id, versions.source_row)
    )
{%- endmacro %}

{#- Every version of the keys that new batches touch, with its time from and to, since a new one ends the one before it.
    `figures` names each figure with its type; a withdrawal has none. `lineage` are the columns that stay as they are.
    Where the model is made for the first time beside the history mart `mart`, versions that only this one holds are
    taken over: `prune` removed them from staging. -#}
{% macro version_history(versions, batches, key, figures, lineage, mart) -%}
    {%- set columns = key + ['batch_id', 'file_id'] + figures.keys() | list
        + ['withdrawn', 'is_current'] + lineage + ['valid_from', 'valid_to'] -%}
    {%- set kept = history_before(mart) -%}
    with touched as (

        select distinct {{ key | join(', ') }}
        from {{ versions }}
        where {{ of_new_batches() }}

    ),

    timed as (

        select
            versions.*,
            batches.loaded_at as valid_from,
            lead(batches.loaded_at) over (
                partition by {{ columns_of('versions', key) }}
                order by versions.batch_id, versions.file_id, versions.source_row
            ) as valid_to
        from {{ named(versions, 'versions') }}
        inner join touched on {{ same_key(key, 'versions', 'touched') }}
        inner join {{ named(batches, 'batches') }} on versions.batch_id = batches.batch_id

    )

    select
        {{ key | join(', ') }},
        batch_id,
        file_id,
        {% for figure, type in figures.items() -%}
        (case when not withdrawn then {{ figure }} end)::{{ type }} as {{ figure }},
        {% endfor -%}
        withdrawn,
        valid_to is null and not withdrawn as is_current,
        {{ lineage | join(', ') }},
        valid_from,
        valid_to
    from timed
    {%- if kept %}
    union all
    select {{ columns_of('kept', columns) }}
    from {{ kept }} as kept
    where
        not exists (
            select 1
            from {{ named(versions, 'versions') }}
            where {{ same_key(key + ['batch_id', 'file_id'], 'versions', 'kept') }}
        )
    {%- endif %}
{%- endmacro %}

{#- The history mart of an earlier version of this project, where the next state of the history is not there yet. No `ref`:
    the mart is made from the next state. -#}
{% macro history_before(mart) -%}
    {%- if execute and not is_incremental() and flags.WHICH in ('run', 'build') -%}
        {%- do return(adapter.get_relation(target.database, 'marts', mart)) -%}
    {%- endif -%}
    {%- do return(none) -%}
{%- endmacro %}

{#- One row per figure that a load changed after it was first reported; all of them are shown in one `type`. `batches`, where
    there is such a mart, tell who planned, approved and loaded. -#}
{% macro restated_figures(history, batches, key, figures, lineage, type='numeric(22, 6)') -%}
    with with_previous as (

        select
            versions.*,
            {% for figure in figures -%}
            lag(versions.{{ figure }}) over key_order as previous_{{ figure }},
            {% endfor -%}
            lag(versions.batch_id) over key_order as previous_batch_id,
            lag(versions.withdrawn) over key_order as previous_withdrawn
        from {{ named(history, 'versions') }}
        window
            key_order as (
                partition by {{ columns_of('versions', key) }} order by versions.batch_id, versions.file_id
            )

    ),

    figures as (

        select
            with_previous.*,
            {%- if batches %}
            batches.planned_by,
            batches.approved_by,
            batches.loaded_by,
            {%- endif %}
            figure.field,
            figure.old_value::{{ type }} as old_value,
            figure.new_value::{{ type }} as new_value
        from with_previous
        {%- if batches %}
        left join {{ named(batches, 'batches') }} on with_previous.batch_id = batches.batch_id
        {%- endif %}
        cross join
            lateral (
                values
                {% for figure in figures -%}
                ('{{ figure }}', with_previous.previous_{{ figure }}, with_previous.{{ figure }})
                {{- ',' if not loop.last }}
                {% endfor %}
            ) as figure (field, old_value, new_value)
        where
            with_previous.previous_batch_id is not null
            and figure.old_value is distinct from figure.new_value

    )

    select
        {{ key | join(', ') }},
        batch_id,
        file_id,
        field,
        previous_batch_id,
        old_value,
        new_value,
        (new_value - old_value)::{{ type }} as difference,
        case
            when withdrawn then 'withdrawn'
            when previous_withdrawn then 'restored'
            else 'restated'
        end as kind,
        {{ lineage | join(', ') }},
        valid_from as restated_at
        {%- if batches %},
        -- last, since PostgreSQL lets a view have new columns only there while others read it
        planned_by,
        approved_by,
        loaded_by
        {%- endif %}
    from figures
{%- endmacro %}

{#- Whether a model renews only what new batches touch; it makes everything where it is made for the first time, and under
    `--full-refresh`. -#}
{% macro renews_a_part() -%}
    {%- do return(is_incremental() and not flags.FULL_REFRESH) -%}
{%- endmacro %}

{#- Before an incremental model takes new versions: delete the keys of which the new version is a withdrawal, since
    delete+insert removes only keys that it inserts. `latest` is the relation of latest versions, `key` by default the
    unique key of the model.

    Under `--full-refresh` a table that stays in its place loses every row: all of them come back, or should not. `latest`
    stands in a subquery since `--empty` gives it an alias of its own; it then has no row, and nothing is deleted. -#}
{% macro delete_withdrawn_keys(latest, key=none) -%}
    {%- if is_incremental() and flags.FULL_REFRESH and not (flags.EMPTY | default(false)) -%}
        delete from {{ this }}
    {%- elif is_incremental() -%}
        delete from {{ this }} as mart
        using (select * from {{ latest }}) as latest
        where
            latest.withdrawn
            and latest.batch_id > (select coalesce(max(seen.batch_id), 0) from {{ this }} as seen)
            and {{ same_key(key or config.get('unique_key'), 'mart', 'latest') }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that two relations agree in a key, none of whose columns is ever null. -#}
{% macro same_key(key, one, other) -%}
    {%- for column in key -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Columns of a relation, with commas between. -#}
{% macro columns_of(relation, columns) -%}
    {%- for column in columns -%}
        {{ relation }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- A relation under another name. `--empty` gives it a name of its own, so that it then stands in a subquery. -#}
{% macro named(relation, name) -%}
    {{ '(select * from ' ~ relation ~ ')' if flags.EMPTY | default(false) else relation }} as {{ name }}
{%- endmacro %}
