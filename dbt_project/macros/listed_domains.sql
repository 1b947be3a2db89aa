{#- The models of a domain that stands in the list `domains` of dbt_project.yml. All that is its own is the contract of its
    mart: the primary key, and the columns with their types. Each model is one call of one of these macros. -#}

{#- In staging: every version of each key, withdrawals included. -#}
{% macro versions_of(domain) -%}
    select *
    from {{ landed(source('staging', domain)) }}
    where {{ up_to_horizon() }}
{%- endmacro %}

{#- What the mart will be: the latest version of each key. -#}
{% macro next_state_of(domain) -%}
    {{ config(pre_hook="{{ delete_withdrawn_keys(latest_of('" ~ domain ~ "')) }}") }}
    select {{ columns_of('latest', model.columns if execute else ['*']) }}
    from {{ latest_of(domain) }}
    where not latest.withdrawn and {{ of_new_batches('latest.batch_id') }}
{%- endmacro %}

{#- The latest version of each key, as the relation `latest`. -#}
{% macro latest_of(domain) -%}
    (
        {{ latest_version(ref('stg_' ~ domain), contract_of(domain).key) }}
    ) as latest
{%- endmacro %}

{#- The mart: what its next state has, once every test has passed. The history knows which keys were withdrawn. -#}
{% macro mart_of(domain) -%}
    {{ config(pre_hook="{{ delete_withdrawn_keys(ended_of('" ~ domain ~ "')) }}") }}
    select {{ columns_of('next_state', model.columns if execute else ['*']) }}
    from {{ named(ref('int_' ~ domain ~ '_next'), 'next_state') }}
    where {{ of_new_batches('next_state.batch_id') }}
{%- endmacro %}

{#- The version of each key that no other follows, as the relation `ended`. -#}
{% macro ended_of(domain) -%}
    (select * from {{ named(ref('int_' ~ domain ~ '_history_next'), 'versions') }} where versions.valid_to is null) as ended
{%- endmacro %}

{#- What the history mart will be: every version with its time. -#}
{% macro next_history_of(domain) -%}
    {%- set contract = contract_of(domain) -%}
    select {{ columns_of('versions', model.columns if execute else ['*']) }}
    from (
        {{
            version_history(
                ref('stg_' ~ domain), ref('stg_load_batches'), contract.key, contract.figures, contract.lineage,
                domain ~ '_history'
            )
        }}
    ) as versions
{%- endmacro %}

{#- The history mart: of each key that new batches touch all versions, since a new one ends the one before it. -#}
{% macro history_of(domain) -%}
    {%- set history = ref('int_' ~ domain ~ '_history_next') -%}
    {%- set key = contract_of(domain).key -%}
    select {{ columns_of('versions', model.columns if execute else ['*']) }}
    from {{ named(history, 'versions') }}
    inner join (
        select distinct {{ columns_of('new_versions', key) }}
        from {{ named(history, 'new_versions') }}
        where {{ of_new_batches('new_versions.batch_id') }}
    ) as touched on {{ same_key(key, 'versions', 'touched') }}
{%- endmacro %}

{#- One row per figure that a load changed after it was first reported. -#}
{% macro restatements_of(domain) -%}
    {%- set contract = contract_of(domain) -%}
    {{ restated_figures(ref(domain ~ '_history'), contract.key, contract.numbers, contract.lineage, 'numeric') }}
{%- endmacro %}

{#- What the mart's contract says: `key`, `figures` with their types, `numbers` (those of them that can be subtracted), and
    `lineage`. Something to parse with where dbt does not know it yet. -#}
{% macro contract_of(domain) -%}
    {%- if not execute -%}
        {%- do return({'key': ['key'], 'figures': {'figure': 'text'}, 'numbers': ['figure'], 'lineage': ['lineage']}) -%}
    {%- endif -%}
    {%- set mart = model_named(domain) -%}
    {%- set keys = [] -%}
    {%- for constraint in mart.constraints if constraint.type == 'primary_key' -%}
        {%- do keys.extend(constraint.columns) -%}
    {%- endfor -%}
    {%- set lineage = ['data_source', 'source_sheet', 'source_row', 'source_column'] -%}
    {%- set figures, numbers = {}, [] -%}
    {%- for name, column in mart.columns.items() if name not in keys + lineage + ['batch_id', 'file_id', 'processed_at'] -%}
        {%- do figures.update({name: column.data_type}) -%}
        {%- if column.data_type.split('(')[0] in ('numeric', 'integer', 'bigint') -%}
            {%- do numbers.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return({
        'key': keys, 'figures': figures, 'numbers': numbers, 'lineage': lineage | select('in', mart.columns) | list
    }) -%}
{%- endmacro %}

{#- Behind a model's own references: those to a model of every listed domain, such as `int_{}_next`. -#}
{% macro depend_on_domains(names) -%}
    {%- for domain in var('domains', []) -%}
        {%- for name in names -%}
            {%- do ref(name | replace('{}', domain)) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- A test of every listed domain in one: `found` maps a domain to a query for what is wrong, whose rows are shown as JSON. -#}
{% macro of_every_domain(found) -%}
    {%- for domain, query in found.items() %}
    select
        '{{ domain }}' as domain,
        to_jsonb(wrong) as wrong
    from (
        {{ query }}
    ) as wrong
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
