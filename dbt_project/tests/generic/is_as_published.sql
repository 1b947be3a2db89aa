{#- Finds rows of a mart that are not what was published: changed, added or deleted behind dbt's back, or lost by a build of
    an earlier version. What new batches touch is about to change, and so is not compared.

    `model` is the next state, `versions` the staging view, `mart` the name of the mart: no `ref`, since the mart is made after this test. `of` is the
    key that a batch touches, where `key` is that of a version of it. `--full-refresh` fills the mart anew, and compares
    nothing. -#}
{% test is_as_published(model, mart, versions, key, columns, of=none) %}
{%- set of = of or key -%}
{%- set published = adapter.get_relation(target.database, 'marts', mart) if execute else none -%}
{%- if not published or flags.FULL_REFRESH %}
select 1 as nothing_to_compare
where false
{%- else %}
with seen as (

    select coalesce(max(batch_id), 0) as batch_id from {{ published }}

),

touched as (

    select distinct {{ columns_of('versions', of) }}
    from {{ versions }} as versions
    where versions.batch_id > (select seen.batch_id from seen)

),

mart as (

    select mart.*
    from {{ published }} as mart
    where not exists (select 1 from touched where {{ same_key(of, 'touched', 'mart') }})

),

next_state as (

    select next_state.*
    from {{ model }} as next_state
    where not exists (select 1 from touched where {{ same_key(of, 'touched', 'next_state') }})

)

{{ differing_rows('mart', 'next_state', key + columns) }}
{%- endif %}
{% endtest %}
