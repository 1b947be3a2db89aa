{#- Finds the rules that rows of a model break: by each rule how many rows, and one of them by its key.

    The rules are that the key is unique and not null, that the columns `not_null` are not, and the named conditions, which
    a null does not break. The rows are read once; the key is not compared where the database enforces it. Where rows never
    change, `newer_than_published` names their batch: those of earlier ones were read by an earlier build. -#}
{% test rules(model, key, not_null=[], conditions={}, key_is_enforced=false, newer_than_published=none) %}
{{ config(fail_calc='coalesce(sum(rows_found), 0)') }}
{%- set rules = {} -%}
{%- set published = existing_publication() if newer_than_published else none -%}
{%- set rows -%}
    {%- if published and not flags.FULL_REFRESH -%}
        (select * from {{ model }} where {{ newer_than_published }} > (select max(batch_id) from {{ published }})) as newer
    {%- else -%}
        {{ model }}
    {%- endif -%}
{%- endset -%}
{%- for column in ([] if key_is_enforced else key) + not_null -%}
    {%- do rules.update({column ~ ' is not null': column ~ ' is null'}) -%}
{%- endfor -%}
{%- for name, condition in conditions.items() -%}
    {%- do rules.update({name: '(' ~ condition ~ ') is false'}) -%}
{%- endfor -%}
{%- set example -%}
    min(jsonb_build_object({% for column in key %}'{{ column }}', {{ column }}{{ ', ' if not loop.last }}{% endfor %})::text)
{%- endset -%}
{%- if rules %}
select
    broken.rule,
    count(*) as rows_found,
    {{ example }} as example
from {{ rows }}
cross join
    lateral (
        values
        {%- for name, found in rules.items() %}
        ('{{ name | replace("'", "''") }}', {{ found }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as broken (rule, is_broken)
where ({{ rules.values() | join(') or (') }}) and broken.is_broken
group by broken.rule
{%- endif %}
{%- if rules and not key_is_enforced %}
union all
{%- endif %}
{%- if not key_is_enforced %}
select
    'the key is unique' as rule,
    sum(repeated.rows_found) as rows_found,
    {{ example }} as example
from (
    select
        {{ key | join(', ') }},
        count(*) as rows_found
    from {{ rows }}
    group by {{ key | join(', ') }}
    having count(*) > 1
) as repeated
having count(*) > 0
{%- endif %}
{% endtest %}
