{#- The models of a domain that stands in the list `domains` of dbt_project.yml. All that is its own is the contract of its
    mart: the primary key, and the columns with their types. Each model is one call of one of these macros. -#}

{#- The list. -#}
{% macro listed_domains() -%}
    {%- do return(var('domains', none) or []) -%}
{%- endmacro %}

{#- In staging: every version of each key, withdrawals included. -#}
{% macro versions_of(domain) -%}
    select *
    from {{ landed(source('staging', domain)) }}
    where {{ up_to_horizon() }}
{%- endmacro %}

{#- What the mart will be: the latest version of each key. -#}
{% macro next_state_of(domain) -%}
    {{ configure_by_contract("delete_withdrawn_keys(latest_of('" ~ domain ~ "'), primary_key())") }}
    select {{ own_columns_of('latest') }}
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
    {{ configure_by_contract("delete_withdrawn_keys(ended_of('" ~ domain ~ "'), primary_key())") }}
    select {{ own_columns_of('next_state') }}
    from {{ named(ref('int_' ~ domain ~ '_next'), 'next_state') }}
    where {{ of_new_batches('next_state.batch_id') }}
{%- endmacro %}

{#- The version of each key that no other follows, as the relation `ended`. -#}
{% macro ended_of(domain) -%}
    (
        select *
        from {{ named(ref('int_' ~ domain ~ '_history_next'), 'versions') }}
        where versions.valid_to is null
    ) as ended
{%- endmacro %}

{#- What the history mart will be: every version with its time. -#}
{% macro next_history_of(domain) -%}
    {{ configure_by_contract(full_refresh=false) }}
    {%- set contract = contract_of(domain) -%}
    select {{ own_columns_of('versions') }}
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
    {{ configure_by_contract(full_refresh=false) }}
    {%- set history = ref('int_' ~ domain ~ '_history_next') -%}
    {%- set key = contract_of(domain).key -%}
    select {{ own_columns_of('versions') }}
    from {{ named(history, 'versions') }}
    inner join (
        select distinct {{ columns_of('new_versions', key) }}
        from {{ named(history, 'new_versions') }}
        where {{ of_new_batches('new_versions.batch_id') }}
    ) as touched on {{ same_key(key, 'versions', 'touched') }}
{%- endmacro %}

{#- One row per figure that a load changed after it was first reported. -#}
{% macro restatements_of(domain) -%}
    {{ config(materialized='view', contract={'enforced': true}) }}
    {%- set contract = contract_of(domain) -%}
    {{ restated_figures(
        ref(domain ~ '_history'), none, contract.key, contract.numbers, contract.lineage, 'numeric'
    ) }}
{%- endmacro %}

{#- A table that its contract describes, primary key included, and that takes what is new. -#}
{% macro configure_by_contract(pre_hook=none, full_refresh=none) -%}
    {{
        config(
            materialized='incremental',
            incremental_strategy='by_contract',
            on_schema_change='fail',
            contract={'enforced': true},
            indexes=[{'columns': ['batch_id']}],
            full_refresh=full_refresh,
            pre_hook='{{ ' ~ pre_hook ~ ' }}' if pre_hook else []
        )
    }}
{%- endmacro %}

{#- The incremental strategy `by_contract`: delete+insert by the primary key of the contract. -#}
{% macro get_incremental_by_contract_sql(arguments) -%}
    {%- do arguments.update({'unique_key': primary_key()}) -%}
    {{ get_incremental_delete_insert_sql(arguments) }}
{%- endmacro %}

{#- The columns of the primary key in the contract of a model, by default the one that runs. -#}
{% macro primary_key(of_model=none) -%}
    {%- for constraint in (of_model or model).constraints if constraint.type == 'primary_key' -%}
        {%- do return(constraint.columns) -%}
    {%- endfor -%}
{%- endmacro %}

{#- The columns of the contract of the model that runs, as columns of a relation. -#}
{% macro own_columns_of(relation) -%}
    {{ columns_of(relation, model.columns if execute else ['*']) }}
{%- endmacro %}

{#- What the mart's contract says: `key`, `figures` with their types, `numbers` (those of them that can be subtracted), and
    `lineage`. Something to parse with where dbt does not know it yet. -#}
{% macro contract_of(domain) -%}
    {%- if not execute -%}
        {%- do return({'key': ['key'], 'figures': {'figure': 'text'}, 'numbers': ['figure'], 'lineage': ['lineage']}) -%}
    {%- endif -%}
    {%- set mart = model_named(domain) -%}
    {%- set key = primary_key(mart) -%}
    {%- set lineage = ['data_source', 'source_sheet', 'source_row', 'source_column'] -%}
    {%- set figures, numbers = {}, [] -%}
    {%- for name, column in mart.columns.items() if name not in key + lineage + ['batch_id', 'file_id', 'processed_at'] -%}
        {%- do figures.update({name: column.data_type}) -%}
        {%- if column.data_type.split('(')[0] in ('numeric', 'integer', 'bigint') -%}
            {%- do numbers.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return({
        'key': key, 'figures': figures, 'numbers': numbers, 'lineage': lineage | select('in', mart.columns) | list
    }) -%}
{%- endmacro %}

{#- Behind a model's own references: those to a model of every listed domain, such as `int_{}_next`. -#}
{% macro depend_on_domains(names) -%}
    {%- for domain in listed_domains() -%}
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
